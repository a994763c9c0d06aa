//! `WNetAddConnection` 1 to 4, `WNetUseConnection` and `4` (`wnet.md` §4).

use mpr_abi::types::{HWND, PBYTE, PVOID};
use mpr_abi::{borrow, lend};
use mpr_core::{
    AccessName, AddConnection, AddVerb, ConnectFlags, Connected, Credentials, Error, ResourceType,
    WnError,
};

use super::export;
use crate::boundary::router;
use crate::encoding::{self, In, NumberPlace, Out, Resource, Text, Unit};
use crate::story::StoryTrace;

export! {
    /// Connects, and remembers the connection of a device.
    WNetAddConnectionA: PF_WNetAddConnectionA / WNetAddConnectionW: PF_WNetAddConnectionW
        = add_connection(remote: In, password: In, local: In);
    /// Connects.
    WNetAddConnection2A: PF_WNetAddConnection2A / WNetAddConnection2W: PF_WNetAddConnection2W
        = add_connection2(resource: Resource, password: In, user: In, flags: Number);
    /// Connects; the window owns the provider's dialogs.
    WNetAddConnection3A: PF_WNetAddConnection3A / WNetAddConnection3W: PF_WNetAddConnection3W
        = add_connection3(owner: Window, resource: Resource, password: In, user: In, flags: Number);
    /// Connects with blocks that the provider understands, sizes in bytes.
    WNetAddConnection4A: PF_WNetAddConnection4A / WNetAddConnection4W: PF_WNetAddConnection4W
        = add_connection4(
            owner: Window, resource: Resource, auth: Memory, auth_size: Number, flags: Number,
            options: Bytes, options_size: Number);
    /// Connects, chooses a device if asked, and tells the name to use (characters).
    WNetUseConnectionA: PF_WNetUseConnectionA / WNetUseConnectionW: PF_WNetUseConnectionW
        = use_connection(
            owner: Window, resource: Resource, password: In, user: In, flags: Number,
            access: Out, access_size: NumberPlace, result: NumberPlace);
    /// The same with the blocks of `WNetAddConnection4`.
    WNetUseConnection4A: PF_WNetUseConnection4A / WNetUseConnection4W: PF_WNetUseConnection4W
        = use_connection4(
            owner: Window, resource: Resource, auth: Memory, auth_size: Number, flags: Number,
            options: Bytes, options_size: Number, access: Out, access_size: NumberPlace,
            result: NumberPlace);
}

/// Who connects, as the C functions have it.
enum From<'a, U: Unit> {
    /// Password and user.
    Names(In<U>, In<U>),
    /// Authentication block and options block.
    Blocks(Option<&'a [u8]>, Option<&'a [u8]>),
}

impl<U: Unit> From<'_, U> {
    /// Borrows the two blocks of `WNetAddConnection4`, sizes in bytes.
    unsafe fn blocks(auth: PVOID, auth_size: u32, options: PBYTE, options_size: u32) -> Self {
        // SAFETY: the caller, by the export's contract.
        let auth = unsafe { borrow::bytes(auth.cast_const(), auth_size) };
        // SAFETY: the caller, by the export's contract.
        let options = unsafe { borrow::bytes(options.cast_const().cast(), options_size) };
        Self::Blocks(auth, options)
    }
}

/// Where `WNetUseConnection` tells its results; all NULL for the others.
struct Results<U: Unit> {
    access: Out<U>,
    access_size: NumberPlace<u16>,
    result: NumberPlace<u16>,
}

impl<U: Unit> Results<U> {
    const NONE: Self = Self {
        access: std::ptr::null_mut(),
        access_size: std::ptr::null_mut(),
        result: std::ptr::null_mut(),
    };
}

unsafe fn add_connection<U: Unit>(
    trace: &mut StoryTrace,
    remote: In<U>,
    password: In<U>,
    local: In<U>,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    let remote = unsafe { encoding::text(remote) }?;
    // SAFETY: the caller, by the export's contract.
    let local = unsafe { encoding::text(local) }?;
    // SAFETY: the caller, by the export's contract.
    let password = unsafe { encoding::secret(password) }?;
    let request = AddConnection {
        verb: AddVerb::AddConnection,
        local: local.as_ref().map(Text::as_wide),
        remote: remote.as_ref().map(Text::as_wide),
        credentials: Credentials::Named { user: None, password: password.get() },
        ..AddConnection::default()
    };
    router().add_connection(&request, trace).map(drop)
}

unsafe fn add_connection2<U: Unit>(
    trace: &mut StoryTrace,
    resource: Resource<U>,
    password: In<U>,
    user: In<U>,
    flags: u32,
) -> Result<(), Error> {
    let (from, none) = (From::Names(password, user), std::ptr::null_mut());
    // SAFETY: the caller, by the export's contract.
    unsafe { connect(trace, AddVerb::AddConnection2, none, resource, from, flags, Results::NONE) }
}

