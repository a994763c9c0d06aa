//! Loads what the settings name, and composes the router of it.
//!
//! A module is loaded when it is first needed and never unloaded; what cannot be loaded is skipped
//! and reported (U12, U13, D8). C entry points appear as core's [`mpr_core::Provider`] and
//! [`mpr_core::Notifyee`]; that is all the rest of the program sees of them. The one function that
//! modules call back, `WNetSetLastError`, is exported from here, so that a module finds it in
//! whichever program loaded it.

// Calling into loaded modules is what this crate is for.
#![allow(unsafe_code)]

mod answer;
mod compose;
mod enumeration;
mod last_error;
mod lazy;
mod module;
mod notifyee;
mod provider;
mod reports;
mod restore;
mod surroundings;

pub use compose::{Host, ModuleState, ModuleStatus};
pub use last_error::{WNetSetLastErrorA, WNetSetLastErrorW, keep, take};
pub use module::{LoadError, Module, note};
#[cfg(unix)]
pub use mpr_exec::pass_on;
pub use notifyee::CNotifyee;
pub use provider::CProvider;
pub use reports::{ExecNote, ExecReports};
pub use restore::{Restored, await_providers, restore_all};
pub use surroundings::{Clock, HostSurroundings};
