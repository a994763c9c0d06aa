//! WebDAV over HTTP: requests with a bound, answers that are checked.

mod client;
mod error;
mod multistatus;

pub use client::{Client, Credentials, Op, Part, Version};
pub use error::DavError;
pub use multistatus::{Entry, parse_multistatus};
