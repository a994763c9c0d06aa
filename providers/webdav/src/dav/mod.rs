//! The WebDAV client, and the store that the engine makes a share of.

mod auth;
mod body;
mod client;
mod connection;
mod error;
mod multistatus;
mod propfind;
mod protocol;
mod store;
mod tls;

pub use auth::Credentials;
pub use body::Arriving;
pub use client::{Answer, Client};
pub use error::DavError;
pub use multistatus::Entry;
pub use protocol::Dav;
pub use store::DavStore;
pub use tls::Pin;
