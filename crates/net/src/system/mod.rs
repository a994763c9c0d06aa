//! The functions of mpr.dll and of the console, with Rust's types.

mod console;
mod entry;
mod wnet;

pub(crate) use console::Quiet;
pub(crate) use wnet::{Failure, Scope, cancel, connect, entries};
