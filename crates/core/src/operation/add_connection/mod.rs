//! Connecting: `WNetAddConnection` 1 to 4 and `WNetUseConnection`, one core for all (`wnet.md` §4.6).

mod attempt;
mod check;
mod devices;

use self::attempt::device_type;
use self::check::check_access_name;
use self::devices::Devices;
use crate::error::{Error, WnError};
use crate::flags::{ConnectFlags, ResourceType};
use crate::name::{LocalName, RemoteName};
use crate::notifyee::{AddDetails, Notice, Notifyee};
use crate::provider::Credentials;
use crate::router::Router;
use crate::trace::Trace;
use crate::wide::Wide;

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
}
