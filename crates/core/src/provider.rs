//! The network provider: what the router asks of whoever owns a network.
//!
//! One trait serves a module's author, who implements it, and the router, which calls it: in
//! process or through the C entry points of a loaded module, with the same result. Every call
//! defaults to "not supported". A capability that is not announced is not used, even if the call
//! exists; a call that is missing counts as not supported, whatever is announced.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::error::{ExtendedError, ProviderError, WnError};
use crate::flags::{
    ConnectFlags, ConnectionCaps, DialogCaps, EnumerationCaps, ResourceType, ResourceUsage, Scope,
};
use crate::resource::{
    ConnectionPerformance, InfoLevel, NetResource, OwnedNetResource, ResourceInformation,
    UniversalName,
};
use crate::wide::{Password, Wide, WideString};

/// Whether a provider can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// It runs.
    Started,
    /// It will start; `None` where it does not know when, else in so many milliseconds.
    Pending(Option<u32>),
    /// It will not start.
    Down,
    /// Its module could not be loaded.
    LoadFailed,
}

/// Who connects: names and passwords, or a block that only the provider understands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Credentials<'a> {
    /// A user name (absent: the caller's own) and password (absent: the default one).
    Named {
        /// The user name.
        user: Option<Wide<'a>>,
        /// The password; an empty one means "no password", an absent one "the default".
        password: Option<Password<'a>>,
    },
    /// The authentication block of `WNetAddConnection4`.
    Block(&'a [u8]),
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named { user, password } => {
                f.debug_struct("Named").field("user", user).field("password", password).finish()
            }
            // May well hold a password.
            Self::Block(_) => f.write_str("Block(..)"),
        }
    }
}

impl Credentials<'_> {
    /// The caller's own user and the default password.
    pub const DEFAULT: Self = Self::Named { user: None, password: None };

    /// Tells whether the caller gave a password or an authentication block (D1).
    pub const fn given(&self) -> bool {
        matches!(self, Self::Named { password: Some(_), .. } | Self::Block(_))
    }
}

/// The call that makes a connection, chosen by U38 from what caller and provider have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddCall {
    /// `NPAddConnection`.
    Add,
    /// `NPAddConnection3`.
    Add3,
    /// `NPAddConnection4`.
    Add4,
}

/// What a provider is asked to connect.
#[derive(Clone, Copy)]
pub struct AddRequest<'a> {
    /// The provider call that fits (U38).
    pub call: AddCall,
    /// Disk, printer or any.
    pub resource_type: ResourceType,
    /// The local name, upper-case if a device; absent and empty both mean "deviceless".
    pub local: Option<Wide<'a>>,
    /// The remote name.
    pub remote: Wide<'a>,
    /// The caller's `lpComment`, an address passed on unread (P2); 0 where there is none.
    pub comment: usize,
    /// Who connects.
    pub credentials: Credentials<'a>,
    /// The provider's options block, if the caller gave one.
    pub use_options: Option<&'a [u8]>,
    /// The flags that the provider takes.
    pub flags: ConnectFlags,
    /// The window for authentication dialogs; 0 unless `INTERACTIVE`.
    pub owner: usize,
}

/// A network provider.
///
/// Several threads may be inside at once. Names are UTF-16 without terminator. A provider answers
/// fast whether a name is its own, with `BAD_NET_NAME` if it is not.
#[allow(unused_variables)]
pub trait Provider: Send + Sync {
    /// Returns the name that people and `lpProvider` use.
    fn name(&self) -> Wide<'_>;

    /// Tells whether it is registered under this name, case-insensitively.
    fn is_named(&self, name: Wide<'_>) -> bool {
        self.name().eq_ignore_case(name)
    }

    /// Tells whether this is one of its names, also of those it only gives itself (P6).
    ///
    /// A name that another provider is registered under is that one's.
    fn answers_to(&self, name: Wide<'_>) -> bool {
        self.is_named(name)
    }

