//! `WNetGetLastError` (`wnet.md` §7). Setting it is the host's, since modules call that back.

use mpr_abi::lend;
use mpr_abi::types::LPDWORD;
use mpr_core::{DecidedBy, Error, ExtendedError, WnError};

use crate::boundary::{guarded, router, set_last_error};
use crate::encoding::{Out, Unit};
use crate::story;

/// Returns the text behind the thread's last failure, cut to the room (bytes of ANSI).
///
/// # Safety
///
/// Pointers are NULL or as the header says; nothing else is assumed.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub unsafe extern "system" fn WNetGetLastErrorA(
    code: LPDWORD,
    text: Out<u8>,
    text_size: u32,
    name: Out<u8>,
    name_size: u32,
) -> u32 {
    // SAFETY: the caller, by this function's contract, which is the same.
    guarded(|| unsafe { get_last_error(code, text, text_size, name, name_size) })
}

const _: mpr_abi::wnet::PF_WNetGetLastErrorA = WNetGetLastErrorA;

/// Returns the text behind the thread's last failure, cut to the room (characters).
///
/// # Safety
///
/// Pointers are NULL or as the header says; nothing else is assumed.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub unsafe extern "system" fn WNetGetLastErrorW(
    code: LPDWORD,
    text: Out<u16>,
    text_size: u32,
    name: Out<u16>,
    name_size: u32,
) -> u32 {
    // SAFETY: the caller, by this function's contract, which is the same.
    guarded(|| unsafe { get_last_error(code, text, text_size, name, name_size) })
}

const _: mpr_abi::wnet::PF_WNetGetLastErrorW = WNetGetLastErrorW;

unsafe fn get_last_error<U: Unit>(
    code: LPDWORD,
    text: Out<U>,
    text_size: u32,
    name: Out<U>,
    name_size: u32,
) -> u32 {
    if code.is_null() || text.is_null() || name.is_null() || text_size == 0 || name_size == 0 {
        // Set on failure only: who asks for a text may still want the code that it explains.
        set_last_error(WnError::INVALID_ADDRESS.code());
        return WnError::INVALID_ADDRESS.code();
    }
    let last = last();
    // SAFETY: the caller, by the export's contract.
    unsafe { lend::write(code, last.code) };
    // SAFETY: the caller, by the export's contract.
    unsafe { tell(&U::narrow(last.text.as_wide()), text, text_size) };
    // SAFETY: the caller, by the export's contract.
    unsafe { tell(&U::narrow(last.provider.as_wide()), name, name_size) };
    0
}

/// Writes as much of a text as fits with its terminator.
unsafe fn tell<U: Unit>(text: &[U], place: Out<U>, room: u32) {
    let text = U::cut(text, room.saturating_sub(1) as usize);
    // SAFETY: the caller, by the export's contract.
    unsafe { lend::units_truncated(text, place, room) };
}

/// What was set on this thread since its last operation, or else the story of that operation.
fn last() -> ExtendedError {
    if let Some(set) = mpr_host::take() {
        mpr_host::keep(set.clone());
        return set;
    }
    story::tell(router, decider).unwrap_or_default()
}

fn decider(error: &Error) -> Option<String> {
    match error.by {
        DecidedBy::Router => None,
        DecidedBy::Profile => Some("profile".into()),
        by => router().decider(by).map(|name| name.to_string()),
    }
}
