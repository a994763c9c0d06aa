//! The user's own ssh program as the way to the server.
//!
//! Keys, agents, jump hosts, aliases and known hosts are ssh's business and just work; what it
//! says when they do not is read and passed on.

mod askpass;
pub(crate) mod command;
mod complaint;
mod words;

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use mpr_core::WnError;
use mpr_engine::Reached;
use mpr_mount::{Obstacle, Stage};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, ChildStdin, ChildStdout};
use zeroize::Zeroizing;

pub use askpass::answer as answer_askpass;
use words::Words;

/// How long ssh may take to end once its streams have.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Whom to reach, as whom, and how.
pub(crate) struct Way {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Zeroizing<String>>,
    /// The ssh program.
    pub(crate) program: PathBuf,
    /// Options of ssh_config(5), which go before all others and so win.
    pub(crate) options: Vec<String>,
    /// The program that passes ssh's question for a password on to this process.
    pub(crate) askpass: PathBuf,
    pub(crate) limit: Duration,
}

/// A running ssh with its group; it is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Ssh {
    child: Child,
    group: Option<Pid>,
    words: Words,
    has_password: bool,
    host: String,
    /// What a person would type to reach the same.
    line: String,
}

impl Way {
    /// Returns what a person would type to reach the same.
    fn line(&self) -> String {
        let port = self.port.map(|port| format!("-p {port} ")).unwrap_or_default();
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        format!("ssh {port}{user}{}", self.host)
    }
}

impl Ssh {
    /// Starts ssh; that it runs says nothing yet.
    pub(crate) fn start(
        way: &Way,
        reached: Reached,
    ) -> Result<(Self, ChildStdout, ChildStdin), Obstacle> {
        let mut command = command::build(way);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0).kill_on_drop(true).current_dir("/");
        let fail = |error: std::io::Error| {
            let code = match error.kind() {
                std::io::ErrorKind::NotFound => WnError::MOD_NOT_FOUND,
                _ => WnError::GEN_FAILURE,
            };
            let text = format!("the program {} cannot be run: {error}", way.program.display());
            Obstacle::new(Stage::Connect, code, text)
        };
        let desk = match &way.password {
            Some(password) => Some(askpass::Desk::open(password.clone()).map_err(fail)?),
            None => None,
        };
        if let Some(desk) = &desk {
            desk.tell(&mut command, &way.askpass);
        }
        let mut child = command.spawn().map_err(fail)?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let pipes = (child.stdout.take(), child.stdin.take(), child.stderr.take());
        let (Some(output), Some(input), Some(errors)) = pipes else {
            return Err(fail(std::io::ErrorKind::BrokenPipe.into()));
        };
        let answering = desk.zip(group).map(|(desk, group)| tokio::spawn(desk.serve(group)));
        let words = Words::listen(errors, reached, answering);
        let has_password = way.password.is_some();
        let (host, line) = (way.host.clone(), way.line());
        let ssh = Self { child, group, words, has_password, host, line };
        Ok((ssh, output, input))
    }

    /// Says that the way is open: nobody will be asked for a password any more.
    pub(crate) fn opened(&self) {
        self.words.stop_answering();
    }

    /// Returns why ssh gave up, once it has; `chatter` is what came instead of an answer.
    pub(crate) async fn explain(&mut self, chatter: Option<&str>) -> Obstacle {
        let ended = async {
            // It may run on when it was not ssh that gave up; it has no use then.
            let status = tokio::time::timeout(LAST_WORDS, self.child.wait()).await;
            self.words.end().await;
            status.ok().and_then(Result::ok)
        };
        let status: Option<ExitStatus> =
            tokio::time::timeout(LAST_WORDS * 2, ended).await.ok().flatten();
        let (stage, lines) = self.words.said();
        let said = complaint::Said {
            host: &self.host,
            line: &self.line,
            stage,
            lines: &lines,
            has_password: self.has_password,
            chatter,
            status,
        };
        complaint::explain(&said)
    }

    /// Waits for ssh to end by itself after its input was closed.
    pub(crate) async fn wait(&mut self) {
        let _ = self.child.wait().await;
    }
}

impl Drop for Ssh {
    fn drop(&mut self) {
        // Its helpers, jump hosts say, are of its group. Its number is its own until it is waited for.
        if let (Some(group), Some(_)) = (self.group, self.child.id()) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
