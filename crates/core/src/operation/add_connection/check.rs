//! Everything that can be refused without an attempt (U11).

use super::{AddConnection, AddVerb};
use crate::error::{Error, WnError};
use crate::flags::{ConnectFlags, ResourceType};
use crate::name::{LocalName, RemoteName};
use crate::profile::RememberedConnection;
use crate::route;
use crate::router::Router;
use crate::trace::Trace;
use crate::wide::Wide;

/// A request that passed every check that needs no attempt.
pub(super) struct Checked<'a> {
    pub(super) request: &'a AddConnection<'a>,
    pub(super) remote: RemoteName<'a>,
    pub(super) local: Option<LocalName<'a>>,
    /// Choose a device of this type.
    pub(super) choose: bool,
    /// The named provider.
    pub(super) named: Option<usize>,
    /// The flags that tell the truth about persistence (U18).
    pub(super) flags: ConnectFlags,
}

impl Router {
    pub(super) fn check_add<'a>(
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
            None => self.check_network(|_, caps| route::connects(caps))?,
        }
        if local.as_ref().is_some_and(|local| self.in_use(local, trace)) {
            return Err(WnError::ALREADY_ASSIGNED.into());
        }
        if flags.contains(ConnectFlags::UPDATE_PROFILE) {
            self.profile().check().map_err(Error::profile)?;
            let local = local.as_ref().map_or(Wide::default(), LocalName::as_wide);
            let entry = self.profile().get(local).map_err(Error::profile)?;
            let another = |entry: RememberedConnection| {
                let (kept, wanted) = (entry.remote.as_wide(), remote.as_wide());
                let same = |provider| self.same_resource(provider, wanted, kept);
                !remote.same_resource(kept) && !self.provider_of(&entry).is_some_and(same)
            };
            if entry.is_some_and(another) {
                return Err(Error::profile(WnError::DEVICE_ALREADY_REMEMBERED)); // U43
            }
        }
        Ok(Checked { request, remote, local, choose, named, flags })
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
pub(super) fn check_access_name(checked: &Checked<'_>) -> Result<(), Error> {
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
