//! Running a helper of mount(8): with an environment of its own, and to a limit.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal};

/// How much of what a helper says is kept.
const LONGEST_TEXT: usize = 4096;

/// How long the end of a killed helper is waited for; one inside the kernel may not end at all.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How a helper ended, and what it said.
pub(super) struct Outcome {
    pub(super) success: bool,
    pub(super) text: String,
}

/// Runs a helper to its end, and kills it and what it started at the deadline (`TimedOut`).
pub(super) fn run(
    command: &mut Command,
    input: Option<File>,
    deadline: Instant,
) -> io::Result<Outcome> {
    command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(input.map_or_else(Stdio::null, Stdio::from))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A group of its own can be killed whole.
        .process_group(0);
    let mut child = command.spawn()?;
    // The command would hold the input for as long as it is there.
    command.stdin(Stdio::null());
    let mut text = Vec::new();
    let ended = watch(&mut child, &mut text, deadline);
    if ended.is_err() {
        kill(&mut child);
    }
    let text = String::from_utf8_lossy(&text);
    let line = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    let text = line.collect::<Vec<_>>().join("; ").replace(char::is_control, " ");
    Ok(Outcome { success: ended?.success(), text })
}

/// Waits for the end of the helper alone: a service that it started may hold its pipe for ever.
fn watch(child: &mut Child, text: &mut Vec<u8>, deadline: Instant) -> io::Result<ExitStatus> {
    let Some(pid) = pid(child) else { return Err(io::ErrorKind::NotFound.into()) };
    let handle = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
    let mut said = child.stderr.take();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        let mut polled = vec![PollFd::new(&handle, PollFlags::IN)];
        polled.extend(said.as_ref().map(|pipe| PollFd::new(pipe, PollFlags::IN)));
        match rustix::event::poll(&mut polled, Some(&timeout)) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
            Ok(_) => {}
        }
        let ended = !polled[0].revents().is_empty();
        let more = polled.get(1).is_some_and(|pipe| !pipe.revents().is_empty());
        drop(polled);
        // What was said before the end is read before the end is looked at.
        if let Some(pipe) = said.as_mut().filter(|_| more) {
            let mut chunk = [0; 1024];
            match pipe.read(&mut chunk) {
                Ok(count) if count > 0 => {
                    let room = LONGEST_TEXT.saturating_sub(text.len());
                    text.extend_from_slice(&chunk[..count.min(room)]);
                    if Instant::now() < deadline {
                        continue;
                    }
                    return Err(io::ErrorKind::TimedOut.into());
                }
                _ => said = None,
            }
        }
        if ended {
            return child.wait();
        }
    }
}

fn kill(child: &mut Child) {
    // Not waited for yet, so nobody else has its number.
    if let Some(group) = pid(child) {
        let _ = rustix::process::kill_process_group(group, Signal::KILL);
    }
    let deadline = Instant::now() + LAST_WORDS;
    while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn pid(child: &Child) -> Option<Pid> {
    Pid::from_raw(i32::try_from(child.id()).ok()?)
}
