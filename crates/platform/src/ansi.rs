//! The encoding of the `A` functions: UTF-8 (U60), on Windows the ANSI code page.

use std::borrow::Cow;

use mpr_core::{Wide, WideString, WnError};

/// Converts what a caller gave; `INVALID_PARAMETER` if it is no text.
pub fn widen(bytes: &[u8]) -> Result<Vec<u16>, WnError> {
    #[cfg(windows)]
    return crate::windows::ansi::widen(bytes);
    #[cfg(not(windows))]
    {
        let text = str::from_utf8(bytes).map_err(|_| WnError::INVALID_PARAMETER)?;
        // Room for all at once: a password that grew would leave parts of itself.
        let mut wide = Vec::with_capacity(text.len());
        wide.extend(text.encode_utf16());
        Ok(wide)
    }
}

/// Converts what somebody said, as far as it is text.
pub fn widen_lossy(bytes: &[u8]) -> WideString {
    match widen(bytes) {
        Ok(wide) => wide.into(),
        Err(_) => WideString::from(&*String::from_utf8_lossy(bytes)),
    }
}

/// Converts what a caller gets; what cannot be said becomes U+FFFD, or the code page's own mark.
pub fn narrow(text: Wide<'_>) -> Cow<'static, [u8]> {
    #[cfg(windows)]
    return crate::windows::ansi::narrow(text);
    #[cfg(not(windows))]
    Cow::Owned(text.to_string().into_bytes())
}

/// Returns as much of a text as fits into `room` bytes, without half a character at its end.
pub fn cut(text: &[u8], room: usize) -> &[u8] {
    #[cfg(windows)]
    return crate::windows::ansi::cut(text, room);
    #[cfg(not(windows))]
    crate::utf8::cut(text, room)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// U60: UTF-8 in and out; what is no UTF-8 is refused, a lone surrogate becomes U+FFFD.
    #[test]
    #[cfg(not(windows))]
    fn ansi_is_utf_8() {
        assert_eq!(widen("Ü😀".as_bytes()).unwrap().len(), 3);
        assert_eq!(widen(&[0xff]).unwrap_err(), WnError::INVALID_PARAMETER);
        assert_eq!(widen_lossy(&[0x61, 0xff]), "a\u{fffd}".into());
        assert_eq!(&*narrow(Wide::new(&[0xd800])), "\u{fffd}".as_bytes());
        assert_eq!(cut("hää".as_bytes(), 2), b"h");
        assert_eq!(cut(b"hat", 3), b"hat");
    }
}
