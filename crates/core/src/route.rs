//! Routing of a connect: whose resource it is, and which provider's code wins.

use crate::error::{Error, ProviderError, WnError};
use crate::flags::{ConnectFlags, ConnectionCaps};
use crate::provider::{AddCall, Availability, Credentials, Provider};

/// What a refusal means for the search (`npapi.md` §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Not its resource.
    NotMine,
    /// Not running.
    Down,
    /// The user said no: nobody else is asked.
    Cancelled,
    /// Worth telling if nobody succeeds.
    Significant,
}

pub(crate) fn classify(code: WnError) -> Class {
    match code {
        WnError::BAD_NET_PATH
        | WnError::BAD_NET_NAME
        | WnError::INVALID_PARAMETER
        | WnError::INVALID_LEVEL
        | WnError::NOT_SUPPORTED
        | WnError::BAD_DEVICE
        | WnError::NOT_CONNECTED
        | WnError::CALL_NOT_IMPLEMENTED => Class::NotMine,
        WnError::NO_NETWORK | WnError::BUSY => Class::Down,
        WnError::CANCELLED => Class::Cancelled,
        _ => Class::Significant,
    }
}

/// Tells whether a code judges a password: whoever says it has claimed the name (D1).
pub(crate) fn judges_password(code: WnError) -> bool {
    matches!(
        code,
        WnError::ACCESS_DENIED
            | WnError::INVALID_PASSWORD
            | WnError::SESSION_CREDENTIAL_CONFLICT
            | WnError::LOGON_FAILURE
            | WnError::ACCOUNT_RESTRICTION
            | WnError::PASSWORD_EXPIRED
            | WnError::ACCOUNT_DISABLED
            | WnError::PASSWORD_MUST_CHANGE
            | WnError::ACCOUNT_LOCKED_OUT
            | WnError::BAD_USERNAME
    ) || code.code() == 2242 // NERR_PasswordExpired
}

/// Collects refusals, and tells which of them the caller gets (U32).
///
/// A refusal keeps its provider and text, so that the caller learns whose it is.
#[derive(Default)]
pub(crate) struct Refusals {
    significant: Option<Error>,
    bad_net_path: Option<Error>,
    bad_device: Option<Error>,
    bad_net_name: Option<Error>,
    not_supported: Option<Error>,
    asked: usize,
    unsupported: usize,
    down: usize,
    busy: bool,
}

impl Refusals {
    /// Notes a refusal.
    pub(crate) fn add(&mut self, index: usize, error: ProviderError) -> Class {
        let class = classify(error.code);
        let slot = match (class, error.code) {
            (Class::Down, code) => {
                self.down += 1;
                self.busy |= code == WnError::BUSY;
                return class;
            }
            (Class::NotMine, WnError::BAD_NET_PATH) => &mut self.bad_net_path,
            (Class::NotMine, WnError::BAD_DEVICE) => &mut self.bad_device,
            (Class::NotMine, WnError::BAD_NET_NAME) => &mut self.bad_net_name,
            (Class::NotMine, WnError::NOT_SUPPORTED) => {
                self.unsupported += 1;
                &mut self.not_supported
            }
            (Class::NotMine, _) => {
                self.asked += 1;
                return class;
            }
            (Class::Cancelled | Class::Significant, _) => &mut self.significant,
        };
        self.asked += 1;
        // The first one, unless it says no more than that the name is not its own, and this one
        // says why.
        let explains = slot.as_ref().is_some_and(|first| first.extended.is_none());
        if slot.is_none() || (class == Class::NotMine && explains && error.extended.is_some()) {
            *slot = Some(Error::provider(index, error));
        }
        class
    }

    /// Notes a provider that could not be asked at all.
    pub(crate) fn add_down(&mut self) {
        self.down += 1;
    }

    /// Returns the error of the whole search, in the order (a) to (g) of `npapi.md` §5.2.
    pub(crate) fn verdict(self) -> Error {
        if let Some(error) = self.significant {
            return error;
        }
        if self.down > 0 {
            return Error::router(match (self.asked > 0, self.busy) {
                (true, _) => WnError::NO_NET_OR_BAD_PATH,
                (false, true) => WnError::BUSY,
                (false, false) => WnError::NO_NETWORK,
            });
        }
        if self.asked == 0 {
            return Error::router(WnError::NOT_SUPPORTED);
        }
        let all_unsupported = self.unsupported == self.asked;
        self.bad_net_path
            .or(self.bad_device)
            .or(self.bad_net_name)
            .or(self.not_supported.filter(|_| all_unsupported))
            .unwrap_or(Error::router(WnError::BAD_NET_NAME))
    }
}

