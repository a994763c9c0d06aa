//! The provider against real servers, through real mounts.
//!
//! Each test has its own server, its own `MPR_ROOT` and its own mounts, which go with it even if
//! it panics. Nothing sleeps to be right, and nothing asserts a wall time.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod apache;
mod bench;
mod connecting;
mod faults;
mod files;
mod listing;
mod ordinary_user;
mod second_server;
#[path = "../../../../testing/skip.rs"]
mod skip;
