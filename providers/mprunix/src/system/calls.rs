//! The functions of kernel32 and advapi32 that are called here, declared by hand as in
//! `platform/windows/sys.rs`.

#![allow(non_snake_case, clippy::upper_case_acronyms, reason = "the names of the C headers")]

use std::ffi::{c_char, c_void};

pub(super) type HANDLE = *mut c_void;

pub(super) const INVALID_HANDLE: HANDLE = std::ptr::without_provenance_mut(usize::MAX);
pub(super) const HKEY_LOCAL_MACHINE: HANDLE = std::ptr::without_provenance_mut(0x8000_0002);

pub(super) const GENERIC_READ: u32 = 0x8000_0000;
pub(super) const GENERIC_WRITE: u32 = 0x4000_0000;
pub(super) const DELETE: u32 = 0x1_0000;
pub(super) const SHARE_ALL: u32 = 7;
pub(super) const CREATE_NEW: u32 = 1;
pub(super) const OPEN_EXISTING: u32 = 3;
pub(super) const FILE_FLAG_OVERLAPPED: u32 = 0x4000_0000;
pub(super) const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
pub(super) const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
pub(super) const FILE_ATTRIBUTE_TEMPORARY: u32 = 0x100;
pub(super) const ERROR_IO_PENDING: u32 = 997;
pub(super) const STARTF_USESTDHANDLES: u32 = 0x100;
pub(super) const RRF_RT_REG_SZ: u32 = 2;

#[repr(C)]
#[derive(Default)]
pub(super) struct OVERLAPPED {
    pub(super) internal: usize,
    pub(super) internal_high: usize,
    pub(super) offset: u64,
    pub(super) event: usize,
}

#[repr(C)]
pub(super) struct SECURITY_ATTRIBUTES {
    pub(super) length: u32,
    pub(super) descriptor: *mut c_void,
    pub(super) inherit: i32,
}

#[repr(C)]
pub(super) struct STARTUPINFOW {
    pub(super) size: u32,
    pub(super) names: [*mut u16; 3],
    pub(super) numbers: [u32; 7],
    pub(super) flags: u32,
    pub(super) show: u16,
    pub(super) reserved_size: u16,
    pub(super) reserved: *mut u8,
    pub(super) input: HANDLE,
    pub(super) output: HANDLE,
    pub(super) error: HANDLE,
}

#[repr(C)]
pub(super) struct PROCESS_INFORMATION {
    pub(super) process: HANDLE,
    pub(super) thread: HANDLE,
    pub(super) ids: [u32; 2],
}

#[repr(C)]
#[derive(Default)]
pub(super) struct BY_HANDLE_FILE_INFORMATION {
    pub(super) before: [u32; 11],
    pub(super) index_high: u32,
    pub(super) index_low: u32,
}

#[link(name = "kernel32")]
unsafe extern "system" {
    pub(super) fn GetLastError() -> u32;
    pub(super) fn CloseHandle(handle: HANDLE) -> i32;
    pub(super) fn CreateFileW(
        name: *const u16,
        access: u32,
        share: u32,
        security: *const SECURITY_ATTRIBUTES,
        disposition: u32,
        flags: u32,
        template: HANDLE,
    ) -> HANDLE;
    pub(super) fn ReadFile(
        file: HANDLE,
        place: *mut u8,
        room: u32,
        done: *mut u32,
        overlapped: *mut OVERLAPPED,
    ) -> i32;
    pub(super) fn WriteFile(
        file: HANDLE,
        bytes: *const u8,
        count: u32,
        done: *mut u32,
        overlapped: *mut OVERLAPPED,
    ) -> i32;
    pub(super) fn GetOverlappedResult(
        file: HANDLE,
        overlapped: *mut OVERLAPPED,
        done: *mut u32,
        wait: i32,
    ) -> i32;
    pub(super) fn CancelIo(file: HANDLE) -> i32;
    pub(super) fn SetFilePointer(file: HANDLE, low: i32, high: *mut i32, from: u32) -> u32;
    pub(super) fn GetFileInformationByHandle(
        file: HANDLE,
        found: *mut BY_HANDLE_FILE_INFORMATION,
    ) -> i32;
    pub(super) fn DeviceIoControl(
        device: HANDLE,
        code: u32,
        input: *const u8,
        input_size: u32,
        output: *mut u8,
        output_size: u32,
        done: *mut u32,
        overlapped: *mut OVERLAPPED,
    ) -> i32;
    pub(super) fn CreateEventW(
        security: *const c_void,
        manual: i32,
        set: i32,
        name: *const u16,
    ) -> HANDLE;
    pub(super) fn CreateMutexW(security: *const c_void, own: i32, name: *const u16) -> HANDLE;
    pub(super) fn ReleaseMutex(mutex: HANDLE) -> i32;
    pub(super) fn WaitForSingleObject(handle: HANDLE, millis: u32) -> u32;
    pub(super) fn CreateProcessW(
        program: *const u16,
        line: *mut u16,
        process: *const c_void,
        thread: *const c_void,
        inherit: i32,
        flags: u32,
        environment: *const c_void,
        directory: *const u16,
        how: *const STARTUPINFOW,
        made: *mut PROCESS_INFORMATION,
    ) -> i32;
    pub(super) fn GetSystemWindowsDirectoryW(place: *mut u16, room: u32) -> u32;
    pub(super) fn GetModuleHandleW(name: *const u16) -> HANDLE;
    pub(super) fn GetProcAddress(module: HANDLE, name: *const c_char) -> *mut c_void;
    pub(super) fn GetProcessHeap() -> HANDLE;
    pub(super) fn HeapFree(heap: HANDLE, flags: u32, block: *mut c_void) -> i32;
}

#[link(name = "advapi32")]
unsafe extern "system" {
    pub(super) fn RegGetValueW(
        key: HANDLE,
        path: *const u16,
        name: *const u16,
        kinds: u32,
        kind: *mut u32,
        place: *mut u8,
        size: *mut u32,
    ) -> u32;
    /// `RtlGenRandom`.
    #[link_name = "SystemFunction036"]
    pub(super) fn RtlGenRandom(place: *mut u8, count: u32) -> u8;
}
