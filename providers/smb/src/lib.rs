//! The SMB network provider: `\\server\share`, `smb://server/share`.
//!
//! In a caller's process it only knows names ([`SmbName`]); SMB itself is spoken by the serving
//! program `mpr-serve-smb`, which runs the mount engine over an [`SmbShare`].

#![forbid(unsafe_code)]

mod anonymous;
mod browse;
mod connect;
mod facts;
mod file;
mod kernel;
mod link;
mod locks;
mod login;
mod name;
mod names;
mod network;
mod opening;
mod path;
mod protocol;
mod requests;
mod session;
mod share;
mod srvsvc;
mod status;
mod transport;
mod tree;
mod wire;

pub use file::SmbFile;
pub use name::SmbName;
pub use protocol::Smb;
pub use share::SmbShare;

/// The SMB network provider.
pub type SmbProvider = mpr_mount::MountProvider<Smb>;

mpr_abi::export_provider!(SmbProvider);
