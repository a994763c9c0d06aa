//! One remembered connection as a table of the profile file (`registry.md` §3).

use std::fmt::Write as _;

use mpr_core::{
    ConnectFlags, DeviceName, LocalName, RememberedConnection, ResourceType, Wide, WideString,
    WnError,
};
use toml_edit::{Item, TableLike, Value};

use super::value::number;

/// Returns the key of a local name: a drive letter without colon, as below `HKCU\Network`, a port,
/// or a path. `None` if it is no local name.
pub(super) fn key_of(local: Wide<'_>) -> Option<String> {
    let local = LocalName::parse(local, true).ok()?;
    let units = match &local {
        LocalName::Device(device) if device.is_drive() => &device.as_wide().units()[..1],
        _ => local.as_wide().units(),
    };
    String::from_utf16(units).ok()
}

/// Returns the local name of a key; a drive may have its colon, and any case.
pub(super) fn local_of(key: &str) -> Option<WideString> {
    let text = WideString::from(key);
    if let [letter @ 0x41..=0x7a] = text.units() {
        let drive = DeviceName::drive(u8::try_from(*letter).ok()?)?;
        return Some(drive.as_wide().into());
    }
    LocalName::parse(text.as_wide(), true).ok().map(|local| local.as_wide().into())
}

/// Reads an entry. `None` if it has no remote name, which makes it no entry at all; `BAD_PROFILE`
/// if a value has the wrong type.
pub(super) fn read(
    local: &WideString,
    item: &Item,
) -> Result<Option<RememberedConnection>, WnError> {
    let table = item.as_table_like().ok_or(WnError::BAD_PROFILE)?;
    let remote = text(table, "remote-path")?;
    if remote.units().is_empty() {
        return Ok(None);
    }
    let user = match table.get("user-name").and_then(Item::as_integer) {
        // The registry has the number 0 there for the logged-on user.
        Some(0) => WideString::default(),
        _ => text(table, "user-name")?,
    };
    let connection_type = match table.get("connection-type").map(number) {
        None => usual_type(local),
        Some(Some(kind @ 1..=2)) => ResourceType(kind),
        Some(_) => return Err(WnError::BAD_PROFILE),
    };
    let use_options = match table.get("use-options") {
        None => None,
        Some(item) => Some(item.as_str().and_then(from_hex).ok_or(WnError::BAD_PROFILE)?),
    };
    Ok(Some(RememberedConnection {
        local: local.clone(),
        remote,
        user,
        provider: text(table, "provider-name")?,
        provider_type: word(table, "provider-type")?,
        connection_type,
        connect_flags: ConnectFlags(word(table, "connect-flags")?),
        defer_flags: word(table, "defer-flags")?,
        use_options,
    }))
}

/// Values of an entry, ready to be written.
pub(super) type Values = Vec<(&'static str, Option<Value>)>;

/// Turns an entry into values; `BAD_PROFILE` if a name has a lone surrogate, which TOML has not.
pub(super) fn values(entry: &RememberedConnection) -> Result<Values, WnError> {
    let text = |name: &WideString| {
        let text = String::from_utf16(name.units()).map_err(|_| WnError::BAD_PROFILE)?;
        Ok(Some(Value::from(text)))
    };
    let word = |number: u32| Some(Value::from(i64::from(number)));
    Ok(vec![
        ("remote-path", text(&entry.remote)?),
        ("user-name", text(&entry.user)?),
        ("provider-name", text(&entry.provider)?),
        ("provider-type", word(entry.provider_type)),
        ("connection-type", word(entry.connection_type.0)),
        ("connect-flags", word(entry.connect_flags.0)),
        ("defer-flags", word(entry.defer_flags)),
        ("use-options", entry.use_options.as_deref().map(|bytes| Value::from(to_hex(bytes)))),
    ])
}

/// Puts values into a table; what it has beside them stays, and so do comments.
pub(super) fn write(table: &mut dyn TableLike, values: Values) {
    for (key, value) in values {
        match (value, table.get_mut(key)) {
            (None, _) => {
                table.remove(key);
            }
            (Some(new), Some(Item::Value(old))) => {
                let decor = old.decor().clone();
                *old = new;
                *old.decor_mut() = decor;
            }
            (Some(new), _) => {
                table.insert(key, Item::Value(new));
            }
        }
    }
}

fn usual_type(local: &WideString) -> ResourceType {
    let device = DeviceName::parse(local.as_wide());
    if device.is_ok_and(|device| device.is_printer()) {
        ResourceType::PRINT
    } else {
        ResourceType::DISK
    }
}

/// Returns a text; an absent one is empty. One that C callers could not see whole is malformed.
fn text(table: &dyn TableLike, key: &str) -> Result<WideString, WnError> {
    let Some(item) = table.get(key) else { return Ok(WideString::default()) };
    let text = item.as_str().filter(|text| !text.contains('\0')).ok_or(WnError::BAD_PROFILE)?;
    Ok(text.into())
}

fn word(table: &dyn TableLike, key: &str) -> Result<u32, WnError> {
    table.get(key).map_or(Ok(0), |item| number(item).ok_or(WnError::BAD_PROFILE))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|character| !character.is_whitespace())
        .map(|character| character.to_digit(16).and_then(|digit| digit.try_into().ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_local_names() {
        let table = [
            ("S:", Some("S"), "S:"),
            ("s:", Some("S"), "S:"),
            ("lpt1:", Some("LPT1"), "LPT1"),
            ("/mnt/team/", Some("/mnt/team"), "/mnt/team"),
        ];
        for (local, key, back) in table {
            assert_eq!(key_of(WideString::from(local).as_wide()).as_deref(), key);
            assert_eq!(local_of(key.unwrap()), Some(back.into()));
        }
        for key in ["z", "Z", "Z:", "z:"] {
            assert_eq!(local_of(key), Some("Z:".into()));
        }
        for key in ["", "ZZ", "1", "relative/path", "[", "_", "é"] {
            assert_eq!(local_of(key), None, "{key}");
        }
        for local in ["", "S", r"\\srv\share"] {
            assert_eq!(key_of(WideString::from(local).as_wide()), None);
        }
        let odd: Vec<u16> = "/a".encode_utf16().chain([0xd800]).collect();
        assert_eq!(key_of(Wide::new(&odd)), None);
    }

    #[test]
    fn hex() {
        assert_eq!(from_hex(&to_hex(&[0, 1, 0xab, 0xff])), Some(vec![0, 1, 0xab, 0xff]));
        assert_eq!(from_hex("DE ad\nbe EF"), Some(vec![0xde, 0xad, 0xbe, 0xef]));
        assert_eq!(from_hex(""), Some(vec![]));
        assert_eq!((from_hex("abc"), from_hex("zz"), from_hex("é0")), (None, None, None));
    }
}
