//! The story of a thread's last operation (D2), kept for `WNetGetLastError`.
//!
//! Steps are kept in place, without allocation; words are made of them only when somebody asks.

use std::cell::RefCell;
use std::fmt::Write as _;

use mpr_core::{Actor, Error, ExtendedError, Note, Phase, Trace, TraceEvent, Wide, WnError};

/// Steps that are kept of one operation; the first ones, since they tell who decided.
const MOST_STEPS: usize = 48;
/// Characters that are kept of a name.
const NAME: usize = 24;

/// One step, with its own copy of a name.
#[derive(Clone, Copy)]
struct Step {
    kind: &'static str,
    name: [u16; NAME],
    length: u8,
    phase: Phase,
    code: u32,
    note: Note,
}

/// What is known of the last operation.
struct Story {
    steps: Vec<Step>,
    lost: usize,
    error: Option<Error>,
}

thread_local! {
    static STORY: RefCell<Story> =
        const { RefCell::new(Story { steps: Vec::new(), lost: 0, error: None }) };
}

/// Writes the steps of the operation at hand into this thread's story.
pub(crate) struct StoryTrace;

impl Trace for StoryTrace {
    fn event(&mut self, event: &TraceEvent<'_>) {
        let (kind, name) = match event.actor {
            Actor::Router => ("router", Wide::default()),
            Actor::Profile => ("profile", Wide::default()),
            Actor::Provider(name) => ("provider", name),
            Actor::Notifyee(name) => ("notifyee", name),
        };
        let mut kept = [0; NAME];
        let length = name.len().min(NAME);
        kept[..length].copy_from_slice(&name.units()[..length]);
        let step = Step {
            kind,
            name: kept,
            length: length as u8,
            phase: event.phase,
            code: event.code,
            note: event.note,
        };
        // A nested operation of a module writes here too: its steps belong to the story.
        let _ = STORY.try_with(|story| {
            let mut story = story.borrow_mut();
            if story.steps.len() < MOST_STEPS {
                story.steps.push(step);
            } else {
                story.lost += 1;
            }
        });
    }
}

/// Forgets the last operation; its memory is used again.
pub(crate) fn begin() {
    let _ = STORY.try_with(|story| {
        let mut story = story.borrow_mut();
        story.steps.clear();
        (story.lost, story.error) = (0, None);
    });
}

/// Keeps why the operation failed.
pub(crate) fn end(error: Error) {
    let _ = STORY.try_with(|story| story.borrow_mut().error = Some(error));
}

/// Tells the last failure: the provider's own text if it gave one, else who said what.
///
/// `None` if the thread's last operation did not fail. `decider` names who decided.
pub(crate) fn tell(decider: impl FnOnce(&Error) -> Option<String>) -> Option<ExtendedError> {
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
                    text: words(&story, error).into(),
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

fn words(story: &Story, error: &Error) -> String {
    let mut words = error.code.to_string();
    for step in &story.steps {
        let name = Wide::new(&step.name[..usize::from(step.length)]);
        let (phase, note) = (step.phase.word(), step.note.words());
        // Writing to a string cannot fail.
        let _ = write!(words, "; {} {name} {phase} {}: {note}", step.kind, step.code);
    }
    if story.lost > 0 {
        let _ = write!(words, "; and {} more steps", story.lost);
    }
    words
}
