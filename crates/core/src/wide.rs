//! Text: UTF-16 as Windows has it, borrowed or owned, and passwords made of it.
//!
//! Text stays UTF-16 from end to end, lone surrogates included, and becomes UTF-8 only for people
//! (design D3).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

/// Borrowed UTF-16 text without terminator; lone surrogates are allowed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Wide<'a>(&'a [u16]);

impl<'a> Wide<'a> {
    /// Wraps UTF-16 units that hold no terminator.
    pub const fn new(units: &'a [u16]) -> Self {
        Self(units)
    }

    /// Takes the units before the first NUL, or all of them.
    pub fn until_nul(units: &'a [u16]) -> Self {
        let end = units.iter().position(|&unit| unit == 0).unwrap_or(units.len());
        Self(&units[..end])
    }

    /// Returns the units.
    pub const fn units(self) -> &'a [u16] {
        self.0
    }

    /// Returns the length in UTF-16 units ("characters"), without a terminator.
    pub const fn len(self) -> usize {
        self.0.len()
    }

    /// Tells whether there is no character at all.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Copies the text.
    pub fn to_wide_string(self) -> WideString {
        WideString(self.0.to_vec())
    }

    /// Compares as Windows compares devices and provider names: ordinal, case-insensitive.
    pub fn eq_ignore_case(self, other: Wide<'_>) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(other.0).all(|(&a, &b)| a == b || upper(a) == upper(b))
    }

    /// Orders as `eq_ignore_case` compares; the order of notifyees (U7).
    pub fn cmp_ignore_case(self, other: Wide<'_>) -> core::cmp::Ordering {
        self.0.iter().map(|&unit| upper(unit)).cmp(other.0.iter().map(|&unit| upper(unit)))
    }

    /// Compares with ASCII text, exactly.
    pub fn eq_str(self, other: &str) -> bool {
        self.0.iter().copied().eq(other.encode_utf16())
    }

    /// Tells whether the text begins with `prefix`, exactly.
    pub fn starts_with(self, prefix: &str) -> bool {
        let mut units = self.0.iter().copied();
        prefix.encode_utf16().all(|unit| units.next() == Some(unit))
    }

    /// Returns the text without trailing backslashes.
    pub fn trim_trailing_backslash(self) -> Self {
        let mut units = self.0;
        while let [head @ .., BACKSLASH] = units {
            units = head;
        }
        Self(units)
    }

    /// Compares remote names as U43 says: case-insensitively, without trailing backslash.
    pub fn same_resource(self, other: Wide<'_>) -> bool {
        self.trim_trailing_backslash().eq_ignore_case(other.trim_trailing_backslash())
    }

    /// Takes a part of the text, in units; out of range parts are empty.
    pub fn slice_from(self, start: usize) -> Self {
        Self(self.0.get(start..).unwrap_or_default())
    }
}

const BACKSLASH: u16 = b'\\' as u16;

/// Upper-cases one unit the simple way (one unit to one unit), as ordinal comparison does.
pub(crate) fn upper(unit: u16) -> u16 {
    if unit < 0x80 {
        return if matches!(unit, 0x61..=0x7a) { unit - 0x20 } else { unit };
    }
    let Some(character) = char::from_u32(u32::from(unit)) else { return unit };
    let mut mapped = character.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(single), None) => u16::try_from(u32::from(single)).unwrap_or(unit),
        _ => unit,
    }
}

impl fmt::Display for Wide<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        char::decode_utf16(self.0.iter().copied())
            .try_for_each(|unit| f.write_char(unit.unwrap_or(char::REPLACEMENT_CHARACTER)))
    }
}

impl fmt::Debug for Wide<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Owned UTF-16 text without terminator.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct WideString(Vec<u16>);

impl WideString {
    /// Borrows the text.
    pub fn as_wide(&self) -> Wide<'_> {
        Wide(&self.0)
    }

    /// Returns the units.
    pub fn units(&self) -> &[u16] {
        &self.0
    }

    /// Appends text.
    pub fn push(&mut self, text: Wide<'_>) {
        self.0.extend_from_slice(text.0);
    }

    /// Returns the units and a terminator, as C wants them.
    pub fn to_vec_with_nul(&self) -> Vec<u16> {
        let mut units = Vec::with_capacity(self.0.len() + 1);
        units.extend_from_slice(&self.0);
        units.push(0);
        units
    }

    /// Converts to UTF-8 for people; lone surrogates become U+FFFD.
    pub fn to_string_lossy(&self) -> String {
        String::from_utf16_lossy(&self.0)
    }
}

impl From<&str> for WideString {
    fn from(text: &str) -> Self {
        // Room for all at once: a text that grew would leave parts of itself, maybe of a password.
        let mut units = Vec::with_capacity(text.len());
        units.extend(text.encode_utf16());
        Self(units)
    }
}

impl From<String> for WideString {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Vec<u16>> for WideString {
    fn from(units: Vec<u16>) -> Self {
        Self(units)
    }
}

impl From<WideString> for Vec<u16> {
    fn from(text: WideString) -> Self {
        text.0
    }
}

impl From<Wide<'_>> for WideString {
    fn from(text: Wide<'_>) -> Self {
        text.to_wide_string()
    }
}

impl fmt::Display for WideString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_wide().fmt(f)
    }
}

impl fmt::Debug for WideString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_wide(), f)
    }
}

/// A password on its way to a provider; it shows itself to nobody.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Password<'a>(Wide<'a>);

impl<'a> Password<'a> {
    /// Wraps the characters of a password.
    pub const fn new(text: Wide<'a>) -> Self {
        Self(text)
    }

    /// Gives the characters to the provider that needs them.
    pub const fn expose(self) -> Wide<'a> {
        self.0
    }
}

impl fmt::Debug for Password<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn wide(text: &str) -> WideString {
        text.into()
    }

    /// Design D3: lone surrogates survive, and only people see the replacement.
    #[test]
    fn lone_surrogates_survive() {
        let odd = WideString::from(alloc::vec![0xd800, 0x41]);
        assert_eq!(odd.as_wide().units(), [0xd800, 0x41]);
        assert_eq!(format!("{odd}"), "\u{fffd}A");
        assert!(odd.as_wide().eq_ignore_case(Wide(&[0xd800, 0x61])));
    }

    #[test]
    fn comparison_is_ordinal_and_simple() {
        assert!(wide("ÄÖ").as_wide().eq_ignore_case(wide("äö").as_wide()));
        // One unit to one unit: the sharp s has no single capital.
        assert!(!wide("ß").as_wide().eq_ignore_case(wide("SS").as_wide()));
        let (a, b) = (wide("b"), wide("A"));
        assert!(a.as_wide().cmp_ignore_case(b.as_wide()).is_gt());
    }

    #[test]
    fn passwords_do_not_show() {
        let secret = wide("hunter2");
        assert_eq!(format!("{:?}", Password::new(secret.as_wide())), "Password(..)");
    }
}
