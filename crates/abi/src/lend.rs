//! Core to C: writes numbers, texts and packed structures into a C caller's memory.
//!
//! Nothing is written unless all of it fits, but for the size needed with `MORE_DATA`. On success
//! a length stays as the caller gave it (U48). Texts count *characters* (units with the
//! terminator), structures with texts count *bytes*. Structures are contiguous at the front, their
//! texts at the end, and their pointers are real.

use core::ffi::c_void;
use core::marker::PhantomData;
use core::mem::{MaybeUninit, size_of};

use mpr_core::{InfoLevel, NetResource, ResourceInformation, UniversalName, Wide, WnError};

use crate::types::WCHAR;
use crate::winnetwk::{NETRESOURCE, REMOTE_NAME_INFO, UNIVERSAL_NAME_INFO};

/// Writes a value, at any alignment; tells whether there was a place for it (not NULL).
///
/// # Safety
///
/// A non-NULL `place` is writable.
pub unsafe fn write<T: Copy>(place: *mut T, value: T) -> bool {
    if !place.is_null() {
        // SAFETY: the caller, by this function's contract; alignment is not asked for.
        unsafe { place.write_unaligned(value) };
    }
    !place.is_null()
}

/// Copies UTF-16 text and a terminator to a buffer of `*length` characters.
///
/// As [`units`], for the usual case.
///
/// # Safety
///
/// As for [`units`].
pub unsafe fn text(text: Wide<'_>, buffer: *mut WCHAR, length: *mut u32) -> Result<(), WnError> {
    // SAFETY: the caller, by this function's contract, which is the same.
    unsafe { units(text.units(), buffer, length) }
}

/// Copies text and a terminator to a buffer of `*length` units.
///
/// Too small: `MORE_DATA`, with the units needed in `*length`. `INVALID_ADDRESS` if `length` is
/// NULL, or `buffer` is where it would be used.
///
/// # Safety
///
/// A non-NULL `length` is readable and writable; a non-NULL `buffer` is writable for as many units
/// as it says.
pub unsafe fn units<C: Copy + Default>(
    text: &[C],
    buffer: *mut C,
    length: *mut u32,
) -> Result<(), WnError> {
    // SAFETY: the caller, by this function's contract.
    let room = unsafe { crate::borrow::read(length) }.ok_or(WnError::INVALID_ADDRESS)?;
    let needed = count(text.len() + 1);
    if room < needed {
        // SAFETY: the caller, by this function's contract.
        unsafe { write(length, needed) };
        return Err(WnError::MORE_DATA);
    }
    if buffer.is_null() {
        return Err(WnError::INVALID_ADDRESS);
    }
    // SAFETY: room was checked for, and the caller promises that it is there.
    unsafe { put_units(buffer, text) };
    Ok(())
}

/// Copies as much of a text as fits into `room` units, always terminated; nothing if `room` is 0.
///
/// # Safety
///
/// A non-NULL `buffer` is writable for `room` units.
pub unsafe fn units_truncated<C: Copy + Default>(text: &[C], buffer: *mut C, room: u32) {
    if !buffer.is_null() && room > 0 {
        let length = text.len().min(room as usize - 1);
        // SAFETY: at most `room` units with the terminator, which the caller promises.
        unsafe { put_units(buffer, &text[..length]) };
    }
}

/// Copies a block of bytes to a buffer of `*size` bytes, and writes its size there; errors as for
/// [`units`].
///
/// # Safety
///
/// A non-NULL `size` is readable and writable; a non-NULL `buffer` is writable for as many bytes.
pub unsafe fn block(data: &[u8], buffer: *mut u8, size: *mut u32) -> Result<(), WnError> {
    // SAFETY: the caller, by this function's contract.
    let room = unsafe { crate::borrow::read(size) }.ok_or(WnError::INVALID_ADDRESS)?;
    if (room as usize) < data.len() {
        // SAFETY: the caller, by this function's contract.
        unsafe { write(size, count(data.len())) };
        return Err(WnError::MORE_DATA);
    }
    if buffer.is_null() && !data.is_empty() {
        return Err(WnError::INVALID_ADDRESS);
    }
    // SAFETY: room was checked for; with no data nothing is copied, and NULL is then allowed.
    unsafe { core::ptr::copy_nonoverlapping(data.as_ptr(), buffer, data.len()) };
    // Bytes have no terminator: the size alone tells where they end.
    // SAFETY: the caller, by this function's contract.
    unsafe { write(size, count(data.len())) };
    Ok(())
}

