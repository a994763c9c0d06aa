//! Programs as notifyees: `{ exec = "/path", timeout = "30s" }` in `mpr.toml` (design §4).
//!
//! A program is run before and after each attempt, with the event in `MPR_*` variables and as JSON
//! on its input, and its exit status is the answer; `mpr-exec-notifyee(7)` is the contract. It may
//! print without end, never read, hang or leave processes behind: the call ends within its time.
//! Whether a program may be run at all is the host's to check, before it makes one of these.

#![cfg(unix)]
#![forbid(unsafe_code)]

mod answer;
mod context;
mod event;
mod notifyee;
mod output;
mod report;
mod run;

pub use notifyee::{DEFAULT_TIMEOUT, ExecNotifyee};
pub use report::{End, ExecReport, Operation};
pub use run::pass_on;
