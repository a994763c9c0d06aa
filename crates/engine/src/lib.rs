//! The mount engine: a FUSE file system over a share that some protocol reaches.
//!
//! A protocol supplies a [`Share`] (open, read, write, list, rename ... as asynchronous calls) and
//! a [`Protocol`] that connects to it. The engine does the rest: serving FUSE, the inode table,
//! read-ahead, write-behind, what is believed for how long, a deadline for every operation,
//! health, reconnecting in place, and the life of the serving process ([`main`]).
//!
//! Used by the serving processes alone; neither the router nor a provider module links it.

#![forbid(unsafe_code)]

mod aside;
mod core;
mod errno;
mod fault;
mod file;
mod fuse;
mod health;
mod listing;
mod log;
mod nodes;
mod ops;
mod path;
mod protocol;
mod serving;
mod share;
mod space;
pub mod spool;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod upkeep;

// The stand-in for a server is compiled for an example too, which sees this crate from outside.
#[cfg(test)]
extern crate self as mpr_engine;

pub use fault::{Fault, FaultKind};
pub use mpr_mount::{Found, FoundKind};
pub use path::RemotePath;
pub use protocol::{Protocol, Reached, Target};
pub use serving::main;
pub use share::{
    Abilities, Attributes, Change, Entry, Kind, LockKind, LockRange, OpenHow, Opened, Share, Space,
};
