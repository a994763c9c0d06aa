//! What the tests under Wine stand on: one prefix, C built by mingw-w64, worlds in the registry,
//! and programs run there with our `mpr.dll` or Wine's own.
//!
//! `cargo xtask wine` builds what is needed and says where it is: `MPR_WINDOWS_STAGE` is the folder
//! with `x86_64/mpr.dll`, `MPR_WINE_PREFIX` the prefix of all tests. A prefix is large and takes
//! seconds to make, so there is one, kept from run to run; its registry belongs to one [`World`] at
//! a time.

#![forbid(unsafe_code)]

mod build;
mod prefix;
mod registry;
mod root;
mod running;
mod world;

pub use build::{Form, client, dll, expected, module, own_client, program, source};
pub use prefix::{Prefix, Router, finish, windows_path};
pub use registry::Registry;
pub use root::{LAST_LETTER, NON_ASCII, Root};
pub use running::Running;
pub use world::{Ran, World};

use std::path::PathBuf;

/// Returns the folder that `cargo xtask wine` built for 64 bit; `None` if a test is to be skipped.
pub fn stage() -> Option<PathBuf> {
    let stage = PathBuf::from(std::env::var_os("MPR_WINDOWS_STAGE")?).join("x86_64");
    let dll = stage.join("mpr.dll");
    assert!(dll.exists(), "no {}: run `cargo xtask dll`", dll.display());
    Some(stage)
}
