//! Connecting and disconnecting.

use std::io;
use std::time::Duration;

use mpr_core::{AddRequest, Credentials as Given, ProviderError, ResourceType, Wide, WnError};
use mpr_mount::{
    Busy, Failure, MountEntry, Note, Order, Place, PlaceLock, Secret, lock, serve, unmount,
    unmount_forced,
};
use serde_json::json;
use zeroize::{Zeroize as _, Zeroizing};

use super::{SUBTYPE, WebDav, refusal, settings};
use crate::dav::{Client, Credentials};
use crate::probe::{Stage, probe};
use crate::remote::Remote;

/// What starting the process and mounting may take beside looking at the server.
const MOUNT_LIMIT: Duration = Duration::from_secs(10);

impl WebDav {
    pub(super) fn connect(&self, request: &AddRequest<'_>) -> Result<(), ProviderError> {
        let remote = Remote::parse(request.remote)?;
        let print_only = ResourceType::PRINT;
        if request.resource_type.intersects(print_only)
            && !request.resource_type.intersects(ResourceType::DISK)
        {
            return Err(WnError::BAD_DEV_TYPE.into());
        }
        let credentials = self.credentials(request)?;
        let local = request.local.filter(|local| !local.is_empty());
        let place = match local {
            Some(local) => Place::local(&self.settings.runtime, local)?,
            None => self.deviceless_place(&remote),
        };
        let _held = self.hold(&place)?;
        match self.table()?.at(&place.dir) {
            Some(_) if local.is_some() => Err(WnError::ALREADY_ASSIGNED.into()),
            Some(entry) => self.connect_again(&remote, &place, entry, credentials.as_ref()),
            None => self.mount(&remote, &place, credentials.as_ref()),
        }
    }

    fn credentials(&self, request: &AddRequest<'_>) -> Result<Option<Credentials>, ProviderError> {
        let Given::Named { user, password } = request.credentials else {
            return Err(WnError::NOT_SUPPORTED.into());
        };
        if user.is_none() && password.is_none() {
            return Ok(None);
        }
        let user = match user.filter(|user| !user.is_empty()) {
            Some(user) => String::from_utf16(user.units()).map_err(|_| WnError::BAD_USERNAME)?,
            None => settings::login_name(self.settings.runtime.uid()),
        };
        if user.contains(':') {
            // Basic ends the user's name at the first colon.
            return Err(WnError::BAD_USERNAME.into());
        }
        let mut password = password.map(|password| decode(password.expose())).transpose()?;
        let password = password.take().unwrap_or_default();
        Ok(Some(Credentials { user, password }))
    }

