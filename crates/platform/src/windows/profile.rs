//! The profile in the registry: `HKCU\Network`, a key for each remembered device
//! (`registry.md` §3).

use mpr_core::{
    ConnectFlags, DeviceName, Profile, RememberedConnection, ResourceType, Wide, WideString,
    WnError,
};

use super::hive::{Failure, Hive, Tree, Value, Values, find};

/// The key of remembered connections.
pub(super) const NETWORK: &str = "Network";

const REMOTE_PATH: &str = "RemotePath";

/// The user's remembered connections, in the registry.
#[cfg(windows)]
#[derive(Clone, Debug)]
pub struct ProfileFile(super::registry::Registry);

#[cfg(windows)]
impl ProfileFile {
    /// Names the calling user's own.
    pub fn of(_paths: &super::Paths) -> Self {
        Self(super::registry::Registry)
    }
}

#[cfg(windows)]
impl Profile for ProfileFile {
    fn check(&self) -> Result<(), WnError> {
        Remembered(&self.0).check()
    }

    fn get(&self, local: Wide<'_>) -> Result<Option<RememberedConnection>, WnError> {
        Remembered(&self.0).get(local)
    }

    fn list(&self) -> Result<Vec<RememberedConnection>, WnError> {
        Remembered(&self.0).list()
    }

    fn remember(&self, connection: &RememberedConnection) -> Result<(), WnError> {
        Remembered(&self.0).remember(connection)
    }

    fn forget(&self, local: Wide<'_>) -> Result<bool, WnError> {
        Remembered(&self.0).forget(local)
    }
}

/// The rules, on any hive.
pub(super) struct Remembered<'a, H>(pub(super) &'a H);

impl<H: Hive + Send + Sync> Profile for Remembered<'_, H> {
    fn check(&self) -> Result<(), WnError> {
        self.0.check_writable(Tree::User, NETWORK).map_err(closed)
    }

    fn get(&self, local: Wide<'_>) -> Result<Option<RememberedConnection>, WnError> {
        let Ok(device) = DeviceName::parse(local) else { return Ok(None) };
        match self.0.values(Tree::User, &key_of(&device)).map_err(closed)? {
            Some(values) => read(&device, &values),
            None => Ok(None),
        }
    }

    fn list(&self) -> Result<Vec<RememberedConnection>, WnError> {
        let mut entries = Vec::new();
        for name in self.0.children(Tree::User, NETWORK).map_err(closed)? {
            let Some(device) = device_of(&name) else { continue };
            let values = self.0.values(Tree::User, &format!(r"{NETWORK}\{name}"));
            // One that cannot be read must not hide the others.
            let Ok(Some(values)) = values else { continue };
            entries.extend(read(&device, &values).ok().flatten());
        }
        entries.sort_by(|a, b| a.local.cmp(&b.local));
        Ok(entries)
    }

    /// Writes an entry; values that we do not know stay.
    ///
    /// The remote name, without which it is no entry, is written last and taken away first, so
    /// that a process that ends in between leaves no mixture of two.
    fn remember(&self, connection: &RememberedConnection) -> Result<(), WnError> {
        let device = DeviceName::parse(connection.local.as_wide())?;
        let text = |text: &WideString| Some(Value::Text(text.clone()));
        let number = |number| Some(Value::Number(number));
        let values = [
            (REMOTE_PATH, None),
            ("UserName", text(&connection.user)),
            ("ProviderName", text(&connection.provider)),
            ("ProviderType", number(connection.provider_type)),
            ("ConnectionType", number(connection.connection_type.0)),
            ("ConnectFlags", number(connection.connect_flags.0)),
            ("DeferFlags", number(connection.defer_flags)),
            ("UseOptions", connection.use_options.clone().map(Value::Binary)),
            (REMOTE_PATH, text(&connection.remote)),
        ];
        self.0.write(Tree::User, &key_of(&device), &values).map_err(closed)
    }

    /// Deletes an entry, malformed or not: that is how one gets rid of it.
    fn forget(&self, local: Wide<'_>) -> Result<bool, WnError> {
        let Ok(device) = DeviceName::parse(local) else { return Ok(false) };
        self.0.remove(Tree::User, &key_of(&device)).map_err(closed)
    }
}

/// Returns the key of a device: a drive without its colon.
fn key_of(device: &DeviceName) -> String {
    let name = device.to_string();
    format!(r"{NETWORK}\{}", name.trim_end_matches(':'))
}

/// Returns the device of a key; `None` for keys that are something else.
fn device_of(name: &str) -> Option<DeviceName> {
    match *name.as_bytes() {
        [letter] => DeviceName::drive(letter),
        // Nothing has a colon here, or there were two keys for one device.
        [.., b':'] => None,
        _ => DeviceName::parse(WideString::from(name).as_wide()).ok(),
    }
}

/// Reads an entry. `None` if it has no remote name; `BAD_PROFILE` if a value has the wrong type.
fn read(device: &DeviceName, values: &Values) -> Result<Option<RememberedConnection>, WnError> {
    let remote = text(values, REMOTE_PATH)?;
    if remote.units().is_empty() {
        return Ok(None);
    }
    let user = match find(values, "UserName") {
        // The number 0 stands for the logged-on user.
        Some(Value::Number(0)) => WideString::default(),
        _ => text(values, "UserName")?,
    };
    let usual = if device.is_printer() { ResourceType::PRINT } else { ResourceType::DISK };
    let connection_type = match find(values, "ConnectionType") {
        None => usual,
        Some(Value::Number(kind @ 1..=2)) => ResourceType(*kind),
        Some(_) => return Err(WnError::BAD_PROFILE),
    };
    let use_options = match find(values, "UseOptions") {
        None => None,
        Some(Value::Binary(bytes)) => Some(bytes.clone()),
        Some(_) => return Err(WnError::BAD_PROFILE),
    };
    Ok(Some(RememberedConnection {
        local: device.as_wide().into(),
        remote,
        user,
        provider: text(values, "ProviderName")?,
        provider_type: number(values, "ProviderType")?,
        connection_type,
        connect_flags: ConnectFlags(number(values, "ConnectFlags")?),
        defer_flags: number(values, "DeferFlags")?,
        use_options,
    }))
}

fn text(values: &Values, name: &str) -> Result<WideString, WnError> {
    match find(values, name) {
        None => Ok(WideString::default()),
        Some(Value::Text(text)) => Ok(text.clone()),
        Some(_) => Err(WnError::BAD_PROFILE),
    }
}

fn number(values: &Values, name: &str) -> Result<u32, WnError> {
    match find(values, name) {
        None => Ok(0),
        Some(value) => value.number().ok_or(WnError::BAD_PROFILE),
    }
}

fn closed(_: Failure) -> WnError {
    WnError::CANNOT_OPEN_PROFILE
}
