//! A loaded provider: C entry points as core's `Provider`, with what real providers do survived
//! (P1 to P17).

use std::cell::Cell;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError};

use mpr_abi::borrow;
use mpr_abi::copy::{NameCopy, ResourceCopy, SecretCopy};
use mpr_abi::npapi::*;
use mpr_abi::winnetwk::{
    NETCONNECTINFOSTRUCT, NETRESOURCEW, REMOTE_NAME_INFOW, UNIVERSAL_NAME_INFOW,
};
use mpr_core::{
    AddCall, AddRequest, Availability, ConnectFlags, ConnectionCaps, ConnectionPerformance,
    Credentials, DialogCaps, EnumerationCaps, ExtendedError, InfoLevel, NetResource,
    OwnedNetResource, Provider, ProviderError, ResourceEnum, ResourceInformation, ResourceType,
    ResourceUsage, Scope, UniversalName, Wide, WideString, WnError,
};

use crate::answer::{Aliases, Caps, explained, grown};
use crate::enumeration::CEnum;
use crate::last_error;
use crate::module::{LoadError, Module};

/// Characters of the first buffer for a name.
const NAME_ROOM: usize = 512;
/// Bytes of the first buffer for structures.
const STRUCTURE_ROOM: usize = 16 * 1024;
macro_rules! functions {
    ($($field:ident: $pf:ident = $symbol:literal;)*) => {
        /// The functions that a module exports.
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct Functions {
            caps: PF_NPGetCaps,
            $(pub(crate) $field: Option<$pf>,)*
        }

        impl Functions {
            fn of(module: &Module) -> Option<Self> {
                // SAFETY: the type is the one that the header gives this name.
                let caps = unsafe { module.function::<PF_NPGetCaps>(c"NPGetCaps") }?;
                Some(Self {
                    caps,
                    // SAFETY: the types are the ones that the header gives these names.
                    $($field: unsafe { module.function::<$pf>($symbol) },)*
                })
            }
        }
    };
}

functions! {
    add: PF_NPAddConnection = c"NPAddConnection";
    add3: PF_NPAddConnection3 = c"NPAddConnection3";
    add4: PF_NPAddConnection4 = c"NPAddConnection4";
    cancel: PF_NPCancelConnection = c"NPCancelConnection";
    cancel2: PF_NPCancelConnection2 = c"NPCancelConnection2";
    connection: PF_NPGetConnection = c"NPGetConnection";
    universal_name: PF_NPGetUniversalName = c"NPGetUniversalName";
    performance: PF_NPGetConnectionPerformance = c"NPGetConnectionPerformance";
    user: PF_NPGetUser = c"NPGetUser";
    use_options: PF_NPGetPersistentUseOptionsForConnection =
        c"NPGetPersistentUseOptionsForConnection";
    open_enum: PF_NPOpenEnum = c"NPOpenEnum";
    enum_resource: PF_NPEnumResource = c"NPEnumResource";
    close_enum: PF_NPCloseEnum = c"NPCloseEnum";
    parent: PF_NPGetResourceParent = c"NPGetResourceParent";
    information: PF_NPGetResourceInformation = c"NPGetResourceInformation";
    format: PF_NPFormatNetworkName = c"NPFormatNetworkName";
}

/// A provider in a module.
#[derive(Debug)]
pub struct CProvider {
    name: WideString,
    key: WideString,
    functions: Functions,
    /// The module's handle.
    instance: usize,
    caps: Caps,
    /// Names that it gives itself in its own entries (P6).
    aliases: Arc<Mutex<Vec<WideString>>>,
}

impl CProvider {
    /// Takes the functions of a module; `NPGetCaps` makes it a provider.
    ///
    /// No function is called yet: asking for capabilities may start a service (P11).
    pub fn new(name: WideString, key: WideString, module: &Module) -> Result<Self, LoadError> {
        let functions = Functions::of(module).ok_or_else(|| LoadError::Missing {
            path: module.path().into(),
            symbols: "NPGetCaps",
        })?;
        let (instance, caps) = (module.handle(), Caps::default());
        Ok(Self { name, key, functions, instance, caps, aliases: Arc::default() })
    }

