//! A stage for drives under Wine: a native root of its own, a WebDAV server (tests start
//! others), and a prefix that `mpr wine install` was run for.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, reason = "a stage for tests only")]

mod stage;

pub use stage::{Stage, unc};
