//! C to core: follows the pointers that C callers and modules hand over.
//!
//! Every function here is unsafe for the same reason: that a pointer is valid is a promise of the
//! C side, and for how long it is valid is chosen by our caller. What can be checked is: NULL,
//! misaligned pointers, small numbers, and texts that go on into a page that cannot be read count as
//! absent, and a text without terminator ends after [`MAX_TEXT`] units. Nothing is validated otherwise; names are parsed by core.

use core::ffi::c_void;

use mpr_core::{
    AddDetails, CancelDetails, ConnectFlags, DisplayType, NetResource, Password, ResourceType,
    ResourceUsage, Scope, Wide,
};

use crate::npapi::{NOTIFYADD, NOTIFYCANCEL};
use crate::readable::{goes_on, is_address};
use crate::types::WCHAR;
use crate::winnetwk::NETRESOURCEW;

/// How far a text is followed, in units; a longer one is cut there.
pub const MAX_TEXT: usize = 32 * 1024;

/// Borrows a NUL-terminated UTF-16 text; `None` for NULL.
///
/// # Safety
///
/// A non-NULL, aligned `text` is readable up to its terminator or [`MAX_TEXT`] units, and stays
/// unchanged for `'a`.
pub unsafe fn wide<'a>(text: *const WCHAR) -> Option<Wide<'a>> {
    // SAFETY: the caller, by this function's contract, which is the same.
    unsafe { units(text) }.map(Wide::new)
}

/// Borrows a NUL-terminated text of bytes (`LPCSTR`) or UTF-16 units; `None` for NULL.
///
/// # Safety
///
/// As for [`wide`].
pub unsafe fn units<'a, C: Copy + Default + PartialEq>(text: *const C) -> Option<&'a [C]> {
    if !is_address(text) || !text.is_aligned() {
        return None;
    }
    let mut length = 0;
    while length < MAX_TEXT {
        if length > 0 && !goes_on(text.wrapping_add(length)) {
            return None;
        }
        // SAFETY: no terminator before it, so the caller promises that this unit is readable.
        let unit = unsafe { text.wrapping_add(length).read() };
        if unit == C::default() {
            break;
        }
        length += 1;
    }
    // SAFETY: these units have just been read, and the caller promises them for `'a`.
    Some(unsafe { core::slice::from_raw_parts(text, length) })
}

/// Borrows a password, whose absence and emptiness differ; `None` for NULL.
///
/// # Safety
///
/// As for [`wide`].
pub unsafe fn password<'a>(text: *const WCHAR) -> Option<Password<'a>> {
    // SAFETY: the caller, by this function's contract, which is the same.
    unsafe { wide(text) }.map(Password::new)
}

/// Borrows a block of `length` bytes; `None` for NULL or a length of 0.
///
/// # Safety
///
/// A non-NULL `data` is readable for `length` bytes and stays unchanged for `'a`.
pub unsafe fn bytes<'a>(data: *const c_void, length: u32) -> Option<&'a [u8]> {
    if data.is_null() || length == 0 {
        return None;
    }
    // SAFETY: the caller, by this function's contract; bytes need no alignment.
    Some(unsafe { core::slice::from_raw_parts(data.cast(), length as usize) })
}

/// Reads a number or structure, at any alignment; `None` for NULL.
///
/// # Safety
///
/// A non-NULL `value` is readable and holds a `T`.
pub unsafe fn read<T: Copy>(value: *const T) -> Option<T> {
    if !is_address(value) {
        return None;
    }
    // SAFETY: the caller, by this function's contract; alignment is not asked for.
    Some(unsafe { value.read_unaligned() })
}

/// Borrows an entry with all its texts, as modules return it; `None` for NULL.
///
/// # Safety
///
/// A non-NULL `resource` is readable, and its four texts are as [`wide`] wants them.
pub unsafe fn net_resource<'a>(resource: *const NETRESOURCEW) -> Option<NetResource<'a>> {
    // SAFETY: the caller, by this function's contract.
    let raw = unsafe { read(resource) }?;
    // SAFETY: the caller, by this function's contract.
    let comment = unsafe { wide(raw.lpComment) };
    // SAFETY: the caller, by this function's contract.
    Some(NetResource { comment, ..unsafe { of_raw(&raw) } })
}

