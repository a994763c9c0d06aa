//! What the provider says about the network, and to `mount.nfs`.
//!
//! Checked for what it says only: no kernel with NFS has run these tests.

use mpr_core::{ConnectFlags, WnError};
use mpr_mount::{KernelMount, KernelSystem, Network};

use crate::name::{NfsName, PORT};

/// `WNNC_NET_MS_NFS`, as Microsoft's client for NFS.
const WNNC_NET_MS_NFS: u32 = 0x0042_0000;

/// The network file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nfs;

impl Network for Nfs {
    type Resource = NfsName;

    const NAME: &'static str = "NFS Network";
    const NET_TYPE: u32 = WNNC_NET_MS_NFS;
    const SUBTYPE: &'static str = "mpr-nfs";
    const HELPER: &'static str = "mpr-serve-nfs";

    const KERNEL: Option<KernelSystem> = Some(KernelSystem {
        types: &["nfs", "nfs4"],
        helper: "mount.nfs",
        logs_in: false,
        only: true,
    });

    fn kernel_mount(remote: &NfsName, _promises: ConnectFlags) -> Result<KernelMount, String> {
        // `soft` ends an operation after three waits of 5 s, `softreval` answers from the cache
        // meanwhile, and `retry` keeps the helper from trying for minutes.
        let options = ["soft", "softreval", "timeo=50", "retrans=2", "retry=0"];
        let mut options: Vec<String> = options.into_iter().map(str::to_owned).collect();
        if remote.port() != PORT {
            options.push(format!("port={}", remote.port()));
        }
        Ok(KernelMount { source: remote.export(), options })
    }

    /// NFS knows the caller by number, and asks for no password.
    fn check_user(_user: &str) -> Result<(), WnError> {
        Err(WnError::BAD_USERNAME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpr_mount::Resource as _;

    #[test]
    fn what_the_helper_is_told() {
        let told = |name: &str| {
            let remote = NfsName::parse(name).unwrap();
            let told = Nfs::kernel_mount(&remote, ConnectFlags::NONE).unwrap();
            (told.source, told.options.join(","))
        };
        let usual = "soft,softreval,timeo=50,retrans=2,retry=0";
        assert_eq!(told("nfs://h/a,b/c%20d"), ("h:/a,b/c d".into(), usual.into()));
        assert_eq!(told(r"\\h@NFS@20049\x"), ("h:/x".into(), format!("{usual},port=20049")));
        assert_eq!(told("nfs://[::1]/x"), ("[::1]:/x".into(), usual.into()));
        assert!(Nfs::check_user("alice").is_err());
    }
}
