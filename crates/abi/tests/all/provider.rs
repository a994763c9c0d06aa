//! A provider of ours, called by its C names as a router calls it.

use std::ffi::c_void;
use std::ptr;

use mpr_abi::borrow;
use mpr_abi::npapi::*;
use mpr_abi::types::*;
use mpr_abi::winnetwk::{LPNETRESOURCEW, NETCONNECTINFOSTRUCT, NETRESOURCEW, REMOTE_NAME_INFOW};
use mpr_core::{
    AddCall, AddRequest, Availability, ConnectFlags, ConnectionCaps, ConnectionPerformance,
    Credentials, InfoLevel, ListEnum, NetResource, OwnedNetResource, Provider, ProviderError,
    ResourceEnum, ResourceInformation, ResourceType, ResourceUsage, Scope, UniversalName, Wide,
    WideString, WnError,
};

use crate::{units, wide};

mpr_abi::export_provider!(Scripted);

unsafe extern "system" {
    fn NPGetCaps(index: DWORD) -> DWORD;
    fn NPAddConnection(resource: LPNETRESOURCEW, password: LPWSTR, user: LPWSTR) -> DWORD;
    fn NPAddConnection4(
        owner: HWND,
        resource: LPNETRESOURCEW,
        auth: LPVOID,
        auth_size: DWORD,
        flags: DWORD,
        options: LPBYTE,
        options_size: DWORD,
    ) -> DWORD;
    fn NPCancelConnection2(name: LPWSTR, force: BOOL, flags: DWORD) -> DWORD;
    fn NPGetConnection(local: LPWSTR, remote: LPWSTR, length: LPDWORD) -> DWORD;
    fn NPGetUniversalName(path: LPWSTR, level: DWORD, buffer: LPVOID, size: LPDWORD) -> DWORD;
    fn NPGetConnectionPerformance(remote: LPCWSTR, info: *mut NETCONNECTINFOSTRUCT) -> DWORD;
    fn NPGetUser(name: LPWSTR, user: LPWSTR, length: LPDWORD) -> DWORD;
    fn NPGetPersistentUseOptionsForConnection(
        remote: LPWSTR,
        read: LPBYTE,
        read_size: DWORD,
        write: LPBYTE,
        write_size: LPDWORD,
    ) -> DWORD;
    fn NPOpenEnum(
        scope: DWORD,
        kind: DWORD,
        usage: DWORD,
        container: LPNETRESOURCEW,
        handle: LPHANDLE,
    ) -> DWORD;
    fn NPEnumResource(handle: HANDLE, count: LPDWORD, buffer: LPVOID, size: LPDWORD) -> DWORD;
    fn NPCloseEnum(handle: HANDLE) -> DWORD;
    fn NPGetResourceParent(resource: LPNETRESOURCEW, buffer: LPVOID, size: LPDWORD) -> DWORD;
    fn NPGetResourceInformation(
        resource: LPNETRESOURCEW,
        buffer: LPVOID,
        size: LPDWORD,
        system: *mut LPWSTR,
    ) -> DWORD;
}

/// Answers as the remote name says, and checks what it is asked.
#[derive(Default)]
struct Scripted;

