//! The SFTP network provider: `sftp://user@host/path`, `\\host@SSH\path`.
//!
//! In a caller's process it only knows names ([`Remote`]). The serving program `mpr-serve-sftp`
//! speaks SFTP through the user's own `ssh`, so that keys, agents, jump hosts and known hosts are
//! those that the user has already.

#![forbid(unsafe_code)]

mod link;
mod network;
mod protocol;
mod remote;
mod sftp;
mod share;
mod ssh;

pub use network::SftpNetwork;
pub use protocol::Sftp;
pub use remote::Remote;
pub use share::{SftpFile, SftpShare};
pub use ssh::answer_askpass;

/// The SFTP network provider.
pub type SftpProvider = mpr_mount::MountProvider<SftpNetwork>;

mpr_abi::export_provider!(SftpProvider);
