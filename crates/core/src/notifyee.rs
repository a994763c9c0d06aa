//! Notifyees: modules that are told of connections. The protocol is in `notify`.

use crate::error::ExtendedError;
use crate::flags::{ConnectFlags, ResourceType};
use crate::wide::Wide;

/// When a notifyee is called, with what result, and with which context.
#[doc(alias = "NOTIFYINFO")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// `None` before the attempt; after it, its status (0 worked).
    pub outcome: Option<u32>,
    /// The notifyee's own word: 0 on entry before the attempt, later what it left there.
    pub context: usize,
}

/// What is to be connected, as every notifyee sees it. Never a user name or password (U14).
#[doc(alias = "NOTIFYADD")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddDetails<'a> {
    /// The window for anything shown; 0 unless `INTERACTIVE` (U17).
    pub owner: usize,
    /// Disk, printer or any.
    pub resource_type: ResourceType,
    /// The local name, as given, a device upper-case or as chosen; absent and empty kept apart.
    pub local: Option<Wide<'a>>,
    /// The remote name.
    pub remote: Wide<'a>,
    /// Before: the provider that the caller named. After success: the one that connected (U16).
    pub provider: Option<Wide<'a>>,
    /// The caller's flags, corrected to tell the truth about persistence (U18).
    pub flags: ConnectFlags,
}

/// What is to be disconnected.
#[doc(alias = "NOTIFYCANCEL")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelDetails<'a> {
    /// The device or remote name, as given.
    pub name: Wide<'a>,
    /// After success: the provider that disconnected; otherwise absent (U22).
    pub provider: Option<Wide<'a>>,
    /// Empty or `UPDATE_PROFILE`.
    pub flags: ConnectFlags,
    /// Whether open files do not matter.
    pub force: bool,
}

/// A module that is told of connections before and after each attempt.
///
/// It returns a plain code: 0 accepts, `RETRY`, `NOT_SUPPORTED` and everything else as `notify.md`
/// §4 says. It runs on the caller's thread, several at once, and no lock is held.
pub trait Notifyee: Send + Sync {
    /// Returns the name it is registered under; notifyees are called in this order (U7).
    fn name(&self) -> Wide<'_>;

    /// Is told of a connection; `None` where there is nothing to call (U12).
    fn add_connection(&self, notice: &mut Notice, details: &AddDetails<'_>) -> Option<u32>;

    /// Gives the text behind the error that it has just answered on this thread, if it has one.
    fn reason(&self) -> Option<ExtendedError> {
        None
    }

    /// Is told of a disconnection; `None` where there is nothing to call (U12).
    fn cancel_connection(&self, notice: &mut Notice, details: &CancelDetails<'_>) -> Option<u32>;
}
