//! Runs a program within its time, whatever it does with its input and output.
//!
//! Its input is a file in memory, so that writing it cannot block, nor raise SIGPIPE in somebody
//! else's process. Its outputs are read without blocking while it runs; once it has ended, what is
//! there is read and no more, since processes that it left behind may hold the pipes open.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{MemfdFlags, OFlags, fcntl_setfl, memfd_create};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

use crate::output::Tail;
use crate::report::End;

/// How often the child is looked at where the kernel cannot tell us that it ended.
const LOOK: Duration = Duration::from_millis(20);
/// How long a killed child has to go before a thread waits for it in our place.
const DYING: Duration = Duration::from_secs(2);
/// How long a program that is just being started is waited for by who passes a signal on.
const STARTING: Duration = Duration::from_secs(1);
/// Most that is read after the end; a pipe holds 1 MiB at most, unless root says otherwise.
const LAST_WORDS: usize = 1 << 20;

/// The programs that run now.
static RUNNING: Mutex<Running> = Mutex::new(Running { starting: 0, groups: Vec::new() });
static STARTED: Condvar = Condvar::new();

struct Running {
    /// How many are just being started.
    starting: usize,
    /// Each the leader of a group, and none of them reaped yet.
    groups: Vec<Pid>,
}

fn running() -> MutexGuard<'static, Running> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends a signal to every program that runs now and to what it started: they are groups of their
/// own, which a terminal's interrupt does not reach. For who is about to end by that signal; tells
/// whether there was any.
pub fn pass_on(signal: i32) -> bool {
    let Some(signal) = Signal::from_named_raw(signal) else { return false };
    // One that is just being started may run already; one that cannot be may take for ever.
    let started = STARTED.wait_timeout_while(running(), STARTING, |it| it.starting > 0);
    let groups = &started.unwrap_or_else(PoisonError::into_inner).0.groups;
    for group in groups {
        let _ = kill_process_group(*group, signal);
    }
    !groups.is_empty()
}

/// Starts a command, and takes note of it.
fn start(command: &mut Command) -> io::Result<Child> {
    running().starting += 1;
    let started = command.spawn();
    let mut running = running();
    running.starting -= 1;
    running.groups.extend(started.as_ref().map(Pid::from_child));
    STARTED.notify_all();
    started
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) end: End,
    pub(crate) stdout: Tail,
    pub(crate) stderr: Tail,
}

/// Runs a command that has pipes for stdout and stderr; it returns within the timeout and a bit.
pub(crate) fn run(command: &mut Command, input: &[u8], timeout: Duration) -> Outcome {
    let deadline = Instant::now().checked_add(timeout);
    let started = memory_file(input).and_then(|file| start(command.stdin(file)));
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            let end = End::NotStarted(error);
            return Outcome { end, stdout: Tail::default(), stderr: Tail::default() };
        }
    };
    let mut outputs = [
        Output::new(child.stdout.take().map(OwnedFd::from)),
        Output::new(child.stderr.take().map(OwnedFd::from)),
    ];
    let watch = pidfd_open(Pid::from_child(&child), PidfdFlags::empty()).ok();
    let end = watch_child(&mut child, watch.as_ref(), &mut outputs, deadline);
    if matches!(end, End::TimedOut) {
        kill(child, watch.as_ref());
    }
    let [stdout, stderr] = outputs.map(Output::finish);
    Outcome { end, stdout, stderr }
}

/// Reads the outputs until the child ends or its time does.
fn watch_child(
    child: &mut Child,
    watch: Option<&OwnedFd>,
    outputs: &mut [Output; 2],
    deadline: Option<Instant>,
) -> End {
    loop {
        match reap(child) {
            Ok(Some(status)) => return end_of(status),
            Ok(None) => {}
            Err(_) => return End::Lost,
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return End::TimedOut;
        }
        wait(watch, outputs, left);
        for output in outputs.iter_mut() {
            output.read();
        }
    }
}

/// Waits until there is something to read, the child has ended, or the time is over.
fn wait(watch: Option<&OwnedFd>, outputs: &[Output; 2], left: Option<Duration>) {
    let left = if watch.is_some() { left } else { Some(left.map_or(LOOK, |left| left.min(LOOK))) };
    let open = outputs.iter().filter_map(|output| output.pipe.as_ref()).map(AsFd::as_fd);
    let mut fds: Vec<_> = open
        .chain(watch.map(AsFd::as_fd))
        .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
        .collect();
    let left = left.and_then(|left| Timespec::try_from(left).ok());
    // An interruption is as good as an event: the caller looks at everything again.
    let _ = poll(&mut fds, left.as_ref());
}

/// Kills the child and what it started in its group. The child is not reaped yet, so the number
/// still is its own.
fn kill(mut child: Child, watch: Option<&OwnedFd>) {
    let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
    let deadline = Instant::now() + DYING;
    let nothing = [Output::new(None), Output::new(None)];
    while let Ok(None) = reap(&mut child) {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            running().groups.retain(|leader| *leader != Pid::from_child(&child));
            // Stuck in the kernel; whenever it goes, it must not stay a zombie.
            let _ = thread::Builder::new().spawn(move || child.wait());
            return;
        }
        wait(watch, &nothing, Some(left));
    }
}

/// Asks whether the child has ended; from then on its number may be somebody else's.
fn reap(child: &mut Child) -> io::Result<Option<ExitStatus>> {
    let mut running = running();
    let ended = child.try_wait();
    if !matches!(ended, Ok(None)) {
        running.groups.retain(|leader| *leader != Pid::from_child(child));
    }
    ended
}

fn end_of(status: ExitStatus) -> End {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or_else(|| End::Signal(status.signal().unwrap_or(0)), End::Exited)
}

fn memory_file(content: &[u8]) -> io::Result<File> {
    let mut file = File::from(memfd_create("mpr-event", MemfdFlags::CLOEXEC)?);
    file.write_all(content)?;
    file.rewind()?;
    Ok(file)
}

/// One output of the child: the pipe while it is open, and the end of what came through.
#[derive(Debug)]
struct Output {
    pipe: Option<File>,
    tail: Tail,
}

impl Output {
    fn new(pipe: Option<OwnedFd>) -> Self {
        // A pipe that cannot be made non-blocking could hang us, so it is not read at all.
        let pipe = pipe.filter(|pipe| fcntl_setfl(pipe, OFlags::NONBLOCK).is_ok());
        Self { pipe: pipe.map(File::from), tail: Tail::default() }
    }

    /// Reads what is there, at most one buffer of it; closes the pipe at its end.
    fn read(&mut self) -> usize {
        let mut buffer = [0; 16 << 10];
        let Some(pipe) = &mut self.pipe else { return 0 };
        match pipe.read(&mut buffer) {
            Ok(0) => self.pipe = None,
            Ok(length) => {
                self.tail.push(&buffer[..length]);
                return length;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => self.pipe = None,
        }
        0
    }

    /// Reads what is left after the end of the child.
    fn finish(mut self) -> Tail {
        let mut total = 0;
        while total < LAST_WORDS {
            match self.read() {
                0 => break,
                length => total += length,
            }
        }
        self.tail
    }
}
