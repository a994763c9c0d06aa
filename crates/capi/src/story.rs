//! The story of a thread's last failed operation (D2), kept for `WNetGetLastError`.
//!
//! Steps are collected on the stack, by their places in the router's lists; they are kept only if
//! the operation fails, and words are made of them only when somebody asks.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::sync::Arc;

use mpr_abi::copy::Room;
use mpr_core::{Actor, Error, ExtendedError, Note, Phase, Router, Trace, TraceEvent, WnError};
use mpr_platform::ticks;

/// Steps that are kept of one operation; the first ones, since they tell who decided.
const MOST_STEPS: usize = 64;

#[derive(Clone, Copy)]
enum Who {
    Router,
    Profile,
    Provider,
    Notifyee,
}

/// One step; names are looked up when somebody asks.
///
/// In an order in which no two bytes that stand side by side in an event do here: taken out of it
/// together, just after they were written one by one, they would wait for the processor's store.
#[derive(Clone, Copy)]
#[repr(C)]
struct Step {
    note: Note,
    who: Who,
    phase: Phase,
    /// How long it took; 0 if it was not slow.
    seconds: u8,
    place: u32,
    code: u32,
}

/// Milliseconds from which on an answer is slow, and its time is told (design §6).
const SLOW: u32 = 5000;

/// Collects the steps of the operation at hand.
pub(crate) struct StoryTrace {
    steps: Room<Step, MOST_STEPS>,
    /// All steps, also those that had no room.
    count: usize,
    /// When the last one ended.
    since: u32,
}

impl StoryTrace {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        // Hidden from the compiler, which would copy a constant structure, room included.
        Self { steps: Room::new(), count: std::hint::black_box(0), since: ticks() }
    }

    fn steps(&self) -> &[Step] {
        let kept = self.count.min(MOST_STEPS);
        // SAFETY: `event` wrote the steps below `count`, as far as there is room.
        unsafe { self.steps.written(kept) }
    }
}

impl Trace for StoryTrace {
    #[inline]
    fn event(&mut self, event: &TraceEvent<'_>) {
        let now = ticks();
        let took = now.wrapping_sub(self.since);
        self.since = now;
        let seconds = if took < SLOW { 0 } else { slow(event, took / 1000) };
        if let Some(step) = self.steps.places().get_mut(self.count) {
            step.write(Step {
                who: match event.actor {
                    Actor::Router => Who::Router,
                    Actor::Profile => Who::Profile,
                    Actor::Provider(_) => Who::Provider,
                    Actor::Notifyee(_) => Who::Notifyee,
                },
                place: event.place as u32,
                phase: event.phase,
                seconds,
                code: event.code,
                note: event.note,
            });
        }
        self.count += 1;
    }
}

/// Tells of an answer that took long, which otherwise only a failure is asked about.
#[cold]
fn slow(event: &TraceEvent<'_>, seconds: u32) -> u8 {
    let who = match event.actor {
        Actor::Router => "router".into(),
        Actor::Profile => "profile".into(),
        Actor::Provider(name) => format!("provider {name}"),
        Actor::Notifyee(name) => format!("notifyee {name}"),
    };
    mpr_host::note(&format_args!("{who}: {} took {seconds} s", event.phase.word()));
    u8::try_from(seconds).unwrap_or(u8::MAX)
}

/// A failure and the steps that led to it.
struct Story {
    error: Option<Error>,
    steps: Vec<Step>,
    lost: usize,
}

thread_local! {
    static STORY: RefCell<Story> =
        const { RefCell::new(Story { error: None, steps: Vec::new(), lost: 0 }) };
    /// Whether the story is of the last operation.
    static FRESH: Cell<bool> = const { Cell::new(false) };
}

/// Forgets the last failure: another operation begins.
#[inline]
pub(crate) fn forget() {
    FRESH.set(false);
}

/// Keeps why an operation failed; memory of earlier stories is used again.
pub(crate) fn keep(error: Error, trace: &StoryTrace) {
    // A thread that is ending has nobody left to tell.
    let _ = STORY.try_with(|story| {
        let mut story = story.borrow_mut();
        story.error = Some(error);
        story.steps.clear();
        story.steps.extend_from_slice(trace.steps());
        story.lost = trace.count - story.steps.len();
        FRESH.set(true);
    });
}

/// Tells the last failure: the provider's own text if it gave one, else who said what.
///
/// `None` if the thread's last operation did not fail, and then no router is asked for: it may not
/// have been needed yet. `decider` names who decided.
pub(crate) fn tell(
    router: impl FnOnce() -> &'static Arc<Router>,
    decider: impl FnOnce(&Error) -> Option<String>,
) -> Option<ExtendedError> {
    if !FRESH.get() {
        return None;
    }
    STORY
        .try_with(|story| {
            let story = story.borrow();
            let error = story.error.as_ref()?;
            let name = decider(error).unwrap_or_default();
            let told = match &error.extended {
                Some(extended) => (**extended).clone(),
                // 1208 without a text is told as such (U59).
                None if error.code == WnError::EXTENDED_ERROR => ExtendedError::default(),
                None => ExtendedError {
                    code: error.code.code(),
                    text: words(router(), &story, error).into(),
                    provider: name.as_str().into(),
                },
            };
            let nameless = told.provider.units().is_empty();
            Some(ExtendedError {
                provider: if nameless { name.into() } else { told.provider },
                ..told
            })
        })
        .ok()
        .flatten()
}

fn words(router: &Router, story: &Story, error: &Error) -> String {
    let mut words = error.code.to_string();
    for step in &story.steps {
        let place = step.place as usize;
        let (kind, name) = match step.who {
            Who::Router => ("router", None),
            Who::Profile => ("profile", None),
            Who::Provider => ("provider ", router.providers().get(place).map(|it| it.name())),
            Who::Notifyee => ("notifyee ", router.notifyees().get(place).map(|it| it.name())),
        };
        let (name, phase, note) = (name.unwrap_or_default(), step.phase.word(), step.note.words());
        // Writing to a string cannot fail.
        let _ = write!(words, "; {kind}{name} {phase} {}: {note}", step.code);
        if step.seconds > 0 {
            let _ = write!(words, ", after {} s", step.seconds);
        }
    }
    if story.lost > 0 {
        let _ = write!(words, "; and {} more steps", story.lost);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Design §6, W14: who was slow is said, and for how long; who was not, is not.
    #[test]
    fn who_took_long_is_told() {
        let mut trace = StoryTrace::new();
        let event = TraceEvent {
            actor: Actor::Router,
            place: 0,
            phase: Phase::Add,
            code: 67,
            note: Note::NotMine,
            micros: None,
        };
        trace.event(&event);
        trace.since = trace.since.wrapping_sub(15_900);
        trace.event(&event);
        keep(WnError::BAD_NET_NAME.into(), &trace);
        let told = tell(crate::boundary::router, |_| None).expect("it failed");
        let step = "; router add 67: not its resource";
        assert!(told.text.to_string().ends_with(&format!("{step}{step}, after 15 s")), "{told:?}");
    }
}
