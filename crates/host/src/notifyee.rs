//! A loaded notifyee: C entry points as core's `Notifyee`.

use std::ptr;

use mpr_abi::copy::{AddCopy, CancelCopy};
use mpr_abi::npapi::{
    NOTIFY_POST, NOTIFY_PRE, NOTIFYINFO, PF_AddConnectNotify, PF_CancelConnectNotify,
};
use mpr_core::{AddDetails, CancelDetails, Notice, Notifyee, Wide, WideString};

use crate::module::{LoadError, Module};

/// A notifyee in a module.
#[derive(Debug)]
pub struct CNotifyee {
    name: WideString,
    add: Option<PF_AddConnectNotify>,
    cancel: Option<PF_CancelConnectNotify>,
}

impl CNotifyee {
    /// Takes the two functions of a module; one is enough (U12).
    pub fn new(name: WideString, module: &Module) -> Result<Self, LoadError> {
        // SAFETY: the type is the one that the header gives this name.
        let add = unsafe { module.function::<PF_AddConnectNotify>(c"AddConnectNotify") };
        // SAFETY: the type is the one that the header gives this name.
        let cancel = unsafe { module.function::<PF_CancelConnectNotify>(c"CancelConnectNotify") };
        if add.is_none() && cancel.is_none() {
            return Err(LoadError::Missing {
                path: module.path().into(),
                symbols: "AddConnectNotify or CancelConnectNotify",
            });
        }
        Ok(Self { name, add, cancel })
    }

    /// Tells which of the two functions the module has: (add, cancel).
    pub fn exports(&self) -> (bool, bool) {
        (self.add.is_some(), self.cancel.is_some())
    }
}

/// Calls with the structure of a notice, and takes back the context, the only word that counts.
fn call(notice: &mut Notice, function: impl FnOnce(*mut NOTIFYINFO) -> u32) -> u32 {
    let mut info = NOTIFYINFO {
        dwNotifyStatus: if notice.outcome.is_some() { NOTIFY_POST } else { NOTIFY_PRE },
        dwOperationStatus: notice.outcome.unwrap_or(0),
        lpContext: ptr::with_exposed_provenance_mut(notice.context),
    };
    // A text that it leaves explains its own answer, so an older one goes.
    crate::last_error::take();
    let code = function(&raw mut info);
    notice.context = info.lpContext.expose_provenance();
    code
}

impl Notifyee for CNotifyee {
    fn name(&self) -> Wide<'_> {
        self.name.as_wide()
    }

    fn add_connection(&self, notice: &mut Notice, details: &AddDetails<'_>) -> Option<u32> {
        let add = self.add?;
        // A deep copy of its own for every call: what it writes there is discarded (U23).
        let mut copy = AddCopy::empty();
        let details = copy.fill(details);
        Some(call(notice, |info| {
            // SAFETY: both structures live until the call returns; that the function keeps to its
            // header is the module's part, and modules are trusted code (D7).
            unsafe { add(info, details) }
        }))
    }

    fn cancel_connection(&self, notice: &mut Notice, details: &CancelDetails<'_>) -> Option<u32> {
        let cancel = self.cancel?;
        let mut copy = CancelCopy::empty();
        let details = copy.fill(details);
        Some(call(notice, |info| {
            // SAFETY: as for `add_connection`.
            unsafe { cancel(info, details) }
        }))
    }
}