/// Borrows an entry of an array at the front of a buffer, with all its texts.
///
/// Texts in the buffer end with it at the latest, and nobody has to be asked whether they can be
/// read; others are where the module says.
///
/// # Safety
///
/// The array has more than `index` entries, whose texts outside the buffer are as [`wide`] wants
/// them.
pub unsafe fn net_resource_at(buffer: &[u64], index: usize) -> NetResource<'_> {
    let entry = buffer.as_ptr().cast::<NETRESOURCEW>().wrapping_add(index);
    // SAFETY: the caller, by this function's contract.
    let raw = unsafe { entry.read_unaligned() };
    let units = buffer.as_ptr().cast::<WCHAR>();
    let count = size_of_val(buffer) / size_of::<WCHAR>();
    let text = |place: *const WCHAR| {
        let offset = place.addr().wrapping_sub(units.addr());
        if offset >= size_of_val(buffer) || !place.is_aligned() {
            // SAFETY: the caller, by this function's contract.
            return unsafe { wide(place) };
        }
        let start = offset / size_of::<WCHAR>();
        let length = (count - start).min(MAX_TEXT);
        // SAFETY: inside the buffer, whose words are several units each.
        let rest = unsafe { core::slice::from_raw_parts(units.wrapping_add(start), length) };
        Some(Wide::until_nul(rest))
    };
    NetResource { comment: text(raw.lpComment), ..with_names(&raw, text) }
}

/// Borrows an entry that a caller passes in; its `lpComment` is never followed (P2).
///
/// # Safety
///
/// A non-NULL `resource` is readable, and its local, remote and provider names are as [`wide`]
/// wants them.
pub unsafe fn net_resource_in<'a>(resource: *const NETRESOURCEW) -> Option<NetResource<'a>> {
    // SAFETY: the caller, by this function's contract.
    let raw = unsafe { read(resource) }?;
    // SAFETY: the caller, by this function's contract.
    Some(unsafe { of_raw(&raw) })
}

/// Follows the three names; the comment is left out.
///
/// # Safety
///
/// The names are as [`wide`] wants them.
unsafe fn of_raw<'a>(raw: &NETRESOURCEW) -> NetResource<'a> {
    // SAFETY: the caller, by this function's contract.
    with_names(raw, |place| unsafe { wide(place) })
}

/// Takes the numbers, and the three names as `text` reads them; the comment is left out.
fn with_names<'a>(
    raw: &NETRESOURCEW,
    text: impl Fn(*const WCHAR) -> Option<Wide<'a>>,
) -> NetResource<'a> {
    NetResource {
        scope: Scope(raw.dwScope),
        resource_type: ResourceType(raw.dwType),
        display_type: DisplayType(raw.dwDisplayType),
        usage: ResourceUsage(raw.dwUsage),
        local: text(raw.lpLocalName),
        remote: text(raw.lpRemoteName),
        comment: None,
        provider: text(raw.lpProvider),
    }
}

/// Borrows what a notifyee is told of a connection; `None` for NULL.
///
/// # Safety
///
/// A non-NULL `details` is readable, and its names are as [`wide`] wants them.
pub unsafe fn add_details<'a>(details: *const NOTIFYADD) -> Option<AddDetails<'a>> {
    // SAFETY: the caller, by this function's contract.
    let raw = unsafe { read(details) }?;
    // SAFETY: the caller, by this function's contract.
    let resource = unsafe { of_raw(&raw.NetResource) };
    Some(AddDetails {
        owner: raw.hwndOwner.addr(),
        resource_type: resource.resource_type,
        local: resource.local,
        remote: resource.remote.unwrap_or_default(),
        provider: resource.provider,
        flags: ConnectFlags(raw.dwAddFlags),
    })
}

/// Borrows what a notifyee is told of a disconnection; `None` for NULL.
///
/// # Safety
///
/// A non-NULL `details` is readable, and its names are as [`wide`] wants them.
pub unsafe fn cancel_details<'a>(details: *const NOTIFYCANCEL) -> Option<CancelDetails<'a>> {
    // SAFETY: the caller, by this function's contract.
    let raw = unsafe { read(details) }?;
    Some(CancelDetails {
        // SAFETY: the caller, by this function's contract.
        name: unsafe { wide(raw.lpName) }.unwrap_or_default(),
        // SAFETY: the caller, by this function's contract.
        provider: unsafe { wide(raw.lpProvider) },
        flags: ConnectFlags(raw.dwFlags),
        force: raw.fForce != 0,
    })
}
