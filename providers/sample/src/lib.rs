//! A network provider to read and to test with: an in-memory network, "Sample Network".
//!
//! It owns the server `\\sample` and whatever is below it. Connections live as long as the
//! process. Some shares are special, so that tests can see every kind of answer:
//!
//! | Remote name | Answer |
//! |---|---|
//! | `\\sample\broken` | extended error 17, "the cable is out" |
//! | `\\sample\busy` | connects; disconnecting without force answers `OPEN_FILES` |
//! | any, with the password `wrong` | `INVALID_PASSWORD` |
//! | not below `\\sample` | `BAD_NET_NAME` |

#![forbid(unsafe_code)]

mod names;
mod network;

use std::sync::{Mutex, MutexGuard, PoisonError};

use mpr_core::{
    AddRequest, ConnectFlags, ConnectionCaps, ConnectionPerformance, Credentials, DialogCaps,
    EnumerationCaps, InfoLevel, ListEnum, NetResource, OwnedNetResource, Provider, ProviderError,
    ResourceEnum, ResourceInformation, ResourceType, ResourceUsage, Scope, UniversalName, Wide,
    WideString, WnError,
};

use crate::names::{Remote, below, filled, same};

mpr_abi::export_provider!(Sample, Sample::new());

/// The network and its connections.
struct Sample {
    name: WideString,
    connections: Mutex<Vec<Connection>>,
}

struct Connection {
    local: Option<WideString>,
    remote: WideString,
    user: WideString,
    resource_type: ResourceType,
}

impl Sample {
    fn new() -> Self {
        Self { name: network::NAME.into(), connections: Mutex::new(Vec::new()) }
    }

    fn connections(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `use_it` on the connection of a local or remote name.
    fn find<T>(
        &self,
        name: Wide<'_>,
        use_it: impl FnOnce(&Connection) -> T,
    ) -> Result<T, ProviderError> {
        let connections = self.connections();
        let found = connections.iter().find(|connection| {
            same(connection.remote.as_wide(), name)
                || connection.local.as_ref().is_some_and(|local| same(local.as_wide(), name))
        });
        found.map(use_it).ok_or(WnError::NOT_CONNECTED.into())
    }

    fn connected_entries(&self) -> Vec<OwnedNetResource> {
        let connections = self.connections();
        let entries = connections.iter().map(|connection| OwnedNetResource {
            scope: Scope::CONNECTED,
            local: connection.local.clone(),
            resource_type: connection.resource_type,
            ..network::entry(connection.remote.as_wide())
        });
        entries.collect()
    }
}

impl Provider for Sample {
    fn name(&self) -> Wide<'_> {
        self.name.as_wide()
    }

    fn net_type(&self) -> u32 {
        network::NET_TYPE
    }

    fn driver_version(&self) -> u32 {
        1 << 16
    }

    fn connection_caps(&self) -> ConnectionCaps {
        ConnectionCaps::ADD_CONNECTION
            | ConnectionCaps::ADD_CONNECTION3
            | ConnectionCaps::CANCEL_CONNECTION
            | ConnectionCaps::GET_CONNECTIONS
            | ConnectionCaps::GET_PERFORMANCE
    }

    fn enumeration_caps(&self) -> EnumerationCaps {
        EnumerationCaps::GLOBAL | EnumerationCaps::LOCAL
    }

    fn dialog_caps(&self) -> DialogCaps {
        DialogCaps::FORMAT_NETWORK_NAME
            | DialogCaps::GET_RESOURCE_INFORMATION
            | DialogCaps::GET_RESOURCE_PARENT
    }

    fn knows_users(&self) -> bool {
        true
    }

    fn add_connection(&self, request: &AddRequest<'_>) -> Result<(), ProviderError> {
        let remote = Remote::parse(request.remote)?;
        let share = remote.share.ok_or(WnError::BAD_NET_NAME)?;
        let (user, password) = match request.credentials {
            Credentials::Named { user, password } => (user, password),
            Credentials::Block(_) => return Err(WnError::NOT_SUPPORTED.into()),
        };
        if password.is_some_and(|password| password.expose().eq_str("wrong")) {
            return Err(WnError::INVALID_PASSWORD.into());
        }
        if share.eq_str("broken") {
            return Err(ProviderError::extended(17, "the cable is out", network::NAME));
        }
        let local = filled(request.local);
        let mut connections = self.connections();
        let taken = |connection: &Connection| match (&connection.local, local) {
            (Some(mine), Some(local)) => same(mine.as_wide(), local),
            _ => false,
        };
        if connections.iter().any(taken) {
            return Err(WnError::ALREADY_ASSIGNED.into());
        }
        connections.push(Connection {
            local: local.map(WideString::from),
            remote: request.remote.trim_trailing_backslash().into(),
            user: filled(user).map_or_else(|| network::DEFAULT_USER.into(), WideString::from),
            resource_type: network::type_of(share),
        });
        Ok(())
    }