impl Provider for Scripted {
    fn name(&self) -> Wide<'_> {
        Wide::default()
    }

    fn availability(&self) -> Availability {
        Availability::Pending(Some(0))
    }

    fn net_type(&self) -> u32 {
        0x25_0000
    }

    fn connection_caps(&self) -> ConnectionCaps {
        ConnectionCaps::ADD_CONNECTION | ConnectionCaps::GET_CONNECTIONS
    }

    fn add_connection(&self, request: &AddRequest<'_>) -> Result<(), ProviderError> {
        match request.remote.to_string().as_str() {
            "plain" => {
                let Credentials::Named { user: None, password: Some(password) } =
                    request.credentials
                else {
                    return Err(WnError::INVALID_PASSWORD.into());
                };
                assert!(password.expose().is_empty());
                assert_eq!((request.call, request.comment), (AddCall::Add, 0x77));
                Ok(())
            }
            "block" => {
                assert_eq!(request.credentials, Credentials::Block(&[1, 2]));
                assert_eq!((request.use_options, request.owner), (Some(&[3_u8][..]), 9));
                assert_eq!(request.flags, ConnectFlags::INTERACTIVE);
                Ok(())
            }
            "extended" => Err(ProviderError::extended(17, "the cable is out", "Scripted")),
            "panic" => panic!("on purpose"),
            _ => Err(WnError::BAD_NET_NAME.into()),
        }
    }

    fn cancel_connection(
        &self,
        name: Wide<'_>,
        force: bool,
        flags: ConnectFlags,
    ) -> Result<(), ProviderError> {
        assert!(name.eq_str("S:") && force && flags == ConnectFlags::UPDATE_PROFILE);
        Ok(())
    }

    fn connection(&self, _local: Wide<'_>) -> Result<WideString, ProviderError> {
        Ok(wide(r"\\s\x"))
    }

    fn universal_name(
        &self,
        _path: Wide<'_>,
        level: InfoLevel,
    ) -> Result<UniversalName, ProviderError> {
        assert_eq!(level, InfoLevel::RemoteName);
        Ok(UniversalName { connection: Some(wide(r"\\s\x")), ..UniversalName::default() })
    }

    fn performance(&self, _remote: Wide<'_>) -> Result<ConnectionPerformance, ProviderError> {
        Ok(ConnectionPerformance { flags: 1, speed: 2, delay: 3, optimal_data_size: 4 })
    }

    fn open_enum(
        &self,
        _scope: Scope,
        _resource_type: ResourceType,
        _usage: ResourceUsage,
        container: Option<&NetResource<'_>>,
    ) -> Result<Box<dyn ResourceEnum>, ProviderError> {
        if container.is_some() {
            return Ok(Box::new(Panics));
        }
        let entry = |name| OwnedNetResource { remote: Some(wide(name)), ..Default::default() };
        Ok(Box::new(ListEnum::from(vec![entry("a"), entry("b"), entry("c")])))
    }

    fn resource_information(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<ResourceInformation, ProviderError> {
        let resource = OwnedNetResource { comment: None, ..resource.to_owned() };
        Ok(ResourceInformation { resource, system: Some(wide(r"\d")) })
    }

    fn persistent_use_options(
        &self,
        _remote: Wide<'_>,
        options: &[u8],
    ) -> Result<Vec<u8>, ProviderError> {
        Ok(options.iter().rev().copied().collect())
    }
}

struct Panics;

impl ResourceEnum for Panics {
    fn peek(&mut self) -> Result<Option<NetResource<'_>>, ProviderError> {
        panic!("on purpose")
    }

    fn advance(&mut self) {}
}

/// Hands a remote name in, in a resource with an opaque comment.
fn with_resource(remote: &str, call: impl FnOnce(LPNETRESOURCEW) -> u32) -> u32 {
    let mut remote = units(remote);
    let mut resource = NETRESOURCEW {
        lpRemoteName: remote.as_mut_ptr(),
        lpComment: ptr::without_provenance_mut(0x77),
        ..NETRESOURCEW::default()
    };
    call(&mut resource)
}

pub(crate) fn add(remote: &str) -> u32 {
    let mut empty = units("");
    // SAFETY: every name is terminated, the user is NULL.
    with_resource(remote, |resource| unsafe {
        NPAddConnection(resource, empty.as_mut_ptr(), ptr::null_mut())
    })
}

