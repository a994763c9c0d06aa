//! WebDAV as a network that mounts: what its names are, and which program serves it.

use mpr_core::{ConnectFlags, DisplayType, ResourceUsage, WnError};
use mpr_mount::{MountProvider, Network, OptionKind, Resource};

use crate::remote::Remote;

/// The WebDAV network provider.
pub type WebDav = MountProvider<WebDavNetwork>;

/// What is WebDAV's own about the provider.
#[derive(Debug)]
pub struct WebDavNetwork;

impl Network for WebDavNetwork {
    type Resource = Remote;

    const NAME: &'static str = "WebDAV Network";

    /// `WNNC_NET_DAV`.
    const NET_TYPE: u32 = 0x002e_0000;

    const SUBTYPE: &'static str = "mpr-webdav";

    const HELPER: &'static str = "mpr-serve-webdav";

    /// TLS encrypts and signs; without it nothing does.
    const PROMISES: ConnectFlags =
        ConnectFlags(ConnectFlags::REQUIRE_PRIVACY.0 | ConnectFlags::REQUIRE_INTEGRITY.0);

    const OPTIONS: &'static [(&'static str, OptionKind)] = &[("pin", OptionKind::Text)];

    fn check_promises(remote: &Remote, flags: ConnectFlags) -> Result<(), String> {
        if remote.secure || !flags.intersects(Self::PROMISES) {
            return Ok(());
        }
        Err(format!("{} is not encrypted; use https", remote.url_name()))
    }

    fn check_user(user: &str) -> Result<(), WnError> {
        // Basic ends the user's name at the first colon.
        if user.contains(':') { Err(WnError::BAD_USERNAME) } else { Ok(()) }
    }
}

impl Resource for Remote {
    fn parse(text: &str) -> Option<Self> {
        Self::parse_str(text)
    }

    fn name(&self) -> String {
        Self::name(self)
    }

    fn unc(&self) -> String {
        Self::unc(self)
    }

    fn same(&self, other: &Self) -> bool {
        Self::same(self, other)
    }

    fn parent(&self) -> Option<Self> {
        Self::parent(self)
    }

    fn child(&self, name: &str) -> Self {
        Self::child(self, name)
    }

    fn below(&self, ancestor: &Self) -> Option<Vec<String>> {
        Self::below(self, ancestor).map(<[String]>::to_vec)
    }

    fn place(&self) -> (String, String) {
        let share = match self.segments.is_empty() {
            true => "DavWWWRoot".to_owned(),
            false => self.segments.join("/"),
        };
        (self.server(), share)
    }

    fn display_type(&self) -> DisplayType {
        if self.segments.is_empty() { DisplayType::SERVER } else { DisplayType::SHARE }
    }

    /// A server's root is a collection like any other, and can be connected.
    fn usage(&self) -> ResourceUsage {
        ResourceUsage::CONNECTABLE | ResourceUsage::CONTAINER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tls_keeps_promises() {
        let check = |name: &str, flags| {
            WebDavNetwork::check_promises(&Remote::parse_str(name).unwrap(), flags)
        };
        assert_eq!(check("https://h/", ConnectFlags::REQUIRE_PRIVACY), Ok(()));
        assert_eq!(check("http://h/", ConnectFlags::UPDATE_PROFILE), Ok(()));
        for flag in [ConnectFlags::REQUIRE_PRIVACY, ConnectFlags::REQUIRE_INTEGRITY] {
            assert!(check("http://h/", flag).unwrap_err().contains("use https"));
            assert!(check(r"\\h\DavWWWRoot", flag).is_err());
        }
    }
}
