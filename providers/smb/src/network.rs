//! What the provider says about the network.

use mpr_core::{ConnectFlags, WnError};
use mpr_mount::{KernelMount, KernelSystem, Network, OptionKind};

use crate::{Smb, SmbName, kernel};

/// `WNNC_NET_SMB`, which older headers call `WNNC_NET_LANMAN`.
const WNNC_NET_SMB: u32 = 0x0002_0000;

/// Longest user name that Windows has, with its domain.
const LONGEST_USER: usize = 256 + 1 + 256;

impl Network for Smb {
    type Resource = SmbName;

    const NAME: &'static str = "SMB Network";
    const NET_TYPE: u32 = WNNC_NET_SMB;
    const SUBTYPE: &'static str = "mpr-smb";
    const HELPER: &'static str = "mpr-serve-smb";

    /// Whether the server can encrypt or sign shows once it is reached.
    const PROMISES: ConnectFlags =
        ConnectFlags(ConnectFlags::REQUIRE_PRIVACY.0 | ConnectFlags::REQUIRE_INTEGRITY.0);

    const OPTIONS: &'static [(&'static str, OptionKind)] = &[
        ("kernel", OptionKind::Flag),
        ("require-privacy", OptionKind::Flag),
        ("require-integrity", OptionKind::Flag),
    ];

    const KERNEL: Option<KernelSystem> = Some(kernel::CIFS);

    fn kernel_mount(remote: &SmbName, promises: ConnectFlags) -> Result<KernelMount, String> {
        kernel::mount(remote, promises)
    }

    fn check_user(user: &str) -> Result<(), WnError> {
        let sound = user.encode_utf16().count() <= LONGEST_USER
            && !user.chars().any(char::is_control)
            && user.matches('\\').count() <= 1;
        if sound { Ok(()) } else { Err(WnError::BAD_USERNAME) }
    }
}
