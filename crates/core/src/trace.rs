//! The story of an operation (D2), and what the router needs to know of its surroundings.
//!
//! The router tells each step to a [`Trace`] as it happens. Events borrow, so that nothing is
//! allocated for a reader who is not there.

use crate::error::WnError;
use crate::name::DeviceName;
use crate::wide::{Wide, WideString};

/// Who was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor<'a> {
    /// The router itself.
    Router,
    /// A provider, by its name.
    Provider(Wide<'a>),
    /// A notifyee, by the name it is registered under.
    Notifyee(Wide<'a>),
    /// The profile.
    Profile,
}

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The router checked the arguments.
    Validate,
    /// A notifyee was told before the attempt.
    Pre,
    /// A notifyee was told after the attempt.
    Post,
    /// A provider was asked to connect.
    Add,
    /// A provider was asked to disconnect.
    Cancel,
    /// A provider was asked whether it owns a local name.
    GetConnection,
    /// A provider was asked anything else.
    Query,
    /// The profile was read or written.
    Profile,
}

impl Phase {
    /// Returns the word that text and JSON use.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::Pre => "pre",
            Self::Post => "post",
            Self::Add => "add",
            Self::Cancel => "cancel",
            Self::GetConnection => "get-connection",
            Self::Query => "query",
            Self::Profile => "profile",
        }
    }
}

/// Why the router went on, or stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// It worked.
    Done,
    /// Not its resource: the next one is asked.
    NotMine,
    /// It is not running: the next one is asked.
    Down,
    /// It cannot do this: the next one is asked.
    NotSupported,
    /// Its refusal is remembered and the next one is asked.
    Remembered,
    /// Its refusal ends the search.
    Stopped,
    /// It judged the password, which goes no further (D1).
    ClaimedByPassword,
    /// A notifyee let the operation go on.
    Accepted,
    /// A notifyee is not interested.
    NotInterested,
    /// A notifyee forbade the operation.
    Veto,
    /// A notifyee asked for another attempt.
    Retry,
    /// A notifyee replaced the error.
    Replaced,
    /// What a notifyee answered has no effect here.
    Ignored,
    /// Left out: it could not be loaded.
    Skipped,
    /// The profile was changed.
    Written,
    /// A new connection was taken back because it could not be remembered (U44).
    TakenBack,
}

impl Note {
    /// Returns the words that text and JSON use.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotMine => "not its resource",
            Self::Down => "not running",
            Self::NotSupported => "not supported",
            Self::Remembered => "error kept, next one asked",
            Self::Stopped => "error ends the search",
            Self::ClaimedByPassword => "password judged, asked no further",
            Self::Accepted => "accepted",
            Self::NotInterested => "not interested",
            Self::Veto => "veto",
            Self::Retry => "asked for a retry",
            Self::Replaced => "error replaced",
            Self::Ignored => "answer ignored",
            Self::Skipped => "skipped",
            Self::Written => "written",
            Self::TakenBack => "taken back",
        }
    }
}

/// One step of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceEvent<'a> {
    /// Who was asked.
    pub actor: Actor<'a>,
    /// The place of the provider or notifyee in the router's list; 0 for the others.
    pub place: usize,
    /// What was asked.
    pub phase: Phase,
    /// The answer; 0 is success.
    pub code: u32,
    /// Why the router went on, or stopped.
    pub note: Note,
    /// How long the answer took in microseconds, where there is a clock.
    pub micros: Option<u64>,
}

impl TraceEvent<'_> {
    /// Returns the answer as an error, if it was one.
    pub const fn error(&self) -> Option<WnError> {
        WnError::new(self.code)
    }
}

/// Receives the steps of an operation as they happen. `()` drops them.
pub trait Trace {
    /// Takes one step.
    fn event(&mut self, event: &TraceEvent<'_>);

    /// Is told who is about to be asked, so that a slow one can be named while it is waited for.
    fn asking(&mut self, _actor: Actor<'_>, _phase: Phase) {}
}

impl Trace for () {
    fn event(&mut self, _event: &TraceEvent<'_>) {}
}

/// What the router must know of the process and thread that it runs in.
pub trait Surroundings: Send + Sync {
    /// Marks this thread as inside a notifyee; tells whether it already was (U25).
    fn enter_notifyee(&self) -> bool;

    /// Takes the mark away again.
    fn leave_notifyee(&self);

    /// Tells whether this thread is inside a notifyee.
    fn in_notifyee(&self) -> bool;

    /// Returns a monotonic time in microseconds, or `None` where nobody wants to know.
    fn now(&self) -> Option<u64> {
        None
    }

    /// Tells whether a device exists here that is no network connection (85).
    fn is_local_device(&self, _device: &DeviceName) -> bool {
        false
    }

    /// Returns the name of the user whose process this is (U58).
    fn current_user(&self) -> WideString {
        WideString::default()
    }

    /// Tells whether absolute paths are local names (D4).
    fn paths_are_local_names(&self) -> bool {
        false
    }
}
