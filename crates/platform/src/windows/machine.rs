//! What the system says of its user and its drives.

use std::ptr;
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
/// Wine is asked for the drive's root, by the name that the system itself uses: that is a look into
/// a folder of the user's. Most other questions go through several processes and take a hundred
/// times as long, and a name of a program's would be translated first.
pub fn is_local_drive(device: &DeviceName) -> bool {
    if !device.is_drive() {
        return false;
    }
    let letter = device.as_wide().units()[0];
    if is_wine() {
        return has_root(letter);
    }
    let colon = u16::from(b':');
    let mut target = [0; 512];
    let name = [letter, colon, 0];
    let (place, room) = (target.as_mut_ptr(), 512);
    // SAFETY: the name is terminated, and the buffer has `room` units.
    unsafe { sys::QueryDosDeviceW(name.as_ptr(), place, room) != 0 }
}

/// Tells whether the root folder of a drive is there.
fn has_root(letter: u16) -> bool {
    let mut units = br"\??\?:\".map(u16::from);
    units[4] = letter;
    let bytes = size_of_val(&units) as u16;
    let name = sys::UNICODE_STRING { length: bytes, room: bytes, units: units.as_ptr() };
    let root = sys::OBJECT_ATTRIBUTES {
        size: size_of::<sys::OBJECT_ATTRIBUTES>() as u32,
        root: ptr::null(),
        name: &raw const name,
        attributes: sys::OBJ_CASE_INSENSITIVE,
        security_descriptor: ptr::null(),
        security_quality: ptr::null(),
    };
    let mut found = sys::FileBasicInformation::default();
    // SAFETY: names and places live until the call returns.
    unsafe { sys::NtQueryAttributesFile(&raw const root, &raw mut found) == 0 }
}

/// Returns milliseconds of a clock that costs next to nothing to read; they start again at 0 now and
/// then.
pub fn ticks() -> u32 {
    // SAFETY: it takes nothing.
    unsafe { sys::GetTickCount() }
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
