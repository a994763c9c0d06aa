//! The file system: POSIX operations made of WebDAV requests and a spool per open file.
//!
//! No acknowledged write is lost: what was written stays in the spool until the server has it, and
//! `close` and `fsync` report what the server said. Every operation ends within its limit.

mod directory;
mod engine;
mod errno;
mod file;
mod fuse;
mod nodes;
mod spool;

pub use engine::Engine;
pub use fuse::{FileSystem, mount_config};
