//! The network provider: the router's questions, answered from the mount table, by a serving
//! process, or by looking at the server.
//!
//! Connecting, browsing and looking at a resource talk to the server; everything else reads the
//! mount table and nothing more.

mod browse;
mod connect;
mod settings;

use std::path::Path;

use mpr_core::{
    AddRequest, ConnectFlags, ConnectionCaps, DeviceName, DialogCaps, DisplayType, EnumerationCaps,
    ExtendedError, InfoLevel, NetResource, OwnedNetResource, Provider, ProviderError, ResourceEnum,
    ResourceInformation, ResourceType, ResourceUsage, Scope, UniversalName, Wide, WideString,
    WnError,
};
use mpr_mount::{MountEntry, MountTable, Note, Place, Spot};

pub use settings::Settings;

use crate::remote::Remote;

/// The name that people and `lpProvider` use.
pub const NAME: &str = "WebDAV Network";

/// `WNNC_NET_DAV`.
const NET_TYPE: u32 = 0x002e_0000;

/// The subtype of its file systems: they are `fuse.mpr-webdav` in the mount table.
pub const SUBTYPE: &str = "mpr-webdav";

/// `WNFMT_ABBREVIATED`.
const ABBREVIATED: u32 = 2;

/// The WebDAV network provider.
#[derive(Debug)]
pub struct WebDav {
    name: WideString,
    settings: Settings,
}

impl Default for WebDav {
    fn default() -> Self {
        Self::new(Settings::from_env())
    }
}

impl WebDav {
    /// Makes a provider that works with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { name: NAME.into(), settings }
    }

    fn table(&self) -> Result<MountTable, ProviderError> {
        MountTable::read(SUBTYPE)
            .map_err(|error| refusal(WnError::UNEXP_NET_ERR, &format!("the mount table: {error}")))
    }

    /// Returns place and mount of a local name; `NOT_CONNECTED` if there is none of ours.
    fn mounted(&self, local: Wide<'_>) -> Result<(Place, MountEntry), ProviderError> {
        let place = Place::local(&self.settings.runtime, local)?;
        let entry = self.table()?.at(&place.dir).cloned().ok_or(WnError::NOT_CONNECTED)?;
        Ok((place, entry))
    }

    /// Goes through the caller's own connections.
    fn connections(&self) -> Result<Vec<(Spot, MountEntry)>, ProviderError> {
        let runtime = &self.settings.runtime;
        let own = |entry: &&MountEntry| entry.user.is_none_or(|user| user == runtime.uid());
        let table = self.table()?;
        let entries = table.iter().filter(own);
        Ok(entries
            .filter_map(|entry| Some((Spot::of(runtime, &entry.mountpoint)?, entry.clone())))
            .collect())
    }

    /// Returns the connections without local name to a resource.
    fn deviceless(&self, remote: &Remote) -> Result<Vec<MountEntry>, ProviderError> {
        let same = |entry: &MountEntry| {
            Remote::parse_str(&entry.source).is_some_and(|source| source.same(remote))
        };
        let connections = self.connections()?.into_iter();
        Ok(connections
            .filter(|(spot, entry)| *spot == Spot::Deviceless && same(entry))
            .map(|(_, entry)| entry)
            .collect())
    }

    /// Returns the place of a connection without local name.
    fn deviceless_place(&self, remote: &Remote) -> Place {
        let share = match remote.segments.is_empty() {
            true => "DavWWWRoot".to_owned(),
            false => remote.segments.join("/"),
        };
        Place::deviceless(&self.settings.runtime, &remote.server(), &share)
    }

    fn resource(&self, remote: &Remote) -> OwnedNetResource {
        OwnedNetResource {
            scope: Scope::GLOBALNET,
            resource_type: ResourceType::DISK,
            display_type: match remote.segments.len() {
                0 => DisplayType::SERVER,
                _ => DisplayType::SHARE,
            },
            usage: ResourceUsage::CONNECTABLE | ResourceUsage::CONTAINER,
            remote: Some(remote.name().into()),
            provider: Some(self.name.clone()),
            ..OwnedNetResource::default()
        }
    }
}

/// Makes an answer that keeps its code and brings a text along.
pub(crate) fn refusal(code: WnError, text: &str) -> ProviderError {
    let extended = ExtendedError { code: code.code(), text: text.into(), provider: NAME.into() };
    ProviderError { code, extended: Some(Box::new(extended)) }
}

