//! What `net use` remembers from one line to the next: whether connections are remembered
//! (`registry.md` §3, `SaveConnections`).

#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::null_mut;

use mpr_core::{Wide, WideString};

const HKEY_CURRENT_USER: isize = 0x8000_0001_u32 as i32 as isize;
const KEY: &str = r"Software\Microsoft\Windows NT\CurrentVersion\Network\Persistent Connections";
const VALUE: &str = "SaveConnections";
const REG_SZ: u32 = 1;
const RRF_RT_REG_SZ: u32 = 2;
/// Units of a "yes" or "no", and of what might be there instead.
const ROOM: usize = 16;

#[link(name = "advapi32")]
unsafe extern "system" {
    fn RegGetValueW(
        root: isize,
        key: *const u16,
        value: *const u16,
        kinds: u32,
        kind: *mut u32,
        data: *mut c_void,
        bytes: *mut u32,
    ) -> i32;
    fn RegSetKeyValueW(
        root: isize,
        key: *const u16,
        value: *const u16,
        kind: u32,
        data: *const c_void,
        bytes: u32,
    ) -> i32;
}

fn terminated(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Tells whether connections are remembered unless a line says otherwise.
pub(crate) fn remembers() -> bool {
    let (key, value) = (terminated(KEY), terminated(VALUE));
    let mut said = [0_u16; ROOM];
    let mut bytes = size_of_val(&said) as u32;
    let data = said.as_mut_ptr().cast();
    // SAFETY: names are terminated, `data` has `bytes` bytes, and all live until the call returns.
    let code = unsafe {
        let (key, value) = (key.as_ptr(), value.as_ptr());
        RegGetValueW(HKEY_CURRENT_USER, key, value, RRF_RT_REG_SZ, null_mut(), data, &raw mut bytes)
    };
    code != 0 || !Wide::until_nul(&said).eq_ignore_case(WideString::from("no").as_wide())
}

/// Says whether connections are remembered from now on.
pub(crate) fn remember(yes: bool) -> Result<(), u32> {
    let (key, value) = (terminated(KEY), terminated(VALUE));
    let says = terminated(if yes { "yes" } else { "no" });
    let (data, bytes) = (says.as_ptr().cast(), size_of_val(&*says) as u32);
    // SAFETY: names are terminated, `data` has `bytes` bytes, and all live until the call returns.
    let code = unsafe {
        let (key, value) = (key.as_ptr(), value.as_ptr());
        RegSetKeyValueW(HKEY_CURRENT_USER, key, value, REG_SZ, data, bytes)
    };
    if code == 0 { Ok(()) } else { Err(code.cast_unsigned()) }
}
