//! What the provider module knows of its network: its names, and who serves its mounts.

use mpr_core::{ConnectFlags, WnError};
use mpr_mount::{Network, OptionKind};

use crate::remote::{Remote, fits_user};

/// SSH file transfer as a network.
#[derive(Clone, Copy, Debug, Default)]
pub struct SftpNetwork;

impl Network for SftpNetwork {
    type Resource = Remote;

    const NAME: &'static str = "SFTP Network";

    /// `wnnc.h` has no number for SSH; this one is free in all versions of it that are known.
    const NET_TYPE: u32 = 0x0053_0000;

    const SUBTYPE: &'static str = "mpr-sftp";

    const HELPER: &'static str = "mpr-serve-sftp";

    /// Nothing that ssh sends is in the clear or can be changed on the way.
    const PROMISES: ConnectFlags =
        ConnectFlags::REQUIRE_PRIVACY.with(ConnectFlags::REQUIRE_INTEGRITY);

    /// The program to run, options of ssh_config(5) for it, and who answers its questions.
    const OPTIONS: &'static [(&'static str, OptionKind)] = &[
        ("ssh", OptionKind::Text),
        ("ssh-options", OptionKind::Text),
        ("askpass", OptionKind::Text),
    ];

    fn check_user(user: &str) -> Result<(), WnError> {
        if fits_user(user) { Ok(()) } else { Err(WnError::BAD_USERNAME) }
    }
}
