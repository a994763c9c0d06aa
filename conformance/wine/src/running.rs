//! A program that runs while a test does something else.

use std::process::{Child, Command, Output};

use crate::prefix::{STARTS, Sink, start, was_started};
use crate::world::Ran;

/// A program that runs; [`finish`](Self::finish) waits for it, and its time is limited.
#[derive(Debug)]
pub struct Running {
    command: Command,
    /// How often it was started: Wine does not always.
    started: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    Runs(Child, Sink),
    Ended(Output),
}

impl State {
    fn start(command: &mut Command) -> Self {
        let (child, sink) = start(command);
        Self::Runs(child, sink)
    }
}

impl Running {
    pub(crate) fn start(mut command: Command) -> Self {
        let state = State::start(&mut command);
        Self { command, started: 1, state }
    }

    /// Tells whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        if let State::Runs(child, _) = &mut self.state
            && matches!(child.try_wait(), Ok(None))
        {
            return false;
        }
        self.end();
        matches!(self.state, State::Ended(_))
    }

    /// Waits for its end; one that failed or was killed fails the test.
    pub fn finish(mut self) -> Ran {
        loop {
            if let State::Ended(output) = self.state {
                let ran = Ran::from(output);
                let _ = ran.lines();
                return ran;
            }
            self.end();
        }
    }

    /// Waits for its end, and takes what it left; one that Wine did not start is started again.
    fn end(&mut self) {
        let State::Runs(child, sink) = &mut self.state else { return };
        let output = sink.output(child.wait().expect("it was started"));
        self.state = if self.started == STARTS || was_started(&output) {
            State::Ended(output)
        } else {
            self.started += 1;
            State::start(&mut self.command)
        };
    }
}
