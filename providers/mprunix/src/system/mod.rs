//! What this provider asks of Wine, behind safe functions. The unsafe code of the module is here.

#![allow(unsafe_code)]

mod calls;
mod file;
mod mutex;
mod process;
mod registry;

pub(crate) use file::{Access, File, Read, read_unix, unix_name};
pub(crate) use mutex::Mutex;
pub(crate) use process::{random_name, start, unix_path, windows_directory};
pub(crate) use registry::bridge_program;

/// A failed call, by its `GetLastError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SystemError(pub(crate) u32);

impl SystemError {
    fn last() -> Self {
        // SAFETY: reads a number of this thread.
        Self(unsafe { calls::GetLastError() })
    }
}

impl std::fmt::Display for SystemError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "error {}", self.0)
    }
}

/// Returns text with a terminator.
fn terminated(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}
