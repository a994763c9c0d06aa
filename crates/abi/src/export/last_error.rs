//! Hands a provider's error text to the router in this process, if there is one.
//!
//! A module does not link to the router, so that it loads under any: the function is looked up
//! when there is something to say. Without it the text is lost; the code is not.

use std::ffi::{c_char, c_void};

use mpr_core::ExtendedError;

use crate::copy::NameCopy;
use crate::npapi::PF_WNetSetLastErrorW;

/// Tells the router the text behind `EXTENDED_ERROR`, for this thread.
pub(super) fn tell(error: &ExtendedError) {
    let found = find(c"WNetSetLastErrorW".as_ptr());
    if found.is_null() {
        return;
    }
    // SAFETY: the symbol of this name has this type in every router (npapi.h).
    let set = unsafe { std::mem::transmute::<*mut c_void, PF_WNetSetLastErrorW>(found) };
    let (mut text, mut provider) = (NameCopy::empty(), NameCopy::empty());
    let text = text.fill(Some(error.text.as_wide()));
    let provider = provider.fill(Some(error.provider.as_wide()));
    // SAFETY: the router copies both terminated texts before it returns (wnet.md §7).
    unsafe { set(error.code, text, provider) };
}

#[cfg(unix)]
fn find(name: *const c_char) -> *mut c_void {
    unsafe extern "C" {
        fn dlsym(handle: *mut c_void, symbol: *const c_char) -> *mut c_void;
    }
    // RTLD_DEFAULT, the program's own search order.
    let everywhere: isize = if cfg!(target_os = "linux") { 0 } else { -2 };
    let everywhere = std::ptr::without_provenance_mut(everywhere.cast_unsigned());
    // SAFETY: the handle is a constant of dlfcn.h, and the name is terminated.
    unsafe { dlsym(everywhere, name) }
}

#[cfg(windows)]
fn find(name: *const c_char) -> *mut c_void {
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleA(name: *const c_char) -> *mut c_void;
        fn GetProcAddress(module: *mut c_void, name: *const c_char) -> *mut c_void;
    }
    // SAFETY: the name is terminated.
    let module = unsafe { GetModuleHandleA(c"mpr.dll".as_ptr()) };
    if module.is_null() {
        return module;
    }
    // SAFETY: the module was just found, and the name is terminated.
    unsafe { GetProcAddress(module, name) }
}
