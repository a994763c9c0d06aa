//! Loading by `LoadLibraryExW`, which is told where to search.

use std::ffi::{CStr, c_char, c_void};
use std::os::windows::ffi::OsStrExt;
use std::path::Path;
use std::ptr;

/// Dependencies come from the module's own folder and the system's: neither the current directory
/// nor the path counts, nor the folder of whatever program this is.
const LOAD_LIBRARY_SEARCH: u32 = 0x100 | 0x800;
/// Where a Windows 7 without updates knows no such flags: the module's own folder comes first.
const LOAD_WITH_ALTERED_SEARCH_PATH: u32 = 0x8;
const ERROR_INVALID_PARAMETER: u32 = 87;
/// No dialog for a missing file: this is anybody's process.
const SEM_FAILCRITICALERRORS_NOOPENFILEERRORBOX: u32 = 0x8001;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn LoadLibraryExW(name: *const u16, file: *mut c_void, flags: u32) -> *mut c_void;
    fn GetProcAddress(module: *mut c_void, name: *const c_char) -> *mut c_void;
    fn GetLastError() -> u32;
    fn SetThreadErrorMode(mode: u32, before: *mut u32) -> i32;
}

/// A library that is never unloaded: its threads and the contexts of open operations may still be
/// inside.
#[derive(Debug)]
pub(super) struct Library(*mut c_void);

// SAFETY: the handle is an address that stays valid, and its functions are called from any thread
// by their contract.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

impl Library {
    /// Loads a library from an absolute path.
    pub(super) fn load(path: &Path) -> Result<Self, String> {
        let name: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
        let mut mode = 0;
        // SAFETY: the place lives until the call returns.
        unsafe { SetThreadErrorMode(SEM_FAILCRITICALERRORS_NOOPENFILEERRORBOX, &raw mut mode) };
        let mut loaded = load(&name, LOAD_LIBRARY_SEARCH);
        if loaded == Err(ERROR_INVALID_PARAMETER) {
            loaded = load(&name, LOAD_WITH_ALTERED_SEARCH_PATH);
        }
        // SAFETY: what it was; nobody asks what it is now.
        unsafe { SetThreadErrorMode(mode, ptr::null_mut()) };
        loaded.map(Self).map_err(|code| format!("error {code}{}", meaning(code)))
    }

    /// Returns the module's handle.
    pub(super) fn handle(&self) -> usize {
        self.0.addr()
    }

    /// Looks a symbol up; NULL if there is none.
    pub(super) fn symbol(&self, name: &CStr) -> *mut c_void {
        // SAFETY: the library stays loaded, and the name is terminated.
        unsafe { GetProcAddress(self.0, name.as_ptr()) }
    }
}

fn load(name: &[u16], flags: u32) -> Result<*mut c_void, u32> {
    // SAFETY: the name is terminated. Loading runs the library's initialisers: that code is
    // trusted, the path was checked (U28), and in-process modules are trusted by decision (D7).
    let module = unsafe { LoadLibraryExW(name.as_ptr(), ptr::null_mut(), flags) };
    if !module.is_null() {
        return Ok(module);
    }
    // SAFETY: it takes nothing.
    Err(unsafe { GetLastError() })
}

/// Says what an error of the loader usually means.
fn meaning(code: u32) -> &'static str {
    match code {
        126 => ": the file, or one that it needs, is not there",
        127 => ": it needs a function that is not there",
        193 => ": it is no DLL for programs of this kind (32 or 64 bit)",
        1114 => ": its initialisation failed",
        _ => "",
    }
}