/// Writes units and a terminator, at any alignment.
///
/// # Safety
///
/// `buffer` is writable for one unit more than the text has.
unsafe fn put_units<C: Copy + Default>(buffer: *mut C, text: &[C]) {
    let bytes = size_of_val(text);
    // SAFETY: the caller promises the room; as bytes the copy needs no alignment.
    unsafe { core::ptr::copy_nonoverlapping(text.as_ptr().cast::<u8>(), buffer.cast(), bytes) };
    // SAFETY: the caller promises the room for the terminator behind the text.
    unsafe { buffer.wrapping_add(text.len()).write_unaligned(C::default()) };
}

/// A net resource whose texts are already in the caller's encoding: bytes or UTF-16 units.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entry<'a, C> {
    /// `RESOURCE_*`.
    pub scope: u32,
    /// `RESOURCETYPE_*`.
    pub resource_type: u32,
    /// `RESOURCEDISPLAYTYPE_*`.
    pub display_type: u32,
    /// `RESOURCEUSAGE_*`.
    pub usage: u32,
    /// The device.
    pub local: Option<&'a [C]>,
    /// The remote name.
    pub remote: Option<&'a [C]>,
    /// The comment.
    pub comment: Option<&'a [C]>,
    /// The provider's name.
    pub provider: Option<&'a [C]>,
}

impl<'a> From<&NetResource<'a>> for Entry<'a, WCHAR> {
    fn from(resource: &NetResource<'a>) -> Self {
        Self {
            scope: resource.scope.0,
            resource_type: resource.resource_type.0,
            display_type: resource.display_type.0,
            usage: resource.usage.0,
            local: resource.local.map(Wide::units),
            remote: resource.remote.map(Wide::units),
            comment: resource.comment.map(Wide::units),
            provider: resource.provider.map(Wide::units),
        }
    }
}

/// The bytes that would have been enough; only a caller's `MORE_DATA` turns it into a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed(pub u32);

/// A C caller's memory, into which structures and texts are packed.
#[derive(Debug)]
pub struct Packer<'a> {
    base: *mut u8,
    /// Where the next structure goes, in bytes from the base.
    front: usize,
    /// Where the last text begins, in bytes from the base.
    back: usize,
    entries: u32,
    memory: PhantomData<&'a mut [MaybeUninit<u8>]>,
}

impl<'a> Packer<'a> {
    /// Packs into `size` bytes of memory at any alignment; NULL has no room at all.
    ///
    /// Of a size that no buffer has, only the beginning is used: the texts would else go to where
    /// the caller's memory is said to end.
    ///
    /// # Safety
    ///
    /// A non-NULL `buffer` is writable for `size` bytes and used by nobody else for `'a`.
    pub unsafe fn new(buffer: *mut c_void, size: u32) -> Self {
        /// Larger ones are a way to say "enough"; so much is.
        const LARGEST: u32 = 0x4000_0000;
        const ENOUGH: usize = 0x1_0000;
        let size = if size > LARGEST { ENOUGH } else { size as usize };
        let back = if buffer.is_null() { 0 } else { size };
        Self { base: buffer.cast(), front: 0, back, entries: 0, memory: PhantomData }
    }

    /// Packs into memory of our own.
    pub fn on(memory: &'a mut [MaybeUninit<u8>]) -> Self {
        let size = u32::try_from(memory.len()).unwrap_or(u32::MAX);
        // SAFETY: the slice is borrowed exclusively for `'a`, and `size` is not above its length.
        unsafe { Self::new(memory.as_mut_ptr().cast(), size) }
    }

    /// Returns how many entries were packed.
    pub const fn entries(&self) -> u32 {
        self.entries
    }

    /// Packs the next entry of an enumeration; if it does not fit, the bytes it needs alone.
    pub fn push<C: Copy + Default>(&mut self, entry: &Entry<'_, C>) -> Result<(), Needed> {
        let texts = [entry.local, entry.remote, entry.comment, entry.provider];
        self.reserve(size_of::<NETRESOURCE<C>>(), &texts)?;
        self.put_entry(entry);
        Ok(())
    }

    /// Packs what resource information returns: entry and remaining path; gives that path's place.
    pub fn push_with_system<C: Copy + Default>(
        &mut self,
        entry: &Entry<'_, C>,
        system: Option<&[C]>,
    ) -> Result<*mut C, Needed> {
        let texts = [entry.local, entry.remote, entry.comment, entry.provider, system];
        self.reserve(size_of::<NETRESOURCE<C>>(), &texts)?;
        self.put_entry(entry);
        Ok(self.put_text(system))
    }

