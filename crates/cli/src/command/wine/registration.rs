//! What the registry of a prefix says of the router and of the provider for drive letters.

use std::fs;
use std::path::Path;

use super::exported::{Exported, Text, Value};
use super::prefix::{Prefix, windows_name};

const OVERRIDES: &str = r"HKEY_CURRENT_USER\Software\Wine\DllOverrides";
/// What is read at once: it holds the three below.
const SYSTEM: &str = r"HKEY_LOCAL_MACHINE\System\CurrentControlSet";
const SERVICE: &str = r"HKEY_LOCAL_MACHINE\System\CurrentControlSet\Services\mprunix";
const NETWORK: &str = r"HKEY_LOCAL_MACHINE\System\CurrentControlSet\Control\NetworkProvider";
const ORDER: &str = r"HKEY_LOCAL_MACHINE\System\CurrentControlSet\Control\NetworkProvider\Order";
const KEY: &str = "mprunix";
const NAME: &str = "OpenMPR Network";
const FILE: &str = r"C:\windows\system32\mprunix.dll";

/// What is loaded instead of Wine's own, and where it is noted what the override said before.
const OVERRIDDEN: [(&str, &str); 2] = [("mpr", "OverrideBefore"), ("net.exe", "NetOverrideBefore")];

/// An override, now and before.
#[derive(Clone, Debug, Default)]
struct Override {
    says: Option<Text>,
    before: Option<Text>,
}

impl Override {
    fn is_native(&self) -> bool {
        self.says.as_ref().is_some_and(|it| matches!(it.text.trim(), "native" | "n"))
    }
}

/// What is registered.
#[derive(Debug, Default)]
pub(super) struct Registration {
    /// As in `OVERRIDDEN`.
    overrides: [Override; 2],
    /// The provider's file.
    pub(super) provider: Option<String>,
    /// The native program.
    pub(super) bridge: Option<String>,
    /// The provider order.
    order: Option<Text>,
    /// Whether the order was made by us.
    order_made: bool,
    /// Whether the order is all that there is in its key and the one above.
    order_alone: bool,
    /// Whether anything of the provider is registered.
    there: bool,
    /// What should be text and is not, for people.
    odd: Option<String>,
}

impl Registration {
    /// Reads it by Wine's own `reg`.
    pub(super) fn read(prefix: &Prefix) -> Result<Self, String> {
        // What cannot be read must not pass for what is not there: this key every prefix has.
        let (system, said) = prefix.export(SYSTEM)?;
        let system = system.ok_or_else(|| {
            format!("Wine does not run in {}: {}", prefix.folder().display(), said.trim())
        })?;
        let (overridden, said) = prefix.export(OVERRIDES)?;
        if overridden.is_none() && prefix.run(&["reg", "query", OVERRIDES])?.0 {
            return Err(format!("Wine's registry: {}", said.trim()));
        }
        Ok(Self::of(&system, &overridden.unwrap_or_default()))
    }

    fn of(system: &Exported, overridden: &Exported) -> Self {
        let text = |key: &str, name| system.value(key, name)?.text().cloned();
        let plain = |key: &str, name| text(key, name).map(|it| it.text);
        let parameters = format!(r"{SERVICE}\Parameters");
        let mut odd = None;
        let mut known = |from: &Exported, key, name: &str| match from.value(key, name)? {
            Value::Text(text) => Some(text.clone()),
            Value::Other => {
                odd = Some(format!(r"{key}\{name}"));
                None
            }
        };
        let overrides = OVERRIDDEN.map(|(name, note)| Override {
            says: known(overridden, OVERRIDES, name),
            before: text(&parameters, note),
        });
        Self {
            overrides,
            order: known(system, ORDER, "ProviderOrder"),
            provider: plain(&format!(r"{SERVICE}\NetworkProvider"), "ProviderPath"),
            bridge: plain(&parameters, "Bridge"),
            order_made: text(&parameters, "OrderMade").is_some(),
            order_alone: system.is_alone(NETWORK, ORDER, "ProviderOrder"),
            there: system.has(SERVICE),
            odd,
        }
    }

