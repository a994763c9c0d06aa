//! The NFS network provider: `nfs://host[:port]/path`, `\\host@NFS\path`.
//!
//! It mounts nothing itself: the kernel does, by `mount.nfs`, for root. The program
//! `mpr-serve-nfs` only looks whether the server can be reached ([`answer`]), in a process of its
//! own, since looking up a host's address can neither be bounded nor given up in the caller's.

#![forbid(unsafe_code)]

mod name;
mod network;
mod probe;

pub use name::NfsName;
pub use network::Nfs;
pub use probe::answer;

/// The NFS network provider.
pub type NfsProvider = mpr_mount::MountProvider<Nfs>;

mpr_abi::export_provider!(NfsProvider);
