//! Connecting through the kernel's own file system: what that takes, and what is missing.

use std::path::PathBuf;
use std::time::Instant;

use mpr_core::{ConnectFlags, ProviderError, WnError};
use serde_json::Value;

use super::{MountProvider, refusal};
use crate::kernel::{KernelMount, KernelNote, KernelSystem, Login, hand_over};
use crate::network::Network;
use crate::note::Note;
use crate::order::Order;
use crate::place::Place;
use crate::serve::{Failure, probe};
use crate::stage::Stage;
use crate::table::MountEntry;

/// What a hand-over works with, all of it known to be there.
pub(super) struct HandOver {
    system: KernelSystem,
    helper: PathBuf,
    mount: KernelMount,
}

impl<N: Network> MountProvider<N> {
    /// Tells how the kernel is to mount a resource; `None` if it is not to, and a refusal if it
    /// cannot: what was wanted from the kernel is never served by something else.
    pub(super) fn hand_over(
        &self,
        remote: &N::Resource,
        order: &Order<'_>,
    ) -> Result<Option<HandOver>, ProviderError> {
        let wanted = self.settings.kernel;
        let refused =
            |code, text: &str| Err(refusal::<N>(code, &format!("{}: {text}", Stage::Mount)));
        let system = match N::KERNEL {
            Some(system) if wanted || system.only => system,
            None if wanted => {
                let text = format!("{} is never mounted through the kernel", N::NAME);
                // Not 50, see `connect`.
                return refused(WnError::UNEXP_NET_ERR, &text);
            }
            _ => return Ok(None),
        };
        let helper = match self.means.helper(&system) {
            Ok(helper) => helper,
            Err((code, text)) => return refused(code, &text),
        };
        match N::kernel_mount(remote, demands(&order.settings)) {
            Ok(mount) if mount.options.iter().any(|option| option.contains(',')) => {
                refused(WnError::INVALID_NETNAME, "an option with a comma is two for the kernel")
            }
            Ok(mount) => Ok(Some(HandOver { system, helper, mount })),
            Err(text) => refused(WnError::INVALID_NETNAME, &text),
        }
    }

    /// Asks the server first, which tells causes apart and cannot hang, and then the kernel.
    pub(super) fn mount_by_kernel(
        &self,
        place: &Place,
        order: &Order<'_>,
        by: &HandOver,
    ) -> Result<(), Failure> {
        let deadline = Instant::now() + order.limit;
        let runtime = &self.settings.runtime;
        probe(runtime, order)?;
        let password = order.password.as_ref().map(|password| password.0);
        let login = Login { user: order.user, password };
        let tool = (&by.system, by.helper.as_path());
        hand_over(runtime, place, order.source, tool, &by.mount, &login, deadline)
    }

    /// Finds the user of a connection, if its note tells.
    pub(super) fn user_of(&self, place: &Place, entry: &MountEntry) -> Option<String> {
        let runtime = &self.settings.runtime;
        if entry.is_fuse() {
            return Note::about(runtime, place, entry)?.user;
        }
        KernelNote::read(runtime, place)?.user
    }
}

/// Reads from an order what the caller and the configuration demand.
fn demands(settings: &Value) -> ConnectFlags {
    let demands = [
        (ConnectFlags::REQUIRE_PRIVACY, "require-privacy"),
        (ConnectFlags::REQUIRE_INTEGRITY, "require-integrity"),
        (ConnectFlags::WRITE_THROUGH_SEMANTICS, "write-through"),
    ];
    let said = |name: &str| settings.pointer(&format!("/options/{name}")) == Some(&true.into());
    let made = demands.into_iter().filter(|(_, name)| said(name));
    made.fold(ConnectFlags::NONE, |all, (flag, _)| all | flag)
}
