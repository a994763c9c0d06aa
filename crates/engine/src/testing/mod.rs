//! What the tests of the engine run against: a directory as a server, mounted in this process.

pub(crate) mod faults;
pub(crate) mod local;
pub(crate) mod mount;
#[path = "../../../../testing/skip.rs"]
pub(crate) mod skip;
