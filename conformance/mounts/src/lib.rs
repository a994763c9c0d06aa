//! What the mount suite and the mount benchmark share: servers, private worlds for the staged
//! `mpr`, and commands that cannot hang.

#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod bounded;
mod server;
mod traits;
mod world;

pub use bounded::{Outcome, run, run_with};
pub use server::{BACKENDS, Backend, Ground, Server, Start, Variables};
pub use traits::Traits;
pub use world::{Mounted, Refusal, Stage, World, abort_below};
