//! The two pipes, and what goes through them; no wait is without bound.

use std::io::{self, Write as _};
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mpr_wine::{Answer, FRAME_LIMIT, Hello, Request, Verdict, frame};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read, write};
use rustix::pipe::{PipeFlags, pipe_with};
use zeroize::Zeroizing;

/// How long the other side may take to ask, to read, and to say its verdict.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is told that the work goes on.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Both pipes, with the ends that the other side opens anew.
pub(crate) struct Channel {
    ask: OwnedFd,
    /// Held until there is a request: a pipe that nobody writes to is at its end.
    asker: Option<OwnedFd>,
    answer: Arc<Mutex<OwnedFd>>,
    /// The end that answers are read from.
    reader: OwnedFd,
}

impl Channel {
    /// Makes the pipes.
    pub(crate) fn open() -> io::Result<Self> {
        let flags = PipeFlags::CLOEXEC | PipeFlags::NONBLOCK;
        let (ask, asker) = pipe_with(flags)?;
        let (reader, answer) = pipe_with(flags)?;
        Ok(Self { ask, asker: Some(asker), answer: Arc::new(Mutex::new(answer)), reader })
    }

    /// Says on standard output where the pipes are.
    pub(crate) fn say_hello(&self) -> io::Result<()> {
        let number = |fd: &OwnedFd| u32::try_from(fd.as_raw_fd()).unwrap_or_default();
        let (ask, answer) = (number(&self.ask), number(&self.reader));
        let line = Hello { pid: std::process::id(), ask, answer }.line();
        io::stdout().write_all(line.as_bytes())?;
        io::stdout().flush()
    }

    /// Reads the request. From then on the pipe ends when the other side does.
    pub(crate) fn request(&mut self) -> io::Result<Request> {
        let end = Instant::now() + PATIENCE;
        let mut length = Zeroizing::new(vec![0; 4]);
        self.fill(&mut length, end)?;
        let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
        if length > FRAME_LIMIT {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut message = Zeroizing::new(vec![0; length]);
        self.fill(&mut message, end)?;
        self.asker = None;
        Request::decode(&message).map_err(|_| io::ErrorKind::InvalidData.into())
    }

    /// Fills a buffer; fails when time is up, and at the pipe's end.
    fn fill(&self, buffer: &mut [u8], end: Instant) -> io::Result<()> {
        let mut done = 0;
        while done < buffer.len() {
            match read(&self.ask, &mut buffer[done..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(Errno::AGAIN) => {
                    if wait(&self.ask, PollFlags::IN, end)?.is_none() {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                Ok(count) => done += count,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Says something.
    pub(crate) fn say(&self, answer: &Answer) -> io::Result<()> {
        say(&self.answer, answer)
    }

    /// Waits for what becomes of a connection; silence and the other side's end are "undo".
    pub(crate) fn verdict(&self) -> Verdict {
        let mut byte = [0];
        let read = self.fill(&mut byte, Instant::now() + PATIENCE);
        Verdict::of(read.ok().map(|()| byte[0]))
    }

    /// Tells the other side every second that the work goes on, until the guard is dropped.
    pub(crate) fn keep_alive(&self) -> KeepAlive {
        let done = Arc::new(AtomicBool::new(false));
        let (answer, ended) = (Arc::clone(&self.answer), Arc::clone(&done));
        let beat = move || {
            loop {
                std::thread::park_timeout(HEARTBEAT);
                if ended.load(Ordering::Acquire) || say(&answer, &Answer::Alive).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("alive".into()).spawn(beat).ok();
        KeepAlive { done, thread }
    }
}

/// Says that the work goes on, as long as it lives.
pub(crate) struct KeepAlive {
    done: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for KeepAlive {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn say(answer: &Mutex<OwnedFd>, what: &Answer) -> io::Result<()> {
    let message = frame(&what.encode());
    let pipe = answer.lock().unwrap_or_else(PoisonError::into_inner);
    let end = Instant::now() + PATIENCE;
    let mut rest = &message[..];
    while !rest.is_empty() {
        match write(&*pipe, rest) {
            Ok(count) => rest = &rest[count..],
            Err(Errno::AGAIN) => {
                if wait(&*pipe, PollFlags::OUT, end)?.is_none() {
                    return Err(io::ErrorKind::TimedOut.into());
                }
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Waits until something can be done with a pipe; `None` when time is up.
fn wait(pipe: impl AsFd, for_what: PollFlags, end: Instant) -> io::Result<Option<PollFlags>> {
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        let mut set = [PollFd::new(&pipe, for_what)];
        match poll(&mut set, Some(&left)) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(set[0].revents())),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
