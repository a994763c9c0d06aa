//! The two encodings of the interface, as the unit that their texts consist of.

// The exports are public, so the aliases in their signatures are; the module itself is not.
#![allow(unreachable_pub)]

use std::borrow::Cow;

use mpr_abi::borrow;
use mpr_abi::types::{BOOL, DWORD, HANDLE, HWND, LPDWORD, LPHANDLE, PBYTE, PVOID};
use mpr_abi::winnetwk::{CONNECTDLGSTRUCT, DISCDLGSTRUCT, NETRESOURCE};
use mpr_core::{DisplayType, NetResource, ResourceType, ResourceUsage, Scope, Wide, WnError};
use mpr_platform::ansi;

/// A unit of text: `u8` for the `A` forms (`mpr_platform::ansi`), `u16` for the `W` forms.
///
/// The associated types are the same for both; they let one signature stand for two functions.
pub trait Unit: Copy + Default + PartialEq + 'static {
    /// `DWORD`.
    type Number;
    /// `LPDWORD`.
    type NumberPlace;
    /// `BOOL`.
    type Flag;
    /// `HANDLE`.
    type Handle;
    /// `LPHANDLE`.
    type HandlePlace;
    /// `HWND`.
    type Window;
    /// `PVOID`.
    type Memory;
    /// `PBYTE`.
    type Bytes;

    /// Converts what a caller gave; `INVALID_PARAMETER` if it is no text.
    fn widen(units: &[Self]) -> Result<Cow<'_, [u16]>, WnError>;

    /// Converts what a caller gets; what cannot be said becomes a mark that says so.
    fn narrow(text: Wide<'_>) -> Cow<'_, [Self]>;

    /// Returns as much of a text as fits into `room` units, without half a character at its end.
    fn cut(text: &[Self], room: usize) -> &[Self];

    /// Counts the units that a caller gets, without terminator.
    fn measure(text: Wide<'_>) -> usize {
        Self::narrow(text).len()
    }
}

macro_rules! same_types {
    () => {
        type Number = DWORD;
        type NumberPlace = LPDWORD;
        type Flag = BOOL;
        type Handle = HANDLE;
        type HandlePlace = LPHANDLE;
        type Window = HWND;
        type Memory = PVOID;
        type Bytes = PBYTE;
    };
}

impl Unit for u16 {
    same_types!();

    fn widen(units: &[Self]) -> Result<Cow<'_, [u16]>, WnError> {
        Ok(Cow::Borrowed(units))
    }

    fn narrow(text: Wide<'_>) -> Cow<'_, [Self]> {
        Cow::Borrowed(text.units())
    }

    fn cut(text: &[Self], room: usize) -> &[Self] {
        match text.get(..room) {
            Some([head @ .., 0xd800..=0xdbff]) => head,
            Some(head) => head,
            None => text,
        }
    }
}

impl Unit for u8 {
    same_types!();

    fn widen(units: &[Self]) -> Result<Cow<'_, [u16]>, WnError> {
        ansi::widen(units).map(Cow::Owned)
    }

    fn narrow(text: Wide<'_>) -> Cow<'_, [Self]> {
        ansi::narrow(text)
    }

    fn cut(text: &[Self], room: usize) -> &[Self] {
        ansi::cut(text, room)
    }
}

/// A text that a caller passes in.
pub type In<U> = *const U;
/// Room for a text that a caller gets.
pub type Out<U> = *mut U;
/// A resource that a caller passes in.
pub type Resource<U> = *mut NETRESOURCE<U>;
/// Place for a text pointer that a caller gets.
pub type OutPlace<U> = *mut *mut U;
/// The structure of `WNetConnectionDialog1`.
pub type ConnectDialog<U> = *mut CONNECTDLGSTRUCT<U>;
/// The structure of `WNetDisconnectDialog1`.
pub type DisconnectDialog<U> = *mut DISCDLGSTRUCT<U>;
/// `DWORD`.
pub type Number<U> = <U as Unit>::Number;
/// `LPDWORD`.
pub type NumberPlace<U> = <U as Unit>::NumberPlace;
/// `BOOL`.
pub type Flag<U> = <U as Unit>::Flag;
/// `HANDLE`.
pub type Handle<U> = <U as Unit>::Handle;
/// `LPHANDLE`.
pub type HandlePlace<U> = <U as Unit>::HandlePlace;
/// `HWND`.
pub type Window<U> = <U as Unit>::Window;
/// `PVOID`.
pub type Memory<U> = <U as Unit>::Memory;
/// `PBYTE`.
pub type Bytes<U> = <U as Unit>::Bytes;

