//! The basic types of the Windows headers, on every platform.
//!
//! `WCHAR` is 16 bits everywhere (C's `wchar_t` is 32 on Linux and not used), `BOOL` is 32 bits,
//! handles are pointers. Nothing here is ever dereferenced.

#![allow(clippy::upper_case_acronyms, reason = "the names of the C headers")]
#![allow(non_snake_case, non_camel_case_types, reason = "the names of the C headers")]
#![allow(missing_docs, reason = "every C programmer knows them; the module says what differs")]

use core::ffi::c_void;

pub type VOID = ();
pub type BYTE = u8;
pub type CHAR = u8;
pub type WCHAR = u16;
pub type WORD = u16;
pub type DWORD = u32;
pub type UINT = u32;
pub type BOOL = i32;
pub type ULONG_PTR = usize;
pub type HANDLE = *mut c_void;
pub type HWND = *mut c_void;
pub type PVOID = *mut c_void;
pub type LPVOID = *mut c_void;
pub type PBYTE = *mut BYTE;
pub type LPBYTE = *mut BYTE;
pub type LPINT = *mut i32;
pub type LPDWORD = *mut DWORD;
pub type LPHANDLE = *mut HANDLE;
pub type LPSTR = *mut CHAR;
pub type LPCSTR = *const CHAR;
pub type LPWSTR = *mut WCHAR;
pub type LPCWSTR = *const WCHAR;
/// `LPSTR *` in the headers.
pub type PLPSTR = *mut LPSTR;
/// `LPWSTR *` in the headers.
pub type PLPWSTR = *mut LPWSTR;

/// `TRUE`; any `BOOL` but 0 counts as true.
pub const TRUE: BOOL = 1;
/// `FALSE`.
pub const FALSE: BOOL = 0;
/// `MAX_PATH`, in characters with the terminator.
pub const MAX_PATH: usize = 260;

/// A logon session's number, for `NPLogonNotify`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LUID {
    pub LowPart: u32,
    pub HighPart: i32,
}

pub type PLUID = *mut LUID;
