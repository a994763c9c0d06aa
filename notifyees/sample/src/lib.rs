//! A notifyee to read and to test with: one line of log per event, and a veto.
//!
//! It appends to the file that `NOTIFY_SAMPLE_LOG` names, and logs nothing without it. Remote
//! names with "forbidden" in them are refused. A line begins with the number of the operation,
//! which is the context between PRE and POST:
//!
//! ```text
//! 1 pre-add S: \\sample\docs flags=1
//! 1 post-add S: \\sample\docs code=0 provider=Sample Network
//! ```

#![forbid(unsafe_code)]

use std::fmt::Display;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use mpr_abi::author::{NotifyModule, Post, Pre};
use mpr_core::{AddDetails, CancelDetails, Wide, WnError};

mpr_abi::export_notifyee!(Sample);

/// Counts operations.
#[derive(Default)]
struct Sample {
    last: AtomicU32,
}

impl Sample {
    fn next(&self) -> u32 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl NotifyModule for Sample {
    type Context = u32;

    fn pre_add(&self, details: &AddDetails<'_>) -> Pre<u32> {
        let number = self.next();
        let names = add_names(details);
        if details.remote.to_string().contains("forbidden") {
            log(format_args!("{number} veto-add {names} flags={}", details.flags.0));
            return Pre::Veto(WnError::CANCELLED);
        }
        log(format_args!("{number} pre-add {names} flags={}", details.flags.0));
        Pre::AcceptAndTellAfter(number)
    }

    fn post_add(
        &self,
        number: u32,
        outcome: Result<(), WnError>,
        details: &AddDetails<'_>,
    ) -> Post<u32> {
        let (names, code) = (add_names(details), mpr_core::code_of(&outcome));
        let provider = shown(details.provider);
        log(format_args!("{number} post-add {names} code={code} provider={provider}"));
        Post::Done
    }

    fn pre_cancel(&self, details: &CancelDetails<'_>) -> Pre<u32> {
        let number = self.next();
        let (name, flags, force) = (details.name, details.flags.0, u8::from(details.force));
        log(format_args!("{number} pre-cancel {name} flags={flags} force={force}"));
        Pre::AcceptAndTellAfter(number)
    }

    fn post_cancel(
        &self,
        number: u32,
        outcome: Result<(), WnError>,
        details: &CancelDetails<'_>,
    ) -> Post<u32> {
        let (name, code) = (details.name, mpr_core::code_of(&outcome));
        let provider = shown(details.provider);
        log(format_args!("{number} post-cancel {name} code={code} provider={provider}"));
        Post::Done
    }
}

fn add_names(details: &AddDetails<'_>) -> String {
    format!("{} {}", shown(details.local), details.remote)
}

/// Absent and empty names show as a dash.
fn shown(name: Option<Wide<'_>>) -> String {
    name.filter(|name| !name.is_empty()).map_or_else(|| "-".into(), |name| name.to_string())
}

/// Appends a line in one write, so that lines of several processes stay whole.
fn log(line: impl Display) {
    let Some(path) = std::env::var_os("NOTIFY_SAMPLE_LOG") else { return };
    let line = format!("{line}\n");
    let file = OpenOptions::new().append(true).create(true).open(path);
    // A log that cannot be written must not change the outcome of a connection.
    let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
}
