//! A loaded library, and the life of its symbols.

use std::ffi::{CStr, c_void};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_LOCAL, RTLD_NOW};

/// Finds only what is loaded already (`dlfcn.h` of Linux).
const RTLD_NOLOAD: i32 = 4;

/// A library that stays loaded as long as the process runs (U13).
#[derive(Debug)]
pub struct Module {
    path: PathBuf,
    library: std::mem::ManuallyDrop<Library>,
}

impl Module {
    /// Loads a library from an absolute path that was checked (`Trust::module`).
    ///
    /// All its symbols are bound at once: one that is missing is an error now, not a crash later.
    pub fn load(path: &Path) -> Result<Arc<Self>, LoadError> {
        promote();
        let failed =
            |why: libloading::Error| LoadError::Open { path: path.into(), why: why.to_string() };
        // SAFETY: loading runs the library's initialisers. That code is trusted: the path was
        // checked (U28), and in-process modules are trusted code by decision (D7).
        let library =
            unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map_err(failed)?;
        // Never unloaded: its threads and the contexts of open operations may still be inside.
        let library = std::mem::ManuallyDrop::new(library);
        Ok(Arc::new(Self { path: path.into(), library }))
    }

    /// Returns the file that was loaded.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Looks a function up; `None` if the module has none of this name.
    ///
    /// # Safety
    ///
    /// `F` is the function-pointer type that the name stands for in the header.
    pub(crate) unsafe fn function<F: Copy>(&self, name: &CStr) -> Option<F> {
        const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
        // SAFETY: the caller, by this function's contract; a module lives as long as the process.
        let symbol = unsafe { self.library.get::<F>(name.to_bytes_with_nul()) }.ok()?;
        Some(*symbol)
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
        let found = unsafe { Library::open(Some(own), RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL) };
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

/// Why a module is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The file may not be loaded (U28).
    Refused {
        /// The file as registered.
        path: PathBuf,
        /// Who owns it, and what to do.
        why: String,
    },
    /// The system's loader refused it.
    Open {
        /// The file.
        path: PathBuf,
        /// The loader's message.
        why: String,
    },
    /// The functions that make it a module are missing.
    Missing {
        /// The file.
        path: PathBuf,
        /// The names that were looked for.
        symbols: &'static str,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { why, .. } => f.write_str(why),
            Self::Open { path, why } => write!(f, "cannot load {}: {why}", path.display()),
            Self::Missing { path, symbols } => {
                write!(f, "{} exports no {symbols}; is it a module?", path.display())
            }
        }
    }
}

impl std::error::Error for LoadError {}
