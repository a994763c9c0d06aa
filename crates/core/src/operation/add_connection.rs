//! Connecting: `WNetAddConnection` 1 to 4 and `WNetUseConnection`, one core for all (`wnet.md` §4.6).

use crate::error::{Error, ExtendedError, WnError};
use crate::flags::{ConnectFlags, ConnectionCaps, ResourceType};
use crate::name::{DeviceName, LocalName, RemoteName};
use crate::notifyee::{AddDetails, Notice, Notifyee};
use crate::profile::{Profile, RememberedConnection};
use crate::provider::{AddRequest, Availability, Credentials};
use crate::route::{self, Class, Refusals};
use crate::router::Router;
use crate::trace::{Actor, Note, Phase, Trace, TraceEvent};
use crate::wide::{Wide, WideString};

/// The functions that connect; they differ in details only (`wnet.md` §4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddVerb {
    /// `WNetAddConnection`: type by device name, always remembered if there is a device.
    AddConnection,
    /// `WNetAddConnection2` and `3`.
    #[default]
    AddConnection2,
    /// `WNetAddConnection4`: authentication and options blocks.
    AddConnection4,
    /// `WNetUseConnection`: may choose the device, tells the access name.
    UseConnection,
    /// `WNetUseConnection4`: both.
    UseConnection4,
}

impl AddVerb {
    const fn uses(self) -> bool {
        matches!(self, Self::UseConnection | Self::UseConnection4)
    }

    const fn four(self) -> bool {
        matches!(self, Self::AddConnection4 | Self::UseConnection4)
    }
}

/// Room for the access name that `WNetUseConnection` tells.
#[derive(Clone, Copy, Debug)]
pub struct AccessName {
    /// Size of the caller's buffer, terminator included.
    pub capacity: usize,
    /// Measures a name in the caller's unit, without terminator.
    pub measure: fn(Wide<'_>) -> usize,
}

/// What the caller wants connected, as given.
#[doc(alias("WNetAddConnection2", "WNetAddConnection3", "WNetUseConnection"))]
#[derive(Clone, Copy)]
pub struct AddConnection<'a> {
    /// The function called.
    pub verb: AddVerb,
    /// `ANY`, `DISK` or `PRINT`; `WNetAddConnection` has none.
    pub resource_type: ResourceType,
    /// The local name; absent and empty both mean "deviceless", and are passed on as given.
    pub local: Option<Wide<'a>>,
    /// The remote name.
    pub remote: Option<Wide<'a>>,
    /// The only provider to ask; absent or empty: whoever takes it.
    pub provider: Option<Wide<'a>>,
    /// The caller's `lpComment`, an address passed on unread (P2); 0 where there is none.
    pub comment: usize,
    /// Who connects.
    pub credentials: Credentials<'a>,
    /// The options block of `WNetAddConnection4`.
    pub use_options: Option<&'a [u8]>,
    /// How to connect.
    pub flags: ConnectFlags,
    /// The window for dialogs; 0 where there is none.
    pub owner: usize,
    /// Room for the access name; `WNetUseConnection` only.
    pub access_name: Option<AccessName>,
}

impl Default for AddConnection<'_> {
    fn default() -> Self {
        Self {
            verb: AddVerb::default(),
            resource_type: ResourceType::ANY,
            local: None,
            remote: None,
            provider: None,
            comment: 0,
            credentials: Credentials::DEFAULT,
            use_options: None,
            flags: ConnectFlags::NONE,
            owner: 0,
            access_name: None,
        }
    }
}

/// A connection that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connected<'a> {
    /// The place of the provider that made it.
    pub provider: usize,
    /// The local name, given or chosen; absent if deviceless.
    pub local: Option<LocalName<'a>>,
    /// The remote name.
    pub remote: RemoteName<'a>,
}

impl Connected<'_> {
    /// Returns the name that programs open: the local name, or else the remote one.
    pub fn access_name(&self) -> Wide<'_> {
        self.local.as_ref().map_or(self.remote.as_wide(), LocalName::as_wide)
    }
}

/// A request that passed every check that needs no attempt.
struct Checked<'a> {
    request: &'a AddConnection<'a>,
    remote: RemoteName<'a>,
    local: Option<LocalName<'a>>,
    /// Choose a device of this type.
    choose: bool,
    /// The named provider.
    named: Option<usize>,
    /// The flags that tell the truth about persistence (U18).
    flags: ConnectFlags,
}

