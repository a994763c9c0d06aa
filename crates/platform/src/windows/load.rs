//! Settings from the registry (`registry.md` §1 and §2, `notify.md` §8).

use std::path::PathBuf;
use std::time::Duration;

use mpr_core::{Wide, WideString};

use super::hive::{Hive, Tree, Value, Values, find};
use super::names::{Places, Relative, module_path, order, trim};
use crate::settings::{
    NETWORK_CLASS, NotifyeeEntry, NotifyeeKind, Options, Origin, Problem, ProviderEntry, Scope,
    Settings,
};

/// Machine-wide settings of the router.
pub(super) const CONTROL: &str = r"SYSTEM\CurrentControlSet\Control\NetworkProvider";
/// The provider order.
pub(super) const ORDER: &str = r"SYSTEM\CurrentControlSet\Control\NetworkProvider\Order";
/// The notifyees.
pub(super) const NOTIFYEES: &str = r"SYSTEM\CurrentControlSet\Control\NetworkProvider\Notifyees";
/// The services, one of which is each provider.
pub(super) const SERVICES: &str = r"SYSTEM\CurrentControlSet\Services";

const PROVIDER_ORDER: &str = "ProviderOrder";

/// Reads the settings. It never fails: what cannot be used is in `problems`.
///
/// Providers that no order names are not looked for: the list of all services is long, and every
/// process that connects reads this.
pub(super) fn load(hive: &dyn Hive, places: &dyn Places) -> Settings {
    let mut loader = Loader { hive, places, settings: Settings::default() };
    loader.control();
    for key in loader.order() {
        loader.provider(key);
    }
    loader.notifyees();
    loader.settings
}

struct Loader<'a> {
    hive: &'a dyn Hive,
    places: &'a dyn Places,
    settings: Settings,
}

