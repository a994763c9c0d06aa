//! Servers for tests and the demonstration.
//!
//! [`WebDavServer`] serves a directory or memory over WebDAV on the loopback interface, at a port
//! of the system's choice, and stops when it is dropped. [`Faults`] make it misbehave on demand,
//! while it runs. [`Samba`] is a real smbd with private state.

#![forbid(unsafe_code)]

mod faults;
pub mod samba;
mod webdav;

pub use faults::Faults;
pub use samba::{Samba, SambaOptions};
pub use webdav::{Options, WebDavServer};
