//! The error text of a thread: `WNetSetLastError`, by which a provider explains `EXTENDED_ERROR`.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};

use mpr_abi::borrow;
use mpr_abi::types::{DWORD, LPSTR, LPWSTR};
use mpr_core::ExtendedError;
use mpr_platform::ansi;

thread_local! {
    static KEPT: RefCell<Option<ExtendedError>> = const { RefCell::new(None) };
}

/// Whether any thread ever kept one. Asked after every call of a module, most of which never do: so
/// it is no thread's own, which would cost more than the rest of the question.
static EVER: AtomicBool = AtomicBool::new(false);

/// Keeps a text for this thread; it stands until the next one (U59).
pub fn keep(error: ExtendedError) {
    // A thread that is ending has nobody left to tell.
    let _ = KEPT.try_with(|kept| *kept.borrow_mut() = Some(error));
    // A thread sees its own store, and the texts of others are none of its business.
    EVER.store(true, Ordering::Relaxed);
}

/// Takes the text of this thread away.
#[inline]
pub fn take() -> Option<ExtendedError> {
    if EVER.load(Ordering::Relaxed) { take_kept() } else { None }
}

#[cold]
fn take_kept() -> Option<ExtendedError> {
    KEPT.try_with(|kept| kept.borrow_mut().take()).ok().flatten()
}

/// Keeps a provider's error text for the calling thread (UTF-16).
///
/// # Safety
///
/// Both texts are NULL or NUL-terminated.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn WNetSetLastErrorW(err: DWORD, text: LPWSTR, provider: LPWSTR) {
    // SAFETY: the caller, by this function's contract.
    let text = unsafe { borrow::wide(text) }.unwrap_or_default();
    // SAFETY: the caller, by this function's contract.
    let provider = unsafe { borrow::wide(provider) }.unwrap_or_default();
    keep(ExtendedError { code: err, text: text.into(), provider: provider.into() });
}

/// Keeps a provider's error text for the calling thread (UTF-8 on Linux, U60; the ANSI code page on
/// Windows).
///
/// # Safety
///
/// Both texts are NULL or NUL-terminated.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn WNetSetLastErrorA(err: DWORD, text: LPSTR, provider: LPSTR) {
    let lossy = |bytes: Option<&[u8]>| ansi::widen_lossy(bytes.unwrap_or_default());
    // SAFETY: the caller, by this function's contract.
    let text = lossy(unsafe { borrow::units(text.cast_const()) });
    // SAFETY: the caller, by this function's contract.
    let provider = lossy(unsafe { borrow::units(provider.cast_const()) });
    keep(ExtendedError { code: err, text, provider });
}
