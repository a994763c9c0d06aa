//! Notifyees and the protocol between them and the router (`notify.md` §4).

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use crate::error::{Error, ExtendedError, WnError};
use crate::flags::{ConnectFlags, ResourceType};
use crate::name::Wide;
use crate::router::Router;
use crate::trace::{Actor, Note, Phase, Surroundings, Trace, TraceEvent};

/// Most repeats of one operation, asked for by all notifyees together (U4).
const MAX_REPEATS: u32 = 4;

/// When a notifyee is called, with what result, and with which context.
#[doc(alias = "NOTIFYINFO")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// `None` before the attempt; after it, its status (0 worked).
    pub outcome: Option<u32>,
    /// The notifyee's own word: 0 on entry before the attempt, later what it left there.
    pub context: usize,
}

/// What is to be connected, as every notifyee sees it. Never a user name or password (U14).
#[doc(alias = "NOTIFYADD")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddDetails<'a> {
    /// The window for anything shown; 0 unless `INTERACTIVE` (U17).
    pub owner: usize,
    /// Disk, printer or any.
    pub resource_type: ResourceType,
    /// The local name, as given, a device upper-case or as chosen; absent and empty kept apart.
    pub local: Option<Wide<'a>>,
    /// The remote name.
    pub remote: Wide<'a>,
    /// Before: the provider that the caller named. After success: the one that connected (U16).
    pub provider: Option<Wide<'a>>,
    /// The caller's flags, corrected to tell the truth about persistence (U18).
    pub flags: ConnectFlags,
}

/// What is to be disconnected.
#[doc(alias = "NOTIFYCANCEL")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelDetails<'a> {
    /// The device or remote name, as given.
    pub name: Wide<'a>,
    /// After success: the provider that disconnected; otherwise absent (U22).
    pub provider: Option<Wide<'a>>,
    /// Empty or `UPDATE_PROFILE`.
    pub flags: ConnectFlags,
    /// Whether open files do not matter.
    pub force: bool,
}

/// A module that is told of connections before and after each attempt.
///
/// It returns a plain code: 0 accepts, `RETRY`, `NOT_SUPPORTED` and everything else as `notify.md`
/// §4 says. It runs on the caller's thread, several at once, and no lock is held.
pub trait Notifyee: Send + Sync {
    /// Returns the name it is registered under; notifyees are called in this order (U7).
    fn name(&self) -> Wide<'_>;

    /// Is told of a connection; `None` where there is nothing to call (U12).
    fn add_connection(&self, notice: &mut Notice, details: &AddDetails<'_>) -> Option<u32>;

    /// Gives the text behind the error that it has just answered on this thread, if it has one.
    fn reason(&self) -> Option<ExtendedError> {
        None
    }

    /// Is told of a disconnection; `None` where there is nothing to call (U12).
    fn cancel_connection(&self, notice: &mut Notice, details: &CancelDetails<'_>) -> Option<u32>;
}

/// Tells a notifyee of one operation; `Some` holds what was connected or disconnected.
type Tell<'a, T> = dyn Fn(&dyn Notifyee, &mut Notice, Option<&T>) -> Option<u32> + 'a;

impl Router {
    /// Runs an attempt between the PRE and POST calls of every notifyee (`notify.md` §4).
    ///
    /// Inside a notifyee the attempt runs alone (U25).
    pub(crate) fn notified<T>(
        &self,
        trace: &mut dyn Trace,
        tell: &Tell<'_, T>,
        attempt: &mut dyn FnMut(&mut dyn Trace) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if self.notifyees().is_empty() || self.surroundings().in_notifyee() {
            return attempt(trace);
        }
        let mut rounds = Rounds { router: self, seats: Seats::new(self.notifyees().len()), tell };
        for repeats in 0.. {
            let veto = rounds.pre(trace);
            let vetoed = veto.is_err();
            let result = veto.and_then(|()| attempt(trace));
            let may_repeat = !vetoed && repeats < MAX_REPEATS;
            match rounds.post(trace, &result, vetoed, may_repeat) {
                Verdict::Repeat => {}
                Verdict::Keep => return result,
                Verdict::Replace(error) => return Err(error),
            }
        }
        unreachable!("repeats are bounded")
    }
}

/// Where a notifyee stands in an operation.
#[derive(Clone, Copy)]
enum Seat {
    /// Not told yet, or closed by a POST: the next PRE is due.
    Due,
    /// Accepted and wants POST, with this context.
    Open(usize),
    /// Wants no POST.
    Quiet,
}

/// The seats of all notifyees; the usual numbers of them need no heap (D3), hence the sizes.
#[allow(clippy::large_enum_variant)]
enum Seats {
    Inline([Seat; 16], usize),
    Heap(Vec<Seat>),
}

impl Seats {
    fn new(count: usize) -> Self {
        if count <= 16 {
            Self::Inline([Seat::Due; 16], count)
        } else {
            Self::Heap(vec![Seat::Due; count])
        }
    }

    fn as_mut(&mut self) -> &mut [Seat] {
        match self {
            Self::Inline(seats, count) => &mut seats[..*count],
            Self::Heap(seats) => seats,
        }
    }
}

/// What the POST calls of one pass amount to.
enum Verdict {
    Keep,
    Replace(Error),
    Repeat,
}

struct Rounds<'a, T> {
    router: &'a Router,
    seats: Seats,
    tell: &'a Tell<'a, T>,
}

impl<T> Rounds<'_, T> {
    /// Calls everyone whose PRE is due, in order, until one vetoes (U1, U2, U3, U31).
    fn pre(&mut self, trace: &mut dyn Trace) -> Result<(), Error> {
        for (index, seat) in self.seats.as_mut().iter_mut().enumerate() {
            if !matches!(seat, Seat::Due) {
                continue;
            }
            let notifyee = &self.router.notifyees()[index];
            let mut notice = Notice { outcome: None, context: 0 };
            trace.asking(Actor::Notifyee(notifyee.name()), Phase::Pre);
            let call = || (self.tell)(&**notifyee, &mut notice, None);
            let (answer, micros) = call_notifyee(self.router, call);
            let mut note = |code, note| {
                let actor = Actor::Notifyee(notifyee.name());
                trace.event(&TraceEvent {
                    actor,
                    place: index,
                    phase: Phase::Pre,
                    code,
                    note,
                    micros,
                });
            };
            *seat = match answer.map(WnError::new) {
                None => {
                    note(0, Note::Skipped);
                    Seat::Quiet
                }
                Some(None | Some(WnError::RETRY)) => {
                    note(answer.unwrap_or(0), Note::Accepted);
                    if notice.context == 0 { Seat::Quiet } else { Seat::Open(notice.context) }
                }
                Some(Some(WnError::NOT_SUPPORTED)) => {
                    note(WnError::NOT_SUPPORTED.code(), Note::NotInterested);
                    Seat::Quiet
                }
                Some(Some(code)) => {
                    note(code.code(), Note::Veto);
                    *seat = Seat::Quiet;
                    let extended = notifyee.reason().map(Box::new);
                    return Err(Error { extended, ..Error::notifyee(index, code) });
                }
            };
        }
        Ok(())
    }

