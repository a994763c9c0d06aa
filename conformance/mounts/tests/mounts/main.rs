//! One suite for all mounting providers, through the staged `mpr`, real mounts and real servers.
//!
//! Every case runs for every server, as this user and, if that is root, as an ordinary one too:
//! `SERVER/USER/CASE`. Arguments are parts of such names; without any, everything runs. `--list`
//! lists. `MPR_SEED` repeats a random workload.

#![expect(clippy::unwrap_used, reason = "tests fail")]

mod bench;
mod cases;
mod faults;
mod help;
mod runner;
#[path = "../../../../testing/skip.rs"]
mod skip;
mod user;

use std::process::ExitCode;

fn main() -> ExitCode {
    runner::main()
}
