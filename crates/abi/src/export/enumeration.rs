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

/// An enumeration, and the error that its last call could not tell beside its entries.
struct Open {
    entries: Box<dyn ResourceEnum>,
    kept: Option<ProviderError>,
}

type Shared = Arc<Mutex<Open>>;

static OPEN: Mutex<Slots<Shared>> = Mutex::new(Slots::new());

/// Keeps an enumeration and returns its handle.
pub(super) fn open(enumeration: Box<dyn ResourceEnum>) -> HANDLE {
    let open = Open { entries: enumeration, kept: None };
    let number = lock(&OPEN).insert(Arc::new(Mutex::new(open)));
    std::ptr::without_provenance_mut(number)
}

/// Forgets the handle and closes the enumeration.
pub(super) fn close(handle: HANDLE) -> Result<(), ProviderError> {
    let shared = lock(&OPEN).remove(handle.addr()).ok_or(WnError::INVALID_HANDLE)?;
    let mut open = lock(&shared);
    open.entries.close()
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

    let mut open = lock(&shared);
    if let Some(error) = open.kept.take() {
        return Err(error);
    }
    let mut stopped = Ok(());
    while packer.entries() < wanted && stopped.is_ok() {
        stopped = match open.entries.peek() {
            Ok(Some(entry)) => packer.push(&Entry::from(&entry)).map_err(|needed| {
                if packer.entries() == 0 {
                    // SAFETY: the caller, by this function's contract.
                    unsafe { lend::write(size, needed.0) };
                }
                WnError::MORE_DATA.into()
            }),
            Ok(None) => Err(WnError::NO_MORE_ITEMS.into()),
            Err(error) if packer.entries() > 0 => {
                open.kept = Some(error.clone());
                Err(error)
            }
            Err(error) => Err(error),
        };
        if stopped.is_ok() {
            open.entries.advance();
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

#[cfg(test)]
mod tests {
    use super::*;
    use mpr_core::NetResource;

    /// One entry, then an error that is told once, then the end.
    struct Breaks(u32);

    impl ResourceEnum for Breaks {
        fn peek(&mut self) -> Result<Option<NetResource<'_>>, ProviderError> {
            match self.0 {
                0 => Ok(Some(NetResource::default())),
                1 => {
                    self.0 = 2;
                    Err(WnError::NETNAME_DELETED.into())
                }
                _ => Ok(None),
            }
        }

        fn advance(&mut self) {
            self.0 += 1;
        }
    }

    /// Half of a listing must not look like all of it.
    #[test]
    fn an_error_after_the_first_entry_waits() {
        let handle = open(Box::new(Breaks(0)));
        let mut buffer = [0u64; 64];
        let mut ask = || {
            let (mut count, mut size) = (u32::MAX, 512);
            // SAFETY: the buffer has so many bytes, and all three are alive.
            unsafe { next(handle, &raw mut count, buffer.as_mut_ptr().cast(), &raw mut size) }
                .map_err(|error| error.code)
        };
        assert_eq!(ask(), Ok(()));
        assert_eq!(ask(), Err(WnError::NETNAME_DELETED));
        assert_eq!(ask(), Err(WnError::NO_MORE_ITEMS));
        assert!(close(handle).is_ok());
    }
}
