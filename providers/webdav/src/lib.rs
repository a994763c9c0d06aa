//! The WebDAV network provider: `https://host/path` and `\\host@SSL\DavWWWRoot\path` as drives.
//!
//! The module answers the router ([`WebDav`]); a process of its own serves each mount and speaks the
//! protocol ([`dav`]). `crates/mount` and `crates/engine` have what both share with other providers.

#![forbid(unsafe_code)]
#![deny(clippy::print_stderr)]

pub mod dav;
mod provider;
pub mod remote;

pub use provider::{WebDav, WebDavNetwork};

mpr_abi::export_provider!(WebDav);

/// What the guides show, compiled: this crate happens to have all that they need.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/write-a-notifyee.md")]
#[doc = include_str!("../../../docs/guide/write-a-provider.md")]
pub struct Guides;
