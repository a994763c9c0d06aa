//! Mounts that the kernel serves itself, made by a helper of mount(8).
//!
//! Only root can have them, and only where helper and file system are there. They are in the
//! mount table like all others; a note beside it ([`KernelNote`]) tells which of them are ours.
//! What becomes of them when the server dies is the kernel's affair: nothing here can bound it.

mod credentials;
mod hand_over;
mod means;
mod note;
mod run;

pub(crate) use hand_over::{Login, hand_over};
pub(crate) use means::Means;
pub(crate) use note::KernelNote;

/// The kernel's file system for a network.
#[derive(Clone, Copy, Debug)]
pub struct KernelSystem {
    /// What it is called in `/proc/filesystems` and the mount table; any of these will do.
    pub types: &'static [&'static str],
    /// The helper of mount(8): `mount.cifs`.
    pub helper: &'static str,
    /// Whether it takes a user and a password, in a file that the option `credentials` names.
    pub logs_in: bool,
    /// Whether there is no other way: the network has no mounts of its own.
    pub only: bool,
}

/// How a helper is to mount one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelMount {
    /// What the helper is told to mount: `//server/share`, `host:/path`.
    pub source: String,
    /// Options beside `nosuid`, `nodev` and `_netdev`; none may hold a comma.
    pub options: Vec<String>,
}
