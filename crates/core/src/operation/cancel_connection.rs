//! Disconnecting: `WNetCancelConnection` and `2` (`wnet.md` §5).

use crate::error::{DecidedBy, Error, WnError};
use crate::flags::{ConnectFlags, ConnectionCaps};
use crate::name::{LocalName, RemoteName};
use crate::notifyee::{CancelDetails, Notice, Notifyee};
use crate::profile::RememberedConnection;
use crate::provider::Provider;
use crate::router::{Denied, Router, is_not_connected};
use crate::trace::{Note, Phase, Trace};
use crate::wide::{Wide, WideString};

/// What a cancel did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancelled {
    /// The place of the provider that disconnected; absent if an entry was only forgotten.
    pub disconnected: Option<usize>,
    /// The provider that the forgotten entry named.
    forgotten: Option<WideString>,
}

impl Cancelled {
    /// Returns the provider that disconnected, or that the profile named, if anybody knows.
    pub fn provider<'a>(&'a self, router: &'a Router) -> Option<Wide<'a>> {
        match self.disconnected {
            Some(index) => router.providers().get(index).map(|it| it.name()),
            None => self.forgotten.as_ref().map(WideString::as_wide).filter(|it| !it.is_empty()),
        }
    }
}

impl Router {
    /// Disconnects a local name, or all deviceless connections to a remote name.
    ///
    /// `flags` is empty, or `UPDATE_PROFILE` to forget the local name too. Without `force` it
    /// fails with `OPEN_FILES` while files are open. If the provider fails, the profile is not
    /// touched.
    #[doc(alias("WNetCancelConnection", "WNetCancelConnection2"))]
    pub fn cancel_connection(
        &self,
        name: Wide<'_>,
        flags: ConnectFlags,
        force: bool,
        trace: &mut dyn Trace,
    ) -> Result<Cancelled, Error> {
        if name.is_empty() || flags.without(ConnectFlags::UPDATE_PROFILE) != ConnectFlags::NONE {
            return Err(WnError::INVALID_PARAMETER.into());
        }
        let local = self.parse_local(name).ok();
        if local.is_none() {
            RemoteName::parse(name)?;
        }
        let forget = local.is_some() && flags.contains(ConnectFlags::UPDATE_PROFILE);
        if forget {
            self.profile().check().map_err(Error::profile)?;
        }
        let remembered = match &local {
            Some(local) if forget => match self.profile().get(local.as_wide()) {
                // A malformed entry can be forgotten; that is how one gets rid of it.
                Err(WnError::BAD_PROFILE) => Some(RememberedConnection::default()),
                entry => entry.map_err(Error::profile)?,
            },
            _ => None,
        };
        // The network may be down: a remembered device can still be forgotten.
        if remembered.is_none() {
            self.check_network(cancels)?;
        }

        let tell = |notifyee: &dyn Notifyee, notice: &mut Notice, done: Option<&Cancelled>| {
            let provider = done.and_then(|done| done.provider(self));
            let details = CancelDetails { name, provider, flags, force };
            notifyee.cancel_connection(notice, &details)
        };
        self.notified(trace, &tell, &mut |trace| {
            let ended = match &local {
                Some(local) => self.cancel_local(local, force, flags, trace),
                None => self.cancel_by_cycle(name, force, flags, Denied::default(), trace),
            };
            let cancelled = match (ended, &remembered) {
                (Ok(index), _) => Cancelled { disconnected: Some(index), forgotten: None },
                // Nobody has it, so forgetting it is all there is to do (U20).
                (Err(error), Some(entry)) if error.by == DecidedBy::Router => {
                    Cancelled { disconnected: None, forgotten: Some(entry.provider.clone()) }
                }
                (Err(error), _) => return Err(error),
            };
            if let Some(local) = local.as_ref().filter(|_| forget) {
                self.forget(local, trace)?;
            }
            Ok(cancelled)
        })
    }

    pub(crate) fn forget(
        &self,
        local: &LocalName<'_>,
        trace: &mut dyn Trace,
    ) -> Result<bool, Error> {
        let forgotten = self.profile().forget(local.as_wide());
        self.told_profile(trace, forgotten).map_err(Error::profile)
    }

    /// Asks the owner of a local name, or if there is none everyone (U34, P9).
    fn cancel_local(
        &self,
        local: &LocalName<'_>,
        force: bool,
        flags: ConnectFlags,
        trace: &mut dyn Trace,
    ) -> Result<usize, Error> {
        let name = local.as_wide();
        match self.owner(name, trace) {
            Ok(index) => self
                .ask(index, trace, Phase::Cancel, Note::Stopped, |it| {
                    it.cancel_connection(name, force, flags)
                })
                .map(|()| index)
                .map_err(|error| Error::provider(index, error)),
            Err(nobody) => self.cancel_by_cycle(name, force, flags, nobody.denied, trace),
        }
    }

    /// Asks everyone who can cancel and may have it, until one does or says that it is in use.
    ///
    /// Whoever has just `denied` that the name is theirs is not asked: a success from them would
    /// be a disconnect that did not happen (P9), or one of a connection that somebody has made
    /// since. Deferred connections are not named but can be cancelled.
    fn cancel_by_cycle(
        &self,
        name: Wide<'_>,
        force: bool,
        flags: ConnectFlags,
        denied: Denied,
        trace: &mut dyn Trace,
    ) -> Result<usize, Error> {
        let mut refusal = None;
        for index in self.candidates(cancels).flatten() {
            let defers =
                || self.providers()[index].connection_caps().contains(ConnectionCaps::DEFER);
            if denied.contains(index) && !defers() {
                continue;
            }
            let answer = self.ask(index, trace, Phase::Cancel, Note::NotMine, |it| {
                it.cancel_connection(name, force, flags)
            });
            match answer {
                Ok(()) => return Ok(index),
                Err(error) if is_in_use(error.code) => {
                    return Err(Error::provider(index, error));
                }
                Err(error) if is_foreign(error.code) => {}
                Err(error) => {
                    refusal.get_or_insert(Error::provider(index, error));
                }
            }
        }
        // Only if nobody has it does the router decide.
        Err(refusal.unwrap_or(Error::router(WnError::NOT_CONNECTED)))
    }
}

fn cancels(_provider: &dyn Provider, caps: ConnectionCaps) -> bool {
    caps.intersects(ConnectionCaps::CANCEL_CONNECTION | ConnectionCaps::CANCEL_CONNECTION2)
}

fn is_in_use(code: WnError) -> bool {
    matches!(code, WnError::OPEN_FILES | WnError::DEVICE_IN_USE)
}

/// Tells whether a refused cancel only says "not mine" (`npapi.md` §5.3, P17).
fn is_foreign(code: WnError) -> bool {
    is_not_connected(code)
        || matches!(
            code,
            WnError::BAD_NET_PATH
                | WnError::INVALID_PARAMETER
                | WnError::NO_NETWORK
                | WnError::BUSY
        )
}