    /// Tells whether it can be asked (`WNNC_START`); often called, so quick.
    fn availability(&self) -> Availability {
        Availability::Started
    }

    /// Says what keeps it from connecting anything although it runs: an option that it does not
    /// know. A module tells it as the text of `WNetSetLastError` when it is asked whether it runs.
    fn complaint(&self) -> Option<ExtendedError> {
        None
    }

    /// Returns the network type, in the high word (`WNNC_NET_TYPE`).
    fn net_type(&self) -> u32 {
        0
    }

    /// Returns the provider's version (`WNNC_DRIVER_VERSION`).
    fn driver_version(&self) -> u32 {
        0
    }

    /// Returns what it can do with connections (`WNNC_CONNECTION`).
    fn connection_caps(&self) -> ConnectionCaps {
        ConnectionCaps::NONE
    }

    /// Returns availability and connection capabilities together: what routing always asks.
    fn standing(&self) -> (Availability, ConnectionCaps) {
        (self.availability(), self.connection_caps())
    }

    /// Returns what it can enumerate (`WNNC_ENUMERATION`).
    fn enumeration_caps(&self) -> EnumerationCaps {
        EnumerationCaps::NONE
    }

    /// Returns its name services and dialogs (`WNNC_DIALOG`).
    fn dialog_caps(&self) -> DialogCaps {
        DialogCaps::NONE
    }

    /// Tells whether it knows users (`WNNC_USER`, `WNNC_USR_GETUSER`).
    fn knows_users(&self) -> bool {
        false
    }

    /// Returns the connect flags it takes (`WNNC_CONNECTION_FLAGS`); empty: it does not say.
    fn connection_flags(&self) -> ConnectFlags {
        ConnectFlags::NONE
    }

    /// Returns the module's instance handle, for `NETINFOSTRUCT`; 0 if there is none.
    fn instance(&self) -> usize {
        0
    }

    /// Connects. Needs an `ADD_CONNECTION` capability.
    #[doc(alias("NPAddConnection", "NPAddConnection3", "NPAddConnection4"))]
    fn add_connection(&self, request: &AddRequest<'_>) -> Result<(), ProviderError> {
        Err(WnError::NOT_SUPPORTED.into())
    }

    /// Disconnects a local name, or all deviceless connections to a remote name.
    ///
    /// Without `force` it fails with `OPEN_FILES` if files are open. `flags` is empty or
    /// `UPDATE_PROFILE`, so that stored options can be dropped.
    #[doc(alias("NPCancelConnection", "NPCancelConnection2"))]
    fn cancel_connection(
        &self,
        name: Wide<'_>,
        force: bool,
        flags: ConnectFlags,
    ) -> Result<(), ProviderError> {
        Err(WnError::NOT_SUPPORTED.into())
    }

    /// Returns the remote name that it connected to a local name.
    #[doc(alias = "NPGetConnection")]
    fn connection(&self, local: Wide<'_>) -> Result<WideString, ProviderError> {
        Err(WnError::NOT_SUPPORTED.into())
    }

    /// Succeeds if it connected this local name; as `connection`, but without the name.
    fn owns(&self, local: Wide<'_>) -> Result<(), ProviderError> {
        self.connection(local).map(drop)
    }

    /// Names a path on one of its local names; the path need not exist.
    #[doc(alias = "NPGetUniversalName")]
    fn universal_name(
        &self,
        path: Wide<'_>,
        level: InfoLevel,
    ) -> Result<UniversalName, ProviderError> {
        Err(WnError::NOT_SUPPORTED.into())
    }

    /// Returns the user of a local or remote name, or its default user.
    #[doc(alias = "NPGetUser")]
    fn user(&self, name: Option<Wide<'_>>) -> Result<WideString, ProviderError> {
        Err(WnError::NOT_SUPPORTED.into())
    }

    /// Estimates the performance of a connection to a remote name.
    #[doc(alias = "NPGetConnectionPerformance")]
    fn performance(&self, remote: Wide<'_>) -> Result<ConnectionPerformance, ProviderError> {
        Err(WnError::NOT_SUPPORTED.into())
    }

