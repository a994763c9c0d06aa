//! Enumeration and resource information: what is connected, and what a server holds.
//!
//! NPOpenEnum brings no credentials. Where the caller has a connection to the container, it is
//! listed through that; elsewhere the server is asked as the user that the name carries, or as
//! nobody, by a serving program that ends with its answer.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mpr_core::{
    ConnectFlags, DisplayType, ListEnum, NetResource, OwnedNetResource, Profile as _,
    ProviderError, ResourceEnum, ResourceInformation, ResourceType, ResourceUsage, Scope,
    WideString, WnError,
};
use mpr_platform::ProfileFile;

use super::{MountProvider, answer, refusal};
use crate::found::{Found, FoundKind};
use crate::network::{Network, Resource};
use crate::serve::{Failure, browse, probe};
use crate::stage::Stage;

/// What starting a program that answers takes beside its limit, on a busy machine.
const GRACE: Duration = Duration::from_secs(2);

impl<N: Network> MountProvider<N> {
    pub(super) fn enumerate(
        &self,
        scope: Scope,
        resource_type: ResourceType,
        usage: ResourceUsage,
        container: Option<&NetResource<'_>>,
    ) -> Result<Box<dyn ResourceEnum>, ProviderError> {
        let mut entries = match scope {
            Scope::CONNECTED => self.connected()?,
            Scope::GLOBALNET => {
                let remote = container.and_then(|container| container.remote);
                let top = |name: mpr_core::Wide<'_>| name.eq_ignore_case(self.name.as_wide());
                match remote.filter(|remote| !remote.is_empty() && !top(*remote)) {
                    Some(remote) => self.members(&Self::parse(remote)?)?,
                    None => self.servers()?,
                }
            }
            _ => return Err(WnError::NOT_SUPPORTED.into()),
        };
        let wanted = usage & ResourceUsage::ALL;
        entries.retain(|entry| {
            let fits = wanted == ResourceUsage::NONE || entry.usage.intersects(wanted);
            let kind =
                resource_type == ResourceType::ANY || resource_type.intersects(entry.resource_type);
            kind && (scope != Scope::GLOBALNET || fits)
        });
        Ok(Box::new(ListEnum::from(entries)))
    }

    /// Lists the servers that are known by name: of what is connected and what is remembered. The
    /// servers of the world cannot be listed.
    fn servers(&self) -> Result<Vec<OwnedNetResource>, ProviderError> {
        let connected = self.connections()?.into_iter().map(|(_, entry)| entry.source);
        let profile = self.settings.profile.as_ref().map(ProfileFile::new);
        let remembered = profile.and_then(|file| file.list().ok()).unwrap_or_default();
        let remembered = remembered.into_iter().map(|entry| entry.remote.to_string_lossy());
        let mut seen = BTreeSet::new();
        let mut servers: Vec<N::Resource> = Vec::new();
        for name in connected.chain(remembered).filter(|name| seen.insert(name.clone())) {
            let Some(mut server) = N::Resource::parse(&name) else { continue };
            while let Some(parent) = server.parent() {
                server = parent;
            }
            if !servers.iter().any(|known| known.same(&server)) {
                servers.push(server);
            }
        }
        let mut entries: Vec<_> = servers.iter().map(|server| self.resource(server)).collect();
        entries.sort_by(|a, b| a.remote.cmp(&b.remote));
        Ok(entries)
    }

    /// Lists a container as resources: shares and directories can be connected, files cannot.
    fn members(&self, container: &N::Resource) -> Result<Vec<OwnedNetResource>, ProviderError> {
        let found = match self.mounted_path(container)? {
            Some(path) => {
                self.must_answer(container)?;
                list_mounted(&path).map_err(|error| {
                    refusal::<N>(WnError::UNEXP_NET_ERR, &format!("open: {error}"))
                })?
            }
            None => self.ask(container)?,
        };
        let entry = |found: Found| {
            let resource = self.resource(&container.child(&found.name));
            let comment = found.comment.map(Into::into);
            match found.kind {
                FoundKind::Share => OwnedNetResource { comment, ..resource },
                FoundKind::Printer => OwnedNetResource {
                    resource_type: ResourceType::PRINT,
                    usage: ResourceUsage::CONNECTABLE,
                    comment,
                    ..resource
                },
                FoundKind::Directory => OwnedNetResource {
                    display_type: DisplayType::DIRECTORY,
                    usage: ResourceUsage::CONNECTABLE | ResourceUsage::CONTAINER,
                    comment,
                    ..resource
                },
                FoundKind::File => OwnedNetResource {
                    display_type: DisplayType::FILE,
                    usage: ResourceUsage::NONE,
                    comment,
                    ..resource
                },
            }
        };
        let mut entries: Vec<_> = found.into_iter().map(entry).collect();
        entries.sort_by(|a, b| a.remote.cmp(&b.remote));
        Ok(entries)
    }

    /// Returns where a resource can be seen through a connection of the caller's that is up.
    fn mounted_path(&self, remote: &N::Resource) -> Result<Option<PathBuf>, ProviderError> {
        let found = self.connections()?.into_iter().find_map(|(spot, entry)| {
            let source = N::Resource::parse(&entry.source)?;
            let below = remote.below(&source)?;
            if self.ailment(&spot, &entry).is_some() {
                return None;
            }
            let mut path = entry.mountpoint;
            path.extend(below);
            Some(path)
        });
        Ok(found)
    }

