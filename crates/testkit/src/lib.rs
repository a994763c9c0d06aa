//! Servers for tests and the demonstration.
//!
//! [`WebDavServer`] serves a directory or memory over WebDAV on the loopback interface, at a port
//! of the system's choice, and stops when it is dropped. [`Faults`] make it misbehave on demand,
//! while it runs. [`Samba`] is a real smbd with private state.
//!
//! [`Smbd`], [`Sshd`] and [`Apache`] are servers by others that run as an ordinary user (`nobody`,
//! if the test is root's); their [`Daemon`] is frozen, killed and started again. A [`Proxy`] makes
//! the line to any of them misbehave.

#![forbid(unsafe_code)]

mod account;
mod apache;
mod daemon;
mod faults;
mod proxy;
pub mod samba;
#[cfg(test)]
#[path = "../../../testing/skip.rs"]
mod skip;
mod smbd;
mod sshd;
mod webdav;

pub use account::{Export, command as server_command, give, server_uid, server_user};
pub use apache::{Apache, Login};
pub use daemon::{Daemon, free_port};
pub use faults::Faults;
pub use proxy::{Line, Proxy};
pub use samba::{Samba, SambaOptions};
pub use smbd::Smbd;
pub use sshd::Sshd;
pub use webdav::{Options, WebDavServer};

/// Tells whether a program that a test needs is there; if not, says that the test is skipped.
#[cfg(test)]
fn have(program: &str, test: &str) -> bool {
    let found = std::process::Command::new(program).arg("--version").output().is_ok();
    if !found {
        skip::skip(test, &format!("there is no {program}: cargo xtask setup"));
    }
    found
}
