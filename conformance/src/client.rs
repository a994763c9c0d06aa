//! A client program, run in a world with a time limit.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::stage::stage;

/// Seconds that a client may take before it is killed: a deadlock is a failure, not a hang.
const LIMIT: &str = "60";

/// A client that runs.
#[derive(Debug)]
pub struct Running {
    child: Child,
    what: String,
}

/// A client that ended.
#[derive(Debug)]
pub struct Ran {
    /// Exit status; `None` after a signal.
    pub status: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it printed about failures.
    pub stderr: String,
}

impl Running {
    pub(crate) fn start(root: &Path, client: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new("timeout");
        command.args(["-s", "KILL", LIMIT]).arg(client).args(arguments);
        // A world of its own: nothing of the caller's session counts.
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LD_LIBRARY_PATH", &stage().lib)
            .env("MPR_ROOT", root)
            .env("HOME", root)
            .env("CONFORMANCE_LOG", root.join("log"))
            .current_dir(root.join("cwd"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = command.spawn().unwrap_or_else(|why| panic!("{command:?}: {why}"));
        Self { child, what: format!("{} {arguments:?}", client.display()) }
    }

    /// Tells whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its end; one that was killed fails the test.
    pub fn finish(self) -> Ran {
        let output = self.child.wait_with_output().expect("it was started");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let status = output.status.code();
        assert_eq!(status, Some(0), "{}\n{stdout}{stderr}", self.what);
        Ran { status, stdout, stderr }
    }
}

impl Ran {
    /// Returns what it printed, by lines.
    pub fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }
}
