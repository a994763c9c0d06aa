//! The profile: the user's remembered connections (`registry.md` §3).

use alloc::vec::Vec;

use crate::error::WnError;
use crate::flags::{ConnectFlags, ResourceType};
use crate::wide::{Wide, WideString};

/// A remembered connection. Never holds a password (U65).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RememberedConnection {
    /// The local name as it is passed to providers (`S:`, `LPT1`, `/mnt/team`).
    pub local: WideString,
    /// The remote name.
    pub remote: WideString,
    /// The user given at connect time; empty: the logged-on user.
    pub user: WideString,
    /// Name of the provider that made the connection.
    pub provider: WideString,
    /// Its network type, to find it again if it was renamed.
    pub provider_type: u32,
    /// `DISK` or `PRINT`.
    pub connection_type: ResourceType,
    /// Connect flags to use when restoring.
    pub connect_flags: ConnectFlags,
    /// 4: restorable with default or saved credentials; 1: a password must be asked for (U62).
    pub defer_flags: u32,
    /// The provider's options block, if it gave one.
    pub use_options: Option<Vec<u8>>,
}

/// Where remembered connections are kept. Values it does not know are preserved.
pub trait Profile: Send + Sync {
    /// Checks that the profile can be read and written: `CANNOT_OPEN_PROFILE` or `BAD_PROFILE`.
    fn check(&self) -> Result<(), WnError>;

    /// Returns the entry of a local name; `BAD_PROFILE` if that entry is malformed.
    fn get(&self, local: Wide<'_>) -> Result<Option<RememberedConnection>, WnError>;

    /// Returns all well-formed entries in the order of their local names.
    fn list(&self) -> Result<Vec<RememberedConnection>, WnError>;

    /// Writes or replaces an entry.
    fn remember(&self, connection: &RememberedConnection) -> Result<(), WnError>;

    /// Deletes the entry of a local name; tells whether there was one.
    fn forget(&self, local: Wide<'_>) -> Result<bool, WnError>;
}