    fn hold(&self, place: &Place) -> Result<PlaceLock, ProviderError> {
        let wait = self.settings.connect_limit + MOUNT_LIMIT;
        lock(&self.settings.runtime, place, wait).map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => refusal(WnError::BUSY, "the local name is being connected"),
            _ => {
                let dir = self.settings.runtime.dir().display();
                // Not 5: no password helps against that, and nobody must be asked for one.
                refusal(WnError::GEN_FAILURE, &format!("{dir} cannot be used: {error}"))
            }
        })
    }

    /// Connects without local name once more: nothing is made, but the server must say yes again.
    fn connect_again(
        &self,
        remote: &Remote,
        place: &Place,
        entry: &MountEntry,
        credentials: Option<&Credentials>,
    ) -> Result<(), ProviderError> {
        let known = Note::about(&self.settings.runtime, place, entry).and_then(|note| note.user);
        if let (Some(known), Some(given)) = (known, credentials)
            && known != given.user
        {
            let text = format!("{} is connected as {known}", remote.name());
            return Err(refusal(WnError::SESSION_CREDENTIAL_CONFLICT, &text));
        }
        let client = Client::new(remote, credentials);
        let looked = probe(remote, credentials, &client, self.settings.connect_limit);
        match looked {
            // The connection there is has its own login; that one is in nobody's hands here.
            Err(obstacle)
                if credentials.is_none()
                    && obstacle.stage == Stage::LogIn
                    && obstacle.code == WnError::ACCESS_DENIED =>
            {
                Ok(())
            }
            looked => looked.map_err(|obstacle| {
                refusal(obstacle.code, &format!("{}: {}", obstacle.stage, obstacle.text))
            }),
        }
    }

    fn mount(
        &self,
        remote: &Remote,
        place: &Place,
        credentials: Option<&Credentials>,
    ) -> Result<(), ProviderError> {
        let Some(helper) = &self.settings.helper else {
            let text = "mpr-serve-webdav is not installed beside the provider";
            return Err(refusal(WnError::NOT_SUPPORTED, text));
        };
        let millis = |limit: Duration| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let order = Order {
            helper,
            subtype: SUBTYPE,
            source: &remote.name(),
            user: credentials.map(|credentials| credentials.user.as_str()),
            password: credentials.map(|credentials| Secret(&credentials.password)),
            settings: json!({
                "probe-ms": millis(self.settings.connect_limit),
                "io-ms": millis(self.settings.io_limit),
                "unsaved": self.settings.unsaved.as_ref().and_then(|dir| dir.to_str()),
            }),
            limit: self.settings.connect_limit + MOUNT_LIMIT,
        };
        serve(&self.settings.runtime, place, &order).map_err(|failure| match failure {
            Failure::Refused { stage, code, text } => refusal(code, &format!("{stage}: {text}")),
            Failure::NotEmpty => {
                let text = format!("mount: {} is not empty", place.dir.display());
                refusal(WnError::ALREADY_EXISTS, &text)
            }
            Failure::TimedOut => refusal(WnError::TIMEOUT, "mount: it was not ready in time"),
            Failure::Broken(error) => {
                let text = format!("mount: {}: {error}", place.dir.display());
                refusal(WnError::GEN_FAILURE, &text)
            }
        })
    }

    pub(super) fn disconnect(&self, name: Wide<'_>, force: bool) -> Result<(), ProviderError> {
        if let Ok(remote) = Remote::parse(name) {
            let place = self.deviceless_place(&remote);
            let _held = self.hold(&place)?;
            let entries = self.deviceless(&remote)?;
            if entries.is_empty() {
                return Err(WnError::NOT_CONNECTED.into());
            }
            return entries.iter().try_for_each(|entry| self.unmount(&place, entry, force));
        }
        let place = Place::local(&self.settings.runtime, name)?;
        if self.table()?.at(&place.dir).is_none() {
            return Err(WnError::NOT_CONNECTED.into());
        }
        let _held = self.hold(&place)?;
        let (place, entry) = self.mounted(name)?;
        self.unmount(&place, &entry, force)
    }

    fn unmount(&self, place: &Place, entry: &MountEntry, force: bool) -> Result<(), ProviderError> {
        let runtime = &self.settings.runtime;
        let result = match force {
            true => unmount_forced(runtime, place, entry),
            false => unmount(runtime, place, entry),
        };
        result.map_err(|busy| match busy {
            Busy::InUse => WnError::OPEN_FILES.into(),
            Busy::Failed(error) => {
                let text = format!("{} cannot be unmounted: {error}", place.dir.display());
                refusal(WnError::GEN_FAILURE, &text)
            }
        })
    }
}

/// Decodes a password into memory that is wiped, wherever it ends up.
fn decode(text: Wide<'_>) -> Result<Zeroizing<String>, ProviderError> {
    let mut password = Zeroizing::new(String::with_capacity(text.len() * 3));
    for unit in char::decode_utf16(text.units().iter().copied()) {
        match unit {
            Ok(character) => password.push(character),
            Err(_) => {
                password.zeroize();
                return Err(WnError::INVALID_PASSWORD.into());
            }
        }
    }
    Ok(password)
}
