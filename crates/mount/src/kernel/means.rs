//! What a hand-over to the kernel needs, and what of it is missing here.

use std::path::{Path, PathBuf};

use mpr_core::WnError;

use super::KernelSystem;
use crate::runtime::{Runtime, privileged};

/// Where the helpers of mount(8) are.
const DIRS: [&str; 4] = ["/sbin", "/usr/sbin", "/usr/local/sbin", "/usr/bin"];

/// Who the caller is, and what the machine has.
#[derive(Clone, Debug)]
pub(crate) struct Means {
    /// Whether the caller may mount: root, and not by a set-uid program.
    pub(crate) allowed: bool,
    /// Where helpers are looked for.
    pub(crate) dirs: Vec<PathBuf>,
}

impl Means {
    /// Looks at the calling process. `sbin` below `MPR_ROOT` comes before the system's.
    pub(crate) fn of(runtime: &Runtime) -> Self {
        let own = runtime.root().map(|root| root.join("sbin"));
        let dirs = own.into_iter().chain(DIRS.map(PathBuf::from)).collect();
        Self { allowed: rustix::process::geteuid().is_root() && !privileged(), dirs }
    }

    /// Finds the helper, if the caller may use it and the kernel knows the file system; else tells
    /// which of it is missing.
    pub(crate) fn helper(&self, system: &KernelSystem) -> Result<PathBuf, (WnError, String)> {
        if !self.allowed {
            // Not 5: no password helps against that, and nobody must be asked for one.
            let text = "only root can mount through the kernel";
            return Err((WnError::PRIVILEGE_NOT_HELD, text.into()));
        }
        let helper = self.dirs.iter().map(|dir| dir.join(system.helper)).find(|path| runs(path));
        let helper = helper.ok_or_else(|| {
            let text =
                format!("{} is not installed, which mounts through the kernel", system.helper);
            (WnError::FILE_NOT_FOUND, text)
        })?;
        let known = std::fs::read_to_string("/proc/filesystems").unwrap_or_default();
        if !knows(&known, system.types) {
            let module = system.types[0];
            let text = format!(
                "the kernel does not know the file system {module}; `modprobe {module}` loads it \
                 where it is installed"
            );
            // A file system driver is a service to Windows.
            return Err((WnError::SERVICE_DOES_NOT_EXIST, text));
        }
        Ok(helper)
    }
}

fn runs(path: &Path) -> bool {
    path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

fn knows(filesystems: &str, types: &[&str]) -> bool {
    let mut names = filesystems.lines().filter_map(|line| line.split_whitespace().next_back());
    names.any(|name| types.contains(&name))
}
