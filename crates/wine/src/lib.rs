//! What the two sides of a connection under Wine agree on: the provider in Windows programs
//! (`providers/mprunix`) and the native program that it starts (`mpr-wine-bridge`).
//!
//! Where mounts are, what is written beside them, and what is said over the pipes. Nothing here
//! makes a system call, so that both sides have the same code and tests of it run anywhere.

#![forbid(unsafe_code)]

mod fields;
mod message;
mod note;
mod place;
mod table;

pub use fields::Malformed;
pub use message::{Answer, FRAME_LIMIT, Hello, Refusal, Request, Verb, Verdict, frame};
pub use note::Note;
pub use place::{DIRECTORY_SUFFIX, KEPT_SUFFIX, PrefixId, Spot};
pub use table::{Mount, mounts};