    /// Packs `WNetGetResourceInformation`'s answer in UTF-16; gives the place of the path.
    pub fn resource_information(
        &mut self,
        information: &ResourceInformation,
    ) -> Result<*mut WCHAR, Needed> {
        let entry = Entry::from(&information.resource.borrow());
        self.push_with_system(&entry, information.system.as_ref().map(|text| text.units()))
    }

    /// Packs `UNIVERSAL_NAME_INFOW` or `REMOTE_NAME_INFOW`.
    pub fn universal_name(&mut self, level: InfoLevel, name: &UniversalName) -> Result<(), Needed> {
        let text = [
            name.universal.as_ref().map(|text| text.units()),
            name.connection.as_ref().map(|text| text.units()),
            name.remaining.as_ref().map(|text| text.units()),
        ];
        self.universal_name_units(level, text)
    }

    /// Packs the same from texts in the caller's encoding: universal, connection, remaining.
    pub fn universal_name_units<C: Copy + Default>(
        &mut self,
        level: InfoLevel,
        [universal, connection, remaining]: [Option<&[C]>; 3],
    ) -> Result<(), Needed> {
        match level {
            InfoLevel::UniversalName => {
                self.reserve(size_of::<UNIVERSAL_NAME_INFO<C>>(), &[universal])?;
                let info = UNIVERSAL_NAME_INFO { lpUniversalName: self.put_text(universal) };
                self.put_structure(info);
            }
            InfoLevel::RemoteName => {
                let texts = [universal, connection, remaining];
                self.reserve(size_of::<REMOTE_NAME_INFO<C>>(), &texts)?;
                let info = REMOTE_NAME_INFO {
                    lpUniversalName: self.put_text(universal),
                    lpConnectionName: self.put_text(connection),
                    lpRemainingPath: self.put_text(remaining),
                };
                self.put_structure(info);
            }
        }
        Ok(())
    }

    /// Checks that a structure and its texts fit, before any of it is written.
    fn reserve<C>(&self, structure: usize, texts: &[Option<&[C]>]) -> Result<(), Needed> {
        let texts: usize = texts.iter().flatten().map(|text| text_size(text)).sum();
        let needed = structure + texts;
        let room = even::<C>(self.back).saturating_sub(self.front);
        if needed <= room { Ok(()) } else { Err(Needed(count(needed))) }
    }

    fn put_entry<C: Copy + Default>(&mut self, entry: &Entry<'_, C>) {
        let raw = NETRESOURCE {
            dwScope: entry.scope,
            dwType: entry.resource_type,
            dwDisplayType: entry.display_type,
            dwUsage: entry.usage,
            lpLocalName: self.put_text(entry.local),
            lpRemoteName: self.put_text(entry.remote),
            lpComment: self.put_text(entry.comment),
            lpProvider: self.put_text(entry.provider),
        };
        self.put_structure(raw);
        self.entries += 1;
    }

    /// Puts a text behind everything free; `reserve` was asked before.
    fn put_text<C: Copy + Default>(&mut self, text: Option<&[C]>) -> *mut C {
        let Some(text) = text else { return core::ptr::null_mut() };
        self.back = even::<C>(self.back) - text_size(text);
        let place = self.base.wrapping_add(self.back).cast();
        // SAFETY: `reserve` found the room, inside the memory that `new`'s caller promised.
        unsafe { put_units(place, text) };
        place
    }

    /// Puts a structure before everything free; `reserve` was asked before.
    fn put_structure<T: Copy>(&mut self, structure: T) {
        let place = self.base.wrapping_add(self.front).cast();
        // SAFETY: `reserve` found the room, inside the memory that `new`'s caller promised.
        unsafe { write(place, structure) };
        self.front += size_of::<T>();
    }
}

/// The bytes of a text with its terminator.
const fn text_size<C>(text: &[C]) -> usize {
    size_of_val(text) + size_of::<C>()
}

/// Rounds down, so that UTF-16 keeps an even distance from the base; an odd last byte is of no use
/// to it.
const fn even<C>(back: usize) -> usize {
    back - back % size_of::<C>()
}

/// Sizes in the C interface have 32 bits; one above means "more than you can have".
fn count(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
