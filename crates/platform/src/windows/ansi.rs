//! The ANSI code page, in which the `A` functions take and give their texts.

use std::borrow::Cow;
use std::ptr;

use mpr_core::{Wide, WnError};

use super::sys;

/// Converts what a caller gave; `INVALID_PARAMETER` if it is no text of the code page.
pub(crate) fn widen(bytes: &[u8]) -> Result<Vec<u16>, WnError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let length = i32::try_from(bytes.len()).map_err(|_| WnError::INVALID_PARAMETER)?;
    // No code page makes more units than it has bytes. Room for all at once: a password that grew
    // would leave parts of itself.
    let mut wide = vec![0; bytes.len()];
    let (text, place) = (bytes.as_ptr(), wide.as_mut_ptr());
    let (page, strict) = (sys::CP_ACP, sys::MB_ERR_INVALID_CHARS);
    // SAFETY: `text` has `length` bytes and `place` as many units.
    let made = unsafe { sys::MultiByteToWideChar(page, strict, text, length, place, length) };
    let made = usize::try_from(made).unwrap_or(0);
    if made == 0 {
        wide.fill(0);
        return Err(WnError::INVALID_PARAMETER);
    }
    wide.truncate(made);
    Ok(wide)
}

/// Converts what a caller gets; what cannot be said becomes the code page's own mark.
pub(crate) fn narrow(text: Wide<'_>) -> Cow<'static, [u8]> {
    if text.is_empty() {
        return Cow::Borrowed(&[]);
    }
    let Ok(length) = i32::try_from(text.len()) else { return Cow::Borrowed(b"?") };
    let mut narrow = vec![0; text.len() * 4];
    let room = i32::try_from(narrow.len()).unwrap_or(i32::MAX);
    let (from, place) = (text.units().as_ptr(), narrow.as_mut_ptr());
    let (none, unsaid) = (ptr::null(), ptr::null_mut());
    // SAFETY: `from` has `length` units and `place` has `room` bytes.
    let made = unsafe {
        sys::WideCharToMultiByte(sys::CP_ACP, 0, from, length, place, room, none, unsaid)
    };
    narrow.truncate(usize::try_from(made).unwrap_or(0));
    Cow::Owned(narrow)
}

/// Returns as much of a text as fits into `room` bytes, without half a character at its end.
pub(crate) fn cut(text: &[u8], room: usize) -> &[u8] {
    if text.len() <= room {
        return text;
    }
    // SAFETY: it takes nothing and cannot fail.
    if unsafe { sys::GetACP() } == sys::CP_UTF8 {
        return crate::utf8::cut(text, room);
    }
    let mut end = 0;
    while end < room {
        // SAFETY: any byte will do.
        let lead = unsafe { sys::IsDBCSLeadByte(text[end]) } != 0;
        let next = end + if lead { 2 } else { 1 };
        if next > room {
            break;
        }
        end = next;
    }
    &text[..end]
}
