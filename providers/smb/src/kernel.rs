//! What the kernel's own client, cifs, has to know of a share.
//!
//! Checked for what it says only: no kernel with cifs has run these tests.

use mpr_core::ConnectFlags;
use mpr_mount::{KernelMount, KernelSystem};

use crate::SmbName;

pub(crate) const CIFS: KernelSystem =
    KernelSystem { types: &["cifs", "smb3"], helper: "mount.cifs", logs_in: true, only: false };

/// Says how cifs mounts a share or directory, and keeps these promises.
pub(crate) fn mount(remote: &SmbName, promises: ConnectFlags) -> Result<KernelMount, String> {
    let share = remote.share().ok_or("a server alone is no share")?;
    let path = remote.path();
    // mount.cifs tells the kernel share and path among the options, which commas separate.
    if share.contains(',') || path.iter().any(|part| part.contains(',')) {
        return Err("mount.cifs takes no name with a comma".into());
    }
    let parts = [share].into_iter().chain(path.iter().map(String::as_str));
    let source = parts.fold(format!("//{}", remote.host()), |all, part| all + "/" + part);
    // `soft` and `echo_interval` let go of a server that is dead for two intervals. Only root gets
    // here, and the files are root's.
    let options = ["soft", "echo_interval=10", "uid=0", "gid=0"];
    let mut options: Vec<String> = options.into_iter().map(str::to_owned).collect();
    options.push(format!("port={}", remote.port()));
    for (promise, option) in
        [(ConnectFlags::REQUIRE_PRIVACY, "seal"), (ConnectFlags::REQUIRE_INTEGRITY, "sign")]
    {
        if promises.contains(promise) {
            options.push(option.to_owned());
        }
    }
    Ok(KernelMount { source, options })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpr_mount::Resource as _;

    fn told(name: &str, promises: ConnectFlags) -> Result<(String, String), String> {
        let told = mount(&SmbName::parse(name).unwrap(), promises)?;
        Ok((told.source, told.options.join(",")))
    }

    #[test]
    fn shares_and_promises() {
        let usual = "soft,echo_interval=10,uid=0,gid=0,port=";
        let both = ConnectFlags::REQUIRE_PRIVACY | ConnectFlags::REQUIRE_INTEGRITY;
        for (name, promises, source, more) in [
            (r"\\Files\Team", ConnectFlags::NONE, "//files/Team", "445"),
            (r"\\h@1445\t\a b\ü", ConnectFlags::NONE, "//h/t/a b/ü", "1445"),
            ("smb://eve@[::1]/t", ConnectFlags::REQUIRE_PRIVACY, "//::1/t", "445,seal"),
            ("smb://h/t", ConnectFlags::REQUIRE_INTEGRITY, "//h/t", "445,sign"),
            ("smb://h/t", both, "//h/t", "445,seal,sign"),
        ] {
            let options = format!("{usual}{more}");
            assert_eq!(told(name, promises), Ok((source.to_owned(), options)), "{name}");
        }
    }

    #[test]
    fn no_name_becomes_an_option() {
        for name in [r"\\h\t,uid=1", r"\\h\t\a,b", r"\\h"] {
            assert!(told(name, ConnectFlags::NONE).is_err(), "{name}");
        }
    }
}
