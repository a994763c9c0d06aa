//! What the registry of a prefix says of the router and of the provider for drive letters.

use std::fs;
use std::path::Path;

use super::prefix::Prefix;

const OVERRIDES: &str = r"HKEY_CURRENT_USER\Software\Wine\DllOverrides";
const SERVICE: &str = r"HKEY_LOCAL_MACHINE\System\CurrentControlSet\Services\mprunix";
const ORDER: &str = r"HKEY_LOCAL_MACHINE\System\CurrentControlSet\Control\NetworkProvider\Order";
const KEY: &str = "mprunix";
const NAME: &str = "OpenMPR Network";
const FILE: &str = r"C:\windows\system32\mprunix.dll";

/// What is loaded instead of Wine's own, and where it is noted what the override said before.
const OVERRIDDEN: [(&str, &str); 2] = [("mpr", "OverrideBefore"), ("net.exe", "NetOverrideBefore")];

/// An override, now and before.
#[derive(Clone, Debug, Default)]
struct Override {
    says: Option<String>,
    before: Option<String>,
}

impl Override {
    fn is_native(&self) -> bool {
        self.says.as_deref().is_some_and(|it| matches!(it.trim(), "native" | "n"))
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
    pub(super) order: Option<String>,
    /// Whether the order was made by us.
    order_made: bool,
    /// Whether anything of the provider is registered.
    there: bool,
}

impl Registration {
    /// Reads it by Wine's own `reg`.
    pub(super) fn read(prefix: &Prefix) -> Result<Self, String> {
        // What cannot be read must not pass for what is not there.
        let (works, said) = prefix.run(&["reg", "query", r"HKEY_LOCAL_MACHINE\Software"])?;
        if !works {
            let said = said.trim();
            return Err(format!("Wine does not run in {}: {said}", prefix.folder().display()));
        }
        let value = |key: &str, name: &str| -> Result<Option<String>, String> {
            let (found, said) = prefix.run(&["reg", "query", key, "/v", name])?;
            Ok(found.then(|| text_of(&said, name)).flatten())
        };
        let (there, _) = prefix.run(&["reg", "query", SERVICE])?;
        let ours = |key: &str, name| if there { value(key, name) } else { Ok(None) };
        let parameters = format!(r"{SERVICE}\Parameters");
        let mut overrides = <[Override; 2]>::default();
        for (it, (name, note)) in overrides.iter_mut().zip(OVERRIDDEN) {
            *it = Override { says: value(OVERRIDES, name)?, before: ours(&parameters, note)? };
        }
        Ok(Self {
            overrides,
            order: value(ORDER, "ProviderOrder")?,
            provider: ours(&format!(r"{SERVICE}\NetworkProvider"), "ProviderPath")?,
            bridge: ours(&parameters, "Bridge")?,
            order_made: ours(&parameters, "OrderMade")?.is_some(),
            there,
        })
    }

    /// Tells whether all of it is there.
    pub(super) fn is_whole(&self) -> bool {
        let listed = self.order.as_deref().is_some_and(lists_us);
        let overridden = self.overrides.iter().all(Override::is_native);
        overridden && listed && self.provider.is_some() && self.bridge.is_some()
    }

    /// Returns what the router's override says.
    pub(super) fn override_says(&self) -> Option<&str> {
        self.overrides[0].says.as_deref()
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
            file.text("OrderMade", "yes");
        }
        file.text("Bridge", bridge);
        file.key(&format!(r"{SERVICE}\NetworkProvider"));
        file.text("Name", NAME).text("ProviderPath", FILE);
        let order = self.order.as_deref().unwrap_or_default();
        if !lists_us(order) {
            let order = if order.trim().is_empty() { KEY.into() } else { format!("{order},{KEY}") };
            file.key(ORDER).text("ProviderOrder", &order);
        }
        // Not "native,builtin": one that cannot be loaded is not replaced anyway, and nobody
        // would notice.
        file.key(OVERRIDES);
        for (name, _) in OVERRIDDEN {
            file.text(name, "native");
        }
        file.import(prefix)
    }

    /// Returns what an override says that is not this program's doing.
    fn override_to_note<'a>(&self, it: &'a Override) -> Option<&'a str> {
        let noted = self.bridge.is_some() && it.is_native();
        if noted { it.before.as_deref() } else { it.says.as_deref() }
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
        if let Some(order) = self.order.as_deref().filter(|order| lists_us(order)) {
            let rest: Vec<&str> = order.split(',').filter(|key| !is_us(key)).collect();
            if !rest.is_empty() || !self.order_made {
                file.key(ORDER).text("ProviderOrder", &rest.join(","));
            } else if holds_nothing_else(prefix)? {
                let (parent, _) = ORDER.rsplit_once('\\').unwrap_or_default();
                file.remove_key(parent);
            } else {
                file.key(ORDER).remove("ProviderOrder");
            }
        }
        file.remove_key(SERVICE);
        file.import(prefix)?;
        Ok(true)
    }
}

