//! Asking what a local name is connected to, and changing what is remembered of it.

use crate::error::{Error, WnError};
use crate::flags::{ConnectFlags, ConnectionCaps, ResourceType, ResourceUsage, Scope};
use crate::name::LocalName;
use crate::profile::RememberedConnection;
use crate::provider::Provider;
use crate::route;
use crate::router::{Nobody, Router, is_not_connected};
use crate::trace::{Note, Phase, Trace};
use crate::wide::{Wide, WideString};

/// Most connections that are cleared in one call.
const MOST_CONNECTIONS: usize = 65_536;

/// What a local name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The remote name.
    pub remote: WideString,
    /// The place of the provider that connected it; absent if it is only remembered.
    pub provider: Option<usize>,
}

impl Router {
    /// Returns what a local name is connected to, or remembered for.
    ///
    /// `NOT_CONNECTED` if it is neither; `NO_NET_OR_BAD_PATH` if a provider that might own it is
    /// down (U35).
    #[doc(alias = "WNetGetConnection")]
    pub fn connection(&self, local: Wide<'_>, trace: &mut dyn Trace) -> Result<Connection, Error> {
        let local = self.parse_local(local)?;
        let name = local.as_wide();
        match self.find_owner(name, trace, |provider| provider.connection(name)) {
            Ok((index, remote)) => Ok(Connection { remote, provider: Some(index) }),
            Err(nobody) => self
                .not_connected(&local, nobody)
                .map(|entry| Connection { remote: entry.remote, provider: None }),
        }
    }

    /// Decides what a local name that nobody owns is: remembered, or which error (U35).
    pub(crate) fn not_connected(
        &self,
        local: &LocalName<'_>,
        nobody: Nobody,
    ) -> Result<RememberedConnection, Error> {
        // A damaged profile must not hide the answer of the providers.
        if let Ok(Some(entry)) = self.profile().get(local.as_wide()) {
            return Ok(entry);
        }
        if let Some(refusal) = nobody.refusal {
            return Err(refusal);
        }
        let none = self.providers().is_empty();
        Err(Error::router(match (none, nobody.down) {
            (true, _) => WnError::NO_NETWORK,
            (false, true) => WnError::NO_NET_OR_BAD_PATH,
            (false, false) => WnError::NOT_CONNECTED,
        }))
    }

    /// Asks the owner of a local name; if nobody says so, those who cannot say (`npapi.md` §5.3).
    pub(crate) fn ask_owner<T>(
        &self,
        local: &LocalName<'_>,
        trace: &mut dyn Trace,
        ask: impl Fn(usize, &mut dyn Trace) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut nobody = match self.owner(local.as_wide(), trace) {
            Ok(index) => return ask(index, trace),
            Err(nobody) => nobody,
        };
        let mute = |_: &dyn Provider, caps: ConnectionCaps| {
            !caps.contains(ConnectionCaps::GET_CONNECTIONS) && route::connects(caps)
        };
        for index in self.candidates(mute).flatten() {
            match ask(index, trace) {
                Err(error) if is_not_connected(error.code) => {}
                Err(error) => {
                    nobody.refusal.get_or_insert(error);
                }
                found => return found,
            }
        }
        let _remembered = self.not_connected(local, nobody)?;
        Err(WnError::CONNECTION_UNAVAIL.into())
    }

    /// Remembers or forgets an existing connection without breaking it.
    #[doc(alias = "WNetSetConnection")]
    pub fn set_persistent(
        &self,
        local: Wide<'_>,
        persistent: bool,
        trace: &mut dyn Trace,
    ) -> Result<(), Error> {
        let local = self.parse_local(local)?;
        let Ok(index) = self.owner(local.as_wide(), trace) else {
            return Err(WnError::NOT_CONNECTED.into());
        };
        self.profile().check().map_err(Error::profile)?;
        if !persistent {
            return self.forget(&local, trace).map(drop);
        }
        let provider = &*self.providers()[index];
        let name = local.as_wide();
        let remote = self
            .ask(index, trace, Phase::GetConnection, Note::Stopped, |it| it.connection(name))
            .map_err(|error| Error::provider(index, error))?;
        // An entry of the same connection says more than can be asked for here.
        let entry = self.profile().get(name).map_err(Error::profile)?;
        if entry.is_some_and(|entry| entry.remote.as_wide().same_resource(remote.as_wide())) {
            return Ok(());
        }
        let user = if provider.knows_users() {
            self.ask(index, trace, Phase::Query, Note::NotSupported, |it| it.user(Some(name)))
        } else {
            Err(WnError::NOT_SUPPORTED.into())
        };
        let user = user.unwrap_or_default();
        let printer = local.device().is_some_and(|device| device.is_printer());
        let entry = RememberedConnection {
            local: name.into(),
            remote,
            defer_flags: if user.units().is_empty() { 4 } else { 1 },
            user,
            provider: provider.name().into(),
            provider_type: provider.net_type(),
            connection_type: if printer { ResourceType::PRINT } else { ResourceType::DISK },
            ..RememberedConnection::default()
        };
        self.profile().remember(&entry).map_err(Error::profile)
    }

    /// Disconnects everything that is connected; returns the first error, after trying all.
    ///
    /// Notifies nobody, forgets nothing, and does not force: a connection with open files stays.
    #[doc(alias = "WNetClearConnections")]
    pub fn clear_connections(&self, trace: &mut dyn Trace) -> Result<(), Error> {
        let (scope, any) = (Scope::CONNECTED, ResourceType::ANY);
        let mut connections = self.open_enum(scope, any, ResourceUsage::NONE, None, trace)?;
        let mut names = alloc::vec::Vec::new();
        while let Some((entry, provider)) = connections.peek()? {
            // A provider whose list never ends must not keep us here for ever.
            if names.len() == MOST_CONNECTIONS {
                break;
            }
            let local = entry.local.filter(|local| !local.is_empty());
            if let Some(name) = local.or(entry.remote) {
                names.push((provider, name.to_wide_string()));
            }
            connections.advance();
        }
        let mut first = Ok(());
        for (provider, name) in names {
            let Some(index) = provider else { continue };
            let ended = self.ask(index, trace, Phase::Cancel, Note::Remembered, |it| {
                it.cancel_connection(name.as_wide(), false, ConnectFlags::NONE)
            });
            if let (Ok(()), Err(error)) = (&first, ended) {
                first = Err(Error::provider(index, error));
            }
        }
        first
    }
}
