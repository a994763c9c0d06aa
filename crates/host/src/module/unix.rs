//! Loading by the dynamic linker.

use std::ffi::{CStr, c_void};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Once;

use libloading::os::unix::{Library as Loaded, RTLD_GLOBAL, RTLD_LOCAL, RTLD_NOW};

/// Finds only what is loaded already (`dlfcn.h` of Linux).
const RTLD_NOLOAD: i32 = 4;

/// A library that is never unloaded: its threads and the contexts of open operations may still be
/// inside.
#[derive(Debug)]
pub(super) struct Library {
    loaded: ManuallyDrop<Loaded>,
    handle: usize,
}

impl Library {
    /// Loads a library; all its symbols are bound at once: one that is missing is an error now, not
    /// a crash later.
    pub(super) fn load(path: &Path) -> Result<Self, String> {
        promote();
        // SAFETY: loading runs the library's initialisers. That code is trusted: the path was
        // checked (U28), and in-process modules are trusted code by decision (D7).
        let library = unsafe { Loaded::open(Some(path), RTLD_NOW | RTLD_LOCAL) };
        let library = library.map_err(|why| {
            // What the linker says is beside what was tried.
            std::error::Error::source(&why).map_or_else(|| why.to_string(), ToString::to_string)
        });
        let raw = library?.into_raw();
        // SAFETY: taken apart just now, and put together once.
        let loaded = ManuallyDrop::new(unsafe { Loaded::from_raw(raw) });
        Ok(Self { loaded, handle: raw.addr() })
    }

    /// Returns the handle by which `dlsym` knows it.
    pub(super) fn handle(&self) -> usize {
        self.handle
    }

    /// Looks a symbol up; NULL if there is none.
    pub(super) fn symbol(&self, name: &CStr) -> *mut c_void {
        // SAFETY: the symbol is not followed; a library lives as long as the process.
        let symbol = unsafe { self.loaded.get::<*mut c_void>(name.to_bytes_with_nul()) };
        symbol.map_or(std::ptr::null_mut(), |symbol| *symbol)
    }
}

/// Makes `WNetSetLastError` visible to modules where this library was loaded for one client alone.
///
/// Modules are not linked to it: they find it in whoever loaded them. A program that opened
/// `libmpr.so` with `RTLD_LOCAL`, as interpreters do, would leave them without.
fn promote() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        let Some(own) = own_file() else { return };
        // SAFETY: nothing is loaded: the file is there already, or this fails, as it does for a
        // program's own file, whose symbols are visible anyway.
        let found = unsafe { Loaded::open(Some(own), RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL) };
        std::mem::forget(found);
    });
}

/// Finds the file that this code was loaded from.
fn own_file() -> Option<PathBuf> {
    let here = own_file as fn() -> Option<PathBuf> as usize;
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().find_map(|line| {
        let (start, rest) = line.split_once('-')?;
        let end = rest.split(' ').next()?;
        let range = usize::from_str_radix(start, 16).ok()?..usize::from_str_radix(end, 16).ok()?;
        let path = line.find('/').map(|at| PathBuf::from(&line[at..]));
        path.filter(|_| range.contains(&here))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_has_one_handle() {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let file = maps.lines().find(|line| line.contains("/libc.so.6")).unwrap();
        let file = Path::new(&file[file.find('/').unwrap()..]);
        let handle = Library::load(file).unwrap().handle();
        assert_ne!(handle, 0);
        assert_eq!(Library::load(file).unwrap().handle(), handle);
    }
}
