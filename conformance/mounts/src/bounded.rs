//! Commands with a time limit.
//!
//! A program that waits for a dead mount may not even die of SIGKILL; then it is left behind, and
//! ends when its mount does.

use std::io::{Read as _, Seek as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// What became of a command.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended; `None` if it had to be killed.
    pub status: Option<ExitStatus>,
    /// What it printed.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

impl Outcome {
    /// Tells whether it did what it should.
    pub fn good(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// Fails the test with what the command said, unless it was good; returns what it printed.
    #[track_caller]
    pub fn wanted(self, what: &str) -> String {
        assert!(self.good(), "{what}: {self:?}");
        self.stdout
    }
}

/// Runs a command in a process group of its own, and kills that when the limit is over.
pub fn run(command: &mut Command, limit: Duration) -> Outcome {
    run_with(command, limit, "")
}

/// Runs a command so, with text at its standard input.
pub fn run_with(command: &mut Command, limit: Duration, input: &str) -> Outcome {
    use std::io::Write as _;
    // Files, not pipes: what a killed program started may hold a pipe open for ever.
    let mut given = tempfile::tempfile().unwrap();
    given.write_all(input.as_bytes()).unwrap();
    given.rewind().unwrap();
    let mut files = [tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap()];
    command.stdin(Stdio::from(given));
    command.stdout(files[0].try_clone().unwrap()).stderr(files[1].try_clone().unwrap());
    let start = Instant::now();
    let mut child = match command.process_group(0).spawn() {
        Ok(child) => child,
        Err(error) => panic!("{:?}: {error}; cargo xtask setup", command.get_program()),
    };
    let mut pause = Duration::from_millis(1);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if start.elapsed() > limit {
            let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
            let _ = group.map(|group| kill_process_group(group, Signal::KILL));
            break None;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    let took = start.elapsed();
    let [stdout, stderr] = files.each_mut().map(|file| {
        let mut bytes = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    });
    Outcome { status, stdout, stderr, took }
}
