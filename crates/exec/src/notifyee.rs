//! The notifyee that runs a program.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mpr_core::{AddDetails, CancelDetails, Notice, Notifyee, Wide, WideString, WnError};

use crate::answer::{Directives, judge};
use crate::context::Contexts;
use crate::event::Event;
use crate::report::{ExecReport, Operation, reason};
use crate::run::run;

/// How long a program may take if nothing else is said.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// A program that is told of connections.
pub struct ExecNotifyee {
    name: WideString,
    program: PathBuf,
    timeout: Duration,
    environment: Vec<(OsString, OsString)>,
    contexts: Contexts,
    listener: Option<Box<Listener>>,
}

type Listener = dyn Fn(&ExecReport) + Send + Sync;

impl ExecNotifyee {
    /// Names a notifyee and its program, which has been checked and whose path is absolute.
    ///
    /// `LANG`, `HOME` and `XDG_*` are taken from the environment as it is now.
    pub fn new(name: impl Into<WideString>, program: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            program: program.into(),
            timeout: DEFAULT_TIMEOUT,
            environment: Vec::new(),
            contexts: Contexts::default(),
            listener: None,
        }
        .with_environment(std::env::vars_os())
    }

    /// Sets how long the program may take each time.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the environment from which `LANG`, `HOME` and `XDG_*` are taken.
    #[must_use]
    pub fn with_environment(mut self, all: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let kept = |name: &OsString| {
            name == "LANG" || name == "HOME" || name.as_encoded_bytes().starts_with(b"XDG_")
        };
        self.environment = all.into_iter().filter(|(name, _)| kept(name)).collect();
        self
    }

    /// Hands every run to a listener, on the thread of the operation, before it goes on.
    #[must_use]
    pub fn with_listener(mut self, listener: impl Fn(&ExecReport) + Send + Sync + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Returns the program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Returns how long the program may take each time.
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Runs the program for one event: ask, judge, keep the context, report.
    fn tell(&self, notice: &mut Notice, event: &Event, operation: Operation) -> Option<u32> {
        let context = notice.outcome.and_then(|_| self.contexts.take(notice.context));
        let context = context.unwrap_or_default();
        let started = Instant::now();
        let mut command = event.command(&self.program, &self.environment, notice, &context);
        let outcome = run(&mut command, &event.json(notice, &context), self.timeout);
        let stdout = outcome.stdout.text();
        let directives = Directives::parse(&stdout);
        let answer = judge(notice.outcome, &outcome.end, &directives);
        match notice.outcome {
            None if answer == Some(0) && directives.wants_post() => {
                notice.context = self.contexts.keep(directives.context().unwrap_or_default());
            }
            // The token stays, so that the next POST finds its text (U29).
            Some(status) if status != 0 && answer == Some(WnError::RETRY.code()) => {
                let text = directives.context().map_or(context, str::to_owned);
                self.contexts.keep_as(notice.context, text);
            }
            _ => {}
        }
        if let Some(listener) = &self.listener {
            let stderr = outcome.stderr.text();
            listener(&ExecReport {
                notifyee: self.name.to_string_lossy(),
                program: self.program.clone(),
                operation,
                status: notice.outcome,
                answer,
                reason: reason(&outcome.end, &stderr, self.timeout),
                truncated: outcome.stdout.is_truncated() || outcome.stderr.is_truncated(),
                end: outcome.end,
                stdout,
                stderr,
                elapsed: started.elapsed(),
            });
        }
        answer
    }
}

impl Notifyee for ExecNotifyee {
    fn name(&self) -> Wide<'_> {
        self.name.as_wide()
    }

    fn add_connection(&self, notice: &mut Notice, details: &AddDetails<'_>) -> Option<u32> {
        self.tell(notice, &Event::add(details), Operation::Add)
    }

    fn cancel_connection(&self, notice: &mut Notice, details: &CancelDetails<'_>) -> Option<u32> {
        self.tell(notice, &Event::cancel(details), Operation::Cancel)
    }
}

impl fmt::Debug for ExecNotifyee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecNotifyee")
            .field("name", &self.name)
            .field("program", &self.program)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
