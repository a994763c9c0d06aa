//! One attempt: asking providers, and remembering what was connected.

use alloc::boxed::Box;

use super::check::Checked;
use crate::error::{Error, ExtendedError, ProviderError, WnError};
use crate::flags::{ConnectFlags, ConnectionCaps, ResourceType};
use crate::name::LocalName;
use crate::profile::RememberedConnection;
use crate::provider::{AddRequest, Availability, Credentials};
use crate::route::{self, Class, Refusals};
use crate::router::Router;
use crate::trace::{Actor, Note, Phase, Trace, TraceEvent};
use crate::wide::{Wide, WideString};

impl Router {
    /// Connects, and writes the profile; a connection that cannot be remembered is undone (U44).
    pub(super) fn connect_and_remember(
        &self,
        checked: &Checked<'_>,
        local: Option<&LocalName<'_>>,
        trace: &mut dyn Trace,
    ) -> Result<usize, Error> {
        let provider = self.route_add(checked, local, trace)?;
        if let Some(local) = local {
            self.note_owner(local.as_wide(), provider);
        }
        let Some(local) = local.filter(|_| checked.flags.contains(ConnectFlags::UPDATE_PROFILE))
        else {
            return Ok(provider);
        };
        let entry = self.remembered_entry(checked, local, provider);
        let written = self.profile().remember(&entry);
        let Err(code) = self.told_profile(trace, written) else { return Ok(provider) };

        let undone = self.ask(provider, trace, Phase::Cancel, Note::Stopped, |it| {
            it.cancel_connection(local.as_wide(), true, ConnectFlags::NONE)
        });
        let note = if undone.is_ok() { Note::TakenBack } else { Note::Stopped };
        self.profile_event(trace, code.code(), note);
        let mut error = Error::profile(code);
        if undone.is_err() {
            error.extended = Some(Box::new(ExtendedError {
                code: code.code(),
                text: WideString::from(
                    "the connection was made but cannot be remembered, and could not be undone",
                ),
                provider: self.providers()[provider].name().into(),
            }));
        }
        Err(error)
    }

    fn remembered_entry(
        &self,
        checked: &Checked<'_>,
        local: &LocalName<'_>,
        provider: usize,
    ) -> RememberedConnection {
        let request = checked.request;
        let made_by = &*self.providers()[provider];
        let (user, block) = match request.credentials {
            Credentials::Named { user, .. } => (user.unwrap_or_default(), false),
            Credentials::Block(_) => (Wide::default(), true),
        };
        let asks = block || !user.is_empty();
        let saved = request.flags.contains(ConnectFlags::CMD_SAVECRED);
        let kept = ConnectFlags::REQUIRE_INTEGRITY
            | ConnectFlags::REQUIRE_PRIVACY
            | ConnectFlags::WRITE_THROUGH_SEMANTICS
            | ConnectFlags::GLOBAL_MAPPING;
        let remote = checked.remote.as_wide();
        RememberedConnection {
            local: local.as_wide().into(),
            remote: remote.into(),
            user: user.into(),
            provider: made_by.name().into(),
            provider_type: made_by.net_type(),
            connection_type: device_type(request.resource_type, Some(local)),
            connect_flags: request.flags & kept,
            defer_flags: if !asks || saved { 4 } else { 1 }, // U62
            use_options: request
                .use_options
                .and_then(|options| made_by.persistent_use_options(remote, options).ok()),
        }
    }

    /// Asks providers in order until one connects (`npapi.md` §5, D1, P8).
    fn route_add(
        &self,
        checked: &Checked<'_>,
        local: Option<&LocalName<'_>>,
        trace: &mut dyn Trace,
    ) -> Result<usize, Error> {
        if let Some(index) = checked.named {
            return self
                .ask_to_add(index, self.providers()[index].connection_caps(), checked, local, trace)
                .map(|()| index)
                .map_err(|error| Error::provider(index, error));
        }
        let mut refusals = Refusals::default();
        for (index, provider) in self.providers().iter().enumerate() {
            let (availability, caps) = provider.standing();
            let skipped = if route::cannot(availability, route::connects(caps)) {
                Some((WnError::NOT_SUPPORTED, Note::NotSupported))
            } else if availability != Availability::Started {
                refusals.add_down();
                Some((WnError::NO_NETWORK, Note::Down))
            } else {
                None
            };
            if let Some((code, note)) = skipped {
                let actor = Actor::Provider(provider.name());
                let code = code.code();
                let phase = Phase::Add;
                trace.event(&TraceEvent { actor, place: index, phase, code, note, micros: None });
                continue;
            }
            let Err(error) = self.ask_to_add(index, caps, checked, local, trace) else {
                return Ok(index);
            };
            let claimed = checked.request.credentials.given() && route::judges_password(error.code);
            let taken = error.code == WnError::ALREADY_ASSIGNED
                && local.is_some_and(|local| self.in_use(local, trace));
            if claimed || taken || route::classify(error.code) == Class::Cancelled {
                return Err(Error::provider(index, error));
            }
            refusals.add(index, error);
        }
        Err(refusals.verdict())
    }

    fn ask_to_add(
        &self,
        index: usize,
        caps: ConnectionCaps,
        checked: &Checked<'_>,
        local: Option<&LocalName<'_>>,
        trace: &mut dyn Trace,
    ) -> Result<(), ProviderError> {
        let request = checked.request;
        let provider = &*self.providers()[index];
        let (call, flags) = route::choose_call(
            provider,
            caps,
            &request.credentials,
            request.use_options.is_some(),
            request.verb.four(),
            checked.flags,
        )?;
        let interactive = flags.contains(ConnectFlags::INTERACTIVE);
        let request = AddRequest {
            call,
            resource_type: device_type(request.resource_type, local),
            local: local.map(LocalName::as_wide).or(request.local),
            remote: checked.remote.as_wide(),
            comment: request.comment,
            credentials: request.credentials,
            use_options: request.use_options,
            flags,
            owner: if interactive { request.owner } else { 0 },
        };
        let given = request.credentials.given();
        let actor = Actor::Provider(provider.name());
        trace.asking(actor, Phase::Add);
        let (result, micros) = self.timed(|| provider.add_connection(&request));
        let note = match result.as_ref().err().map(|error| error.code) {
            None => Note::Done,
            Some(code) if given && route::judges_password(code) => Note::ClaimedByPassword,
            Some(code) => match route::classify(code) {
                Class::NotMine => Note::NotMine,
                Class::Down => Note::Down,
                Class::Cancelled => Note::Stopped,
                Class::Significant if checked.named.is_some() => Note::Stopped,
                Class::Significant => Note::Remembered,
            },
        };
        let code = result.as_ref().err().map_or(0, |error| error.code.code());
        trace.event(&TraceEvent { actor, place: index, phase: Phase::Add, code, note, micros });
        result
    }
}

/// Returns the type of a connection; with `ANY` the device decides (U39).
pub(super) fn device_type(given: ResourceType, local: Option<&LocalName<'_>>) -> ResourceType {
    match local {
        Some(LocalName::Device(device)) if given == ResourceType::ANY => {
            if device.is_drive() {
                ResourceType::DISK
            } else {
                ResourceType::PRINT
            }
        }
        Some(LocalName::Path(_)) => ResourceType::DISK,
        _ => given,
    }
}
