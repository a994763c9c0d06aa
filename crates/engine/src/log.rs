//! The log of a serving process: its standard error.

use std::fmt::Arguments;
use std::io::{self, Write as _};

/// Writes a line. Unlike `eprintln!` it does not panic where there is no room for it: a thread that
/// ends takes the mount along, and with it whatever the server has not taken yet.
pub(crate) fn log(line: Arguments<'_>) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}