    /// Begins an enumeration of `CONNECTED`, `GLOBALNET` or `CONTEXT`.
    ///
    /// No container, or one without remote name or with the provider's own, is the top level.
    #[doc(alias = "NPOpenEnum")]
    fn open_enum(
        &self,
        scope: Scope,
        resource_type: ResourceType,
        usage: ResourceUsage,
        container: Option<&NetResource<'_>>,
    ) -> Result<Box<dyn ResourceEnum>, ProviderError> {
        Err(WnError::NOT_SUPPORTED.into())
    }

    /// Splits a name into the resource, which must exist, and the remaining path.
    #[doc(alias = "NPGetResourceInformation")]
    fn resource_information(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<ResourceInformation, ProviderError> {
        Err(WnError::NOT_SUPPORTED.into())
    }

    /// Returns the parent of a resource; its remote name is absent at the top.
    #[doc(alias = "NPGetResourceParent")]
    fn resource_parent(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<OwnedNetResource, ProviderError> {
        Err(WnError::NOT_SUPPORTED.into())
    }

    /// Writes a remote name as people read it; `flags` are `WNFMT_*`.
    #[doc(alias = "NPFormatNetworkName")]
    fn format_network_name(
        &self,
        remote: Wide<'_>,
        flags: u32,
        characters_per_line: u32,
    ) -> Result<WideString, ProviderError> {
        Err(WnError::NOT_SUPPORTED.into())
    }

    /// Turns the options in force into those to be remembered.
    #[doc(alias = "NPGetPersistentUseOptionsForConnection")]
    fn persistent_use_options(
        &self,
        remote: Wide<'_>,
        options: &[u8],
    ) -> Result<Vec<u8>, ProviderError> {
        Err(WnError::NOT_SUPPORTED.into())
    }
}

/// What became of an entry that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was taken, and the next one is wanted.
    More,
    /// It was taken, and is the last one wanted.
    Last,
    /// It was left: it stays the entry at hand.
    Left,
}

/// An enumeration in progress. Entries are borrowed, one at a time.
pub trait ResourceEnum: Send {
    /// Returns the entry at hand, or `None` at the end; fetches more where needed.
    fn peek(&mut self) -> Result<Option<NetResource<'_>>, ProviderError>;

    /// Tells whether there is an entry at hand; fetches more where needed.
    fn has_entry(&mut self) -> Result<bool, ProviderError> {
        self.peek().map(|entry| entry.is_some())
    }

    /// Goes on to the next entry.
    fn advance(&mut self);

    /// Shows entries one after the other, until `take` has enough or none is left.
    ///
    /// The same as `peek` and `advance`, for those who want many.
    fn each(
        &mut self,
        take: &mut dyn FnMut(&NetResource<'_>) -> Taken,
    ) -> Result<(), ProviderError> {
        while let Some(entry) = self.peek()? {
            let taken = take(&entry);
            if taken != Taken::Left {
                self.advance();
            }
            if taken != Taken::More {
                break;
            }
        }
        Ok(())
    }

    /// Closes the enumeration; dropping it closes it too.
    fn close(&mut self) -> Result<(), ProviderError> {
        Ok(())
    }
}

/// An enumeration over entries that are already there.
#[derive(Debug, Default)]
pub struct ListEnum {
    entries: alloc::vec::IntoIter<OwnedNetResource>,
}

impl From<Vec<OwnedNetResource>> for ListEnum {
    fn from(entries: Vec<OwnedNetResource>) -> Self {
        Self { entries: entries.into_iter() }
    }
}

impl ResourceEnum for ListEnum {
    fn peek(&mut self) -> Result<Option<NetResource<'_>>, ProviderError> {
        Ok(self.entries.as_slice().first().map(OwnedNetResource::borrow))
    }

    fn advance(&mut self) {
        self.entries.next();
    }
}
