//! Values in configuration files: durations, `%NAME%` in paths, and free options.

use std::path::PathBuf;
use std::time::Duration;

use toml_edit::{Item, Value};

use super::paths::Paths;
use crate::settings::{OptionValue, Options, Scope};

const LONGEST: Duration = Duration::from_millis(u32::MAX as u64);

/// Reads a duration as configuration files have it: `500ms`, `30s`, `2m`, or milliseconds alone.
///
/// The error is a text that says what is wrong.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "" | "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return Err(format!("`{text}` is no duration; write 500ms, 30s or 2m")),
    };
    let number: u64 =
        number.parse().map_err(|_| format!("`{text}` is no duration; write 500ms, 30s or 2m"))?;
    let duration = Duration::from_millis(number.saturating_mul(factor));
    if duration > LONGEST {
        return Err(format!("`{text}` is longer than 49 days; write a shorter duration"));
    }
    Ok(duration)
}

/// Reads a duration that is text or a whole number of milliseconds.
pub(super) fn duration(item: &Item) -> Result<Duration, String> {
    match item.as_value() {
        Some(Value::String(text)) => parse_duration(text.value()),
        Some(Value::Integer(number)) if *number.value() >= 0 => {
            parse_duration(&number.value().to_string())
        }
        _ => Err("must be a duration like \"30s\", or milliseconds".into()),
    }
}

/// Reads a whole number of 32 bits.
pub(super) fn number(item: &Item) -> Option<u32> {
    item.as_integer().and_then(|number| number.try_into().ok())
}

/// Writes a duration as configuration files have it.
pub(super) fn duration_text(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis.is_multiple_of(1000) { format!("{}s", millis / 1000) } else { format!("{millis}ms") }
}

/// Expands `%NAME%` in a path and checks that the result is absolute.
///
/// The names are ours and not the environment's: a caller must not choose what is loaded (U28).
/// `%%` is a percent sign. Names are case-insensitive, as on Windows.
pub(super) fn expand(text: &str, paths: &Paths, scope: Scope) -> Result<PathBuf, String> {
    let mut path = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('%') {
        path.push_str(&rest[..start]);
        let Some(length) = rest[start + 1..].find('%') else {
            return Err(format!("`{text}` has a single %; write %NAME%, or %% for the sign"));
        };
        let name = &rest[start + 1..start + 1 + length];
        rest = &rest[start + length + 2..];
        if name.is_empty() {
            path.push('%');
            continue;
        }
        let known = match (name.to_ascii_uppercase().as_str(), scope) {
            ("MPR_LIB", _) => Some(paths.module_dir()),
            ("MPR_ETC", _) => Some(paths.system_dir()),
            ("MPR_CONFIG", Scope::User) => paths.user_dir(),
            ("HOME", Scope::User) => paths.home(),
            _ => None,
        };
        let known = known.and_then(|dir| dir.to_str()).ok_or_else(|| {
            let more = if scope == Scope::User { ", %MPR_CONFIG% and %HOME%" } else { "" };
            format!("%{name}% is not defined; here there are %MPR_LIB%, %MPR_ETC%{more}")
        })?;
        path.push_str(known);
    }
    path.push_str(rest);
    if path.contains('\0') {
        return Err("a path cannot contain NUL".into());
    }
    if !path.starts_with('/') {
        return Err(format!(
            "`{text}` is not an absolute path; write it from the root, or with %MPR_LIB%/"
        ));
    }
    Ok(path.into())
}

/// Reads a free table.
pub(super) fn options(item: &Item) -> Option<Options> {
    let table = item.as_table_like()?;
    Some(table.iter().filter_map(|(key, item)| Some((key.to_owned(), option(item)?))).collect())
}

fn option(item: &Item) -> Option<OptionValue> {
    match item {
        Item::None => None,
        Item::Value(value) => Some(option_value(value)),
        Item::Table(_) => options(item).map(OptionValue::Table),
        Item::ArrayOfTables(tables) => Some(OptionValue::List(
            tables
                .iter()
                .filter_map(|table| options(&Item::Table(table.clone())))
                .map(OptionValue::Table)
                .collect(),
        )),
    }
}

fn option_value(value: &Value) -> OptionValue {
    match value {
        Value::String(text) => OptionValue::Text(text.value().clone()),
        Value::Integer(number) => OptionValue::Integer(*number.value()),
        Value::Float(number) => OptionValue::Float(*number.value()),
        Value::Boolean(value) => OptionValue::Bool(*value.value()),
        Value::Datetime(date) => OptionValue::Text(date.value().to_string()),
        Value::Array(list) => OptionValue::List(list.iter().map(option_value).collect()),
        Value::InlineTable(table) => OptionValue::Table(
            table.iter().map(|(key, value)| (key.to_owned(), option_value(value))).collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linux::environment::Environment;

    #[test]
    fn durations() {
        let table = [
            ("0", Ok(0)),
            ("250", Ok(250)),
            ("500ms", Ok(500)),
            ("30s", Ok(30_000)),
            (" 2 m ", Ok(120_000)),
            ("4294967295", Ok(4_294_967_295)),
            ("4294967296", Err("longer")),
            ("99999999999999999999", Err("no duration")),
            ("99999999999999999m", Err("longer")),
            ("", Err("no duration")),
            ("s", Err("no duration")),
            ("-1s", Err("no duration")),
            ("1h", Err("no duration")),
        ];
        for (text, expected) in table {
            match (parse_duration(text), expected) {
                (Ok(duration), Ok(millis)) => {
                    assert_eq!(duration, Duration::from_millis(millis), "{text}");
                    assert_eq!(parse_duration(&duration_text(duration)), Ok(duration));
                }
                (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }

    /// `notify.md` §9 row 16, U28.
    #[test]
    fn row_16_expansion_knows_only_our_names() {
        let env =
            Environment::new(4242, false).with("HOME", "/home/al").with("SystemRoot", "/evil");
        let paths = Paths::resolve(&env);
        let ok = [
            ("%MPR_LIB%/a.so", Scope::System, "/usr/lib/mpr/a.so"),
            ("%mpr_lib%/a%%b.so", Scope::System, "/usr/lib/mpr/a%b.so"),
            ("%HOME%/x/%MPR_LIB%", Scope::User, "/home/al/x//usr/lib/mpr"),
            ("%MPR_CONFIG%/hook", Scope::User, "/home/al/.config/mpr/hook"),
            ("/plain", Scope::System, "/plain"),
        ];
        for (text, scope, expected) in ok {
            assert_eq!(expand(text, &paths, scope).unwrap(), PathBuf::from(expected));
        }
        let refused = [
            ("%SystemRoot%/a.so", "not defined"),
            ("%HOME%/a.so", "not defined"),
            ("/a/%MPR_LIB", "single %"),
            ("a.so", "not an absolute path"),
            ("", "not an absolute path"),
            ("/a\0b", "NUL"),
        ];
        for (text, part) in refused {
            let error = expand(text, &paths, Scope::System).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
