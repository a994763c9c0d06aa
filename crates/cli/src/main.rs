//! The `mpr` command.
//!
//! It asks the router of this process, as any program would, and turns answers into text or JSON
//! and an exit status: 0 done, 1 failed, 2 wrong usage, 3 configuration refused. What it prints and
//! what `--json` means is in `mpr(1)`. It decides nothing about connections.

#![forbid(unsafe_code)]
#![deny(clippy::print_stderr)]

mod app;
mod args;
mod command;
mod failure;
mod habits;
mod interrupt;
mod layout;
mod mounts;
mod names;
mod output;
mod password;
mod settings;
mod story;
mod table;
mod watch;

use std::process::ExitCode;

fn main() -> ExitCode {
    args::run(std::env::args_os().collect())
}
