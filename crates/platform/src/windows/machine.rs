//! What the system says of its user and its drives.

use std::sync::OnceLock;

use mpr_core::{DeviceName, Wide, WideString};

use super::sys;

/// Longest user name that Windows knows, with its terminator (`UNLEN` + 1).
const USER_NAME: usize = 257;

/// Returns the name of the user whose thread this is; empty if the system does not say (U58).
pub fn current_user() -> WideString {
    let mut name = [0; USER_NAME];
    let mut length = USER_NAME as u32;
    // SAFETY: the buffer has `length` units.
    let found = unsafe { sys::GetUserNameW(name.as_mut_ptr(), &raw mut length) };
    if found == 0 { WideString::default() } else { Wide::until_nul(&name).into() }
}

/// Tells whether a drive letter stands for something already (85). Ports may be redirected while
/// the machine has one of the same name, so they never do.
///
/// Wine is asked for the drive's root: that is a look into a folder of the user's, while every
/// other question goes through several processes and takes a hundred times as long.
pub fn is_local_drive(device: &DeviceName) -> bool {
    if !device.is_drive() {
        return false;
    }
    let letter = device.as_wide().units()[0];
    let colon = u16::from(b':');
    if is_wine() {
        let root = [letter, colon, u16::from(b'\\'), 0];
        // SAFETY: the name is terminated.
        return unsafe { sys::GetFileAttributesW(root.as_ptr()) } != sys::INVALID_FILE_ATTRIBUTES;
    }
    let mut target = [0; 512];
    let name = [letter, colon, 0];
    let (place, room) = (target.as_mut_ptr(), 512);
    // SAFETY: the name is terminated, and the buffer has `room` units.
    unsafe { sys::QueryDosDeviceW(name.as_ptr(), place, room) != 0 }
}

/// Writes a line for who debugs: there is no log that every program has.
pub fn debug_line(text: &str) {
    let line = sys::terminated(&format!("mpr: {text}\n"));
    // SAFETY: the text is terminated.
    unsafe { sys::OutputDebugStringW(line.as_ptr()) };
}

/// Tells whether this is Wine, by the function that it has for that purpose.
fn is_wine() -> bool {
    static WINE: OnceLock<bool> = OnceLock::new();
    *WINE.get_or_init(|| {
        let name = sys::terminated("ntdll.dll");
        // SAFETY: the name is terminated; ntdll is in every process.
        let ntdll = unsafe { sys::GetModuleHandleW(name.as_ptr()) };
        let function = c"wine_get_version".as_ptr().cast();
        // SAFETY: the module stays loaded, and the name is terminated. Nothing is called.
        !ntdll.is_null() && !unsafe { sys::GetProcAddress(ntdll, function) }.is_null()
    })
}
