//! The story of a thread's last failed operation (D2), kept for `WNetGetLastError`.
//!
//! Steps are collected on the stack, by their places in the router's lists; they are kept only if
//! the operation fails, and words are made of them only when somebody asks.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;

use mpr_abi::copy::Room;
use mpr_core::{Actor, Error, ExtendedError, Note, Phase, Router, Trace, TraceEvent, WnError};

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
    place: u32,
    code: u32,
}

/// Collects the steps of the operation at hand.
pub(crate) struct StoryTrace {
    steps: Room<Step, MOST_STEPS>,
    /// All steps, also those that had no room.
    count: usize,
}

impl StoryTrace {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        // Hidden from the compiler, which would copy a constant structure, room included.
        Self { steps: Room::new(), count: std::hint::black_box(0) }
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
                code: event.code,
                note: event.note,
            });
        }
        self.count += 1;
    }
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
/// `None` if the thread's last operation did not fail. `decider` names who decided.
pub(crate) fn tell(
    router: &Router,
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
                    text: words(router, &story, error).into(),
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
    }
    if story.lost > 0 {
        let _ = write!(words, "; and {} more steps", story.lost);
    }
    words
}
