//! The body of each `NP*` export: borrow the arguments, ask the provider, lend its answer.
//!
//! All take the function that returns the module's provider first, so that a panic while it is
//! made is caught too. Their pointers are those of npapi.h; that they are valid is the router's
//! promise. What a router must not pass (a missing structure or name) is answered with a code.

use std::ffi::c_void;

use mpr_core::{
    AddCall, AddRequest, Availability, ConnectFlags, Credentials, InfoLevel, Provider,
    ProviderError, ResourceType, ResourceUsage, Scope, Wide, WnError,
};

use super::{answer, enumeration, last_error, wall};
use crate::borrow;
use crate::lend::{self, Entry, Needed, Packer};
use crate::npapi::*;
use crate::types::*;
use crate::winnetwk::{
    LPNETCONNECTINFOSTRUCT, LPNETRESOURCEW, NETCONNECTINFOSTRUCT, REMOTE_NAME_INFO_LEVEL,
    UNIVERSAL_NAME_INFO_LEVEL,
};

/// Finds the module's provider, and makes it at the first call.
pub type Instance<P> = fn() -> &'static P;

/// `NPGetCaps`; 0 for an index that is not known.
///
/// # Safety
///
/// None is needed; unsafe like its neighbours, which the macro treats alike.
pub unsafe fn caps<P: Provider>(instance: Instance<P>, index: DWORD) -> DWORD {
    wall(0, || {
        let provider = instance();
        match index {
            WNNC_SPEC_VERSION => WNNC_SPEC_VERSION51,
            WNNC_NET_TYPE => provider.net_type(),
            WNNC_DRIVER_VERSION => provider.driver_version(),
            WNNC_USER => u32::from(provider.knows_users()) * WNNC_USR_GETUSER,
            WNNC_CONNECTION => provider.connection_caps().0,
            WNNC_DIALOG => provider.dialog_caps().0,
            WNNC_ENUMERATION => provider.enumeration_caps().0,
            WNNC_START => {
                if let Some(complaint) = provider.complaint() {
                    last_error::tell(&complaint);
                }
                start(provider.availability())
            }
            WNNC_CONNECTION_FLAGS => provider.connection_flags().0,
            _ => 0,
        }
    })
}

/// What `WNNC_START` says; milliseconds are at least 2, since 0 and 1 mean something else.
fn start(availability: Availability) -> DWORD {
    match availability {
        Availability::Started => WNNC_WAIT_FOR_START,
        Availability::Pending(None) => DWORD::MAX,
        Availability::Pending(Some(milliseconds)) => milliseconds.clamp(2, DWORD::MAX - 1),
        Availability::Down | Availability::LoadFailed => 0,
    }
}

/// `NPAddConnection`.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn add_connection<P: Provider>(
    instance: Instance<P>,
    resource: LPNETRESOURCEW,
    password: LPWSTR,
    user: LPWSTR,
) -> DWORD {
    let named = (user, password);
    // SAFETY: the caller, by this function's contract.
    answer(|| unsafe { add(instance(), AddCall::Add, HWND::default(), resource, named, 0) })
}

/// `NPAddConnection3`.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn add_connection3<P: Provider>(
    instance: Instance<P>,
    owner: HWND,
    resource: LPNETRESOURCEW,
    password: LPWSTR,
    user: LPWSTR,
    flags: DWORD,
) -> DWORD {
    let named = (user, password);
    // SAFETY: the caller, by this function's contract.
    answer(|| unsafe { add(instance(), AddCall::Add3, owner, resource, named, flags) })
}

/// Both calls with a user name and a password.
///
/// # Safety
///
/// As npapi.h says of either.
unsafe fn add(
    provider: &impl Provider,
    call: AddCall,
    owner: HWND,
    resource: LPNETRESOURCEW,
    (user, password): (LPWSTR, LPWSTR),
    flags: DWORD,
) -> Result<(), ProviderError> {
    // SAFETY: the caller, by this function's contract.
    let user = unsafe { borrow::wide(user) };
    // SAFETY: the caller, by this function's contract.
    let password = unsafe { borrow::password(password) };
    // SAFETY: the caller, by this function's contract.
    let request = unsafe { request(call, owner, resource, flags) }?;
    let credentials = Credentials::Named { user, password };
    provider.add_connection(&AddRequest { credentials, ..request })
}

