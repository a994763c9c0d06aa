//! `WNetGetResourceInformation` and `WNetGetResourceParent` (`wnet.md` §8).

use std::borrow::Cow;

use mpr_abi::borrow;
use mpr_abi::lend::{self, Entry, Needed, Packer};
use mpr_abi::types::{LPDWORD, PVOID};
use mpr_core::{Error, NetResource, WnError};

use super::export;
use crate::boundary::router;
use crate::encoding::{self, OutPlace, Resource, Unit};
use crate::story::StoryTrace;

export! {
    /// Splits a name into the resource and the path below it; sizes in bytes.
    WNetGetResourceInformationA: PF_WNetGetResourceInformationA
        / WNetGetResourceInformationW: PF_WNetGetResourceInformationW
        = get_resource_information(
            resource: Resource, buffer: Memory, size: NumberPlace, system: OutPlace);
    /// Returns the parent of a resource; sizes in bytes.
    WNetGetResourceParentA: PF_WNetGetResourceParentA
        / WNetGetResourceParentW: PF_WNetGetResourceParentW
        = get_resource_parent(resource: Resource, buffer: Memory, size: NumberPlace);
}

/// The texts of an entry in the caller's encoding.
pub(super) struct EntryTexts<'a, U: Unit>([Option<Cow<'a, [U]>>; 4]);

impl<'a, U: Unit> EntryTexts<'a, U> {
    pub(super) fn of(entry: &NetResource<'a>) -> Self {
        let texts = [entry.local, entry.remote, entry.comment, entry.provider];
        Self(texts.map(|text| text.map(U::narrow)))
    }

    pub(super) fn entry(&self, of: &NetResource<'_>) -> Entry<'_, U> {
        let [local, remote, comment, provider] = &self.0;
        Entry {
            scope: of.scope.0,
            resource_type: of.resource_type.0,
            display_type: of.display_type.0,
            usage: of.usage.0,
            local: local.as_deref(),
            remote: remote.as_deref(),
            comment: comment.as_deref(),
            provider: provider.as_deref(),
        }
    }
}

/// Checks the caller's buffer, before the network is asked.
unsafe fn packer<'a>(buffer: PVOID, size: LPDWORD) -> Result<Packer<'a>, WnError> {
    // SAFETY: the caller, by the export's contract.
    let room = unsafe { borrow::read(size.cast_const()) }.ok_or(WnError::INVALID_ADDRESS)?;
    if buffer.is_null() && room > 0 {
        return Err(WnError::INVALID_ADDRESS);
    }
    // SAFETY: the caller, by the export's contract.
    Ok(unsafe { Packer::new(buffer, room) })
}

/// Tells the caller how much would have been enough.
unsafe fn more_data(size: LPDWORD, needed: Needed) -> Error {
    // SAFETY: the caller, by the export's contract.
    unsafe { lend::write(size, needed.0) };
    WnError::MORE_DATA.into()
}

unsafe fn get_resource_information<U: Unit>(
    trace: &mut StoryTrace,
    resource: Resource<U>,
    buffer: PVOID,
    size: LPDWORD,
    system: OutPlace<U>,
) -> Result<(), Error> {
    if system.is_null() {
        return Err(WnError::INVALID_PARAMETER.into());
    }
    // SAFETY: the caller, by the export's contract.
    let resource = unsafe { encoding::resource(resource) }?.ok_or(WnError::INVALID_PARAMETER)?;
    // SAFETY: the caller, by the export's contract.
    let mut packer = unsafe { packer(buffer, size) }?;
    let found = router().resource_information(&resource.borrow(), trace)?;
    let entry = found.resource.borrow();
    let texts = EntryTexts::<U>::of(&entry);
    let rest = found.system.as_ref().map(|text| U::narrow(text.as_wide()));
    match packer.push_with_system(&texts.entry(&entry), rest.as_deref()) {
        Ok(place) => {
            // SAFETY: the caller, by the export's contract; NULL was refused above.
            unsafe { lend::write(system, place) };
            Ok(())
        }
        // SAFETY: the caller, by the export's contract.
        Err(needed) => Err(unsafe { more_data(size, needed) }),
    }
}

unsafe fn get_resource_parent<U: Unit>(
    trace: &mut StoryTrace,
    resource: Resource<U>,
    buffer: PVOID,
    size: LPDWORD,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    let resource = unsafe { encoding::resource(resource) }?.ok_or(WnError::INVALID_PARAMETER)?;
    // SAFETY: the caller, by the export's contract.
    let mut packer = unsafe { packer(buffer, size) }?;
    let found = router().resource_parent(&resource.borrow(), trace)?;
    let entry = found.borrow();
    let texts = EntryTexts::<U>::of(&entry);
    // SAFETY: the caller, by the export's contract.
    packer.push(&texts.entry(&entry)).map_err(|needed| unsafe { more_data(size, needed) })
}