/// A caller's text, in UTF-16.
#[derive(Default)]
pub(crate) struct Text<'a>(Cow<'a, [u16]>);

impl Text<'_> {
    pub(crate) fn as_wide(&self) -> Wide<'_> {
        Wide::new(&self.0)
    }

    /// Overwrites a conversion of our own; a caller's own memory is the caller's to wipe.
    fn wipe(&mut self) {
        if let Cow::Owned(units) = &mut self.0 {
            units.fill(0);
            std::hint::black_box(units);
        }
    }
}

/// Reads a caller's text; `None` for NULL.
///
/// # Safety
///
/// `text` is NULL or NUL-terminated, and stays so for `'a`.
pub(crate) unsafe fn text<'a, U: Unit>(text: In<U>) -> Result<Option<Text<'a>>, WnError> {
    if !text.is_null() && !text.is_aligned() {
        // Given, but unreadable: not the same as not given.
        return Err(WnError::INVALID_PARAMETER);
    }
    // SAFETY: the caller, by this function's contract.
    let Some(units) = (unsafe { borrow::units(text) }) else { return Ok(None) };
    U::widen(units).map(|units| Some(Text(units)))
}

/// A caller's password; our own conversion of it is wiped.
#[derive(Default)]
pub(crate) struct Secret<'a>(Option<Text<'a>>);

impl Secret<'_> {
    pub(crate) fn get(&self) -> Option<mpr_core::Password<'_>> {
        self.0.as_ref().map(|text| mpr_core::Password::new(text.as_wide()))
    }
}

impl Drop for Secret<'_> {
    fn drop(&mut self) {
        if let Some(text) = &mut self.0 {
            text.wipe();
        }
    }
}

/// Reads a caller's password; absent and empty are kept apart.
///
/// # Safety
///
/// As for [`text`].
pub(crate) unsafe fn secret<'a, U: Unit>(password: In<U>) -> Result<Secret<'a>, WnError> {
    // SAFETY: the caller, by this function's contract.
    unsafe { text(password) }.map(Secret)
}

/// A caller's resource. Its comment is an address that is passed on, never followed (P2).
pub(crate) struct ResourceText<'a> {
    pub(crate) scope: Scope,
    pub(crate) resource_type: ResourceType,
    pub(crate) display_type: DisplayType,
    pub(crate) usage: ResourceUsage,
    pub(crate) local: Option<Text<'a>>,
    pub(crate) remote: Option<Text<'a>>,
    pub(crate) provider: Option<Text<'a>>,
    pub(crate) comment: usize,
}

impl ResourceText<'_> {
    pub(crate) fn borrow(&self) -> NetResource<'_> {
        NetResource {
            scope: self.scope,
            resource_type: self.resource_type,
            display_type: self.display_type,
            usage: self.usage,
            local: self.local.as_ref().map(Text::as_wide),
            remote: self.remote.as_ref().map(Text::as_wide),
            comment: None,
            provider: self.provider.as_ref().map(Text::as_wide),
        }
    }
}

/// Reads a caller's resource; `None` for NULL.
///
/// # Safety
///
/// `resource` is NULL or readable, with local, remote and provider names as [`text`] wants them.
pub(crate) unsafe fn resource<'a, U: Unit>(
    resource: Resource<U>,
) -> Result<Option<ResourceText<'a>>, WnError> {
    // SAFETY: the caller, by this function's contract.
    let Some(raw) = (unsafe { borrow::read(resource.cast_const()) }) else { return Ok(None) };
    // SAFETY: the caller, by this function's contract.
    let local = unsafe { text(raw.lpLocalName.cast_const()) }?;
    // SAFETY: the caller, by this function's contract.
    let remote = unsafe { text(raw.lpRemoteName.cast_const()) }?;
    // SAFETY: the caller, by this function's contract.
    let provider = unsafe { text(raw.lpProvider.cast_const()) }?;
    Ok(Some(ResourceText {
        scope: Scope(raw.dwScope),
        resource_type: ResourceType(raw.dwType),
        display_type: DisplayType(raw.dwDisplayType),
        usage: ResourceUsage(raw.dwUsage),
        local,
        remote,
        provider,
        comment: raw.lpComment.expose_provenance(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_half_characters_are_told() {
        assert_eq!(<u16 as Unit>::cut(&[0x68, 0xd83d, 0xde00], 2), [0x68]);
        assert_eq!(<u16 as Unit>::cut(&[0x68, 0xd83d, 0xde00], 3).len(), 3);
        assert_eq!(<u8 as Unit>::measure(Wide::new(&[0xdc])), 2);
    }
}