    fn cap(&self, index: u32) -> u32 {
        self.caps.get(index, || {
            // SAFETY: NPGetCaps takes a number; that it keeps to its header is the module's part.
            unsafe { (self.functions.caps)(index) }
        })
    }

    /// Asks with a text buffer that grows as the provider says.
    ///
    /// The length is in characters. A provider that counts bytes asks for twice the room, which
    /// does no harm; the terminator alone tells the length (P3).
    fn ask_text(
        &self,
        mut call: impl FnMut(*mut u16, *mut u32) -> u32,
    ) -> Result<WideString, ProviderError> {
        let mut inline = [0u16; NAME_ROOM];
        let mut heap = Vec::new();
        loop {
            let buffer: &mut [u16] = if heap.is_empty() { &mut inline } else { &mut heap };
            let room = buffer.len();
            let mut length = room as u32;
            let place = buffer.as_mut_ptr();
            match explained(|| call(place, &raw mut length)) {
                Ok(()) => return Ok(Wide::until_nul(buffer).into()),
                Err(error) => heap = grown(error, room, length)?,
            }
        }
    }

    /// Asks with a structure buffer, in bytes, that grows as the provider says.
    fn ask_structure<T>(
        &self,
        mut call: impl FnMut(*mut c_void, *mut u32) -> u32,
        read: impl FnOnce(*mut c_void) -> T,
    ) -> Result<T, ProviderError> {
        let mut buffer = vec![0u64; STRUCTURE_ROOM / size_of::<u64>()];
        loop {
            let room = size_of_val(&*buffer);
            let mut size = room as u32;
            let place = buffer.as_mut_ptr().cast();
            match explained(|| call(place, &raw mut size)) {
                Ok(()) => return Ok(read(place)),
                Err(error) => {
                    let bytes: Vec<u8> = grown(error, room, size)?;
                    buffer = vec![0u64; bytes.len().div_ceil(size_of::<u64>())];
                }
            }
        }
    }
}

const fn missing() -> ProviderError {
    ProviderError { code: WnError::NOT_SUPPORTED, extended: None }
}