unsafe fn add_connection3<U: Unit>(
    trace: &mut StoryTrace,
    owner: HWND,
    resource: Resource<U>,
    password: In<U>,
    user: In<U>,
    flags: u32,
) -> Result<(), Error> {
    let from = From::Names(password, user);
    // SAFETY: the caller, by the export's contract.
    unsafe { connect(trace, AddVerb::AddConnection2, owner, resource, from, flags, Results::NONE) }
}

#[allow(clippy::too_many_arguments, reason = "the header's")]
unsafe fn add_connection4<U: Unit>(
    trace: &mut StoryTrace,
    owner: HWND,
    resource: Resource<U>,
    auth: PVOID,
    auth_size: u32,
    flags: u32,
    options: PBYTE,
    options_size: u32,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    let from = unsafe { From::blocks(auth, auth_size, options, options_size) };
    // SAFETY: the caller, by the export's contract.
    unsafe { connect(trace, AddVerb::AddConnection4, owner, resource, from, flags, Results::NONE) }
}

#[allow(clippy::too_many_arguments, reason = "the header's")]
unsafe fn use_connection<U: Unit>(
    trace: &mut StoryTrace,
    owner: HWND,
    resource: Resource<U>,
    password: In<U>,
    user: In<U>,
    flags: u32,
    access: Out<U>,
    access_size: NumberPlace<u16>,
    result: NumberPlace<u16>,
) -> Result<(), Error> {
    let (from, results) = (From::Names(password, user), Results { access, access_size, result });
    // SAFETY: the caller, by the export's contract.
    unsafe { connect(trace, AddVerb::UseConnection, owner, resource, from, flags, results) }
}

#[allow(clippy::too_many_arguments, reason = "the header's")]
unsafe fn use_connection4<U: Unit>(
    trace: &mut StoryTrace,
    owner: HWND,
    resource: Resource<U>,
    auth: PVOID,
    auth_size: u32,
    flags: u32,
    options: PBYTE,
    options_size: u32,
    access: Out<U>,
    access_size: NumberPlace<u16>,
    result: NumberPlace<u16>,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    let from = unsafe { From::blocks(auth, auth_size, options, options_size) };
    let results = Results { access, access_size, result };
    // SAFETY: the caller, by the export's contract.
    unsafe { connect(trace, AddVerb::UseConnection4, owner, resource, from, flags, results) }
}

/// The common core of all but the oldest.
unsafe fn connect<U: Unit>(
    trace: &mut StoryTrace,
    verb: AddVerb,
    owner: HWND,
    resource: Resource<U>,
    from: From<'_, U>,
    flags: u32,
    results: Results<U>,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    let resource = unsafe { encoding::resource(resource) }?.ok_or(WnError::INVALID_PARAMETER)?;
    let (password, user, auth, use_options) = match from {
        From::Names(password, user) => {
            // SAFETY: the caller, by the export's contract.
            let password = unsafe { encoding::secret(password) }?;
            // SAFETY: the caller, by the export's contract.
            (password, unsafe { encoding::text(user) }?, None, None)
        }
        From::Blocks(auth, options) => (encoding::Secret::default(), None, auth, options),
    };
    let credentials = match auth {
        Some(block) => Credentials::Block(block),
        None => Credentials::Named {
            // Empty means the user of the calling process, as NULL does.
            user: user.as_ref().map(Text::as_wide).filter(|user| !user.is_empty()),
            password: password.get(),
        },
    };
    let access_name = if results.access.is_null() {
        None
    } else {
        // SAFETY: the caller, by the export's contract.
        let capacity = unsafe { borrow::read(results.access_size.cast_const()) }.unwrap_or(0);
        Some(AccessName { capacity: capacity as usize, measure: U::measure })
    };
    let names = resource.borrow();
    let request = AddConnection {
        verb,
        resource_type: ResourceType(names.resource_type.0),
        local: names.local,
        remote: names.remote,
        provider: names.provider,
        comment: resource.comment,
        credentials,
        use_options,
        flags: ConnectFlags(flags),
        owner: owner.expose_provenance(),
        access_name,
    };
    match router().add_connection(&request, trace) {
        // SAFETY: the caller, by the export's contract.
        Ok(made) => unsafe { tell_results(&made, &results) },
        Err(error) => {
            if let Some(needed) = error.needed {
                let needed = u32::try_from(needed).unwrap_or(u32::MAX);
                // SAFETY: the caller, by the export's contract.
                unsafe { lend::write(results.access_size, needed) };
            }
            Err(error)
        }
    }
}

/// Fills what `WNetUseConnection` tells; there is room for the name, or nothing was attempted.
unsafe fn tell_results<U: Unit>(made: &Connected<'_>, results: &Results<U>) -> Result<(), Error> {
    let redirected = if made.local.is_some() { ConnectFlags::LOCALDRIVE.0 } else { 0 };
    // SAFETY: the caller, by the export's contract.
    unsafe { lend::write(results.result, redirected) };
    if results.access.is_null() {
        return Ok(());
    }
    let name = U::narrow(made.access_name());
    // SAFETY: the caller, by the export's contract.
    Ok(unsafe { lend::units(&name, results.access, results.access_size) }?)
}