/// Chooses the provider's call and the flags that go with it (U38, `npapi.md` §5.4).
///
/// Never connects less safely than asked: where a provider does not take a flag that promises
/// something (U70), the answer is "not supported".
pub(crate) fn choose_call(
    provider: &dyn Provider,
    caps: ConnectionCaps,
    credentials: &Credentials<'_>,
    has_options: bool,
    wants_add4: bool,
    flags: ConnectFlags,
) -> Result<(AddCall, ConnectFlags), WnError> {
    let has_add4 = caps.contains(ConnectionCaps::ADD_CONNECTION4);
    let block = matches!(credentials, Credentials::Block(_)) || has_options;
    let named = matches!(
        credentials,
        Credentials::Named { user: Some(_), .. } | Credentials::Named { password: Some(_), .. }
    );
    let call = if block || (wants_add4 && has_add4 && !named) {
        has_add4.then_some(AddCall::Add4)
    } else if caps.contains(ConnectionCaps::ADD_CONNECTION3) {
        Some(AddCall::Add3)
    } else if caps.contains(ConnectionCaps::ADD_CONNECTION) {
        Some(AddCall::Add)
    } else {
        (has_add4 && !named).then_some(AddCall::Add4)
    };
    let call = call.ok_or(WnError::NOT_SUPPORTED)?;

    let taken = match (call, provider.connection_flags()) {
        (AddCall::Add, _) => ConnectFlags::NONE,
        (_, ConnectFlags::NONE) => {
            let defer = caps.contains(ConnectionCaps::DEFER);
            let deferred = if defer { ConnectFlags::DEFERRED } else { ConnectFlags::NONE };
            ConnectFlags::PROVIDER_DEFAULT | deferred
        }
        (_, said) => said,
    };
    let promises = ConnectFlags::REQUIRE_INTEGRITY
        | ConnectFlags::REQUIRE_PRIVACY
        | ConnectFlags::WRITE_THROUGH_SEMANTICS
        | ConnectFlags::GLOBAL_MAPPING;
    let lost = flags.without(taken);
    let deferred = call == AddCall::Add && lost.contains(ConnectFlags::DEFERRED);
    if deferred || lost.intersects(promises) {
        return Err(WnError::NOT_SUPPORTED);
    }
    Ok((call, flags & taken))
}

/// Tells whether a provider makes connections at all; one that does not is no candidate (P14).
pub(crate) fn connects(caps: ConnectionCaps) -> bool {
    caps.intersects(
        ConnectionCaps::ADD_CONNECTION
            | ConnectionCaps::ADD_CONNECTION3
            | ConnectionCaps::ADD_CONNECTION4,
    )
}

/// Tells whether a provider is known not to be able to: running or not, it is no candidate, and
/// has no part in the choice of the error (P14).
pub(crate) fn cannot(availability: Availability, able: bool) -> bool {
    // What could not be loaded could not be asked either.
    !able && availability != Availability::LoadFailed
}

/// Tells whether a provider runs.
pub(crate) fn runs(provider: &dyn Provider) -> bool {
    provider.availability() == Availability::Started
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(codes: &[u32], down: usize) -> u32 {
        let mut refusals = Refusals::default();
        for (index, &code) in codes.iter().enumerate() {
            refusals.add(index, WnError::new(code).unwrap().into());
        }
        (0..down).for_each(|_| refusals.add_down());
        refusals.verdict().code.code()
    }

    /// "No such share" tells more than another provider's "not mine", in whatever order.
    #[test]
    fn who_says_why_is_heard() {
        let refusal = |text: Option<&str>| ProviderError {
            extended: text.map(|text| {
                let (code, provider) = (67, Default::default());
                alloc::boxed::Box::new(crate::ExtendedError { code, text: text.into(), provider })
            }),
            ..WnError::BAD_NET_NAME.into()
        };
        for (texts, winner) in [
            ([None, Some("no such share"), Some("later")], 1),
            ([Some("first"), None, Some("later")], 0),
            ([None, None, None], 0),
        ] {
            let mut refusals = Refusals::default();
            for (index, text) in texts.into_iter().enumerate() {
                refusals.add(index, refusal(text));
            }
            assert_eq!(refusals.verdict().by, crate::DecidedBy::Provider(winner), "{texts:?}");
        }
    }

    /// npapi.md §5.2 (a) to (g), U32.
    #[test]
    fn the_winning_code() {
        let table: &[(&[u32], usize, u32)] = &[
            (&[67, 5, 86], 0, 5),
            (&[67, 1219], 1, 1219),
            (&[67], 1, 1203),
            (&[], 2, 1222),
            (&[1222, 170], 0, 170),
            (&[67, 1222], 0, 1203),
            (&[67, 53, 1200], 0, 53),
            (&[67, 1200], 0, 1200),
            (&[50, 67], 0, 67),
            (&[50, 50], 0, 50),
            (&[50, 2250], 0, 67),
            (&[87, 124], 0, 67),
            (&[], 0, 50),
        ];
        for (codes, down, expected) in table {
            assert_eq!(verdict(codes, *down), *expected, "{codes:?} and {down} down");
        }
    }
}