impl Provider for CProvider {
    fn name(&self) -> Wide<'_> {
        self.name.as_wide()
    }

    fn is_named(&self, name: Wide<'_>) -> bool {
        let own = |known: &WideString| known.as_wide().eq_ignore_case(name);
        own(&self.name) || own(&self.key)
    }

    fn answers_to(&self, name: Wide<'_>) -> bool {
        let aliases = self.aliases.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_named(name) || aliases.iter().any(|alias| alias.as_wide().eq_ignore_case(name))
    }

    fn availability(&self) -> Availability {
        match self.cap(WNNC_START) {
            1 => Availability::Started,
            0 => Availability::Down,
            u32::MAX => Availability::Pending(None),
            soon => Availability::Pending(Some(soon)),
        }
    }

    fn complaint(&self) -> Option<ExtendedError> {
        last_error::take();
        // Not from memory: the text comes with the answer.
        // SAFETY: as in `cap`.
        unsafe { (self.functions.caps)(WNNC_START) };
        last_error::take()
    }

    fn net_type(&self) -> u32 {
        self.cap(WNNC_NET_TYPE)
    }

    fn driver_version(&self) -> u32 {
        self.cap(WNNC_DRIVER_VERSION)
    }

    fn instance(&self) -> usize {
        self.instance
    }

    fn connection_caps(&self) -> ConnectionCaps {
        ConnectionCaps(self.cap(WNNC_CONNECTION))
    }

    fn enumeration_caps(&self) -> EnumerationCaps {
        EnumerationCaps(self.cap(WNNC_ENUMERATION))
    }

    fn dialog_caps(&self) -> DialogCaps {
        DialogCaps(self.cap(WNNC_DIALOG))
    }

    fn knows_users(&self) -> bool {
        self.cap(WNNC_USER) & WNNC_USR_GETUSER != 0
    }

    fn connection_flags(&self) -> ConnectFlags {
        ConnectFlags(self.cap(WNNC_CONNECTION_FLAGS))
    }

    fn add_connection(&self, request: &AddRequest<'_>) -> Result<(), ProviderError> {
        let resource = NetResource {
            resource_type: request.resource_type,
            local: request.local,
            remote: Some(request.remote),
            ..NetResource::default()
        };
        let (user, password) = match request.credentials {
            Credentials::Named { user, password } => (user, password),
            Credentials::Block(_) => (None, None),
        };
        let mut copy = ResourceCopy::empty();
        let resource = copy.fill(&resource, request.comment);
        let (mut user_copy, mut password_copy) = (NameCopy::empty(), SecretCopy::empty());
        let user = user_copy.fill(user);
        let password = password_copy.fill(password);
        let owner = ptr::with_exposed_provenance_mut(request.owner);
        match request.call {
            AddCall::Add => {
                let add = self.functions.add.ok_or_else(missing)?;
                // SAFETY: the copies live until the call returns; the rest is the module's part.
                explained(|| unsafe { add(resource, password, user) })
            }
            AddCall::Add3 => {
                let add = self.functions.add3.ok_or_else(missing)?;
                let flags = request.flags.0;
                // SAFETY: as above.
                explained(|| unsafe { add(owner, resource, password, user, flags) })
            }
            AddCall::Add4 => {
                let add = self.functions.add4.ok_or_else(missing)?;
                let mut auth = match request.credentials {
                    Credentials::Block(block) => block.to_vec(),
                    Credentials::Named { .. } => Vec::new(),
                };
                let mut options = request.use_options.unwrap_or_default().to_vec();
                let (auth_at, auth_size) = block(&mut auth);
                let (options_at, options_size) = block(&mut options);
                let flags = request.flags.0;
                // SAFETY: as above; both blocks are writable for their sizes.
                let result = explained(|| unsafe {
                    add(owner, resource, auth_at.cast(), auth_size, flags, options_at, options_size)
                });
                wipe(&mut auth);
                result
            }
        }
    }

    fn cancel_connection(
        &self,
        name: Wide<'_>,
        force: bool,
        flags: ConnectFlags,
    ) -> Result<(), ProviderError> {
        let mut copy = NameCopy::empty();
        let name = copy.fill(Some(name));
        let caps = self.connection_caps();
        let two =
            self.functions.cancel2.filter(|_| caps.contains(ConnectionCaps::CANCEL_CONNECTION2));
        if let Some(cancel) = two {
            // SAFETY: the copy lives until the call returns; the rest is the module's part.
            return explained(|| unsafe { cancel(name, force.into(), flags.0) });
        }
        let one =
            self.functions.cancel.filter(|_| caps.contains(ConnectionCaps::CANCEL_CONNECTION));
        let cancel = one.ok_or_else(missing)?;
        // SAFETY: as above.
        explained(|| unsafe { cancel(name, force.into()) })
    }

    fn connection(&self, local: Wide<'_>) -> Result<WideString, ProviderError> {
        let get = self.functions.connection.ok_or_else(missing)?;
        let mut copy = NameCopy::empty();
        self.ask_text(|buffer, length| {
            // Anew for each call: the last one may have written to it (P1).
            let local = copy.fill(Some(local));
            // SAFETY: the copy lives until the call returns; `buffer` has `*length` characters.
            unsafe { get(local, buffer, length) }
        })
    }

    fn owns(&self, local: Wide<'_>) -> Result<(), ProviderError> {
        let get = self.functions.connection.ok_or_else(missing)?;
        let mut copy = NameCopy::empty();
        let local = copy.fill(Some(local));
        // Never read, so never filled.
        let mut buffer = [MaybeUninit::<u16>::uninit(); NAME_ROOM];
        let mut length = NAME_ROOM as u32;
        let place = buffer.as_mut_ptr().cast();
        // SAFETY: the copy lives until the call returns; `buffer` has `length` characters.
        let answer = explained(|| unsafe { get(local, place, &raw mut length) });
        match answer {
            // A name that does not fit is an owner's answer (`npapi.md` §5.3).
            Err(error) if error.code == WnError::MORE_DATA => Ok(()),
            answer => answer,
        }
    }

    fn universal_name(
        &self,
        path: Wide<'_>,
        level: InfoLevel,
    ) -> Result<UniversalName, ProviderError> {
        let get = self.functions.universal_name.ok_or_else(missing)?;
        let mut copy = NameCopy::empty();
        let number = match level {
            InfoLevel::UniversalName => 1,
            InfoLevel::RemoteName => 2,
        };
        self.ask_structure(
            |buffer, size| {
                let path = copy.fill(Some(path));
                // SAFETY: the copy lives until the call returns; `buffer` has `*size` bytes.
                unsafe { get(path, number, buffer, size) }
            },
            // SAFETY: the provider has just answered success at this level into this buffer.
            |buffer| unsafe { universal_name(buffer, level) },
        )
    }

    fn user(&self, name: Option<Wide<'_>>) -> Result<WideString, ProviderError> {
        let get = self.functions.user.ok_or_else(missing)?;
        let mut copy = NameCopy::empty();
        self.ask_text(|buffer, length| {
            let name = copy.fill(name);
            // SAFETY: the copy lives until the call returns; `buffer` has `*length` characters.
            unsafe { get(name, buffer, length) }
        })
    }

    fn performance(&self, remote: Wide<'_>) -> Result<ConnectionPerformance, ProviderError> {
        let get = self.functions.performance.ok_or_else(missing)?;
        let mut copy = NameCopy::empty();
        let remote = copy.fill(Some(remote));
        let mut info = NETCONNECTINFOSTRUCT {
            cbStructure: size_of::<NETCONNECTINFOSTRUCT>() as u32,
            ..NETCONNECTINFOSTRUCT::default()
        };
        // SAFETY: copy and structure live until the call returns.
        explained(|| unsafe { get(remote, &raw mut info) })?;
        Ok(ConnectionPerformance {
            flags: info.dwFlags,
            speed: info.dwSpeed,
            delay: info.dwDelay,
            optimal_data_size: info.dwOptDataSize,
        })
    }

    fn open_enum(
        &self,
        scope: Scope,
        resource_type: ResourceType,
        usage: ResourceUsage,
        container: Option<&NetResource<'_>>,
    ) -> Result<Box<dyn ResourceEnum>, ProviderError> {
        let parts = (self.functions.open_enum, self.functions.enum_resource);
        let (Some(open), Some(next)) = parts else { return Err(missing()) };
        let mut copy = ResourceCopy::empty();
        let container = container.map_or(ptr::null_mut(), |container| copy.fill(container, 0));
        let mut handle = ptr::null_mut();
        let (kind, usage) = (resource_type.0, usage.0);
        // SAFETY: the copy lives until the call returns, the handle's place too.
        explained(|| unsafe { open(scope.0, kind, usage, container, &raw mut handle) })?;
        let aliases = Arc::clone(&self.aliases);
        let entries = CEnum::new(
            handle,
            next,
            self.functions.close_enum,
            Aliases(self.name.clone(), aliases),
        );
        Ok(Box::new(entries))
    }

    fn resource_information(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<ResourceInformation, ProviderError> {
        let get = self.functions.information.ok_or_else(missing)?;
        let mut copy = ResourceCopy::empty();
        let system = Cell::new(ptr::null_mut());
        self.ask_structure(
            |buffer, size| {
                let resource = copy.fill(resource, 0);
                // SAFETY: the copy lives until the call returns; `buffer` has `*size` bytes.
                unsafe { get(resource, buffer, size, system.as_ptr()) }
            },
            |buffer| ResourceInformation {
                resource: entry(buffer),
                // SAFETY: the provider has just answered success: NULL, or a text in the buffer.
                system: unsafe { borrow::wide(system.get().cast_const()) }.map(Into::into),
            },
        )
    }

    fn resource_parent(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<OwnedNetResource, ProviderError> {
        let get = self.functions.parent.ok_or_else(missing)?;
        let mut copy = ResourceCopy::empty();
        self.ask_structure(
            |buffer, size| {
                let resource = copy.fill(resource, 0);
                // SAFETY: the copy lives until the call returns; `buffer` has `*size` bytes.
                unsafe { get(resource, buffer, size) }
            },
            entry,
        )
    }

    fn format_network_name(
        &self,
        remote: Wide<'_>,
        flags: u32,
        characters_per_line: u32,
    ) -> Result<WideString, ProviderError> {
        let format = self.functions.format.ok_or_else(missing)?;
        let mut copy = NameCopy::empty();
        self.ask_text(|buffer, length| {
            // Anew for each call: the last one may have written to it (P1).
            let remote = copy.fill(Some(remote));
            // SAFETY: the copy lives until the call returns; `buffer` has `*length` characters.
            unsafe { format(remote, buffer, length, flags, characters_per_line) }
        })
    }

    fn persistent_use_options(
        &self,
        remote: Wide<'_>,
        options: &[u8],
    ) -> Result<Vec<u8>, ProviderError> {
        let get = self.functions.use_options.ok_or_else(missing)?;
        let mut copy = NameCopy::empty();
        let mut given = options.to_vec();
        let mut kept = vec![0u8; options.len().max(256)];
        loop {
            let remote = copy.fill(Some(remote));
            let mut size = kept.len() as u32;
            let (given_at, given_size) = block(&mut given);
            let kept_at = kept.as_mut_ptr();
            // SAFETY: the copies live until the call returns; `kept` has `size` bytes.
            let answer =
                explained(|| unsafe { get(remote, given_at, given_size, kept_at, &raw mut size) });
            match answer {
                Ok(()) => {
                    kept.truncate(size as usize);
                    return Ok(kept);
                }
                Err(error) => kept = grown(error, kept.len(), size)?,
            }
        }
    }
}

/// Returns a block's place and size as C wants them; an empty one is NULL.
fn block(bytes: &mut [u8]) -> (*mut u8, u32) {
    let place = if bytes.is_empty() { ptr::null_mut() } else { bytes.as_mut_ptr() };
    (place, u32::try_from(bytes.len()).unwrap_or(u32::MAX))
}

fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    std::hint::black_box(bytes);
}

