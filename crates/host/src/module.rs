//! A loaded library, and the life of its symbols.

use std::ffi::{CStr, c_void};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix::Library;
#[cfg(windows)]
use windows::Library;

/// A library that stays loaded as long as the process runs (U13).
#[derive(Debug)]
pub struct Module {
    path: PathBuf,
    library: Library,
}

impl Module {
    /// Loads a library from an absolute path that was checked (`Trust::module`).
    ///
    /// It is never unloaded.
    pub fn load(path: &Path) -> Result<Arc<Self>, LoadError> {
        let library =
            Library::load(path).map_err(|why| LoadError::Open { path: path.into(), why })?;
        Ok(Arc::new(Self { path: path.into(), library }))
    }

    /// Returns the file that was loaded.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what the system calls it by: never 0.
    pub(crate) fn handle(&self) -> usize {
        self.library.handle()
    }

    /// Looks a function up; `None` if the module has none of this name.
    ///
    /// # Safety
    ///
    /// `F` is the function-pointer type that the name stands for in the header.
    pub(crate) unsafe fn function<F: Copy>(&self, name: &CStr) -> Option<F> {
        const { assert!(size_of::<F>() == size_of::<*mut c_void>()) };
        let symbol = self.library.symbol(name);
        if symbol.is_null() {
            return None;
        }
        // SAFETY: as large, as said above, and of the type that the caller names, by this
        // function's contract; a module lives as long as the process.
        Some(unsafe { std::mem::transmute_copy(&symbol) })
    }
}

/// Tells who debugs what is left out or takes long: on Windows there is a place for that in every
/// process (U12).
pub fn note(what: &dyn fmt::Display) {
    #[cfg(windows)]
    mpr_platform::debug_line(&what.to_string());
    #[cfg(not(windows))]
    let _ = what;
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
