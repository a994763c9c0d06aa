//! What the providers that mount share: where a connection lives, what is connected, and the
//! process that serves it.
//!
//! The kernel's mount table is the only record of what is connected (design D5). A note beside it
//! tells who serves a mount and for which user; it is believed only as far as the mount table and
//! the process table confirm it. Nothing here talks to a server. A provider supplies its helper
//! program, its configuration and the names of its resources.

#![forbid(unsafe_code)]

mod child;
mod found;
mod helper;
mod kernel;
mod lock;
mod network;
mod note;
mod order;
mod place;
mod provider;
mod runtime;
mod serve;
pub mod spelling;
mod stage;
mod table;
mod unmount;
mod watch;

pub use child::{ALLOCATION, Task, answer_failed, answer_ready, detach, first_stage, take_task};
pub use found::{Found, FoundKind, answer_found};
pub use helper::helper_program;
pub use kernel::{KernelMount, KernelSystem};
pub use lock::{PlaceLock, lock};
pub use network::{Network, OptionKind, Resource};
pub use note::{Health, Note, ProcessId, State};
pub use order::{Action, Order, Secret};
pub use place::{Place, Spot};
pub use provider::{MountProvider, Settings};
pub use runtime::{Runtime, privileged};
pub use serve::{Failure, browse, probe, serve};
pub use stage::{Obstacle, Stage};
pub use table::{MountEntry, MountTable};
pub use unmount::{Busy, unmount, unmount_forced};
pub use watch::watch_caller;