impl Loader<'_> {
    fn control(&mut self) {
        let values = self.values(CONTROL).unwrap_or_default();
        self.settings.restore_connection =
            find(&values, "RestoreConnection").and_then(Value::number) != Some(0);
        let timeout = find(&values, "RestoreTimeout").and_then(Value::number);
        self.settings.restore_timeout = timeout.map(|it| Duration::from_millis(it.into()));
    }

    /// Returns the provider order; where there is none, an empty one is made, since installers
    /// open it and fail without (P15).
    fn order(&mut self) -> Vec<String> {
        let values = self.values(ORDER).unwrap_or_default();
        let text = match find(&values, PROVIDER_ORDER) {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Expandable(text)) => self.places.expand(text.as_wide()),
            Some(_) => {
                self.report(ORDER, "`ProviderOrder` must be text (REG_SZ)".into());
                return Vec::new();
            }
            None => {
                let empty = Value::Text(WideString::default());
                // Who may not write here is no administrator, and no installer either.
                let _ = self.hive.write(Tree::Machine, ORDER, &[(PROVIDER_ORDER, Some(empty))]);
                return Vec::new();
            }
        };
        let mut items: Vec<String> = Vec::new();
        for item in order(text.as_wide()) {
            if item.contains('\\') {
                self.report(ORDER, format!("`{item}` in `ProviderOrder` is no key"));
            } else if !items.iter().any(|known| same(known, &item)) {
                items.push(item);
            }
        }
        items
    }

    fn provider(&mut self, key: String) {
        let place = format!(r"{SERVICES}\{key}\NetworkProvider");
        let Some(values) = self.values(&place) else {
            let text =
                format!("provider `{key}` in the order is not installed; remove it from the order");
            return self.report(ORDER, text);
        };
        match self.entry(&key, &place, &values) {
            Ok(entry) => {
                let twin = self.settings.providers.iter().find(|it| same(&it.name, &entry.name));
                if let Some(twin) = twin {
                    let text = format!(
                        "provider `{key}` has the same name as `{}`, \"{}\"; by name the latter is \
                         found",
                        twin.key, twin.name
                    );
                    self.report(&place, text);
                }
                self.settings.providers.push(entry);
            }
            Err(why) => self.report(&place, format!("provider `{key}` skipped: {why}")),
        }
    }

    fn entry(&self, key: &str, place: &str, values: &Values) -> Result<ProviderEntry, String> {
        let class = match find(values, "Class") {
            None => NETWORK_CLASS,
            Some(value) => value.number().ok_or("`Class` must be a number (REG_DWORD)")?,
        };
        if class & NETWORK_CLASS == 0 {
            return Err("its class has no bit 1, so it is only for credentials".into());
        }
        // The older spelling counts where the newer says nothing.
        let name = text(find(values, "Name"), self.places)
            .or_else(|| text(find(values, "ProviderName"), self.places))
            .ok_or("it has no `Name`")?;
        let path = find(values, "ProviderPath").ok_or("it has no `ProviderPath`")?;
        let path = module_path(path, Relative::FromWindows, self.places)
            .map_err(|why| format!("`ProviderPath` {why}"))?;
        Ok(ProviderEntry {
            key: key.to_owned(),
            name,
            path: file(&path),
            class,
            provider_type: None,
            options: Options::new(),
            origin: origin(place),
        })
    }

    /// Reads the notifyees in the order of their names (U7); one file is called once (U27).
    fn notifyees(&mut self) {
        let mut values = self.values(NOTIFYEES).unwrap_or_default();
        let folded = |name: &String| WideString::from(name.as_str());
        values.sort_by(|(a, _), (b, _)| folded(a).as_wide().cmp_ignore_case(folded(b).as_wide()));
        let mut files: Vec<(PathBuf, String)> = Vec::new();
        let several = values.len() > 1;
        for (name, value) in values {
            let path = match module_path(&value, Relative::Refused, self.places) {
                Ok(path) => file(&path),
                Err(why) => {
                    self.report(NOTIFYEES, format!("notifyee `{name}` skipped: it {why}"));
                    continue;
                }
            };
            // One alone has nobody to be the same as; opening it costs more than all the rest.
            let real = if several { std::fs::canonicalize(&path).ok() } else { None };
            let real = real.unwrap_or_else(|| path.clone());
            let first = files
                .iter()
                .find(|(known, _)| same(&known.to_string_lossy(), &real.to_string_lossy()));
            if let Some((_, first)) = first {
                let text = format!(
                    "notifyee `{name}` skipped: `{first}` is the same file, which is called once"
                );
                self.report(NOTIFYEES, text);
                continue;
            }
            files.push((real, name.clone()));
            let kind = NotifyeeKind::Module(path);
            self.settings.notifyees.push(NotifyeeEntry { name, kind, origin: origin(NOTIFYEES) });
        }
    }

    /// Reads a key's values; a key that is there and cannot be read is reported.
    fn values(&mut self, key: &str) -> Option<Values> {
        self.hive.values(Tree::Machine, key).unwrap_or_else(|failure| {
            self.report(key, format!("key not read: error {}", failure.0));
            Some(Values::new())
        })
    }

    fn report(&mut self, key: &str, text: String) {
        let file = origin(key).file;
        self.settings.problems.push(Problem { file, line: None, text });
    }
}

/// Reads text that is not empty, without blanks at its ends.
fn text(value: Option<&Value>, places: &dyn Places) -> Option<String> {
    let text = match value? {
        Value::Text(text) => text.clone(),
        Value::Expandable(text) => places.expand(text.as_wide()),
        _ => return None,
    };
    Some(trim(text.as_wide()).to_string()).filter(|text| !text.is_empty())
}

fn same(a: &str, b: &str) -> bool {
    let wide = |text| WideString::from(text);
    wide(a).as_wide().eq_ignore_case(wide(b).as_wide())
}

fn origin(key: &str) -> Origin {
    Origin { file: format!(r"HKLM\{key}").into(), line: 0, scope: Scope::System }
}

fn file(path: &WideString) -> PathBuf {
    os_string(path.as_wide()).into()
}

#[cfg(windows)]
fn os_string(text: Wide<'_>) -> std::ffi::OsString {
    std::os::windows::ffi::OsStringExt::from_wide(text.units())
}

#[cfg(not(windows))]
fn os_string(text: Wide<'_>) -> std::ffi::OsString {
    text.to_string().into()
}