/// `NPAddConnection4`; sizes in bytes.
///
/// # Safety
///
/// As npapi.h says.
#[allow(clippy::too_many_arguments, reason = "the C function has them")]
pub unsafe fn add_connection4<P: Provider>(
    instance: Instance<P>,
    owner: HWND,
    resource: LPNETRESOURCEW,
    auth: LPVOID,
    auth_size: DWORD,
    flags: DWORD,
    options: LPBYTE,
    options_size: DWORD,
) -> DWORD {
    answer(|| {
        // SAFETY: the caller, by this function's contract.
        let block = unsafe { borrow::bytes(auth, auth_size) };
        // SAFETY: the caller, by this function's contract.
        let use_options = unsafe { borrow::bytes(options.cast(), options_size) };
        // SAFETY: the caller, by this function's contract.
        let request = unsafe { request(AddCall::Add4, owner, resource, flags) }?;
        let credentials = block.map_or(Credentials::DEFAULT, Credentials::Block);
        instance().add_connection(&AddRequest { credentials, use_options, ..request })
    })
}

/// What all three calls have in common.
///
/// # Safety
///
/// `resource` is NULL or as npapi.h says.
unsafe fn request<'a>(
    call: AddCall,
    owner: HWND,
    resource: LPNETRESOURCEW,
    flags: DWORD,
) -> Result<AddRequest<'a>, WnError> {
    // SAFETY: the caller, by this function's contract.
    let raw = unsafe { borrow::read(resource) }.ok_or(WnError::INVALID_ADDRESS)?;
    // SAFETY: the caller, by this function's contract.
    let names = unsafe { borrow::net_resource_in(resource) }.unwrap_or_default();
    Ok(AddRequest {
        call,
        resource_type: names.resource_type,
        local: names.local,
        remote: names.remote.ok_or(WnError::BAD_NET_NAME)?,
        comment: raw.lpComment.expose_provenance(),
        credentials: Credentials::DEFAULT,
        use_options: None,
        flags: ConnectFlags(flags),
        owner: owner.addr(),
    })
}

/// `NPCancelConnection`.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn cancel_connection<P: Provider>(
    instance: Instance<P>,
    name: LPWSTR,
    force: BOOL,
) -> DWORD {
    // SAFETY: the caller, by this function's contract.
    unsafe { cancel_connection2(instance, name, force, 0) }
}

/// `NPCancelConnection2`.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn cancel_connection2<P: Provider>(
    instance: Instance<P>,
    name: LPWSTR,
    force: BOOL,
    flags: DWORD,
) -> DWORD {
    answer(|| {
        // SAFETY: the caller, by this function's contract.
        let name = unsafe { required(name) }?;
        instance().cancel_connection(name, force != 0, ConnectFlags(flags))
    })
}

/// `NPGetConnection`; the length in characters.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn connection<P: Provider>(
    instance: Instance<P>,
    local: LPWSTR,
    remote: LPWSTR,
    length: LPDWORD,
) -> DWORD {
    answer(|| {
        // SAFETY: the caller, by this function's contract.
        let local = unsafe { required(local) }?;
        let name = instance().connection(local)?;
        // SAFETY: the caller, by this function's contract.
        Ok(unsafe { lend::text(name.as_wide(), remote, length) }?)
    })
}

