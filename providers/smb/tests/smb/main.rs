//! The SMB provider against a real Samba.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod browse;
mod connect;
mod faults;
mod files;
mod locks;
mod mounts;
mod names;
mod support;

#[path = "../../../../testing/skip.rs"]
mod skip;
