//! Servers for tests and the demonstration.
//!
//! [`WebDavServer`] serves a directory or memory over WebDAV on the loopback interface, at a port
//! of the system's choice, and stops when it is dropped. [`Faults`] make it misbehave on demand,
//! while it runs.

#![forbid(unsafe_code)]

mod faults;
mod webdav;

pub use faults::Faults;
pub use webdav::{Options, WebDavServer};
