//! Net resources: what enumeration and resource queries return, borrowed or owned.

use crate::flags::{DisplayType, ResourceType, ResourceUsage, Scope};
use crate::wide::{Wide, WideString};

/// A network resource as `NETRESOURCE` describes it, borrowing its names.
#[doc(alias = "NETRESOURCE")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetResource<'a> {
    /// Where the entry was found.
    pub scope: Scope,
    /// Disk, printer or any.
    pub resource_type: ResourceType,
    /// Hint for icons.
    pub display_type: DisplayType,
    /// What can be done with it; defined for `GLOBALNET`.
    pub usage: ResourceUsage,
    /// The device, for connected and remembered entries.
    pub local: Option<Wide<'a>>,
    /// The name on the network.
    pub remote: Option<Wide<'a>>,
    /// The provider's remark.
    pub comment: Option<Wide<'a>>,
    /// The provider's name.
    pub provider: Option<Wide<'a>>,
}

impl NetResource<'_> {
    /// Copies the entry with its names.
    pub fn to_owned(&self) -> OwnedNetResource {
        OwnedNetResource {
            scope: self.scope,
            resource_type: self.resource_type,
            display_type: self.display_type,
            usage: self.usage,
            local: self.local.map(Into::into),
            remote: self.remote.map(Into::into),
            comment: self.comment.map(Into::into),
            provider: self.provider.map(Into::into),
        }
    }
}

/// A network resource that owns its names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedNetResource {
    /// Where the entry was found.
    pub scope: Scope,
    /// Disk, printer or any.
    pub resource_type: ResourceType,
    /// Hint for icons.
    pub display_type: DisplayType,
    /// What can be done with it; defined for `GLOBALNET`.
    pub usage: ResourceUsage,
    /// The device, for connected and remembered entries.
    pub local: Option<WideString>,
    /// The name on the network.
    pub remote: Option<WideString>,
    /// The provider's remark.
    pub comment: Option<WideString>,
    /// The provider's name.
    pub provider: Option<WideString>,
}

impl OwnedNetResource {
    /// Borrows the entry.
    pub fn borrow(&self) -> NetResource<'_> {
        NetResource {
            scope: self.scope,
            resource_type: self.resource_type,
            display_type: self.display_type,
            usage: self.usage,
            local: self.local.as_ref().map(WideString::as_wide),
            remote: self.remote.as_ref().map(WideString::as_wide),
            comment: self.comment.as_ref().map(WideString::as_wide),
            provider: self.provider.as_ref().map(WideString::as_wide),
        }
    }
}

/// The two levels of `WNetGetUniversalName`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InfoLevel {
    /// `UNIVERSAL_NAME_INFO_LEVEL` (1): the universal name.
    UniversalName,
    /// `REMOTE_NAME_INFO_LEVEL` (2): universal name, connection name, remaining path.
    RemoteName,
}

/// A path on a redirected device, named so that every computer understands it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UniversalName {
    /// `\\server\share\rest`; absent if the provider has no such form.
    pub universal: Option<WideString>,
    /// The remote name of the connection, without trailing backslash; level 2 only.
    pub connection: Option<WideString>,
    /// The rest, beginning with a backslash, or empty; level 2 only.
    pub remaining: Option<WideString>,
}

/// What `WNetGetResourceInformation` finds: the network part of a name, and the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceInformation {
    /// The network part.
    pub resource: OwnedNetResource,
    /// The remaining path (`\dir\file`), if any.
    pub system: Option<WideString>,
}

/// Estimates of `MultinetGetConnectionPerformance`; 0 is unknown, 1 better than expressible.
#[doc(alias = "NETCONNECTINFOSTRUCT")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionPerformance {
    /// `WNCON_*` bits.
    pub flags: u32,
    /// In units of 100 bits a second.
    pub speed: u32,
    /// Round trip in milliseconds.
    pub delay: u32,
    /// Best transfer size in bytes.
    pub optimal_data_size: u32,
}
