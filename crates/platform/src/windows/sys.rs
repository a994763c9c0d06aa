//! The functions of kernel32, advapi32 and ntdll that are called here.
//!
//! Declared by hand: `windows-sys` would import them by a mechanism of its own (raw-dylib), and
//! these few have not changed since they exist.

#![allow(non_snake_case, clippy::upper_case_acronyms, reason = "the names of the C headers")]

use std::ffi::c_void;

pub(super) type HKEY = *mut c_void;

pub(super) const HKEY_CURRENT_USER: HKEY = std::ptr::without_provenance_mut(0x8000_0001);
pub(super) const HKEY_LOCAL_MACHINE: HKEY = std::ptr::without_provenance_mut(0x8000_0002);

pub(super) const KEY_READ: u32 = 0x2_0019;
pub(super) const KEY_WRITE: u32 = 0x2_0006;

pub(super) const REG_SZ: u32 = 1;
pub(super) const REG_EXPAND_SZ: u32 = 2;
pub(super) const REG_BINARY: u32 = 3;
pub(super) const REG_DWORD: u32 = 4;

pub(super) const ERROR_SUCCESS: u32 = 0;
pub(super) const ERROR_FILE_NOT_FOUND: u32 = 2;
pub(super) const ERROR_PATH_NOT_FOUND: u32 = 3;
pub(super) const ERROR_MORE_DATA: u32 = 234;
pub(super) const ERROR_NO_MORE_ITEMS: u32 = 259;

pub(super) const CP_ACP: u32 = 0;
pub(super) const CP_UTF8: u32 = 65001;
pub(super) const MB_ERR_INVALID_CHARS: u32 = 8;

pub(super) const MEM_COMMIT_RESERVE: u32 = 0x3000;
pub(super) const MEM_RELEASE: u32 = 0x8000;
pub(super) const PAGE_NOACCESS: u32 = 1;
pub(super) const PAGE_READWRITE: u32 = 4;

pub(super) const OBJ_CASE_INSENSITIVE: u32 = 0x40;

/// A counted text of the system's own functions; lengths in bytes.
#[repr(C)]
pub(super) struct UNICODE_STRING {
    pub(super) length: u16,
    pub(super) room: u16,
    pub(super) units: *const u16,
}

/// What the system's own functions are to act on.
#[repr(C)]
pub(super) struct OBJECT_ATTRIBUTES {
    pub(super) size: u32,
    pub(super) root: *const c_void,
    pub(super) name: *const UNICODE_STRING,
    pub(super) attributes: u32,
    pub(super) security_descriptor: *const c_void,
    pub(super) security_quality: *const c_void,
}

/// `FILE_BASIC_INFORMATION`: four times, and the attributes.
pub(super) type FileBasicInformation = [u64; 5];

#[link(name = "ntdll")]
unsafe extern "system" {
    pub(super) fn NtQueryAttributesFile(
        file: *const OBJECT_ATTRIBUTES,
        found: *mut FileBasicInformation,
    ) -> i32;
}

#[link(name = "advapi32")]
unsafe extern "system" {
    pub(super) fn RegOpenKeyExW(
        key: HKEY,
        name: *const u16,
        options: u32,
        access: u32,
        found: *mut HKEY,
    ) -> u32;
    pub(super) fn RegCreateKeyExW(
        key: HKEY,
        name: *const u16,
        reserved: u32,
        class: *const u16,
        options: u32,
        access: u32,
        security: *const c_void,
        found: *mut HKEY,
        disposition: *mut u32,
    ) -> u32;
    pub(super) fn RegCloseKey(key: HKEY) -> u32;
    pub(super) fn RegEnumValueW(
        key: HKEY,
        index: u32,
        name: *mut u16,
        name_length: *mut u32,
        reserved: *mut u32,
        kind: *mut u32,
        data: *mut u8,
        size: *mut u32,
    ) -> u32;
    pub(super) fn RegEnumKeyExW(
        key: HKEY,
        index: u32,
        name: *mut u16,
        name_length: *mut u32,
        reserved: *mut u32,
        class: *mut u16,
        class_length: *mut u32,
        written: *mut c_void,
    ) -> u32;
    pub(super) fn RegSetValueExW(
        key: HKEY,
        name: *const u16,
        reserved: u32,
        kind: u32,
        data: *const u8,
        size: u32,
    ) -> u32;
    pub(super) fn RegDeleteValueW(key: HKEY, name: *const u16) -> u32;
    pub(super) fn RegDeleteTreeW(key: HKEY, name: *const u16) -> u32;
    pub(super) fn GetUserNameW(name: *mut u16, length: *mut u32) -> i32;
}

#[link(name = "kernel32")]
unsafe extern "system" {
    pub(super) fn ExpandEnvironmentStringsW(text: *const u16, place: *mut u16, room: u32) -> u32;
    pub(super) fn GetSystemDirectoryW(place: *mut u16, room: u32) -> u32;
    pub(super) fn GetSystemWindowsDirectoryW(place: *mut u16, room: u32) -> u32;
    pub(super) fn MultiByteToWideChar(
        page: u32,
        flags: u32,
        text: *const u8,
        length: i32,
        place: *mut u16,
        room: i32,
    ) -> i32;
    pub(super) fn WideCharToMultiByte(
        page: u32,
        flags: u32,
        text: *const u16,
        length: i32,
        place: *mut u8,
        room: i32,
        default: *const u8,
        used_default: *mut i32,
    ) -> i32;
    pub(super) fn GetACP() -> u32;
    pub(super) fn GetTickCount() -> u32;
    pub(super) fn IsDBCSLeadByte(byte: u8) -> i32;
    pub(super) fn QueryDosDeviceW(name: *const u16, place: *mut u16, room: u32) -> u32;
    pub(super) fn GetModuleHandleW(name: *const u16) -> *mut c_void;
    pub(super) fn GetProcAddress(module: *mut c_void, name: *const u8) -> *mut c_void;
    pub(super) fn OutputDebugStringW(text: *const u16);
    pub(super) fn VirtualAlloc(
        place: *mut c_void,
        size: usize,
        kind: u32,
        protection: u32,
    ) -> *mut c_void;
    pub(super) fn VirtualFree(place: *mut c_void, size: usize, kind: u32) -> i32;
    pub(super) fn VirtualLock(place: *mut c_void, size: usize) -> i32;
    pub(super) fn VirtualUnlock(place: *mut c_void, size: usize) -> i32;
    pub(super) fn VirtualProtect(
        place: *mut c_void,
        size: usize,
        protection: u32,
        before: *mut u32,
    ) -> i32;
}

/// Returns text with a terminator.
pub(super) fn terminated(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
