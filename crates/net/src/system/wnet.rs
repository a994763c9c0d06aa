//! The WNet functions that `net use` calls.

#![allow(unsafe_code)]

use std::ptr::null_mut;

use mpr_abi::borrow;
use mpr_abi::copy::{NameCopy, SecretCopy};
use mpr_abi::types::{DWORD, HANDLE, HWND, LPCWSTR, LPDWORD, LPHANDLE, LPVOID, LPWSTR};
use mpr_abi::winnetwk::{LPNETRESOURCEW, NETRESOURCEW};
use mpr_core::{ConnectFlags, Wide, WideString};

use crate::list::Entry;

const RESOURCETYPE_DISK: u32 = 1;
const NO_MORE_ITEMS: u32 = 259;
const MORE_DATA: u32 = 234;
const NO_NETWORK: u32 = 1222;
/// Words of the first buffer for entries: 16 KB.
const ROOM: usize = 2048;
/// Words of the largest one: 16 MB.
const MOST_ROOM: usize = 1024 * ROOM;
/// Units of a buffer for a name or a text.
const TEXT: usize = 2048;

#[link(name = "mpr")]
unsafe extern "system" {
    fn WNetUseConnectionW(
        owner: HWND,
        resource: LPNETRESOURCEW,
        password: LPCWSTR,
        user: LPCWSTR,
        flags: DWORD,
        access: LPWSTR,
        size: LPDWORD,
        result: LPDWORD,
    ) -> DWORD;
    fn WNetCancelConnection2W(name: LPCWSTR, flags: DWORD, force: i32) -> DWORD;
    fn WNetOpenEnumW(
        scope: DWORD,
        kind: DWORD,
        usage: DWORD,
        resource: LPNETRESOURCEW,
        handle: LPHANDLE,
    ) -> DWORD;
    fn WNetEnumResourceW(handle: HANDLE, count: LPDWORD, buffer: LPVOID, size: LPDWORD) -> DWORD;
    fn WNetCloseEnum(handle: HANDLE) -> DWORD;
    fn WNetGetLastErrorW(
        error: LPDWORD,
        text: LPWSTR,
        text_size: DWORD,
        name: LPWSTR,
        name_size: DWORD,
    ) -> DWORD;
}

/// Why something failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u32,
    pub(crate) text: String,
}

/// Which connections are listed: `RESOURCE_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Connected = 1,
    Remembered = 3,
}

/// Connects; returns the name that programs open.
pub(crate) fn connect(
    device: Option<&str>,
    remote: &str,
    user: Option<&str>,
    password: Option<&str>,
    flags: ConnectFlags,
) -> Result<String, Failure> {
    let wide = |text: &str| WideString::from(text);
    let (device, remote, user) = (device.map(wide), wide(remote), user.map(wide));
    let mut copies = [NameCopy::empty(), NameCopy::empty(), NameCopy::empty()];
    let [device_copy, remote_copy, user_copy] = &mut copies;
    let chosen = flags.contains(ConnectFlags::REDIRECT);
    let mut resource = NETRESOURCEW {
        // A device that is named says itself what it is (U39).
        dwType: if chosen { RESOURCETYPE_DISK } else { 0 },
        lpLocalName: device_copy.fill(device.as_ref().map(WideString::as_wide)),
        lpRemoteName: remote_copy.fill(Some(remote.as_wide())),
        ..NETRESOURCEW::default()
    };
    let user = user_copy.fill(user.as_ref().map(WideString::as_wide));
    let secret = password.map(Secret::new);
    let mut secret_copy = SecretCopy::empty();
    let secret = secret_copy.fill(secret.as_ref().map(Secret::password));
    let mut access = [0; TEXT];
    let (mut size, mut result) = (TEXT as u32, 0);
    // SAFETY: texts are terminated, and all places live until the call returns.
    let code = unsafe {
        WNetUseConnectionW(
            null_mut(),
            &raw mut resource,
            secret,
            user,
            flags.0,
            access.as_mut_ptr(),
            &raw mut size,
            &raw mut result,
        )
    };
    told(code).map(|()| Wide::until_nul(&access).to_string())
}