/// Tells whether the order is all that there is in its key and the one above.
fn holds_nothing_else(prefix: &Prefix) -> Result<bool, String> {
    let (parent, _) = ORDER.rsplit_once('\\').unwrap_or_default();
    let (_, above) = prefix.run(&["reg", "query", parent])?;
    let (_, order) = prefix.run(&["reg", "query", ORDER])?;
    Ok(is_order_alone(&above, &order))
}

/// Tells whether `reg query`, which names a key that has values and the keys in it, shows the order
/// alone.
fn is_order_alone(above: &str, order: &str) -> bool {
    let lines = |said: &'_ str| said.lines().filter(|line| !line.trim().is_empty()).count();
    lines(above) == 1 && lines(order) == 2 && text_of(order, "ProviderOrder").is_some()
}

fn lists_us(order: &str) -> bool {
    order.split(',').any(is_us)
}

fn is_us(key: &str) -> bool {
    key.trim().eq_ignore_ascii_case(KEY)
}

/// Finds the text of a value in what `reg query` prints: `    NAME    REG_SZ    text`.
fn text_of(said: &str, name: &str) -> Option<String> {
    said.lines().find_map(|line| {
        let rest = line.trim().strip_prefix(name)?.trim_start();
        let text = rest.strip_prefix("REG_SZ").or_else(|| rest.strip_prefix("REG_EXPAND_SZ"))?;
        Some(text.trim().to_owned())
    })
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

    fn text(&mut self, name: &str, value: &str) -> &mut Self {
        let value = value.replace('\\', r"\\").replace('"', "\\\"");
        self.0 += &format!("\"{name}\"=\"{value}\"\r\n");
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
        let name = format!(r"\\?\unix{}", file.display()).replace('/', "\\");
        let (done, said) = prefix.run(&["reg", "import", &name])?;
        if done { Ok(()) } else { Err(format!("Wine's registry: {}", said.trim())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found() {
        let said = "\nHKEY_LOCAL_MACHINE\\X\n    ProviderOrder    REG_SZ    a, b\n\n";
        assert_eq!(text_of(said, "ProviderOrder").as_deref(), Some("a, b"));
        assert_eq!(text_of("    mpr    REG_SZ    \n", "mpr").as_deref(), Some(""));
        assert_eq!(text_of("    mpr    REG_DWORD    0x1\n", "mpr"), None);
    }

    #[test]
    fn an_order_alone_is_seen() {
        let above = "\nHKEY_LOCAL_MACHINE\\S\\Order\n\n";
        let order = format!("{above}    ProviderOrder    REG_SZ    mprunix\n\n");
        assert!(is_order_alone(above, &order));
        let others = [
            (above, format!("{order}    Other    REG_SZ    x\n")),
            (&format!("{above}HKEY_LOCAL_MACHINE\\S\\Notifyees\n"), order.clone()),
            (above, above.to_owned()),
        ];
        others.iter().for_each(|(above, order)| assert!(!is_order_alone(above, order), "{order}"));
    }

    #[test]
    fn what_was_there_is_noted() {
        let says = |text: &str| Some(text.to_owned());
        let native = Override { says: says("native"), before: None };
        // A native one of somebody else's, before and after it was noted.
        assert_eq!(Registration::default().override_to_note(&native), Some("native"));
        let ours = Registration { bridge: says("/b"), ..Registration::default() };
        assert_eq!(ours.override_to_note(&native), None);
        let noted = Override { before: says("builtin"), ..native };
        assert_eq!(ours.override_to_note(&noted), Some("builtin"));
        // Killed before it was changed, or changed by the user since.
        let changed = Override { says: says("disabled"), ..noted };
        assert_eq!(ours.override_to_note(&changed), Some("disabled"));
    }

    #[test]
    fn others_stay_in_the_order() {
        assert!(lists_us("LanmanWorkstation, MPRUNIX") && !lists_us("") && !lists_us("mprunix2"));
    }

    #[test]
    fn texts_are_quoted() {
        let mut file = Changes::new();
        file.key("K").text("a", "C:\\x \"y\"").remove("b").remove_key("L");
        let lines: Vec<&str> = file.0.lines().skip(2).collect();
        assert_eq!(lines, ["[K]", r#""a"="C:\\x \"y\"""#, "\"b\"=-", "", "[-L]"]);
    }
}
