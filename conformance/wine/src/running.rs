//! A program that runs while a test does something else.

use std::process::{Child, Command};

use crate::prefix::{Sink, start};
use crate::world::Ran;

/// A program that runs; [`finish`](Self::finish) waits for it, and its time is limited.
#[derive(Debug)]
pub struct Running {
    child: Child,
    sink: Sink,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let (child, sink) = start(command);
        Self { child, sink }
    }

    /// Tells whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for its end; one that failed or was killed fails the test.
    pub fn finish(mut self) -> Ran {
        let status = self.child.wait().expect("it was started");
        let ran = Ran::from(self.sink.output(status));
        let _ = ran.lines();
        ran
    }
}
