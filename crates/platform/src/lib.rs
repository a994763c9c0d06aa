//! What this machine says: where things are, which modules are installed, what is remembered.
//!
//! It reads configuration and keeps the profile. It loads no module, runs no program and decides
//! nothing about connections; that is for `mpr-host` and `mpr-core`. One entry that is broken is
//! reported in [`Settings::problems`] and left out, and never takes the others with it (design D8).
//!
//! A platform supplies: `Paths` (where), `Settings::load` (the machine's part, `registry.md` §1 and
//! §2), `ProfileFile` (the user's part, §3), `Trust` (what may be loaded, U28) and `SettingsFile`
//! (editing). `linux/` does so with files, `windows/` with the registry, where editing is left to
//! others. [`ansi`] is the encoding of the `A` functions.

// On Windows there are system calls to make, in `windows/` alone.
#![cfg_attr(not(windows), forbid(unsafe_code))]

pub mod ansi;
#[cfg(unix)]
mod linux;
mod settings;
mod utf8;
#[cfg(any(windows, test))]
mod windows;

#[cfg(unix)]
pub use linux::{
    Environment, NewProvider, Paths, ProfileFile, SettingsError, SettingsFile, Trust, TrustError,
    TrustReason, parse_duration, ticks,
};
pub use settings::{
    NotifyeeEntry, NotifyeeKind, OptionValue, Options, Origin, Problem, ProviderEntry, Scope,
    Settings,
};
#[cfg(windows)]
pub use windows::{
    Paths, ProfileFile, Protected, Trust, TrustError, current_user, debug_line, is_local_drive,
    ticks,
};