    fn cancel_connection(
        &self,
        name: Wide<'_>,
        force: bool,
        _flags: ConnectFlags,
    ) -> Result<(), ProviderError> {
        let mut connections = self.connections();
        let hit = |connection: &Connection| match &connection.local {
            Some(local) => same(local.as_wide(), name),
            None => same(connection.remote.as_wide(), name),
        };
        let busy = |connection: &Connection| {
            hit(connection) && same(connection.remote.as_wide(), WideString::from(BUSY).as_wide())
        };
        if !connections.iter().any(hit) {
            return Err(WnError::NOT_CONNECTED.into());
        }
        if !force && connections.iter().any(busy) {
            return Err(WnError::OPEN_FILES.into());
        }
        connections.retain(|connection| !hit(connection));
        Ok(())
    }

    fn connection(&self, local: Wide<'_>) -> Result<WideString, ProviderError> {
        let connections = self.connections();
        let mine = |connection: &&Connection| {
            connection.local.as_ref().is_some_and(|name| same(name.as_wide(), local))
        };
        let found = connections.iter().find(mine).ok_or(WnError::NOT_CONNECTED)?;
        Ok(found.remote.clone())
    }

    fn universal_name(
        &self,
        path: Wide<'_>,
        _level: InfoLevel,
    ) -> Result<UniversalName, ProviderError> {
        let connections = self.connections();
        let mut names = connections.iter().filter_map(|connection| {
            let rest = below(path, connection.local.as_ref()?.as_wide())?;
            let mut universal = connection.remote.clone();
            universal.push(rest);
            Some(UniversalName {
                universal: Some(universal),
                connection: Some(connection.remote.clone()),
                remaining: Some(rest.into()),
            })
        });
        names.next().ok_or(WnError::BAD_DEVICE.into())
    }

    fn user(&self, name: Option<Wide<'_>>) -> Result<WideString, ProviderError> {
        match filled(name) {
            Some(name) => self.find(name, |connection| connection.user.clone()),
            None => Ok(network::DEFAULT_USER.into()),
        }
    }

    fn performance(&self, remote: Wide<'_>) -> Result<ConnectionPerformance, ProviderError> {
        self.find(remote, |_| ConnectionPerformance {
            flags: 0,
            speed: 10_000,
            delay: 1,
            optimal_data_size: 4096,
        })
    }

    fn open_enum(
        &self,
        scope: Scope,
        resource_type: ResourceType,
        usage: ResourceUsage,
        container: Option<&NetResource<'_>>,
    ) -> Result<Box<dyn ResourceEnum>, ProviderError> {
        let entries = match scope {
            Scope::CONNECTED => self.connected_entries(),
            Scope::GLOBALNET => network::list(container.and_then(|entry| entry.remote), usage)?,
            _ => return Err(WnError::NOT_SUPPORTED.into()),
        };
        let wanted = |entry: &OwnedNetResource| {
            resource_type == ResourceType::ANY
                || entry.resource_type == ResourceType::ANY
                || entry.resource_type.intersects(resource_type)
        };
        let entries: Vec<_> = entries.into_iter().filter(wanted).collect();
        Ok(Box::new(ListEnum::from(entries)))
    }

    fn resource_information(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<ResourceInformation, ProviderError> {
        let remote = Remote::parse(resource.remote.ok_or(WnError::BAD_NET_NAME)?)?;
        if remote.share.is_some_and(|share| !network::exists(share)) {
            return Err(WnError::BAD_NET_NAME.into());
        }
        let system = filled(Some(remote.rest)).map(WideString::from);
        Ok(ResourceInformation { resource: network::entry(remote.resource), system })
    }

    fn resource_parent(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<OwnedNetResource, ProviderError> {
        let remote = Remote::parse(resource.remote.ok_or(WnError::BAD_NET_NAME)?)?;
        Ok(match remote.share {
            Some(_) => network::server(),
            None => network::top(),
        })
    }

    fn format_network_name(
        &self,
        remote: Wide<'_>,
        _flags: u32,
        _characters_per_line: u32,
    ) -> Result<WideString, ProviderError> {
        let parsed = Remote::parse(remote)?;
        let share = parsed.share.ok_or(WnError::BAD_NET_NAME)?;
        Ok(format!("{share} on {}", network::NAME).into())
    }
}

/// The share that always has open files.
const BUSY: &str = r"\\sample\busy";

#[cfg(test)]
mod tests;