    /// Asks whether a server answers, whatever it says, before a mount of it is looked into: who
    /// waits there can neither be freed nor even killed before the mount's own, longer limit.
    fn must_answer(&self, remote: &N::Resource) -> Result<(), ProviderError> {
        match self.look(remote, self.settings.connect_limit) {
            Err(Failure::Refused { stage, code, .. })
                if code != WnError::TIMEOUT && is_login_or_open(&stage) =>
            {
                Ok(())
            }
            looked => looked.map_err(anonymous::<N>),
        }
    }

    /// Connects to a resource, as whom its name says, and leaves it.
    fn look(&self, remote: &N::Resource, limit: Duration) -> Result<(), Failure> {
        let name = remote.name();
        let order = self.order(&name, ConnectFlags::NONE, limit, GRACE);
        let mut order = order.map_err(|error| broken(&error))?;
        order.user = remote.user();
        probe(&self.settings.runtime, &order)
    }

    fn ask(&self, container: &N::Resource) -> Result<Vec<Found>, ProviderError> {
        let name = container.name();
        let limit = self.settings.connect_limit;
        let mut order = self.order(&name, ConnectFlags::NONE, limit, GRACE)?;
        order.user = container.user();
        browse(&self.settings.runtime, &order).map_err(anonymous::<N>)
    }

    /// Splits a name into the container that exists and the rest, asking from the end upwards.
    pub(super) fn inform(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<ResourceInformation, ProviderError> {
        let whole = Self::parse(resource.remote.unwrap_or_default())?;
        if resource.resource_type.intersects(ResourceType::PRINT)
            && !resource.resource_type.intersects(ResourceType::DISK)
        {
            return Err(WnError::BAD_DEV_TYPE.into());
        }
        if self.mounted_path(&whole)?.is_some() {
            self.must_answer(&whole)?;
        }
        let deadline = Instant::now() + self.settings.connect_limit;
        let mut remote = whole.clone();
        loop {
            let found = match self.mounted_path(&remote)? {
                Some(path) => is_directory(&path),
                None => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    self.exists(&remote, left.max(Duration::from_millis(1)))
                }
            };
            if found.map_err(anonymous::<N>)? {
                break;
            }
            remote = remote.parent().ok_or_else(|| {
                let text = format!("open: {} does not exist", whole.name());
                refusal::<N>(WnError::BAD_NET_NAME, &text)
            })?;
        }
        let rest = whole.below(&remote).unwrap_or_default();
        let system = rest.iter().map(|part| format!(r"\{part}")).collect::<String>();
        Ok(ResourceInformation {
            resource: self.resource(&remote),
            system: (!system.is_empty()).then(|| WideString::from(system)),
        })
    }

    /// Tells whether there is such a container; a file is none.
    fn exists(&self, remote: &N::Resource, limit: Duration) -> Result<bool, Failure> {
        if !remote.usage().intersects(ResourceUsage::CONNECTABLE) {
            // Only a server cannot be connected; that it answers says enough of it.
            return match self.look(remote, limit) {
                Err(Failure::Refused { stage, .. }) if is_login_or_open(&stage) => Ok(true),
                looked => looked.map(|()| true),
            };
        }
        match self.look(remote, limit) {
            Ok(()) => Ok(true),
            Err(Failure::Refused {
                code:
                    WnError::NOT_CONTAINER
                    | WnError::BAD_NET_NAME
                    | WnError::FILE_NOT_FOUND
                    | WnError::PATH_NOT_FOUND,
                ..
            }) => Ok(false),
            Err(failure) => Err(failure),
        }
    }
}

fn is_login_or_open(stage: &str) -> bool {
    stage == Stage::LogIn.word() || stage == Stage::Open.word()
}

/// Keeps the text of an order that could not even be given.
fn broken(error: &ProviderError) -> Failure {
    let text = error.extended.as_ref().map(|said| said.text.to_string_lossy());
    Failure::Broken(io::Error::other(text.unwrap_or_default()))
}

/// Says what became of a question that was asked without a password: a server that wants one
/// does not know the caller, which is another thing than being denied.
fn anonymous<N: Network>(failure: Failure) -> ProviderError {
    match failure {
        Failure::Refused { stage, code, text }
            if stage == Stage::LogIn.word() && is_about_login(code) =>
        {
            refusal::<N>(WnError::NOT_AUTHENTICATED, &format!("{stage}: {text}"))
        }
        failure => answer::<N>(failure),
    }
}

fn is_about_login(code: WnError) -> bool {
    matches!(code, WnError::ACCESS_DENIED | WnError::LOGON_FAILURE | WnError::INVALID_PASSWORD)
}

fn is_directory(path: &Path) -> Result<bool, Failure> {
    match std::fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_dir()),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(false)
        }
        Err(error) => Err(Failure::Refused {
            stage: Stage::Open.word().to_owned(),
            code: WnError::UNEXP_NET_ERR,
            text: error.to_string(),
        }),
    }
}

fn list_mounted(path: &Path) -> io::Result<Vec<Found>> {
    let mut members = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string() {
            let directory = entry.file_type()?.is_dir();
            let kind = if directory { FoundKind::Directory } else { FoundKind::File };
            members.push(Found { name, kind, comment: None });
        }
    }
    Ok(members)
}
