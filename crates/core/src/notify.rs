//! The protocol between the router and its notifyees (`notify.md` §4).

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use crate::error::{Error, WnError};
use crate::notifyee::{Notice, Notifyee};
use crate::router::Router;
use crate::trace::{Actor, Note, Phase, Surroundings, Trace, TraceEvent};

/// Most repeats of one operation, asked for by all notifyees together (U4).
const MAX_REPEATS: u32 = 4;

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
