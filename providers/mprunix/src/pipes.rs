//! A native process that was started, and the pipes to it.

use std::time::{Duration, Instant};

use mpr_wine::{Answer, FRAME_LIMIT, Hello, Request, Verdict, frame};

use crate::system::{
    Access, File, Read, SystemError, random_name, start, unix_name, windows_directory,
};

/// How long a process may take until it says where it can be asked.
const START: Duration = Duration::from_secs(20);

/// How long it may be silent. It says every second that it is at work.
const SILENCE: Duration = Duration::from_secs(15);

/// How long all may take: more than the native side allows its providers together.
const LONGEST: Duration = Duration::from_secs(600);

/// Why a native process gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It could not be started.
    NotStarted(SystemError),
    /// It said nothing in time.
    Silent,
    /// It ended, or said what makes no sense.
    Ended,
}

/// A native process that was started and has not said where it can be asked: it gets ready while
/// its caller does something else. One that is dropped ends by itself, after some seconds.
pub(crate) struct Starting(File);

/// The pipes to a native process.
pub(crate) struct Pipes {
    ask: File,
    answer: File,
}

impl Starting {
    /// Starts the native program. What it says of itself goes through a file in the prefix that has
    /// no secret in it.
    pub(crate) fn begin(program: &str) -> Result<Self, Broken> {
        let name = random_name().map_err(Broken::NotStarted)?;
        let name = format!(r"{}\temp\mpr-{name}.tmp", windows_directory());
        let output = File::passing(&name).map_err(Broken::NotStarted)?;
        start(program, &output).map_err(Broken::NotStarted)?;
        Ok(Self(output))
    }

    /// Opens its pipes, below `/proc`, where the kernel lets a user see none but his own.
    pub(crate) fn pipes(self) -> Result<Pipes, Broken> {
        let hello = hello(&self.0)?;
        let pipe = |number: u32, access| {
            let path = unix_name(&format!("/proc/{}/fd/{number}", hello.pid));
            File::open(&path, access).map_err(|_| Broken::Ended)
        };
        let answer = pipe(hello.answer, Access::ReadBounded)?;
        Ok(Pipes { ask: pipe(hello.ask, Access::Write)?, answer })
    }
}

impl Pipes {
    /// Asks, and waits for the answer.
    pub(crate) fn request(&self, request: &Request) -> Result<Answer, Broken> {
        self.ask.write(&frame(&request.encode())).map_err(|_| Broken::Ended)?;
        self.answer()
    }

    /// Asks for nothing, which ends it.
    pub(crate) fn dismiss(&self) {
        let _ = self.ask.write(&frame(&[]));
    }

    /// Says what becomes of a connection.
    pub(crate) fn verdict(&self, verdict: Verdict) -> Result<(), Broken> {
        self.ask.write(&[verdict.byte()]).map_err(|_| Broken::Ended)
    }

    /// Waits for what it says when it is no longer at work.
    pub(crate) fn answer(&self) -> Result<Answer, Broken> {
        let end = Instant::now() + LONGEST;
        while Instant::now() < end {
            let length = self.take(4)?;
            let length = length.try_into().map(u32::from_le_bytes).map_err(|_| Broken::Ended)?;
            if length as usize > FRAME_LIMIT {
                return Err(Broken::Ended);
            }
            let message = self.take(length as usize)?;
            match Answer::decode(&message) {
                Ok(Answer::Alive) => {}
                answer => return answer.map_err(|_| Broken::Ended),
            }
        }
        Err(Broken::Silent)
    }

    fn take(&self, count: usize) -> Result<Vec<u8>, Broken> {
        let mut bytes = vec![0; count];
        let mut done = 0;
        while done < count {
            match self.answer.read_within(&mut bytes[done..], SILENCE) {
                Ok(Read::Some(0)) | Err(_) => return Err(Broken::Ended),
                Ok(Read::Some(read)) => done += read,
                Ok(Read::TimedOut) => return Err(Broken::Silent),
            }
        }
        Ok(bytes)
    }
}

/// Waits for the line of a process that was just started; there is no handle to wait for it by.
fn hello(output: &File) -> Result<Hello, Broken> {
    let end = Instant::now() + START;
    let mut line = [0; 128];
    loop {
        let length = output.read_again(&mut line).map_err(|_| Broken::Ended)?;
        if let Some(hello) = Hello::parse(&line[..length]) {
            return hello.map_err(|_| Broken::Ended);
        }
        if Instant::now() >= end {
            return Err(Broken::Silent);
        }
        std::thread::sleep(Duration::from_micros(500));
    }
}
