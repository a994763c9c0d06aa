//! Connecting and disconnecting.

use std::io;
use std::time::Duration;

use mpr_core::{
    AddRequest, ConnectFlags, Credentials, ProviderError, ResourceType, ResourceUsage, Wide,
    WnError,
};
use serde_json::{Value, json};
use zeroize::{Zeroize as _, Zeroizing};

use super::{MountProvider, answer, refusal, settings};
use crate::lock::{PlaceLock, lock};
use crate::network::{Network, Resource};
use crate::order::{Order, Secret};
use crate::place::Place;
use crate::serve::{Failure, probe, serve};
use crate::stage::Stage;
use crate::table::MountEntry;
use crate::unmount::{Busy, unmount, unmount_forced};

/// What starting the process and mounting may take beside looking at the server.
const MOUNT_LIMIT: Duration = Duration::from_secs(10);

/// As whom to connect; nothing is said of a caller who leaves it open.
#[derive(Default)]
struct Login {
    user: Option<String>,
    password: Option<Zeroizing<String>>,
}

impl Login {
    fn fill<'a>(&'a self, order: Order<'a>) -> Order<'a> {
        let password = self.password.as_ref().map(|password| Secret(password));
        Order { user: self.user.as_deref(), password, ..order }
    }
}

impl<N: Network> MountProvider<N> {
    pub(super) fn connect(&self, request: &AddRequest<'_>) -> Result<(), ProviderError> {
        let remote = Self::parse(request.remote)?;
        let print_only = ResourceType::PRINT;
        if request.resource_type.intersects(print_only)
            && !request.resource_type.intersects(ResourceType::DISK)
        {
            return Err(WnError::BAD_DEV_TYPE.into());
        }
        if !remote.usage().intersects(ResourceUsage::CONNECTABLE) {
            let text = format!("open: {} is a server; name something on it", remote.name());
            return Err(refusal::<N>(WnError::BAD_NET_NAME, &text));
        }
        N::check_promises(&remote, request.flags).map_err(|why| {
            // Not 50, which says so little that the router would tell another provider's answer.
            refusal::<N>(WnError::UNEXP_NET_ERR, &format!("{}: {why}", Stage::Secure))
        })?;
        let login = self.login(request, &remote)?;
        let local = request.local.filter(|local| !local.is_empty());
        let place = match local {
            Some(local) => Place::local(&self.settings.runtime, local)?,
            None => self.deviceless_place(&remote),
        };
        let source = remote.name();
        let limit = self.settings.connect_limit;
        let mut order = login.fill(self.order(&source, request.flags, limit, MOUNT_LIMIT)?);
        if self.is_for_wine(&place) {
            order.settings["wine"] = Value::Bool(true);
        }
        let by_kernel = self.hand_over(&remote, &order)?;
        let _held = self.hold(&place)?;
        let runtime = &self.settings.runtime;
        let mount = || match &by_kernel {
            Some(by) => self.mount_by_kernel(&place, &order, by),
            None => serve(runtime, &place, &order),
        };
        match self.table()?.at(&place.dir) {
            Some(_) if local.is_some() => Err(WnError::ALREADY_ASSIGNED.into()),
            Some(entry) => self.connect_again(&place, entry, &order),
            None => mount().map_err(|failure| {
                let place = place.dir.display();
                match failure {
                    Failure::NotEmpty => {
                        let text = format!("mount: {place} is not empty");
                        refusal::<N>(WnError::ALREADY_EXISTS, &text)
                    }
                    Failure::Broken(error) => {
                        refusal::<N>(WnError::GEN_FAILURE, &format!("mount: {place}: {error}"))
                    }
                    failure => answer::<N>(failure),
                }
            }),
        }
    }

    /// Tells whether a place is where a Wine prefix has its drives: beside the runtime directory.
    fn is_for_wine(&self, place: &Place) -> bool {
        let mut drives = self.settings.runtime.dir().as_os_str().to_owned();
        drives.push(mpr_wine::DIRECTORY_SUFFIX);
        place.dir.starts_with(drives)
    }

    /// Says what the serving program has to know beside name and login.
    pub(super) fn helper_settings(&self, flags: ConnectFlags, limit: Duration) -> Value {
        let settings = &self.settings;
        let millis = |limit: Duration| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let mut options = settings.options.clone();
        for (flag, name) in [
            (ConnectFlags::REQUIRE_PRIVACY, "require-privacy"),
            (ConnectFlags::REQUIRE_INTEGRITY, "require-integrity"),
            (ConnectFlags::WRITE_THROUGH_SEMANTICS, "write-through"),
        ] {
            // A caller can ask for more than the configuration does, never for less.
            if flags.contains(flag) {
                options.insert(name.to_owned(), Value::Bool(true));
            }
        }
        json!({
            "probe-ms": millis(limit),
            "io-ms": millis(settings.io_limit),
            "unsaved": settings.unsaved.as_ref().and_then(|dir| dir.to_str()),
            "options": options,
        })
    }

    fn login(
        &self,
        request: &AddRequest<'_>,
        remote: &N::Resource,
    ) -> Result<Login, ProviderError> {
        let Credentials::Named { user, password } = request.credentials else {
            return Err(WnError::NOT_SUPPORTED.into());
        };
        let user = match user.filter(|user| !user.is_empty()) {
            Some(user) => {
                Some(String::from_utf16(user.units()).map_err(|_| WnError::BAD_USERNAME)?)
            }
            None => remote.user().map(str::to_owned),
        };
        let password = password.map(|password| decode(password.expose())).transpose()?;
        // A password belongs to somebody: to the caller, unless another name is given.
        let own = || settings::login_name(self.settings.runtime.uid());
        let user = user.or_else(|| password.is_some().then(own));
        user.as_deref().map_or(Ok(()), N::check_user)?;
        Ok(Login { user, password })
    }

    fn hold(&self, place: &Place) -> Result<PlaceLock, ProviderError> {
        let wait = self.settings.connect_limit + MOUNT_LIMIT;
        lock(&self.settings.runtime, place, wait).map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => {
                refusal::<N>(WnError::BUSY, "the local name is being connected")
            }
            _ => {
                let dir = self.settings.runtime.dir().display();
                // Not 5: no password helps against that, and nobody must be asked for one.
                refusal::<N>(WnError::GEN_FAILURE, &format!("{dir} cannot be used: {error}"))
            }
        })
    }

    /// Connects without local name once more: nothing is made, but the server must say yes again.
    fn connect_again(
        &self,
        place: &Place,
        entry: &MountEntry,
        order: &Order<'_>,
    ) -> Result<(), ProviderError> {
        if let (Some(known), Some(given)) = (self.user_of(place, entry), order.user)
            && known != given
        {
            let text = format!("{} is connected as {known}", order.source);
            return Err(refusal::<N>(WnError::SESSION_CREDENTIAL_CONFLICT, &text));
        }
        match probe(&self.settings.runtime, order) {
            // The connection there is has its own login; that one is in nobody's hands here.
            Err(Failure::Refused { stage, .. })
                if order.password.is_none() && stage == Stage::LogIn.word() =>
            {
                Ok(())
            }
            looked => looked.map_err(answer::<N>),
        }
    }

    pub(super) fn disconnect(&self, name: Wide<'_>, force: bool) -> Result<(), ProviderError> {
        if let Ok(remote) = Self::parse(name) {
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
                refusal::<N>(WnError::GEN_FAILURE, &text)
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
