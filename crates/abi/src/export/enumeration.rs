//! Enumerations that C holds by a handle.
//!
//! A handle that was never given out, or is closed, answers `INVALID_HANDLE`. The table is not
//! locked while the provider's code runs, only the enumeration itself is.

use std::ffi::c_void;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mpr_core::{ProviderError, ResourceEnum, WnError};

use super::slots::Slots;
use crate::borrow;
use crate::lend::{self, Entry, Packer};
use crate::types::HANDLE;

type Shared = Arc<Mutex<Box<dyn ResourceEnum>>>;

static OPEN: Mutex<Slots<Shared>> = Mutex::new(Slots::new());

/// Keeps an enumeration and returns its handle.
pub(super) fn open(enumeration: Box<dyn ResourceEnum>) -> HANDLE {
    let number = lock(&OPEN).insert(Arc::new(Mutex::new(enumeration)));
    std::ptr::without_provenance_mut(number)
}

/// Forgets the handle and closes the enumeration.
pub(super) fn close(handle: HANDLE) -> Result<(), ProviderError> {
    let shared = lock(&OPEN).remove(handle.addr()).ok_or(WnError::INVALID_HANDLE)?;
    let mut enumeration = lock(&shared);
    enumeration.close()
}

/// Packs the next entries into `*size` bytes: at most `*count`, all that fit if that is all ones.
///
/// `MORE_DATA` with the size needed if not even one fits, `NO_MORE_ITEMS` at the end. An error
/// after the first entry waits for the next call.
///
/// # Safety
///
/// Non-NULL `count` and `size` are readable and writable; a non-NULL `buffer` is writable for
/// `*size` bytes.
pub(super) unsafe fn next(
    handle: HANDLE,
    count: *mut u32,
    buffer: *mut c_void,
    size: *mut u32,
) -> Result<(), ProviderError> {
    let shared = lock(&OPEN).get(handle.addr()).cloned().ok_or(WnError::INVALID_HANDLE)?;
    // SAFETY: the caller, by this function's contract.
    let wanted = unsafe { borrow::read(count) }.ok_or(WnError::INVALID_ADDRESS)?;
    // SAFETY: the caller, by this function's contract.
    let room = unsafe { borrow::read(size) }.ok_or(WnError::INVALID_ADDRESS)?;
    // SAFETY: the caller, by this function's contract.
    let mut packer = unsafe { Packer::new(buffer, room) };

    let mut enumeration = lock(&shared);
    let mut stopped = Ok(());
    while packer.entries() < wanted && stopped.is_ok() {
        stopped = match enumeration.peek() {
            Ok(Some(entry)) => packer.push(&Entry::from(&entry)).map_err(|needed| {
                if packer.entries() == 0 {
                    // SAFETY: the caller, by this function's contract.
                    unsafe { lend::write(size, needed.0) };
                }
                WnError::MORE_DATA.into()
            }),
            Ok(None) => Err(WnError::NO_MORE_ITEMS.into()),
            Err(error) => Err(error),
        };
        if stopped.is_ok() {
            enumeration.advance();
        }
    }
    // SAFETY: the caller, by this function's contract.
    unsafe { lend::write(count, packer.entries()) };
    if packer.entries() > 0 { Ok(()) } else { stopped }
}

/// Locks; a panic of the provider's code elsewhere does not make the thing unusable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