/// `NPGetUniversalName`; the size in bytes.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn universal_name<P: Provider>(
    instance: Instance<P>,
    path: LPWSTR,
    level: DWORD,
    buffer: LPVOID,
    size: LPDWORD,
) -> DWORD {
    answer(|| {
        let level = match level {
            UNIVERSAL_NAME_INFO_LEVEL => InfoLevel::UniversalName,
            REMOTE_NAME_INFO_LEVEL => InfoLevel::RemoteName,
            _ => return Err(WnError::INVALID_LEVEL.into()),
        };
        // SAFETY: the caller, by this function's contract.
        let path = unsafe { required(path) }?;
        let name = instance().universal_name(path, level)?;
        if level == InfoLevel::UniversalName && name.universal.is_none() {
            return Err(WnError::NOT_SUPPORTED.into());
        }
        // SAFETY: the caller, by this function's contract.
        unsafe { pack(buffer, size, |packer| packer.universal_name(level, &name)) }
    })
}

/// `NPGetConnectionPerformance`; leaves `cbStructure` alone.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn performance<P: Provider>(
    instance: Instance<P>,
    remote: LPCWSTR,
    info: LPNETCONNECTINFOSTRUCT,
) -> DWORD {
    answer(|| {
        // SAFETY: the caller, by this function's contract.
        let remote = unsafe { required(remote) }?;
        // SAFETY: the caller, by this function's contract.
        let before = unsafe { borrow::read(info) }.ok_or(WnError::INVALID_ADDRESS)?;
        let found = instance().performance(remote)?;
        let after = NETCONNECTINFOSTRUCT {
            dwFlags: found.flags,
            dwSpeed: found.speed,
            dwDelay: found.delay,
            dwOptDataSize: found.optimal_data_size,
            ..before
        };
        // SAFETY: the caller, by this function's contract.
        unsafe { lend::write(info, after) };
        Ok(())
    })
}

/// `NPGetUser`; the length in characters.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn user<P: Provider>(
    instance: Instance<P>,
    name: LPWSTR,
    user: LPWSTR,
    length: LPDWORD,
) -> DWORD {
    answer(|| {
        // SAFETY: the caller, by this function's contract.
        let name = unsafe { borrow::wide(name) };
        let found = instance().user(name)?;
        // SAFETY: the caller, by this function's contract.
        Ok(unsafe { lend::text(found.as_wide(), user, length) }?)
    })
}

/// `NPGetPersistentUseOptionsForConnection`; sizes in bytes.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn persistent_use_options<P: Provider>(
    instance: Instance<P>,
    remote: LPWSTR,
    read: LPBYTE,
    read_size: DWORD,
    write: LPBYTE,
    write_size: LPDWORD,
) -> DWORD {
    answer(|| {
        // SAFETY: the caller, by this function's contract.
        let remote = unsafe { required(remote) }?;
        // SAFETY: the caller, by this function's contract.
        let options = unsafe { borrow::bytes(read.cast(), read_size) };
        let stored = instance().persistent_use_options(remote, options.unwrap_or_default())?;
        // SAFETY: the caller, by this function's contract.
        Ok(unsafe { lend::block(&stored, write, write_size) }?)
    })
}

/// `NPOpenEnum`.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn open_enum<P: Provider>(
    instance: Instance<P>,
    scope: DWORD,
    kind: DWORD,
    usage: DWORD,
    container: LPNETRESOURCEW,
    handle: LPHANDLE,
) -> DWORD {
    answer(|| {
        if handle.is_null() {
            return Err(WnError::INVALID_ADDRESS.into());
        }
        // SAFETY: the caller, by this function's contract.
        let container = unsafe { borrow::net_resource_in(container) };
        let (scope, kind, usage) = (Scope(scope), ResourceType(kind), ResourceUsage(usage));
        let opened = instance().open_enum(scope, kind, usage, container.as_ref())?;
        // SAFETY: the caller, by this function's contract.
        unsafe { lend::write(handle, enumeration::open(opened)) };
        Ok(())
    })
}

/// `NPEnumResource`; the size in bytes.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn enum_resource<P: Provider>(
    _instance: Instance<P>,
    handle: HANDLE,
    count: LPDWORD,
    buffer: LPVOID,
    size: LPDWORD,
) -> DWORD {
    // SAFETY: the caller, by this function's contract.
    answer(|| unsafe { enumeration::next(handle, count, buffer, size) })
}

