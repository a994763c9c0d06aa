//! A provider's text reaches a router that is loaded later, and is lost without one.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::Path;
use std::process::Command;

use crate::probe::{accepted, include};
use crate::provider;

/// A router of which there is only the last error.
const ROUTER: &str = r"
#include <npapi.h>
static char seen[64];
VOID WINAPI WNetSetLastErrorW(DWORD err, LPWSTR lpError, LPWSTR lpProviders)
{
    unsigned n = 0;
    seen[n++] = (char)err;
    while (*lpError) seen[n++] = (char)*lpError++;
    seen[n++] = '|';
    while (*lpProviders) seen[n++] = (char)*lpProviders++;
    seen[n] = 0;
}
const char *last_seen(void) { return seen; }
";

unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(handle: *mut c_void, symbol: *const c_char) -> *mut c_void;
}

#[test]
fn the_text_goes_to_the_router() {
    // No router yet: only the code arrives.
    assert_eq!(provider::add("extended"), 1208);

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (source, library) = (folder.join("router.c"), folder.join("router.so"));
    std::fs::write(&source, ROUTER).unwrap();
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=c11", "-shared", "-fPIC", "-I"]).arg(include()).arg("-o").arg(&library);
    accepted(&gcc.arg(source).output().unwrap());

    let path = std::ffi::CString::new(library.to_str().unwrap()).unwrap();
    // RTLD_NOW | RTLD_GLOBAL, as a program that is linked to the router has it.
    // SAFETY: a library of our own, without initialisers.
    let router = unsafe { dlopen(path.as_ptr(), 0x102) };
    assert!(!router.is_null());
    assert_eq!(provider::add("extended"), 1208);
    // SAFETY: the library stays loaded, and the name is terminated.
    let found = unsafe { dlsym(router, c"last_seen".as_ptr()) };
    // SAFETY: this is the function's type.
    let last_seen: extern "C" fn() -> *const c_char = unsafe { std::mem::transmute(found) };
    // SAFETY: it returns a terminated static text.
    let seen = unsafe { CStr::from_ptr(last_seen()) };
    assert_eq!(seen.to_bytes(), b"\x11the cable is out|Scripted");
}
