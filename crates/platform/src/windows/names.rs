//! From what a value says to a file that may be loaded (P12, U28).

use mpr_core::{Wide, WideString};

use super::hive::Value;

const BACKSLASH: u16 = b'\\' as u16;
const SLASH: u16 = b'/' as u16;
const COLON: u16 = b':' as u16;
const DOT: u16 = b'.' as u16;

/// The folders that names without one are looked for in, and expansion of `%NAME%`.
pub(super) trait Places {
    /// Returns the Windows folder, without trailing backslash.
    fn windows(&self) -> WideString;

    /// Returns the system folder, without trailing backslash.
    fn system(&self) -> WideString;

    /// Replaces `%NAME%` by what the system says; unknown names stay.
    fn expand(&self, text: Wide<'_>) -> WideString;
}

/// How a path that is neither absolute nor a bare name counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relative {
    /// From the Windows folder, as installers of providers write it (P12).
    FromWindows,
    /// Not at all.
    Refused,
}

/// Makes a path of a value, expanded and absolute. Never is anything of the current directory.
pub(super) fn module_path(
    value: &Value,
    relative: Relative,
    places: &dyn Places,
) -> Result<WideString, &'static str> {
    let text = match value {
        Value::Text(text) => text.clone(),
        Value::Expandable(text) => places.expand(text.as_wide()),
        _ => return Err("must be text (REG_SZ or REG_EXPAND_SZ)"),
    };
    let text = trim(text.as_wide());
    let units: Vec<u16> =
        text.units().iter().map(|&unit| if unit == SLASH { BACKSLASH } else { unit }).collect();
    let path = match *units {
        [] => return Err("is empty"),
        [BACKSLASH, BACKSLASH, 0x3f, BACKSLASH, ref rest @ ..] if is_rooted(rest) => units,
        [BACKSLASH, BACKSLASH, ..] => return Err("is on a network; copy the module to a disk"),
        _ if is_rooted(&units) => units,
        [BACKSLASH, ..] | [_, COLON, ..] => {
            return Err("depends on the current directory; write it with drive and backslash");
        }
        _ if units.contains(&COLON) => return Err("has a colon in its middle"),
        _ if !units.contains(&BACKSLASH) => below(&places.system(), &units),
        _ if relative == Relative::Refused => {
            return Err("is neither absolute nor a bare name; write it with drive and backslash");
        }
        _ if units.split(|&unit| unit == BACKSLASH).any(|part| *part == [DOT, DOT]) => {
            return Err("leaves the Windows folder; write it with drive and backslash");
        }
        _ => below(&places.windows(), &units),
    };
    Ok(WideString::from(path))
}

/// Splits a provider order: blanks around items and empty items do not count (W17).
pub(super) fn order(text: Wide<'_>) -> Vec<String> {
    let items = text.units().split(|&unit| unit == u16::from(b','));
    let items = items.map(|item| trim(Wide::new(item)).to_string());
    items.filter(|item| !item.is_empty()).collect()
}

/// Returns text without blanks at its ends.
pub(super) fn trim(text: Wide<'_>) -> Wide<'_> {
    let blank = |unit: &u16| matches!(unit, 0x09..=0x0d | 0x20);
    let units = text.units();
    let start = units.iter().position(|unit| !blank(unit)).unwrap_or(units.len());
    let end = units.iter().rposition(|unit| !blank(unit)).map_or(start, |last| last + 1);
    Wide::new(&units[start..end])
}

fn is_rooted(units: &[u16]) -> bool {
    let letter = |unit: u16| u8::try_from(unit).is_ok_and(|byte| byte.is_ascii_alphabetic());
    matches!(*units, [drive, COLON, BACKSLASH, ..] if letter(drive))
}

fn below(folder: &WideString, name: &[u16]) -> Vec<u16> {
    let mut path = folder.units().to_vec();
    path.push(BACKSLASH);
    path.extend_from_slice(name);
    path
}
