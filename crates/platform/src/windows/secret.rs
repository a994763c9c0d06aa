//! Memory for secrets: pages of their own, never swapped out, closed while nobody looks, wiped.

use std::ffi::c_void;
use std::ptr;

use super::sys;

/// Bytes that nobody reads by accident.
///
/// They lie in pages of their own that cannot be read between two uses, are kept out of the page
/// file as far as the system allows, and are overwritten before they are given back.
pub struct Protected {
    place: *mut u8,
    length: usize,
}

// SAFETY: the pages belong to this value alone, and only `&mut self` opens them.
unsafe impl Send for Protected {}

impl Protected {
    /// Keeps a copy; `None` if the system has no memory.
    pub fn new(secret: &[u8]) -> Option<Self> {
        let size = secret.len().max(1);
        let (commit, open) = (sys::MEM_COMMIT_RESERVE, sys::PAGE_READWRITE);
        // SAFETY: any place will do, and the size is not zero.
        let place = unsafe { sys::VirtualAlloc(ptr::null_mut(), size, commit, open) };
        if place.is_null() {
            return None;
        }
        // Best effort: the quota for locked pages is small.
        // SAFETY: the pages are this value's own.
        let _ = unsafe { sys::VirtualLock(place, size) };
        let place = place.cast::<u8>();
        // SAFETY: both have `secret.len()` bytes, and the pages are new.
        unsafe { ptr::copy_nonoverlapping(secret.as_ptr(), place, secret.len()) };
        let kept = Self { place, length: secret.len() };
        kept.protect(sys::PAGE_NOACCESS);
        Some(kept)
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Opens the pages for one look.
    pub fn look<T>(&mut self, look: impl FnOnce(&[u8]) -> T) -> T {
        self.protect(sys::PAGE_READWRITE);
        // SAFETY: the pages are open, and hold `length` bytes.
        let result = look(unsafe { std::slice::from_raw_parts(self.place, self.length) });
        self.protect(sys::PAGE_NOACCESS);
        result
    }

    fn size(&self) -> usize {
        self.length.max(1)
    }

    fn protect(&self, protection: u32) {
        let (place, mut before) = (self.place.cast::<c_void>(), 0);
        // SAFETY: the pages are this value's own. It fails only for pages that are not.
        unsafe { sys::VirtualProtect(place, self.size(), protection, &raw mut before) };
    }
}

impl Drop for Protected {
    fn drop(&mut self) {
        self.protect(sys::PAGE_READWRITE);
        for offset in 0..self.length {
            // SAFETY: the pages are open, and hold `length` bytes. Volatile, since nobody reads
            // them again.
            unsafe { self.place.add(offset).write_volatile(0) };
        }
        let place = self.place.cast::<c_void>();
        // SAFETY: the pages are this value's own.
        let _ = unsafe { sys::VirtualUnlock(place, self.size()) };
        // SAFETY: the pages are this value's own, and this is its end.
        let _ = unsafe { sys::VirtualFree(place, 0, sys::MEM_RELEASE) };
    }
}
