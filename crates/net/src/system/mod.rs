//! The functions of mpr.dll, of the console and of the registry, with Rust's types.

mod console;
mod entry;
mod registry;
mod text;
mod wnet;

pub(crate) use console::Quiet;
pub(crate) use registry::{remember, remembers};
pub(crate) use text::of_code_page;
pub(crate) use wnet::{Failure, Scope, cancel, connect, entries};