    /// Refuses to overwrite what could not be put back.
    pub(super) fn check(&self) -> Result<(), String> {
        let refused = |value| format!("{value} in Wine's registry is no text; nothing was changed");
        self.odd.as_ref().map_or(Ok(()), |value| Err(refused(value)))
    }

    /// Tells whether all of it is there.
    pub(super) fn is_whole(&self) -> bool {
        let listed = self.order().is_some_and(lists_us);
        let overridden = self.overrides.iter().all(Override::is_native);
        overridden && listed && self.provider.is_some() && self.bridge.is_some()
    }

    /// Returns what the router's override says.
    pub(super) fn override_says(&self) -> Option<&str> {
        self.overrides[0].says.as_ref().map(|it| it.text.as_str())
    }

    /// Returns the provider order.
    pub(super) fn order(&self) -> Option<&str> {
        self.order.as_ref().map(|it| it.text.as_str())
    }

    /// Writes it; other providers stay where they are in the order.
    ///
    /// Whoever is killed meanwhile can run it again: what was there before is noted first, `Bridge`
    /// after it, and only then is anything changed that was there.
    pub(super) fn install(&self, prefix: &Prefix, bridge: &Path) -> Result<(), String> {
        let bridge = bridge.to_str().ok_or("the path of mpr-wine-bridge is not UTF-8")?;
        let mut file = Changes::new();
        file.key(&format!(r"{SERVICE}\Parameters"));
        for (it, (_, note)) in self.overrides.iter().zip(OVERRIDDEN) {
            if let Some(before) = self.override_to_note(it) {
                file.text(note, before);
            }
        }
        if self.order.is_none() || self.order_made {
            file.plain("OrderMade", "yes");
        }
        file.plain("Bridge", bridge);
        file.key(&format!(r"{SERVICE}\NetworkProvider"));
        file.plain("Name", NAME).plain("ProviderPath", FILE);
        let mut order = self.order.clone().unwrap_or_default();
        if !lists_us(&order.text) {
            let others = &order.text;
            order.text =
                if others.trim().is_empty() { KEY.into() } else { format!("{others},{KEY}") };
            file.key(ORDER).text("ProviderOrder", &order);
        }
        // Not "native,builtin": one that cannot be loaded is not replaced anyway, and nobody
        // would notice.
        file.key(OVERRIDES);
        for (name, _) in OVERRIDDEN {
            file.plain(name, "native");
        }
        file.import(prefix)
    }

    /// Returns what an override says that is not this program's doing.
    fn override_to_note<'a>(&self, it: &'a Override) -> Option<&'a Text> {
        let noted = self.bridge.is_some() && it.is_native();
        if noted { it.before.as_ref() } else { it.says.as_ref() }
    }

    /// Takes out what `install` wrote, and nothing else; tells whether there was anything.
    ///
    /// The notes of what was there before go last, for whoever is killed meanwhile.
    pub(super) fn uninstall(&self, prefix: &Prefix) -> Result<bool, String> {
        if !self.there {
            return Ok(false);
        }
        let mut file = Changes::new();
        for (it, (name, _)) in self.overrides.iter().zip(OVERRIDDEN) {
            if self.bridge.is_some() && it.is_native() {
                file.key(OVERRIDES);
                match &it.before {
                    Some(before) => file.text(name, before),
                    None => file.remove(name),
                };
            }
        }
        if let Some(order) = self.order.as_ref().filter(|order| lists_us(&order.text)) {
            let rest: Vec<&str> = order.text.split(',').filter(|key| !is_us(key)).collect();
            if !rest.is_empty() || !self.order_made {
                let rest = Text { text: rest.join(","), expands: order.expands };
                file.key(ORDER).text("ProviderOrder", &rest);
            } else if self.order_alone {
                file.remove_key(NETWORK);
            } else {
                file.key(ORDER).remove("ProviderOrder");
            }
        }
        file.remove_key(SERVICE);
        file.import(prefix)?;
        Ok(true)
    }
}