/// Copies the names that a provider has just put at the front of a buffer.
///
/// # Safety
///
/// The structure of this level is there, with texts that are NULL or NUL-terminated.
unsafe fn universal_name(buffer: *mut c_void, level: InfoLevel) -> UniversalName {
    let text = |place: *mut u16| {
        // SAFETY: the caller, by this function's contract.
        unsafe { borrow::wide(place.cast_const()) }.map(WideString::from)
    };
    match level {
        InfoLevel::UniversalName => {
            // SAFETY: the caller, by this function's contract.
            let info = unsafe { borrow::read(buffer.cast::<UNIVERSAL_NAME_INFOW>()) };
            let universal = info.and_then(|info| text(info.lpUniversalName));
            UniversalName { universal, ..UniversalName::default() }
        }
        InfoLevel::RemoteName => {
            // SAFETY: the caller, by this function's contract.
            let info = unsafe { borrow::read(buffer.cast::<REMOTE_NAME_INFOW>()) };
            let Some(info) = info else { return UniversalName::default() };
            UniversalName {
                universal: text(info.lpUniversalName),
                connection: text(info.lpConnectionName),
                remaining: text(info.lpRemainingPath),
            }
        }
    }
}

/// Copies the entry that a provider has just put at the front of a buffer.
fn entry(buffer: *mut c_void) -> OwnedNetResource {
    // SAFETY: the provider has just answered success, so an entry with its texts is there.
    let entry = unsafe { borrow::net_resource(buffer.cast::<NETRESOURCEW>().cast_const()) };
    entry.unwrap_or_default().to_owned()
}