#[test]
fn caps() {
    for (index, value) in [
        (WNNC_SPEC_VERSION, 0x0005_0001),
        (WNNC_NET_TYPE, 0x25_0000),
        (WNNC_CONNECTION, 5),
        (WNNC_USER, 0),
        // 0 and 1 milliseconds would mean something else.
        (WNNC_START, 2),
        (WNNC_ADMIN, 0),
        (0x4711, 0),
    ] {
        // SAFETY: there is no pointer.
        assert_eq!(unsafe { NPGetCaps(index) }, value, "index {index}");
    }
}

#[test]
fn connecting() {
    for (remote, code) in [("plain", 0), ("other", 67), ("panic", 59), ("extended", 1208)] {
        assert_eq!(add(remote), code, "{remote}");
    }
    let null = ptr::null_mut();
    // SAFETY: NULL is allowed everywhere.
    assert_eq!(unsafe { NPAddConnection(ptr::null_mut(), null, null) }, 487);
    let mut nameless = NETRESOURCEW::default();
    // SAFETY: NULL is allowed everywhere.
    assert_eq!(unsafe { NPAddConnection(&mut nameless, null, null) }, 67);
}

#[test]
fn connecting_with_blocks() {
    let (mut auth, mut options) = ([1_u8, 2], [3_u8]);
    let owner = ptr::without_provenance_mut(9);
    let auth = auth.as_mut_ptr().cast();
    // SAFETY: the blocks have the sizes given.
    let code = with_resource("block", |resource| unsafe {
        NPAddConnection4(owner, resource, auth, 2, 8, options.as_mut_ptr(), 1)
    });
    assert_eq!(code, 0);
}

#[test]
fn asking() {
    let mut local = units("S:");
    // SAFETY: the name is terminated.
    assert_eq!(unsafe { NPCancelConnection2(local.as_mut_ptr(), 1, 1) }, 0);
    let (mut remote, mut length) = ([0; 6], 5);
    // SAFETY: the name is terminated, the buffer has the length given.
    let short = unsafe { NPGetConnection(local.as_mut_ptr(), remote.as_mut_ptr(), &mut length) };
    assert_eq!((short, length), (234, 6));
    // SAFETY: as above.
    let fits = unsafe { NPGetConnection(local.as_mut_ptr(), remote.as_mut_ptr(), &mut length) };
    assert_eq!((fits, length), (0, 6));
    assert_eq!(remote.as_slice(), units(r"\\s\x"));
    // SAFETY: NULL is allowed, and the default answers before the buffer is used.
    let user = unsafe { NPGetUser(ptr::null_mut(), remote.as_mut_ptr(), &mut length) };
    assert_eq!(user, 50);

    let mut info = NETCONNECTINFOSTRUCT { cbStructure: 20, ..Default::default() };
    // SAFETY: name and structure are alive.
    assert_eq!(unsafe { NPGetConnectionPerformance(local.as_ptr(), &mut info) }, 0);
    assert_eq!((info.cbStructure, info.dwSpeed, info.dwOptDataSize), (20, 2, 4));
}

#[test]
fn universal_names() {
    let mut path = units(r"S:\d");
    let mut buffer = [0_u64; 8];
    let mut ask = |level, size: &mut u32| {
        let buffer = buffer.as_mut_ptr().cast::<c_void>();
        // SAFETY: the path is terminated, and sizes are at most 64.
        let code = unsafe { NPGetUniversalName(path.as_mut_ptr(), level, buffer, size) };
        (code, *size)
    };
    let needed = (size_of::<REMOTE_NAME_INFOW>() + 12) as u32;
    assert_eq!(ask(3, &mut 64), (124, 64));
    assert_eq!(ask(2, &mut 0), (234, needed));
    assert_eq!(ask(2, &mut (needed - 1)), (234, needed));
    assert_eq!(ask(2, &mut 64), (0, 64));
}