/// Disconnects and forgets.
pub(crate) fn cancel(name: &str, force: bool) -> Result<(), Failure> {
    let name = WideString::from(name);
    let mut copy = NameCopy::empty();
    let name = copy.fill(Some(name.as_wide()));
    // SAFETY: the name is terminated, and lives until the call returns.
    told(unsafe { WNetCancelConnection2W(name, ConnectFlags::UPDATE_PROFILE.0, force.into()) })
}

/// Lists connections; none where there is no network.
pub(crate) fn entries(scope: Scope) -> Result<Vec<Entry>, Failure> {
    let mut handle = null_mut();
    // SAFETY: the handle's place lives until the call returns.
    let code = unsafe { WNetOpenEnumW(scope as u32, 0, 0, null_mut(), &raw mut handle) };
    if code == NO_NETWORK {
        return Ok(Vec::new());
    }
    told(code)?;
    let listed = rest(handle, scope);
    // SAFETY: the handle was opened above, and is closed once.
    unsafe { WNetCloseEnum(handle) };
    listed
}

fn rest(handle: HANDLE, scope: Scope) -> Result<Vec<Entry>, Failure> {
    let mut list = Vec::new();
    let mut buffer = vec![0_u64; ROOM];
    loop {
        let (mut count, mut size) = (u32::MAX, size_of_val(&*buffer) as u32);
        let place = buffer.as_mut_ptr().cast();
        // SAFETY: the buffer has `size` bytes.
        match unsafe { WNetEnumResourceW(handle, &raw mut count, place, &raw mut size) } {
            0 => {}
            NO_MORE_ITEMS => return Ok(list),
            MORE_DATA if buffer.len() < MOST_ROOM => {
                let words = (size as usize).div_ceil(size_of::<u64>());
                buffer = vec![0; words.clamp(2 * buffer.len(), MOST_ROOM)];
                continue;
            }
            code => told(code)?,
        }
        // Wine's own router, should it be the one that answers, is not always right (W3, W10).
        let most = size_of_val(&*buffer) / size_of::<NETRESOURCEW>();
        for index in 0..(count as usize).min(most) {
            // SAFETY: so many entries are in the buffer, with their texts.
            let entry = unsafe { borrow::net_resource_at(&buffer, index) };
            let text = |text: Option<Wide<'_>>| text.unwrap_or_default().to_string();
            list.push(Entry {
                local: text(entry.local),
                remote: text(entry.remote),
                provider: text(entry.provider),
                kind: entry.resource_type.0,
                connected: scope == Scope::Connected,
            });
        }
    }
}

/// Turns a code into a failure, with the text that mpr.dll has for it.
fn told(code: u32) -> Result<(), Failure> {
    if code == 0 {
        return Ok(());
    }
    let (mut error, mut text, mut name) = (0, [0; TEXT], [0; TEXT]);
    let room = TEXT as u32;
    // SAFETY: the places have the sizes that are told.
    let found = unsafe {
        WNetGetLastErrorW(&raw mut error, text.as_mut_ptr(), room, name.as_mut_ptr(), room)
    };
    let said = if found == 0 { Wide::until_nul(&text).to_string() } else { String::new() };
    let by = Wide::until_nul(&name).to_string();
    let text = if by.is_empty() { said } else { format!("{by}: {said}") };
    Err(Failure { code, text })
}

/// A password in UTF-16, wiped when it is dropped.
struct Secret(zeroize::Zeroizing<Vec<u16>>);

impl Secret {
    fn new(text: &str) -> Self {
        let mut units = zeroize::Zeroizing::new(Vec::with_capacity(text.len()));
        units.extend(text.encode_utf16());
        Self(units)
    }

    fn password(&self) -> mpr_core::Password<'_> {
        mpr_core::Password::new(Wide::new(&self.0))
    }
}
