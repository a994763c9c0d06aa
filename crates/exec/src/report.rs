//! What a run of a program was like, for the trace and for people.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Longest reason that is shown, in characters.
const LONGEST_REASON: usize = 500;

/// One run of a program.
#[derive(Debug)]
pub struct ExecReport {
    /// The name that the notifyee is registered under.
    pub notifyee: String,
    /// The program.
    pub program: PathBuf,
    /// What it was told of.
    pub operation: Operation,
    /// `None` before the attempt; after it, its status.
    pub status: Option<u32>,
    /// How the program ended.
    pub end: End,
    /// The answer that the router got; `None` if there was nothing to run.
    pub answer: Option<u32>,
    /// What to show to people if the program did not accept.
    pub reason: Option<String>,
    /// The end of what it printed.
    pub stdout: String,
    /// The end of what it printed as errors.
    pub stderr: String,
    /// Whether it printed more than is kept.
    pub truncated: bool,
    /// How long it took.
    pub elapsed: Duration,
}

/// What a program is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A connection is made.
    Add,
    /// A connection is broken.
    Cancel,
}

/// How a program ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum End {
    /// With this exit status.
    Exited(u8),
    /// By this signal.
    Signal(i32),
    /// It took too long, and its process group was killed.
    TimedOut,
    /// Somebody else in this process took its exit status.
    Lost,
    /// It could not be started.
    NotStarted(io::Error),
}

/// Returns what people are shown: the last line on stderr, or what happened.
pub(crate) fn reason(end: &End, stderr: &str, timeout: Duration) -> Option<String> {
    let said = || {
        let line = stderr.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
        // What a program prints must not steer the terminal.
        Some(line.chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect::<String>())
    };
    match end {
        End::Exited(0) => None,
        End::Exited(status) => said().or_else(|| Some(format!("exit status {status}"))),
        End::Signal(signal) => Some(format!("ended by signal {signal}")),
        End::TimedOut => Some(format!("no answer within {timeout:?}")),
        End::Lost => Some("its exit status was lost to another part of this process".into()),
        End::NotStarted(error) => Some(format!("could not be started: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_last_line_and_plain() {
        let second = Duration::from_secs(1);
        let said = |stderr: &str| reason(&End::Exited(3), stderr, second).unwrap();
        assert_eq!(said("first\nVPN is down\n\n  \n"), "VPN is down");
        assert_eq!(said("\u{1b}[2Jwiped"), "[2Jwiped");
        assert_eq!(said(&"x".repeat(9999)).len(), LONGEST_REASON);
        assert_eq!(said(""), "exit status 3");
        assert_eq!(reason(&End::Exited(0), "just talk", second), None);
        assert_eq!(reason(&End::TimedOut, "", second).unwrap(), "no answer within 1s");
    }
}