fn lists_us(order: &str) -> bool {
    order.split(',').any(is_us)
}

fn is_us(key: &str) -> bool {
    key.trim().eq_ignore_ascii_case(KEY)
}

/// A file that `reg import` reads.
struct Changes(String);

impl Changes {
    fn new() -> Self {
        Self("Windows Registry Editor Version 5.00\r\n".into())
    }

    fn key(&mut self, key: &str) -> &mut Self {
        self.0 += &format!("\r\n[{key}]\r\n");
        self
    }

    fn remove_key(&mut self, key: &str) -> &mut Self {
        self.0 += &format!("\r\n[-{key}]\r\n");
        self
    }

    fn plain(&mut self, name: &str, value: &str) -> &mut Self {
        self.text(name, &value.into())
    }

    /// Writes a text of the type that it has.
    fn text(&mut self, name: &str, value: &Text) -> &mut Self {
        let Text { text, expands } = value;
        let value = if *expands {
            let bytes = text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes);
            let bytes: Vec<String> = bytes.map(|byte| format!("{byte:02x}")).collect();
            format!("hex(2):{}", bytes.join(","))
        } else {
            let text = text.replace('\\', r"\\").replace('"', "\\\"");
            format!("\"{}\"", text.replace('\n', r"\n").replace('\r', r"\r"))
        };
        self.0 += &format!("\"{name}\"={value}\r\n");
        self
    }

    fn remove(&mut self, name: &str) -> &mut Self {
        self.0 += &format!("\"{name}\"=-\r\n");
        self
    }

    /// Has Wine make the changes.
    fn import(&self, prefix: &Prefix) -> Result<(), String> {
        let failed = |error: std::io::Error| format!("a temporary file: {error}");
        let folder = tempfile::tempdir().map_err(failed)?;
        let file = folder.path().join("openmpr.reg");
        // UTF-16 with its mark: what else it might be is guessed.
        let units = [0xfeff].into_iter().chain(self.0.encode_utf16());
        fs::write(&file, units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()).map_err(failed)?;
        let (done, said) = prefix.run(&["reg", "import", &windows_name(&file)])?;
        if done { Ok(()) } else { Err(format!("Wine's registry: {}", said.trim())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_is_noted() {
        let says = |text: &str| Some(Text::from(text));
        let note =
            |of: &Registration, it: &Override| of.override_to_note(it).map(|it| it.text.clone());
        let native = Override { says: says("native"), before: None };
        // A native one of somebody else's, before and after it was noted.
        assert_eq!(note(&Registration::default(), &native).as_deref(), Some("native"));
        let ours = Registration { bridge: Some("/b".into()), ..Registration::default() };
        assert_eq!(note(&ours, &native), None);
        let noted = Override { before: says("builtin"), ..native };
        assert_eq!(note(&ours, &noted).as_deref(), Some("builtin"));
        // Killed before it was changed, or changed by the user since.
        let changed = Override { says: says("disabled"), ..noted };
        assert_eq!(note(&ours, &changed).as_deref(), Some("disabled"));
    }

    #[test]
    fn others_stay_in_the_order() {
        assert!(lists_us("LanmanWorkstation, MPRUNIX") && !lists_us("") && !lists_us("mprunix2"));
    }

    #[test]
    fn texts_are_quoted() {
        let mut file = Changes::new();
        let expanded = Text { text: "\u{4e2d}".into(), expands: true };
        file.key("K").plain("a", "C:\\x \"y\"\n").text("e", &expanded).remove("b").remove_key("L");
        let lines: Vec<&str> = file.0.lines().skip(2).collect();
        let text = r#""a"="C:\\x \"y\"\n""#;
        assert_eq!(lines, ["[K]", text, "\"e\"=hex(2):2d,4e,00,00", "\"b\"=-", "", "[-L]"]);
    }
}
