//! Enumeration and resource information: what is connected, and what a server holds.
//!
//! NPOpenEnum brings no credentials. Where the caller has a connection to the collection, it is
//! listed through that; elsewhere the server is asked without a name.

use std::path::PathBuf;

use mpr_core::{
    DisplayType, ListEnum, NetResource, OwnedNetResource, ProviderError, ResourceEnum,
    ResourceInformation, ResourceType, ResourceUsage, Scope, WideString, WnError,
};

use super::{WebDav, refusal};
use crate::dav::{Client, DavError, Op};
use crate::probe::judge;
use crate::remote::Remote;

/// A name in a collection.
struct Member {
    name: String,
    collection: bool,
}

impl WebDav {
    pub(super) fn enumerate(
        &self,
        scope: Scope,
        resource_type: ResourceType,
        usage: ResourceUsage,
        container: Option<&NetResource<'_>>,
    ) -> Result<Box<dyn ResourceEnum>, ProviderError> {
        let disks =
            resource_type == ResourceType::ANY || resource_type.intersects(ResourceType::DISK);
        let mut entries = match scope {
            Scope::CONNECTED => self.connected()?,
            Scope::GLOBALNET => {
                let remote = container.and_then(|container| container.remote);
                match remote.filter(|remote| !remote.is_empty() && !self.is_top(*remote)) {
                    Some(remote) => self.members(&Remote::parse(remote)?)?,
                    // The servers of the world cannot be listed.
                    None => Vec::new(),
                }
            }
            _ => return Err(WnError::NOT_SUPPORTED.into()),
        };
        let wanted = usage & ResourceUsage::ALL;
        entries.retain(|entry| {
            let fits = wanted == ResourceUsage::NONE || entry.usage.intersects(wanted);
            disks && (scope != Scope::GLOBALNET || fits)
        });
        Ok(Box::new(ListEnum::from(entries)))
    }

    fn is_top(&self, remote: mpr_core::Wide<'_>) -> bool {
        remote.eq_ignore_case(self.name.as_wide())
    }

    fn connected(&self) -> Result<Vec<OwnedNetResource>, ProviderError> {
        let connections = self.connections()?.into_iter();
        Ok(connections
            .map(|(spot, entry)| OwnedNetResource {
                scope: Scope::CONNECTED,
                resource_type: ResourceType::DISK,
                display_type: DisplayType::SHARE,
                usage: ResourceUsage::CONNECTABLE,
                local: spot.local_name(),
                remote: Some(entry.source.into()),
                comment: None,
                provider: Some(self.name.clone()),
            })
            .collect())
    }

    /// Lists a collection as resources: collections can be connected and entered, files neither.
    fn members(&self, container: &Remote) -> Result<Vec<OwnedNetResource>, ProviderError> {
        let members = match self.mounted_path(container)? {
            Some(path) => {
                self.must_answer(container)?;
                list_mounted(&path)
                    .map_err(|error| refusal(WnError::UNEXP_NET_ERR, &format!("open: {error}")))?
            }
            None => self.list(container)?,
        };
        let entry = |member: Member| OwnedNetResource {
            display_type: match member.collection {
                true => DisplayType::DIRECTORY,
                false => DisplayType::FILE,
            },
            usage: match member.collection {
                true => ResourceUsage::CONNECTABLE | ResourceUsage::CONTAINER,
                false => ResourceUsage::NONE,
            },
            ..self.resource(&container.child(&member.name))
        };
        let mut entries: Vec<_> = members.into_iter().map(entry).collect();
        entries.sort_by(|a, b| a.remote.cmp(&b.remote));
        Ok(entries)
    }

    /// Returns where a resource can be seen through a connection of the caller's.
    fn mounted_path(&self, remote: &Remote) -> Result<Option<PathBuf>, ProviderError> {
        let found = self.connections()?.into_iter().find_map(|(_, entry)| {
            let source = Remote::parse_str(&entry.source)?;
            let mut path = entry.mountpoint;
            path.extend(remote.below(&source)?);
            Some(path)
        });
        Ok(found)
    }

    /// Asks whether a server answers, whatever it says, before a mount of it is looked into: who
    /// waits there can neither be freed nor even killed before the mount's own, longer limit.
    fn must_answer(&self, remote: &Remote) -> Result<(), ProviderError> {
        let client = Client::new(remote, None);
        match client.stat(&Op::new(self.settings.connect_limit), &(remote.wire_path() + "/")) {
            Err(
                error @ (DavError::NoHost
                | DavError::NoConnection(_)
                | DavError::Tls(_)
                | DavError::TimedOut { .. }),
            ) => Err(self.refuse(remote, &error)),
            _ => Ok(()),
        }
    }

    fn list(&self, container: &Remote) -> Result<Vec<Member>, ProviderError> {
        let client = Client::new(container, None);
        let op = Op::new(self.settings.connect_limit);
        let path = container.wire_path() + "/";
        let refuse = |error: DavError| self.refuse(container, &error);
        if !client.stat(&op, &path).map_err(refuse)?.collection {
            return Err(WnError::NOT_CONTAINER.into());
        }
        let entries = client.list(&op, &path).map_err(refuse)?;
        Ok(entries
            .into_iter()
            .filter_map(|mut entry| {
                let name = String::from_utf8(entry.path.pop()?).ok()?;
                Some(Member { name, collection: entry.collection })
            })
            .collect())
    }

    fn refuse(&self, remote: &Remote, error: &DavError) -> ProviderError {
        let obstacle = judge(remote, None, error);
        let code = match error {
            DavError::Status(401) => WnError::NOT_AUTHENTICATED,
            _ => obstacle.code,
        };
        refusal(code, &format!("{}: {}", obstacle.stage, obstacle.text))
    }

    /// Splits a name into the collection that exists and the rest, asking from the end upwards.
    pub(super) fn inform(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<ResourceInformation, ProviderError> {
        let whole = Remote::parse(resource.remote.unwrap_or_default())?;
        if resource.resource_type.intersects(ResourceType::PRINT)
            && !resource.resource_type.intersects(ResourceType::DISK)
        {
            return Err(WnError::BAD_DEV_TYPE.into());
        }
        if self.mounted_path(&whole)?.is_some() {
            self.must_answer(&whole)?;
        }
        let client = Client::new(&whole, None);
        let op = Op::new(self.settings.connect_limit);
        let mut remote = whole.clone();
        loop {
            let found = match self.mounted_path(&remote)? {
                Some(path) => match std::fs::metadata(path) {
                    Ok(metadata) => Ok(metadata.is_dir()),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                        Err(DavError::Status(404))
                    }
                    Err(error) => Err(DavError::Broken(error.to_string())),
                },
                None => client.stat(&op, &remote.wire_path()).map(|entry| entry.collection),
            };
            match found {
                Ok(true) => break,
                Ok(false) | Err(DavError::Status(404)) => match remote.parent() {
                    Some(parent) => remote = parent,
                    None => return Err(self.refuse(&whole, &DavError::Status(404))),
                },
                Err(error) => return Err(self.refuse(&whole, &error)),
            }
        }
        let rest = whole.below(&remote).unwrap_or_default();
        let system = rest.iter().map(|part| format!(r"\{part}")).collect::<String>();
        Ok(ResourceInformation {
            resource: self.resource(&remote),
            system: (!system.is_empty()).then(|| WideString::from(system)),
        })
    }
}

fn list_mounted(path: &std::path::Path) -> std::io::Result<Vec<Member>> {
    let mut members = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string() {
            members.push(Member { name, collection: entry.file_type()?.is_dir() });
        }
    }
    Ok(members)
}
