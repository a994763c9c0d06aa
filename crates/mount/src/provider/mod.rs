//! The network provider of whatever mounts: the router's questions, answered from the mount
//! table, by a serving process, or by asking the server through one.
//!
//! Connecting, browsing and looking at a resource talk to the server; everything else reads the
//! mount table and the notes beside it, and nothing more.

mod browse;
mod connect;
mod connections;
mod kernel;
mod settings;
mod universal;

use std::marker::PhantomData;
use std::time::Duration;

use mpr_core::{
    AddRequest, ConnectFlags, ConnectionCaps, DialogCaps, DisplayType, EnumerationCaps,
    ExtendedError, InfoLevel, NetResource, OwnedNetResource, Provider, ProviderError, ResourceEnum,
    ResourceInformation, ResourceType, ResourceUsage, Scope, UniversalName, Wide, WideString,
    WnError,
};

pub use settings::Settings;

use crate::kernel::Means;
use crate::network::{Network, Resource};
use crate::order::Order;
use crate::serve::Failure;

/// `WNFMT_ABBREVIATED`.
const ABBREVIATED: u32 = 2;
/// `WNFMT_CONNECTION`.
const CONNECTION: u32 = 0x20;

/// The provider of a network whose resources are mounted.
#[derive(Debug)]
pub struct MountProvider<N> {
    name: WideString,
    settings: Settings,
    means: Means,
    network: PhantomData<fn() -> N>,
}

impl<N: Network> Default for MountProvider<N> {
    fn default() -> Self {
        Self::new(Settings::from_env::<N>())
    }
}

impl<N: Network> MountProvider<N> {
    /// Makes a provider that works with these settings.
    pub fn new(settings: Settings) -> Self {
        let means = Means::of(&settings.runtime);
        Self { name: N::NAME.into(), settings, means, network: PhantomData }
    }

    /// Parses a remote name; `BAD_NET_NAME` if it is none of this network's.
    fn parse(name: Wide<'_>) -> Result<N::Resource, WnError> {
        let text = String::from_utf16(name.units()).map_err(|_| WnError::BAD_NET_NAME)?;
        N::Resource::parse(&text).ok_or(WnError::BAD_NET_NAME)
    }

    fn resource(&self, remote: &N::Resource) -> OwnedNetResource {
        OwnedNetResource {
            scope: Scope::GLOBALNET,
            resource_type: ResourceType::DISK,
            display_type: remote.display_type(),
            usage: remote.usage(),
            remote: Some(remote.name().into()),
            provider: Some(self.name.clone()),
            ..OwnedNetResource::default()
        }
    }

    /// Begins an order about a resource: the serving program has `limit` to connect, and is given
    /// up when it is not done `grace` later.
    fn order<'a>(
        &'a self,
        source: &'a str,
        flags: ConnectFlags,
        limit: Duration,
        grace: Duration,
    ) -> Result<Order<'a>, ProviderError> {
        if let Some(problem) = &self.settings.problem {
            return Err(refusal::<N>(WnError::GEN_FAILURE, problem));
        }
        let Some(helper) = &self.settings.helper else {
            let text = format!("{} is not installed beside the provider", N::HELPER);
            return Err(refusal::<N>(WnError::GEN_FAILURE, &text));
        };
        Ok(Order {
            helper,
            subtype: N::SUBTYPE,
            source,
            user: None,
            password: None,
            settings: self.helper_settings(flags, limit),
            limit: limit + grace,
        })
    }
}

/// Makes an answer that keeps its code and brings a text along.
fn refusal<N: Network>(code: WnError, text: &str) -> ProviderError {
    let extended = ExtendedError { code: code.code(), text: text.into(), provider: N::NAME.into() };
    ProviderError { code, extended: Some(Box::new(extended)) }
}

/// Turns what a serving process said, or that it said nothing, into an answer.
fn answer<N: Network>(failure: Failure) -> ProviderError {
    match failure {
        Failure::Refused { stage, code, text } => refusal::<N>(code, &format!("{stage}: {text}")),
        Failure::NotEmpty => refusal::<N>(WnError::ALREADY_EXISTS, "mount: it is not empty"),
        Failure::TimedOut => refusal::<N>(WnError::TIMEOUT, "mount: it was not ready in time"),
        Failure::Broken(error) => refusal::<N>(WnError::GEN_FAILURE, &format!("mount: {error}")),
    }
}

impl<N: Network> Provider for MountProvider<N> {
    fn name(&self) -> Wide<'_> {
        self.name.as_wide()
    }

    fn complaint(&self) -> Option<ExtendedError> {
        let problem = self.settings.problem.as_deref()?;
        refusal::<N>(WnError::GEN_FAILURE, problem).extended.map(|it| *it)
    }

    fn net_type(&self) -> u32 {
        N::NET_TYPE
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

    fn connection_flags(&self) -> ConnectFlags {
        ConnectFlags::PROVIDER_DEFAULT | N::PROMISES
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
        self.universal(path, level)
    }

    fn user(&self, name: Option<Wide<'_>>) -> Result<WideString, ProviderError> {
        let own = || WideString::from(settings::login_name(self.settings.runtime.uid()));
        let Some(name) = name else { return Ok(own()) };
        let (place, entry) = match Self::parse(name) {
            Ok(remote) => {
                let mut connections = self.connections()?.into_iter();
                let found = connections.find(|(_, entry)| {
                    N::Resource::parse(&entry.source).is_some_and(|source| source.same(&remote))
                });
                let (spot, entry) = found.ok_or(WnError::NOT_CONNECTED)?;
                (self.place_of(&spot, &entry).ok_or(WnError::NOT_CONNECTED)?, entry)
            }
            Err(_) => self.mounted(name)?,
        };
        Ok(self.user_of(&place, &entry).map_or_else(own, WideString::from))
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
        let remote = Self::parse(resource.remote.unwrap_or_default())?;
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
        let resource = Self::parse(remote)?;
        // What a connection is called, however it was spelt: one resource has one such name.
        if flags & CONNECTION != 0 {
            return Ok(resource.unc().into());
        }
        let name = resource.name();
        let room = usize::try_from(characters_per_line).unwrap_or(usize::MAX);
        let length = name.chars().count();
        if flags & ABBREVIATED == 0 || length <= room || room < 4 {
            return Ok(name.into());
        }
        let tail: String = name.chars().skip(length + 3 - room).collect();
        Ok(format!("...{tail}").into())
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

#[cfg(test)]
#[path = "kernel_tests.rs"]
mod kernel_tests;