#[test]
fn options_are_turned_into_options() {
    let (mut remote, mut read, mut write, mut size) = (units("r"), [1, 2], [0; 2], 2);
    // SAFETY: the blocks have the sizes given.
    let code = unsafe {
        NPGetPersistentUseOptionsForConnection(
            remote.as_mut_ptr(),
            read.as_mut_ptr(),
            2,
            write.as_mut_ptr(),
            &mut size,
        )
    };
    assert_eq!((code, write), (0, [2, 1]));
    // With room to spare, the size alone tells how much was written.
    let (mut roomy, mut size) = ([9; 8], 8);
    // SAFETY: the blocks have the sizes given.
    let code = unsafe {
        NPGetPersistentUseOptionsForConnection(
            remote.as_mut_ptr(),
            read.as_mut_ptr(),
            2,
            roomy.as_mut_ptr(),
            &mut size,
        )
    };
    assert_eq!((code, size, roomy), (0, 2, [2, 1, 9, 9, 9, 9, 9, 9]));
}

#[test]
fn resources() {
    let mut buffer = [0_u64; 16];
    let (mut size, mut system) = (128, ptr::null_mut());
    let place = buffer.as_mut_ptr();
    // SAFETY: the names are terminated, the buffer has 128 bytes.
    let code = with_resource("r", |resource| unsafe {
        NPGetResourceInformation(resource, place.cast(), &mut size, &mut system)
    });
    assert_eq!(code, 0);
    // SAFETY: the provider packed it.
    assert!(unsafe { borrow::wide(system) }.unwrap().eq_str(r"\d"));
    // SAFETY: the names are terminated, the buffer has 128 bytes.
    let parent = with_resource("r", |resource| unsafe {
        NPGetResourceParent(resource, place.cast(), &mut size)
    });
    assert_eq!(parent, 50);
}

fn open(container: LPNETRESOURCEW) -> HANDLE {
    let mut handle = ptr::null_mut();
    // SAFETY: the container is NULL or has terminated names.
    assert_eq!(unsafe { NPOpenEnum(2, 0, 0, container, &mut handle) }, 0);
    assert!(!handle.is_null());
    handle
}

/// Asks for entries: code, count and size after.
fn next(handle: HANDLE, mut count: u32, mut size: u32) -> (u32, u32, u32) {
    let mut buffer = [0_u64; 64];
    assert!(size <= 512);
    // SAFETY: the buffer has 512 bytes.
    let code = unsafe { NPEnumResource(handle, &mut count, buffer.as_mut_ptr().cast(), &mut size) };
    (code, count, size)
}

/// `npapi.md` §4.2: the size is set only if not even one entry fits.
#[test]
fn enumerating() {
    let one = (size_of::<NETRESOURCEW>() + 4) as u32;
    let handle = open(ptr::null_mut());
    assert_eq!(next(handle, u32::MAX, 0), (234, 0, one));
    assert_eq!(next(handle, u32::MAX, one - 1), (234, 0, one));
    assert_eq!(next(handle, 0, 512), (0, 0, 512));
    assert_eq!(next(handle, 1, 512), (0, 1, 512));
    assert_eq!(next(handle, u32::MAX, one), (0, 1, one));
    assert_eq!(next(handle, u32::MAX, 512), (0, 1, 512));
    assert_eq!(next(handle, u32::MAX, 512), (259, 0, 512));
    // SAFETY: handles are numbers.
    assert_eq!(unsafe { NPCloseEnum(handle) }, 0);
    // SAFETY: handles are numbers.
    assert_eq!(unsafe { NPCloseEnum(handle) }, 6);
    assert_eq!(next(handle, 1, 512), (6, 1, 512));
    assert_eq!(next(ptr::null_mut(), 1, 512).0, 6);
}

#[test]
fn a_panic_leaves_the_enumeration_closable() {
    let mut container = NETRESOURCEW::default();
    let handle = open(&mut container);
    assert_eq!(next(handle, 1, 512).0, 59);
    assert_eq!(next(handle, 1, 512).0, 59);
    // SAFETY: handles are numbers.
    assert_eq!(unsafe { NPCloseEnum(handle) }, 0);
}
