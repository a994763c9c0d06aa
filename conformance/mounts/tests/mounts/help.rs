//! Small things that many cases need.

use std::io;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use mpr_mount_conformance::run;
use rustix::io::Errno;

/// Long enough for a busy machine; nothing that works comes near it.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// Waits until something holds.
#[track_caller]
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < end, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Returns the number of an error.
#[track_caller]
pub(crate) fn errno<T: std::fmt::Debug>(result: io::Result<T>) -> Errno {
    match result {
        Ok(value) => panic!("done, and should have been refused: {value:?}"),
        Err(error) => number(&error),
    }
}

/// Returns the number of an error.
pub(crate) fn number(error: &io::Error) -> Errno {
    error.raw_os_error().map_or(Errno::IO, Errno::from_raw_os_error)
}

/// Runs a shell script in a directory and returns what it printed; it fails as the script does.
#[track_caller]
pub(crate) fn sh(dir: &Path, script: &str) -> String {
    let mut command = Command::new("sh");
    command.args(["-euc", script]).current_dir(dir);
    // Programs have habits that depend on these.
    command.env("HOME", "/nonexistent").env("LC_ALL", "C.UTF-8").env_remove("XDG_CONFIG_HOME");
    run(&mut command, LONG).wanted(script)
}

/// A generator that repeats itself for the same seed (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Returns a number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend(self.next().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }
}
