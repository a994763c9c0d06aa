//! Devices for callers that leave the choice to the router.

use crate::error::{Error, WnError};
use crate::flags::ResourceType;
use crate::name::{DeviceName, LocalName};
use crate::profile::Profile;
use crate::router::Router;
use crate::trace::Trace;

/// Free devices in the order in which they are chosen: `Z:` down to `C:`, `LPT1` up (U46).
pub(super) struct Devices {
    printers: bool,
    next: u8,
}

impl Devices {
    pub(super) fn new(resource_type: ResourceType) -> Self {
        let printers = resource_type == ResourceType::PRINT;
        Self { printers, next: if printers { 1 } else { b'Z' } }
    }

    /// Returns the next device that is free and not remembered; `NO_MORE_ITEMS` if none is left.
    pub(super) fn next(
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
