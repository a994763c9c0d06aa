//! Fields of a message: numbers and texts, one after the other.
//!
//! Texts are UTF-16, as everywhere in the router (D3); an absent one is not an empty one.

use mpr_core::{Wide, WideString};
use zeroize::Zeroizing;

/// A message that is not one: cut, too long, or of another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Marks a text that is absent.
const ABSENT: u32 = u32::MAX;

/// Writes fields into memory that is wiped: one of them may be a password.
#[derive(Default)]
pub(crate) struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    /// Begins with room for so many bytes, so that growing leaves no copies.
    pub(crate) fn with_room(bytes: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(bytes)))
    }

    pub(crate) fn number(&mut self, number: u32) -> &mut Self {
        self.0.extend_from_slice(&number.to_le_bytes());
        self
    }

    pub(crate) fn text(&mut self, text: Option<Wide<'_>>) -> &mut Self {
        let Some(text) = text else { return self.number(ABSENT) };
        self.number(u32::try_from(text.len()).unwrap_or(ABSENT));
        for unit in text.units() {
            self.0.extend_from_slice(&unit.to_le_bytes());
        }
        self
    }

    pub(crate) fn done(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

/// Returns how many bytes a text takes.
pub(crate) fn room(text: Option<Wide<'_>>) -> usize {
    4 + text.map_or(0, |text| 2 * text.len())
}

/// Reads fields.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn number(&mut self) -> Result<u32, Malformed> {
        self.take(4)?.try_into().map(u32::from_le_bytes).map_err(|_| Malformed)
    }

    pub(crate) fn text(&mut self) -> Result<Option<WideString>, Malformed> {
        Ok(self.secret()?.map(|units| WideString::from(Wide::new(&units))))
    }

    /// Reads a text into memory that is wiped.
    pub(crate) fn secret(&mut self) -> Result<Option<Zeroizing<Vec<u16>>>, Malformed> {
        let count = self.number()?;
        if count == ABSENT {
            return Ok(None);
        }
        let bytes = self.take((count as usize).checked_mul(2).ok_or(Malformed)?)?;
        let mut units = Zeroizing::new(Vec::with_capacity(bytes.len() / 2));
        units.extend(bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])));
        Ok(Some(units))
    }

    /// Ends reading; nothing may be left.
    pub(crate) fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}
