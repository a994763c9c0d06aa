//! The SMB provider against a real Samba.

mod browse;
mod connect;
mod faults;
mod files;
mod locks;
mod names;
mod support;

#[path = "../../../../testing/skip.rs"]
mod skip;
