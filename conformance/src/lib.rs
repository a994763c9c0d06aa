//! What the conformance tests stand on: a staged `libmpr.so`, C compiled against it, private roots
//! with modules in them, and client programs that run there with a time limit.
//!
//! Nothing here knows how the router works. Clients print, modules log, tests compare.

#![forbid(unsafe_code)]

mod build;
mod client;
mod root;
mod stage;

pub use build::{Form, client, example, expected, module, source};
pub use client::{Ran, Running};
pub use root::{LAST_LETTER, NON_ASCII, Root};
pub use stage::{Stage, have, skip, stage, target, workspace};
