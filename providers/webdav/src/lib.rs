//! WebDAV network provider.
#![forbid(unsafe_code)]
pub mod dav;
pub mod fs;
pub mod probe;
pub mod remote;
mod serving;
pub use serving::serve;
