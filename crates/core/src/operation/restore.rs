//! Restoring remembered connections; nobody is notified (U10).

use crate::error::{Error, WnError};
use crate::flags::{ConnectFlags, ConnectionCaps};
use crate::name::{LocalName, RemoteName};
use crate::profile::RememberedConnection;
use crate::provider::{AddRequest, Credentials};
use crate::route;
use crate::router::Router;
use crate::trace::{Note, Phase, Trace};
use crate::wide::{Password, Wide};

impl Router {
    /// Returns every remembered connection.
    pub fn remembered(&self) -> Result<alloc::vec::Vec<RememberedConnection>, Error> {
        self.profile().list().map_err(Error::profile)
    }

    /// Restores one remembered local name; returns the place of the provider that did.
    ///
    /// `ALREADY_ASSIGNED` if it is in use: nothing is overridden. Failure leaves the entry
    /// remembered. `interactive`: the provider may ask the user.
    #[doc(alias("WNetRestoreConnection", "WNetRestoreSingleConnection"))]
    pub fn restore_connection(
        &self,
        local: Wide<'_>,
        interactive: bool,
        trace: &mut dyn Trace,
    ) -> Result<usize, Error> {
        self.restore(local, interactive, None, trace)
    }

    /// As [`restore_connection`](Self::restore_connection), with a password for the provider at
    /// this place, which has refused to do it without; nobody else gets it (D1).
    pub fn restore_with_password(
        &self,
        local: Wide<'_>,
        provider: usize,
        password: Password<'_>,
        trace: &mut dyn Trace,
    ) -> Result<usize, Error> {
        self.restore(local, false, Some((provider, password)), trace)
    }

    fn restore(
        &self,
        local: Wide<'_>,
        interactive: bool,
        login: Option<(usize, Password<'_>)>,
        trace: &mut dyn Trace,
    ) -> Result<usize, Error> {
        let local = self.parse_local(local)?;
        let entry = self.profile().get(local.as_wide()).map_err(Error::profile)?;
        let entry = entry.ok_or(Error::router(WnError::CONNECTION_UNAVAIL))?;
        self.check_network(|_, caps| route::connects(caps))?;
        if self.in_use(&local, trace) {
            return Err(WnError::ALREADY_ASSIGNED.into());
        }
        let remote = RemoteName::parse(entry.remote.as_wide())
            .map_err(|_| Error::profile(WnError::BAD_PROFILE))?;
        let password = login.map(|(_, password)| password);
        let attempt = Attempt { entry: &entry, local: &local, remote, interactive, password };
        match login.map(|(index, _)| index).or_else(|| self.provider_of(&entry)) {
            Some(index) => {
                self.check_running(index)?;
                attempt.ask(self, index, trace).map_err(|error| Error::provider(index, error))?;
                Ok(index)
            }
            None => attempt.ask_all(self, trace),
        }
    }

    /// Finds the provider of an entry by name, then by a network type that only one has (P7).
    pub(crate) fn provider_of(&self, entry: &RememberedConnection) -> Option<usize> {
        if let Ok(index) = self.find_provider(entry.provider.as_wide()) {
            return Some(index);
        }
        let of_type = |&index: &usize| {
            let net_type = self.providers()[index].net_type();
            entry.provider_type != 0 && net_type == entry.provider_type
        };
        let mut found = (0..self.providers().len()).filter(of_type);
        found.next().filter(|_| found.next().is_none())
    }
}

struct Attempt<'a> {
    entry: &'a RememberedConnection,
    local: &'a LocalName<'a>,
    remote: RemoteName<'a>,
    interactive: bool,
    password: Option<Password<'a>>,
}

impl Attempt<'_> {
    fn ask(
        &self,
        router: &Router,
        index: usize,
        trace: &mut dyn Trace,
    ) -> Result<(), crate::error::ProviderError> {
        let provider = &*router.providers()[index];
        let user = Some(self.entry.user.as_wide()).filter(|user| !user.is_empty());
        let credentials = Credentials::Named { user, password: self.password };
        let caps = provider.connection_caps();
        let defers = caps.contains(ConnectionCaps::DEFER | ConnectionCaps::ADD_CONNECTION3);
        let no_question = self.entry.defer_flags & 4 != 0 || user.is_none(); // U62
        let mut wanted = self.entry.connect_flags;
        if defers && (no_question || self.interactive) {
            wanted = wanted | ConnectFlags::DEFERRED;
        }
        if self.interactive {
            wanted = wanted | ConnectFlags::INTERACTIVE;
        }
        // With options only NPAddConnection4 will do, which takes no user name and no password: never
        // connect
        // otherwise than the options say (U70).
        let options = self.entry.use_options.as_deref();
        if options.is_some() && (user.is_some() || self.password.is_some()) {
            return Err(WnError::NOT_SUPPORTED.into());
        }
        let (call, flags) =
            route::choose_call(provider, caps, &credentials, options.is_some(), false, wanted)?;
        let request = AddRequest {
            call,
            resource_type: self.entry.connection_type,
            local: Some(self.local.as_wide()),
            remote: self.remote.as_wide(),
            comment: 0,
            credentials,
            use_options: options,
            flags,
            owner: 0,
        };
        router.ask(index, trace, Phase::Add, Note::Remembered, |it| it.add_connection(&request))
    }

    fn ask_all(&self, router: &Router, trace: &mut dyn Trace) -> Result<usize, Error> {
        router.first_to_take(
            |_, caps| route::connects(caps),
            |index| self.ask(router, index, trace).map(|()| index),
        )
    }
}
