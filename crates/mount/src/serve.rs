//! Starting the serving program, from the caller's side: to mount, or only to ask.
//!
//! It gets its [`Order`] through a pipe and answers in JSON lines through another: `{"pid":N}`
//! when it has left the caller's process group, then `{"ok":true}` when it is done (for a mount:
//! when that works), or `{"stage":...,"code":...,"text":...}`. What it found in a container comes
//! before, as `{"found":[...]}`. Whatever fails, nothing stays behind.

use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mpr_core::WnError;
use rustix::event::{PollFd, PollFlags, Timespec};
use serde_json::Value;

use crate::found::{Found, found_in};
use crate::helper::limit_environment;
use crate::note::{Note, ProcessId};
use crate::order::{Action, Order, Site};
use crate::place::Place;
use crate::runtime::Runtime;
use crate::unmount::{detach_own, log_path};

/// Longest line of an answer, and how much of one may come in all.
const LONGEST_LINE: usize = 1 << 20;
const LONGEST_ANSWER: usize = 64 << 20;

/// Why there is no mount, or no answer.
#[derive(Debug)]
pub enum Failure {
    /// The serving process says why: the stage it reached, a code and a text.
    Refused {
        /// The word of a [`Stage`](crate::Stage).
        stage: String,
        /// The code that goes with it.
        code: WnError,
        /// The text for people.
        text: String,
    },
    /// The directory to mount at holds something.
    NotEmpty,
    /// No answer in time.
    TimedOut,
    /// The helper could not be run, or ended without answer.
    Broken(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::DirectoryNotEmpty => Self::NotEmpty,
            io::ErrorKind::TimedOut => Self::TimedOut,
            _ => Self::Broken(error),
        }
    }
}

/// Mounts: makes the directory, starts the serving process and waits for its answer.
///
/// The caller holds the lock of the place.
pub fn serve(runtime: &Runtime, place: &Place, order: &Order<'_>) -> Result<(), Failure> {
    let made_dir = place.create(runtime)?;
    let mut process = None;
    let site = Site { place, made_dir };
    let result = start(runtime, order, Action::Mount, Some(site), &mut process);
    if result.is_err() {
        if let Some(process) = process {
            process.kill(Duration::from_secs(2));
        }
        detach_own(place, order.subtype);
        Note::remove(runtime, place);
        let _ = std::fs::remove_file(log_path(runtime, place));
        if made_dir {
            place.remove(runtime);
        }
    }
    result.map(drop)
}

/// Connects without mounting, and ends: whether it works, and why not.
pub fn probe(runtime: &Runtime, order: &Order<'_>) -> Result<(), Failure> {
    ask(runtime, order, Action::Probe).map(drop)
}

/// Asks what a server or directory holds.
pub fn browse(runtime: &Runtime, order: &Order<'_>) -> Result<Vec<Found>, Failure> {
    ask(runtime, order, Action::Browse)
}

fn ask(runtime: &Runtime, order: &Order<'_>, action: Action) -> Result<Vec<Found>, Failure> {
    let mut process = None;
    let result = start(runtime, order, action, None, &mut process);
    if let Some(process) = process.filter(|_| result.is_err()) {
        process.kill(Duration::from_secs(2));
    }
    result
}

fn start(
    runtime: &Runtime,
    order: &Order<'_>,
    action: Action,
    site: Option<Site<'_>>,
    process: &mut Option<ProcessId>,
) -> Result<Vec<Found>, Failure> {
    let deadline = Instant::now() + order.limit;
    let (order_end, mut order_pipe) = io::pipe()?;
    let (mut answers, answer_end) = io::pipe()?;
    // Both ends are ours and the pipe holds it all: no waiting, and no SIGPIPE for a C caller.
    order_pipe.write_all(&order.document(runtime, action, site)?)?;
    drop(order_pipe);

    let log = match site {
        Some(site) => std::fs::OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(log_path(runtime, site.place))?
            .into(),
        None => Stdio::null(),
    };
    let mut command = Command::new(order.helper);
    limit_environment(&mut command);
    command.stdin(order_end).stdout(answer_end).stderr(log);
    let mut first = command.spawn()?;
    // The command holds the ends that the child got; without it the pipe ends with the child.
    drop(command);
    *process = ProcessId::of(first.id());

    let outcome = listen(&mut answers, deadline, process);
    if outcome.is_err() {
        let _ = first.kill();
    }
    let _ = first.wait();
    outcome
}

/// Reads answer lines until the last word or the deadline; returns what was found.
fn listen(
    answers: &mut io::PipeReader,
    deadline: Instant,
    process: &mut Option<ProcessId>,
) -> Result<Vec<Found>, Failure> {
    let mut text = Vec::new();
    let mut chunk = [0; 4096];
    let (mut found, mut sum) = (Vec::new(), 0);
    loop {
        let mut taken = 0;
        while let Some(length) = text[taken..].iter().position(|&byte| byte == b'\n') {
            let line = &text[taken..taken + length];
            taken += length + 1;
            let value: Value = serde_json::from_slice(line).map_err(io::Error::from)?;
            if let Some(pid) = value.get("pid").and_then(Value::as_u64) {
                *process = u32::try_from(pid).ok().and_then(ProcessId::of);
            } else if let Some(more) = found_in(&value) {
                found.extend(more);
            } else {
                return last_word(&value).map(|()| found);
            }
        }
        text.drain(..taken);
        if text.len() > LONGEST_LINE || sum > LONGEST_ANSWER {
            return Err(io::Error::from(io::ErrorKind::InvalidData).into());
        }
        wait(answers, deadline)?;
        match answers.read(&mut chunk)? {
            0 => {
                let text = "the serving process ended without an answer";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text).into());
            }
            count => {
                text.extend_from_slice(&chunk[..count]);
                sum += count;
            }
        }
    }
}

/// Waits until there is something to read.
fn wait(answers: &io::PipeReader, deadline: Instant) -> Result<(), Failure> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        let mut polled = [PollFd::new(answers, PollFlags::IN)];
        match rustix::event::poll(&mut polled, Some(&timeout)) {
            Ok(0) => return Err(Failure::TimedOut),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(io::Error::from(error).into()),
            Ok(_) => return Ok(()),
        }
    }
}

fn last_word(value: &Value) -> Result<(), Failure> {
    if value.get("ok").and_then(Value::as_bool) == Some(true) {
        return Ok(());
    }
    let text = |key| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let code = value.get("code").and_then(Value::as_u64).and_then(|code| u32::try_from(code).ok());
    let code = code.and_then(WnError::new).unwrap_or(WnError::UNEXP_NET_ERR);
    Err(Failure::Refused { stage: text("stage"), code, text: text("text") })
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