impl Router {
    /// Connects a remote name, to a local name if one is given or asked for.
    ///
    /// Checks, tells notifyees, asks providers, remembers, tells notifyees. Nothing is notified
    /// and nothing attempted for a request that is refused up front (U11).
    pub fn add_connection<'a>(
        &self,
        request: &'a AddConnection<'a>,
        trace: &mut dyn Trace,
    ) -> Result<Connected<'a>, Error> {
        let mut checked = self.check_add(request, trace)?;
        let mut devices = Devices::new(request.resource_type);
        if checked.choose {
            checked.local = Some(devices.next(self, trace)?);
        }
        check_access_name(&checked)?;
        let chosen = core::cell::Cell::new(checked.local);
        let tell = |notifyee: &dyn Notifyee, notice: &mut Notice, made: Option<&Connected<'a>>| {
            let made_by = made.map(|made| self.providers()[made.provider].name());
            let local = chosen.get();
            let interactive = checked.flags.contains(ConnectFlags::INTERACTIVE);
            let details = AddDetails {
                owner: if interactive { request.owner } else { 0 },
                resource_type: match request.verb {
                    AddVerb::AddConnection => device_type(request.resource_type, local.as_ref()),
                    _ => request.resource_type,
                },
                local: local.as_ref().map(LocalName::as_wide).or(request.local),
                remote: checked.remote.as_wide(),
                provider: made_by.or(request.provider.filter(|name| !name.is_empty())),
                flags: checked.flags,
            };
            notifyee.add_connection(notice, &details)
        };
        self.notified(trace, &tell, &mut |trace| {
            loop {
                let local = chosen.get();
                match self.connect_and_remember(&checked, local.as_ref(), trace) {
                    Ok(provider) => {
                        return Ok(Connected { provider, local, remote: checked.remote });
                    }
                    Err(error) if checked.choose && error.code == WnError::ALREADY_ASSIGNED => {
                        // With no letter left, what the provider said tells more than 259.
                        let Ok(next) = devices.next(self, trace) else { return Err(error) };
                        chosen.set(Some(next));
                    }
                    Err(error) => return Err(error),
                }
            }
        })
    }

    fn check_add<'a>(
        &self,
        request: &'a AddConnection<'a>,
        trace: &mut dyn Trace,
    ) -> Result<Checked<'a>, Error> {
        let verb = request.verb;
        let remote = match request.remote {
            None if verb.uses() => return Err(WnError::INVALID_PARAMETER.into()),
            remote => remote.unwrap_or_default(),
        };
        let types = [ResourceType::ANY, ResourceType::DISK, ResourceType::PRINT];
        let unknown = request.flags.without(ConnectFlags::ACCEPTED) != ConnectFlags::NONE;
        if !types.contains(&request.resource_type) || unknown {
            return Err(WnError::INVALID_PARAMETER.into());
        }
        let remote = RemoteName::parse(remote)?;
        let local = match request.local {
            Some(text) if !text.is_empty() => Some(self.parse_local(text)?),
            _ => None,
        };
        check_type(request.resource_type, local.as_ref())?;

        let choose = local.is_none() && request.flags.contains(ConnectFlags::REDIRECT);
        if choose && !verb.uses() {
            return Err(WnError::INVALID_ADDRESS.into()); // U47
        }
        let needs_type = choose && request.resource_type == ResourceType::ANY;
        let deferred = request.flags.contains(ConnectFlags::DEFERRED);
        let no_room = request.access_name.is_some_and(|name| name.capacity == 0);
        if needs_type || (deferred && local.is_none() && !choose) || no_room {
            return Err(WnError::INVALID_PARAMETER.into());
        }

        let named = self.named_provider(request.provider)?;
        let flags = told_flags(request, local.is_some() || choose);
        match named {
            Some(index) => {
                self.check_running(index)?;
                route::choose_call(
                    &*self.providers()[index],
                    self.providers()[index].connection_caps(),
                    &request.credentials,
                    request.use_options.is_some(),
                    verb.four(),
                    flags,
                )
                .map_err(|code| Error::provider(index, code.into()))?;
            }
            None => self.check_network(|it| route::connects(it.connection_caps()))?,
        }
        if local.as_ref().is_some_and(|local| self.in_use(local, trace)) {
            return Err(WnError::ALREADY_ASSIGNED.into());
        }
        if flags.contains(ConnectFlags::UPDATE_PROFILE) {
            self.profile().check().map_err(Error::profile)?;
            let local = local.as_ref().map_or(Wide::default(), LocalName::as_wide);
            let entry = self.profile().get(local).map_err(Error::profile)?;
            if entry.is_some_and(|entry| !remote.same_resource(entry.remote.as_wide())) {
                return Err(Error::profile(WnError::DEVICE_ALREADY_REMEMBERED)); // U43
            }
        }
        Ok(Checked { request, remote, local, choose, named, flags })
    }

    /// Connects, and writes the profile; a connection that cannot be remembered is undone (U44).
    fn connect_and_remember(
        &self,
        checked: &Checked<'_>,
        local: Option<&LocalName<'_>>,
        trace: &mut dyn Trace,
    ) -> Result<usize, Error> {
        let provider = self.route_add(checked, local, trace)?;
        let Some(local) = local.filter(|_| checked.flags.contains(ConnectFlags::UPDATE_PROFILE))
        else {
            return Ok(provider);
        };
        let entry = self.remembered_entry(checked, local, provider);
        let written = self.profile().remember(&entry);
        let code = written.err().map_or(0, WnError::code);
        let note = if code == 0 { Note::Written } else { Note::Stopped };
        let event = TraceEvent {
            actor: Actor::Profile,
            place: 0,
            phase: Phase::Profile,
            code,
            note,
            micros: None,
        };
        trace.event(&event);
        let Err(code) = written else { return Ok(provider) };

        let undone = self.ask(provider, trace, Phase::Cancel, Note::Stopped, |it| {
            it.cancel_connection(local.as_wide(), true, ConnectFlags::NONE)
        });
        let note = if undone.is_ok() { Note::TakenBack } else { Note::Stopped };
        trace.event(&TraceEvent { note, ..event });
        let mut error = Error::profile(code);
        if undone.is_err() {
            error.extended = Some(alloc::boxed::Box::new(ExtendedError {
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
    ) -> Result<(), crate::error::ProviderError> {
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

/// Refuses a device that does not fit the type (66).
fn check_type(resource_type: ResourceType, local: Option<&LocalName<'_>>) -> Result<(), WnError> {
    let fits = match (resource_type, local) {
        (ResourceType::ANY, _) | (_, None) => true,
        (ResourceType::DISK, Some(LocalName::Device(device))) => device.is_drive(),
        (_, Some(LocalName::Device(device))) => !device.is_drive(),
        (resource_type, Some(LocalName::Path(_))) => resource_type == ResourceType::DISK,
    };
    if fits { Ok(()) } else { Err(WnError::BAD_DEV_TYPE) }
}

/// Returns the type of a connection; with `ANY` the device decides (U39).
fn device_type(given: ResourceType, local: Option<&LocalName<'_>>) -> ResourceType {
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

/// Corrects `UPDATE_PROFILE` so that it tells the truth (U18, U45).
fn told_flags(request: &AddConnection<'_>, has_local: bool) -> ConnectFlags {
    let flags = match request.verb {
        AddVerb::AddConnection => request.flags | ConnectFlags::UPDATE_PROFILE,
        _ => request.flags,
    };
    if has_local && !flags.contains(ConnectFlags::TEMPORARY) {
        flags
    } else {
        flags.without(ConnectFlags::UPDATE_PROFILE)
    }
}

/// Refuses a buffer that the access name will not fit, before anything is attempted.
fn check_access_name(checked: &Checked<'_>) -> Result<(), Error> {
    let Some(room) = checked.request.access_name else { return Ok(()) };
    let access = match &checked.local {
        Some(local) => local.as_wide(),
        None => checked.remote.as_wide(),
    };
    let needed = (room.measure)(access) + 1;
    if needed <= room.capacity {
        return Ok(());
    }
    Err(Error { needed: Some(needed), ..Error::router(WnError::MORE_DATA) })
}

/// Free devices in the order in which they are chosen: `Z:` down to `C:`, `LPT1` up (U46).
struct Devices {
    printers: bool,
    next: u8,
}

impl Devices {
    fn new(resource_type: ResourceType) -> Self {
        let printers = resource_type == ResourceType::PRINT;
        Self { printers, next: if printers { 1 } else { b'Z' } }
    }

    /// Returns the next device that is free and not remembered; `NO_MORE_ITEMS` if none is left.
    fn next(
        &mut self,
        router: &Router,
        trace: &mut dyn Trace,
    ) -> Result<LocalName<'static>, Error> {
        // A profile that cannot be read at all keeps no letter from being used.
        let profile = Some(router.profile()).filter(|profile| profile.check().is_ok());
        loop {
            let device = if self.printers {
                DeviceName::printer(self.next)
            } else {
                DeviceName::drive(self.next).filter(|_| self.next >= b'C')
            };
            let device = device.ok_or(Error::router(WnError::NO_MORE_ITEMS))?;
            self.next = if self.printers { self.next + 1 } else { self.next - 1 };
            // A malformed entry remembers something too.
            let free = |profile: &dyn Profile| matches!(profile.get(device.as_wide()), Ok(None));
            let local = LocalName::Device(device);
            if profile.is_none_or(free) && !router.in_use(&local, trace) {
                return Ok(local);
            }
        }
    }
}
