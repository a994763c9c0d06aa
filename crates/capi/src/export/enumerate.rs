//! `WNetOpenEnum`, `WNetEnumResource`, `WNetCloseEnum` (`wnet.md` §8).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mpr_abi::borrow;
use mpr_abi::lend::{self, Needed, Packer};
use mpr_abi::types::{DWORD, HANDLE, LPDWORD, LPHANDLE, PVOID};
use mpr_core::{
    Availability, Enumeration, Error, ResourceType, ResourceUsage, Scope, Taken, WnError,
};

use super::export;
use super::resource::EntryTexts;
use crate::boundary::{enter, router};
use crate::encoding::{self, Resource, Unit};
use crate::story::StoryTrace;

export! {
    /// Begins an enumeration; the handle is closed with `WNetCloseEnum`.
    WNetOpenEnumA: PF_WNetOpenEnumA / WNetOpenEnumW: PF_WNetOpenEnumW
        = open_enum(
            scope: Number, resource_type: Number, usage: Number, resource: Resource,
            handle: HandlePlace);
    /// Returns the next entries; sizes in bytes.
    WNetEnumResourceA: PF_WNetEnumResourceA / WNetEnumResourceW: PF_WNetEnumResourceW
        = enum_resource(handle: Handle, count: NumberPlace, buffer: Memory, size: NumberPlace);
}

/// An open enumeration. It is taken out while a provider is called: no lock is held then, and a
/// second thread is told that it is busy.
type Shared = Arc<Mutex<Slot>>;

enum Slot {
    /// At rest, with the error that the last call could not tell beside its entries.
    Idle(Box<Enumeration>, Option<Error>),
    Busy,
    Closed,
}

/// The open enumerations by their handles, so that a wrong handle is an error and nothing worse.
struct Handles {
    open: BTreeMap<usize, Shared>,
    last: usize,
}

impl Slot {
    /// Takes the enumeration out, to be put back after a call.
    fn take(&mut self) -> Result<(Box<Enumeration>, Option<Error>), WnError> {
        match std::mem::replace(self, Self::Busy) {
            Self::Idle(entries, kept) => Ok((entries, kept)),
            Self::Busy => Err(WnError::BUSY),
            Self::Closed => {
                *self = Self::Closed;
                Err(WnError::INVALID_HANDLE)
            }
        }
    }
}

static HANDLES: Mutex<Handles> = Mutex::new(Handles { open: BTreeMap::new(), last: 0 });

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

unsafe fn open_enum<U: Unit>(
    trace: &mut StoryTrace,
    scope: u32,
    resource_type: u32,
    usage: u32,
    resource: Resource<U>,
    handle: LPHANDLE,
) -> Result<(), Error> {
    if handle.is_null() {
        return Err(WnError::INVALID_PARAMETER.into());
    }
    // SAFETY: the caller, by the export's contract.
    let resource = unsafe { encoding::resource(resource) }?;
    let opened = router().open_enum(
        Scope(scope),
        ResourceType(resource_type),
        ResourceUsage(usage),
        resource.as_ref().map(encoding::ResourceText::borrow).as_ref(),
        trace,
    )?;
    let number = {
        let mut handles = lock(&HANDLES);
        handles.last += 1;
        let number = handles.last;
        let slot = Slot::Idle(Box::new(opened), None);
        handles.open.insert(number, Arc::new(Mutex::new(slot)));
        number
    };
    // SAFETY: the caller, by the export's contract; NULL was refused above.
    unsafe { lend::write(handle, std::ptr::without_provenance_mut(number)) };
    Ok(())
}

/// Finds an open enumeration; without any network that is said first (`wnet.md` §8).
fn find(handle: HANDLE) -> Result<Shared, WnError> {
    if let Some(found) = lock(&HANDLES).open.get(&handle.addr()) {
        return Ok(Arc::clone(found));
    }
    let mut providers = router().providers().iter();
    let runs = providers.any(|provider| provider.availability() == Availability::Started);
    Err(if runs { WnError::INVALID_HANDLE } else { WnError::NO_NETWORK })
}

unsafe fn enum_resource<U: Unit>(
    _trace: &mut StoryTrace,
    handle: HANDLE,
    count: LPDWORD,
    buffer: PVOID,
    size: LPDWORD,
) -> Result<(), Error> {
    let shared = find(handle)?;
    // SAFETY: the caller, by the export's contract.
    let wanted = unsafe { borrow::read(count.cast_const()) }.ok_or(WnError::INVALID_ADDRESS)?;
    // SAFETY: the caller, by the export's contract.
    let room = unsafe { borrow::read(size.cast_const()) }.ok_or(WnError::INVALID_ADDRESS)?;
    if buffer.is_null() {
        return Err(WnError::INVALID_ADDRESS.into());
    }
    // SAFETY: the caller, by the export's contract.
    let mut packer = unsafe { Packer::new(buffer, room) };
    let (mut entries, kept) = lock(&shared).take()?;
    let end = match kept {
        Some(error) => Err(error),
        None => pack::<U>(&mut entries, wanted, &mut packer),
    };
    // Whatever came after the first entry is for the next call to say (U49).
    let (result, kept) = match end {
        Err(error) if packer.entries() > 0 || wanted == 0 => (Ok(()), Some(error)),
        _ if packer.entries() > 0 || wanted == 0 => (Ok(()), None),
        Ok(None) => (Err(WnError::NO_MORE_ITEMS.into()), None),
        Ok(Some(needed)) => {
            // SAFETY: the caller, by the export's contract.
            unsafe { lend::write(size, needed.0) };
            (Err(Error::router(WnError::MORE_DATA)), None)
        }
        Err(error) => (Err(error), None),
    };
    let more_data = result.as_ref().is_err_and(|error| error.code == WnError::MORE_DATA);
    {
        let mut slot = lock(&shared);
        // Closed meanwhile: then it ends here.
        if matches!(*slot, Slot::Busy) {
            *slot = Slot::Idle(entries, kept);
        }
    }
    if !more_data {
        // SAFETY: the caller, by the export's contract.
        unsafe { lend::write(count, packer.entries()) };
    }
    result
}

/// Packs entries until enough are there, none is left (`None`), or one does not fit (its size).
fn pack<U: Unit>(
    entries: &mut Enumeration,
    wanted: u32,
    packer: &mut Packer<'_>,
) -> Result<Option<Needed>, Error> {
    let mut too_small = None;
    if wanted > 0 {
        entries.each(&mut |entry| {
            let texts = EntryTexts::<U>::of(entry);
            match packer.push(&texts.entry(entry)) {
                Ok(()) if packer.entries() < wanted => Taken::More,
                Ok(()) => Taken::Last,
                Err(needed) => {
                    too_small = Some(needed);
                    Taken::Left
                }
            }
        })?;
    }
    Ok(too_small)
}

/// Ends an enumeration.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub extern "system" fn WNetCloseEnum(handle: HANDLE) -> DWORD {
    enter(|_| {
        let shared = find(handle)?;
        if lock(&HANDLES).open.remove(&handle.addr()).is_none() {
            return Err(WnError::INVALID_HANDLE.into());
        }
        let taken = std::mem::replace(&mut *lock(&shared), Slot::Closed);
        match taken {
            Slot::Idle(entries, _) => entries.close(),
            Slot::Busy | Slot::Closed => Ok(()),
        }
    })
}
