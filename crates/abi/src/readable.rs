//! Which addresses can be read at all, as far as that can be asked for next to nothing.
//!
//! Addresses that no program has data at are told by their number. Beyond that the system is asked
//! only where a text goes on into another page, which few texts do: a text without an end must not
//! take the caller's process down, and asking for every text would cost more than the call.

use core::ffi::c_void;

/// Below it neither system maps anything: an address there is a number, or NULL and an offset.
const LOWEST: usize = 0x1_0000;
/// Smallest page of all systems that we run on; a larger one is asked about more often than needed.
const PAGE: usize = 0x1000;

/// Tells whether data could be at an address.
#[inline]
pub(crate) fn is_address<T>(place: *const T) -> bool {
    place.addr() >= LOWEST
}

/// Tells whether a text that has been readable so far goes on at `place`.
#[inline]
pub(crate) fn goes_on<T>(place: *const T) -> bool {
    !place.addr().is_multiple_of(PAGE) || is_readable(place.cast())
}

#[cold]
#[cfg(windows)]
fn is_readable(place: *const c_void) -> bool {
    /// `MEMORY_BASIC_INFORMATION`; the padding of 64 bit is the compiler's.
    #[repr(C)]
    struct Region {
        base: usize,
        allocation: usize,
        allocation_protect: u32,
        size: usize,
        state: u32,
        protect: u32,
        kind: u32,
    }
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn VirtualQuery(place: *const c_void, region: *mut Region, size: usize) -> usize;
    }
    const COMMITTED: u32 = 0x1000;
    const NO_ACCESS: u32 = 0x01;
    const GUARD: u32 = 0x100;

    let mut region = Region {
        base: 0,
        allocation: 0,
        allocation_protect: 0,
        size: 0,
        state: 0,
        protect: 0,
        kind: 0,
    };
    // SAFETY: it takes any address; the structure has the size that is told.
    let told = unsafe { VirtualQuery(place, &raw mut region, size_of::<Region>()) };
    told != 0 && region.state == COMMITTED && region.protect & (NO_ACCESS | GUARD) == 0
}

/// Has the kernel copy one byte out of our own process: it says so where nothing can be read.
#[cold]
#[cfg(target_os = "linux")]
fn is_readable(place: *const c_void) -> bool {
    #[repr(C)]
    struct Piece {
        place: *const c_void,
        size: usize,
    }
    unsafe extern "C" {
        fn process_vm_readv(
            process: i32,
            to: *const Piece,
            to_count: usize,
            from: *const Piece,
            from_count: usize,
            flags: usize,
        ) -> isize;
    }
    /// `EFAULT`. Any other failure is of the question, not of the address.
    const BAD_ADDRESS: i32 = 14;

    let mut byte = 0_u8;
    let to = Piece { place: (&raw mut byte).cast_const().cast(), size: 1 };
    let from = Piece { place, size: 1 };
    let Ok(process) = i32::try_from(std::process::id()) else { return true };
    // SAFETY: one byte goes to a byte of ours; the other address may be any.
    let copied = unsafe { process_vm_readv(process, &raw const to, 1, &raw const from, 1, 0) };
    copied == 1 || std::io::Error::last_os_error().raw_os_error() != Some(BAD_ADDRESS)
}

#[cfg(not(any(windows, target_os = "linux")))]
fn is_readable(_place: *const c_void) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read() {
        let byte = 0_u8;
        assert!(is_readable((&raw const byte).cast()));
        assert!(is_address(&raw const byte));
        assert!(!is_readable(core::ptr::without_provenance(LOWEST)));
        assert!(!is_address(core::ptr::without_provenance::<u8>(0xFFFF)));
        assert!(!is_address(core::ptr::null::<u8>()));
    }
}