impl Provider for WebDav {
    fn name(&self) -> Wide<'_> {
        self.name.as_wide()
    }

    fn net_type(&self) -> u32 {
        NET_TYPE
    }

    fn driver_version(&self) -> u32 {
        0x0001_0000
    }

    fn connection_caps(&self) -> ConnectionCaps {
        ConnectionCaps::ADD_CONNECTION
            | ConnectionCaps::ADD_CONNECTION3
            | ConnectionCaps::CANCEL_CONNECTION
            | ConnectionCaps::CANCEL_CONNECTION2
            | ConnectionCaps::GET_CONNECTIONS
    }

    fn enumeration_caps(&self) -> EnumerationCaps {
        EnumerationCaps::GLOBAL | EnumerationCaps::LOCAL
    }

    fn dialog_caps(&self) -> DialogCaps {
        DialogCaps::FORMAT_NETWORK_NAME
            | DialogCaps::GET_RESOURCE_PARENT
            | DialogCaps::GET_RESOURCE_INFORMATION
    }

    fn knows_users(&self) -> bool {
        true
    }

    fn add_connection(&self, request: &AddRequest<'_>) -> Result<(), ProviderError> {
        self.connect(request)
    }

    fn cancel_connection(
        &self,
        name: Wide<'_>,
        force: bool,
        _flags: ConnectFlags,
    ) -> Result<(), ProviderError> {
        self.disconnect(name, force)
    }

    fn connection(&self, local: Wide<'_>) -> Result<WideString, ProviderError> {
        let (_, entry) = self.mounted(local)?;
        Ok(entry.source.as_str().into())
    }

    fn universal_name(
        &self,
        path: Wide<'_>,
        level: InfoLevel,
    ) -> Result<UniversalName, ProviderError> {
        let text = String::from_utf16(path.units()).map_err(|_| WnError::BAD_DEVICE)?;
        let (entry, rest) = if text.starts_with('/') {
            let entry = self.table()?.holding(Path::new(&text)).cloned();
            let entry = entry.ok_or(WnError::NOT_CONNECTED)?;
            let rest = Path::new(&text).strip_prefix(&entry.mountpoint).unwrap_or(Path::new(""));
            let rest = rest.to_string_lossy().into_owned();
            (entry, rest)
        } else {
            let (device, rest) = text.split_at_checked(2).ok_or(WnError::BAD_DEVICE)?;
            if !rest.is_empty() && !rest.starts_with(['\\', '/']) {
                return Err(WnError::BAD_DEVICE.into());
            }
            DeviceName::parse(WideString::from(device).as_wide())?;
            let (_, entry) = self.mounted(WideString::from(device).as_wide())?;
            (entry, rest.to_owned())
        };
        let remote = Remote::parse_str(&entry.source).ok_or(WnError::BAD_NET_NAME)?;
        let rest = rest.replace('/', "\\");
        let rest = match rest.trim_start_matches('\\') {
            "" => String::new(),
            rest => format!(r"\{rest}"),
        };
        let universal = Some((remote.unc() + &rest).into());
        Ok(match level {
            InfoLevel::UniversalName => UniversalName { universal, ..UniversalName::default() },
            InfoLevel::RemoteName => UniversalName {
                universal,
                connection: Some(remote.unc().into()),
                remaining: Some(rest.into()),
            },
        })
    }

    fn user(&self, name: Option<Wide<'_>>) -> Result<WideString, ProviderError> {
        let own = || WideString::from(settings::login_name(self.settings.runtime.uid()));
        let Some(name) = name else { return Ok(own()) };
        let runtime = &self.settings.runtime;
        let known = match Remote::parse(name) {
            Ok(remote) => {
                let mut found = self.connections()?.into_iter().filter(|(_, entry)| {
                    Remote::parse_str(&entry.source).is_some_and(|source| source.same(&remote))
                });
                let (spot, entry) = found.next().ok_or(WnError::NOT_CONNECTED)?;
                let place = match spot.local_name() {
                    Some(local) => Place::local(runtime, local.as_wide())?,
                    None => self.deviceless_place(&remote),
                };
                Note::about(runtime, &place, &entry)
            }
            Err(_) => {
                let (place, entry) = self.mounted(name)?;
                Note::about(runtime, &place, &entry)
            }
        };
        Ok(known.and_then(|note| note.user).map_or_else(own, WideString::from))
    }

    fn open_enum(
        &self,
        scope: Scope,
        resource_type: ResourceType,
        usage: ResourceUsage,
        container: Option<&NetResource<'_>>,
    ) -> Result<Box<dyn ResourceEnum>, ProviderError> {
        self.enumerate(scope, resource_type, usage, container)
    }

    fn resource_information(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<ResourceInformation, ProviderError> {
        self.inform(resource)
    }

    fn resource_parent(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<OwnedNetResource, ProviderError> {
        let remote = Remote::parse(resource.remote.unwrap_or_default())?;
        Ok(match remote.parent() {
            Some(parent) => self.resource(&parent),
            // Above a server is the network itself, which has no name there.
            None => OwnedNetResource {
                display_type: DisplayType::NETWORK,
                usage: ResourceUsage::CONTAINER,
                remote: None,
                ..self.resource(&remote)
            },
        })
    }

    fn format_network_name(
        &self,
        remote: Wide<'_>,
        flags: u32,
        characters_per_line: u32,
    ) -> Result<WideString, ProviderError> {
        let name = Remote::parse(remote)?.name();
        let room = usize::try_from(characters_per_line).unwrap_or(usize::MAX);
        let length = name.chars().count();
        if flags & ABBREVIATED == 0 || length <= room || room < 4 {
            return Ok(name.into());
        }
        let tail: String = name.chars().skip(length + 3 - room).collect();
        Ok(format!("...{tail}").into())
    }
}