    /// Calls everyone who waits for POST, in reverse order (U4 to U8, U29).
    fn post(
        &mut self,
        trace: &mut dyn Trace,
        result: &Result<T, Error>,
        vetoed: bool,
        may_repeat: bool,
    ) -> Verdict {
        let outcome = result.as_ref().err().map_or(0, |error| error.code.code());
        let mut verdict = Verdict::Keep;
        for (index, seat) in self.seats.as_mut().iter_mut().enumerate().rev() {
            let Seat::Open(context) = *seat else { continue };
            let notifyee = &self.router.notifyees()[index];
            let mut notice = Notice { outcome: Some(outcome), context };
            trace.asking(Actor::Notifyee(notifyee.name()), Phase::Post);
            let call = || (self.tell)(&**notifyee, &mut notice, result.as_ref().ok());
            let (answer, micros) = call_notifyee(self.router, call);
            *seat = Seat::Due;
            let code = answer.and_then(WnError::new);
            let (note, repeat) = match code {
                None => (Note::Done, false),
                Some(_) if vetoed || outcome == 0 => (Note::Ignored, false),
                Some(WnError::NOT_SUPPORTED) => (Note::Ignored, false),
                Some(WnError::RETRY) if may_repeat => {
                    let kept = if notice.context == 0 { context } else { notice.context };
                    *seat = Seat::Open(kept);
                    (Note::Retry, true)
                }
                Some(WnError::RETRY) => (Note::Ignored, false),
                Some(code) if matches!(verdict, Verdict::Keep) => {
                    let extended = notifyee.reason().map(Box::new);
                    let error = Error { extended, ..Error::notifyee(index, code) };
                    verdict = Verdict::Replace(error);
                    (Note::Replaced, false)
                }
                Some(_) => (Note::Ignored, false),
            };
            let actor = Actor::Notifyee(notifyee.name());
            let code = answer.unwrap_or(0);
            trace.event(&TraceEvent {
                actor,
                place: index,
                phase: Phase::Post,
                code,
                note,
                micros,
            });
            if repeat {
                return Verdict::Repeat;
            }
        }
        verdict
    }
}

/// Calls a notifyee with the thread marked, so that WNet calls it makes are not notified.
fn call_notifyee(
    router: &Router,
    call: impl FnOnce() -> Option<u32>,
) -> (Option<u32>, Option<u64>) {
    struct Inside<'a>(&'a Arc<dyn Surroundings>);
    impl Drop for Inside<'_> {
        fn drop(&mut self) {
            self.0.leave_notifyee();
        }
    }
    router.surroundings().enter_notifyee();
    let _inside = Inside(router.surroundings());
    router.timed(call)
}