/// `NPCloseEnum`.
///
/// # Safety
///
/// None is needed; unsafe like its neighbours, which the macro treats alike.
pub unsafe fn close_enum<P: Provider>(_instance: Instance<P>, handle: HANDLE) -> DWORD {
    answer(|| enumeration::close(handle))
}

/// `NPGetResourceParent`; the size in bytes.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn resource_parent<P: Provider>(
    instance: Instance<P>,
    resource: LPNETRESOURCEW,
    buffer: LPVOID,
    size: LPDWORD,
) -> DWORD {
    answer(|| {
        // SAFETY: the caller, by this function's contract.
        let resource = unsafe { borrow::net_resource_in(resource) };
        let parent = instance().resource_parent(&resource.ok_or(WnError::INVALID_ADDRESS)?)?;
        let entry = parent.borrow();
        // SAFETY: the caller, by this function's contract.
        unsafe { pack(buffer, size, |packer| packer.push(&Entry::from(&entry))) }
    })
}

/// `NPGetResourceInformation`; the size in bytes.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn resource_information<P: Provider>(
    instance: Instance<P>,
    resource: LPNETRESOURCEW,
    buffer: LPVOID,
    size: LPDWORD,
    system: PLPWSTR,
) -> DWORD {
    answer(|| {
        if system.is_null() {
            return Err(WnError::INVALID_ADDRESS.into());
        }
        // SAFETY: the caller, by this function's contract.
        let resource = unsafe { borrow::net_resource_in(resource) };
        let found = instance().resource_information(&resource.ok_or(WnError::INVALID_ADDRESS)?)?;
        // SAFETY: the caller, by this function's contract.
        let place = unsafe { pack(buffer, size, |packer| packer.resource_information(&found)) }?;
        // SAFETY: the caller, by this function's contract.
        unsafe { lend::write(system, place) };
        Ok(())
    })
}

/// `NPFormatNetworkName`; the length in characters.
///
/// # Safety
///
/// As npapi.h says.
pub unsafe fn format_network_name<P: Provider>(
    instance: Instance<P>,
    remote: LPWSTR,
    formatted: LPWSTR,
    length: LPDWORD,
    flags: DWORD,
    per_line: DWORD,
) -> DWORD {
    answer(|| {
        // SAFETY: the caller, by this function's contract.
        let remote = unsafe { required(remote) }?;
        let text = instance().format_network_name(remote, flags, per_line)?;
        // SAFETY: the caller, by this function's contract.
        Ok(unsafe { lend::text(text.as_wide(), formatted, length) }?)
    })
}

/// Borrows a name that must be there.
///
/// # Safety
///
/// As for [`borrow::wide`].
unsafe fn required<'a>(name: LPCWSTR) -> Result<Wide<'a>, WnError> {
    // SAFETY: the caller, by this function's contract.
    unsafe { borrow::wide(name) }.ok_or(WnError::INVALID_ADDRESS)
}

/// Packs one answer into `*size` bytes, or says how many it needs.
///
/// # Safety
///
/// A non-NULL `size` is readable and writable; a non-NULL `buffer` is writable for `*size` bytes.
unsafe fn pack<T>(
    buffer: *mut c_void,
    size: LPDWORD,
    put: impl FnOnce(&mut Packer<'_>) -> Result<T, Needed>,
) -> Result<T, ProviderError> {
    // SAFETY: the caller, by this function's contract.
    let room = unsafe { borrow::read(size) }.ok_or(WnError::INVALID_ADDRESS)?;
    // SAFETY: the caller, by this function's contract.
    let mut packer = unsafe { Packer::new(buffer, room) };
    put(&mut packer).map_err(|needed| {
        // SAFETY: the caller, by this function's contract.
        unsafe { lend::write(size, needed.0) };
        WnError::MORE_DATA.into()
    })
}
