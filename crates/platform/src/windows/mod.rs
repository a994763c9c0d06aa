//! Windows and Wine: the registry, its rules apart from the calls.
//!
//! `names`, `load` and `profile` say what the keys mean, on any [`hive::Hive`]; they know no system
//! call and are tested everywhere. `registry` is the hive of the system. The rest is what only
//! Windows can say: its folders, its code page, its user and drives, memory for secrets.

// Calling the system is what the other half of this folder is for (`style.md`, Unsafe and FFI).
#![cfg_attr(windows, allow(unsafe_code))]
#![cfg_attr(not(windows), allow(dead_code, reason = "only tests use the rules here"))]

mod hive;
mod load;
mod names;
mod profile;
#[cfg(test)]
mod tests;

#[cfg(windows)]
pub(crate) mod ansi;
#[cfg(windows)]
mod machine;
#[cfg(windows)]
mod paths;
#[cfg(windows)]
mod registry;
#[cfg(windows)]
mod secret;
#[cfg(windows)]
mod sys;
#[cfg(windows)]
mod trust;

#[cfg(windows)]
pub use machine::{current_user, debug_line, is_local_drive, ticks};
#[cfg(windows)]
pub use paths::Paths;
#[cfg(windows)]
pub use profile::ProfileFile;
#[cfg(windows)]
pub use secret::Protected;
#[cfg(windows)]
pub use trust::{Trust, TrustError};
