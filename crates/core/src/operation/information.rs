//! What the networks are: provider names, network information, performance, names for people.

use crate::error::{Error, WnError};
use crate::flags::{ConnectionCaps, DialogCaps};
use crate::provider::Availability;
use crate::resource::ConnectionPerformance;
use crate::route;
use crate::router::{Router, is_not_connected};
use crate::trace::{Note, Phase, Trace};
use crate::wide::{Wide, WideString};

/// Whether a network runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkStatus {
    /// It runs (`NO_ERROR`).
    Running,
    /// It does not run (`NO_NETWORK`).
    NotRunning,
    /// It does not run yet (`BUSY`).
    Busy,
}

/// What `WNetGetNetworkInformation` tells of a provider.
#[doc(alias = "NETINFOSTRUCT")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkInformation {
    /// The provider's version.
    pub provider_version: u32,
    /// Whether it runs.
    pub status: NetworkStatus,
    /// Instance handle of its module; 0 if it has none.
    pub handle: usize,
    /// The network type: the high word of `WNNC_NET_TYPE`.
    pub net_type: u16,
}

impl Router {
    /// Returns the name of the first running provider of a network type; only the high word counts.
    #[doc(alias = "WNetGetProviderName")]
    pub fn provider_name(&self, net_type: u32) -> Result<Wide<'_>, Error> {
        let fits = |provider: &&alloc::sync::Arc<dyn crate::provider::Provider>| {
            route::runs(&***provider) && provider.net_type() >> 16 == net_type >> 16
        };
        let found = self.providers().iter().find(fits);
        found.map(|provider| provider.name()).ok_or(WnError::NO_NETWORK.into())
    }

    /// Describes a provider; `BAD_PROVIDER` if it is unknown or its module cannot be loaded.
    #[doc(alias = "WNetGetNetworkInformation")]
    pub fn network_information(&self, provider: Wide<'_>) -> Result<NetworkInformation, Error> {
        let index = self.find_provider(provider)?;
        let provider = &*self.providers()[index];
        let status = match provider.availability() {
            Availability::Started => NetworkStatus::Running,
            Availability::Pending(_) => NetworkStatus::Busy,
            Availability::Down => NetworkStatus::NotRunning,
            Availability::LoadFailed => return Err(WnError::BAD_PROVIDER.into()),
        };
        Ok(NetworkInformation {
            provider_version: provider.driver_version(),
            status,
            handle: provider.instance(),
            net_type: (provider.net_type() >> 16) as u16,
        })
    }

    /// Estimates the performance of an existing connection; a local name wins over a remote one.
    #[doc(alias = "MultinetGetConnectionPerformance")]
    pub fn performance(
        &self,
        local: Option<Wide<'_>>,
        remote: Option<Wide<'_>>,
        provider: Option<Wide<'_>>,
        trace: &mut dyn Trace,
    ) -> Result<ConnectionPerformance, Error> {
        let named = self.named_provider(provider)?;
        if let Some(local) = local.filter(|local| !local.is_empty()) {
            let connection = self.connection(local, trace)?;
            let index = connection.provider.ok_or(Error::router(WnError::CONNECTION_UNAVAIL))?;
            return self.ask_performance(index, connection.remote.as_wide(), trace);
        }
        let remote = remote.unwrap_or_default();
        let remote = crate::name::RemoteName::parse(remote)?.as_wide();
        if let Some(index) = named {
            self.check_running(index)?;
            return self.ask_performance(index, remote, trace);
        }
        self.check_network(|_, _| true)?;
        let (mut down, mut supported, mut refusal) = (false, false, None);
        for candidate in self.candidates(|_, caps| caps.contains(ConnectionCaps::GET_PERFORMANCE)) {
            let Ok(index) = candidate else {
                down = true;
                continue;
            };
            match self.ask_performance(index, remote, trace) {
                Ok(figures) => return Ok(figures),
                Err(error) if error.code == WnError::NOT_SUPPORTED => {}
                Err(error) if error.code == WnError::NO_NETWORK => down = true,
                Err(error) if is_not_connected(error.code) => supported = true,
                Err(error) => {
                    refusal.get_or_insert(error);
                }
            }
        }
        let nobody = match (down, supported) {
            (true, _) => WnError::NO_NET_OR_BAD_PATH,
            (false, true) => WnError::NOT_CONNECTED,
            (false, false) => WnError::NOT_SUPPORTED,
        };
        Err(refusal.unwrap_or(Error::router(nobody)))
    }

    fn ask_performance(
        &self,
        index: usize,
        remote: Wide<'_>,
        trace: &mut dyn Trace,
    ) -> Result<ConnectionPerformance, Error> {
        let caps = self.providers()[index].connection_caps();
        if !caps.contains(ConnectionCaps::GET_PERFORMANCE) {
            return Err(Error::provider(index, WnError::NOT_SUPPORTED.into()));
        }
        self.ask(index, trace, Phase::Query, Note::NotMine, |it| it.performance(remote))
            .map_err(|error| Error::provider(index, error))
    }

    /// Writes a remote name as people read it; the name itself if the provider cannot.
    #[doc(alias = "WNetFormatNetworkName")]
    pub fn format_network_name(
        &self,
        provider: Wide<'_>,
        remote: Wide<'_>,
        flags: u32,
        characters_per_line: u32,
        trace: &mut dyn Trace,
    ) -> Result<WideString, Error> {
        let index = self.find_provider(provider)?;
        let caps = self.providers()[index].dialog_caps();
        if route::runs(&*self.providers()[index]) && caps.contains(DialogCaps::FORMAT_NETWORK_NAME)
        {
            let formatted = self.ask(index, trace, Phase::Query, Note::NotSupported, |it| {
                it.format_network_name(remote, flags, characters_per_line)
            });
            if let Ok(text) = formatted {
                return Ok(text);
            }
        }
        Ok(remote.into())
    }
}
