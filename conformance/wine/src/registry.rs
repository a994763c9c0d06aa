//! Changes of the registry, as the text that `reg import` takes.

use std::fmt::Write as _;

/// The settings of the router.
const CONTROL: &str = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\NetworkProvider";
const SERVICES: &str = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services";
const NETWORK: &str = r"HKEY_CURRENT_USER\Network";

/// A text of changes, in the order that they are made in.
#[derive(Clone, Debug, Default)]
pub struct Registry(String);

impl Registry {
    /// Makes a text without changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the changes of another text.
    pub(crate) fn add(&mut self, more: &Self) -> &mut Self {
        self.0.push_str(&more.0);
        self
    }

    /// Removes a key and all below it.
    pub fn remove(&mut self, key: &str) -> &mut Self {
        let _ = writeln!(self.0, "[-{key}]\n");
        self
    }

    /// Writes a value; `data` is written as in a .reg file: `"text"`, `dword:00000001`, `hex:01,02`.
    pub fn set(&mut self, key: &str, name: &str, data: &str) -> &mut Self {
        let name = if name.is_empty() { "@".to_owned() } else { quoted(name) };
        let _ = writeln!(self.0, "[{key}]\n{name}={data}\n");
        self
    }

    /// Writes a text (`REG_SZ`).
    pub fn text(&mut self, key: &str, name: &str, text: &str) -> &mut Self {
        self.set(key, name, &quoted(text))
    }

    /// Writes a text to be expanded (`REG_EXPAND_SZ`).
    pub fn expandable(&mut self, key: &str, name: &str, text: &str) -> &mut Self {
        let bytes = text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes);
        let bytes: Vec<String> = bytes.map(|byte| format!("{byte:02x}")).collect();
        self.set(key, name, &format!("hex(2):{}", bytes.join(",")))
    }

    /// Writes a number (`REG_DWORD`).
    pub fn number(&mut self, key: &str, name: &str, number: u32) -> &mut Self {
        self.set(key, name, &format!("dword:{number:08x}"))
    }

    /// Removes all settings of the router and all remembered connections.
    pub fn clear(&mut self) -> &mut Self {
        self.remove(CONTROL).remove(NETWORK)
    }

    /// Writes the provider order.
    pub fn order(&mut self, order: &str) -> &mut Self {
        self.text(&format!(r"{CONTROL}\Order"), "ProviderOrder", order)
    }

    /// Describes a provider; the order is another matter.
    pub fn provider(&mut self, key: &str, name: &str, path: &str) -> &mut Self {
        let place = service(key);
        self.text(&place, "Name", name).text(&place, "ProviderPath", path)
    }

    /// Registers a notifyee.
    pub fn notifyee(&mut self, name: &str, path: &str) -> &mut Self {
        self.expandable(&format!(r"{CONTROL}\Notifyees"), name, path)
    }

    /// Returns the key of a provider.
    pub fn service_key(key: &str) -> String {
        service(key)
    }

    /// Returns the key of a remembered connection, `Z` for the drive.
    pub fn remembered_key(device: &str) -> String {
        format!(r"{NETWORK}\{device}")
    }

    /// Returns the services that are written to.
    pub(crate) fn services(&self) -> Vec<String> {
        let keys = self.0.lines().filter_map(|line| line.strip_prefix(&format!("[{SERVICES}\\")));
        keys.filter_map(|rest| rest.split('\\').next()).map(str::to_owned).collect()
    }

    pub(crate) fn remove_service(&mut self, key: &str) -> &mut Self {
        self.remove(&format!(r"{SERVICES}\{key}"))
    }

    /// Returns the file, in the encoding that it has.
    pub(crate) fn file(&self) -> Vec<u8> {
        let text = format!("\u{feff}Windows Registry Editor Version 5.00\n\n{}", self.0);
        text.replace('\n', "\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect()
    }
}

fn service(key: &str) -> String {
    format!(r"{SERVICES}\{key}\NetworkProvider")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
