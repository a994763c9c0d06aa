//! The prefix that this program runs in, and who runs it.

use std::sync::OnceLock;

use mpr_wine::{Mount, PrefixId, mounts};

use crate::system::{File, SystemError, read_unix, unix_path};

/// A prefix of Wine.
#[derive(Clone, Debug)]
pub(crate) struct Prefix {
    /// Its folder, as the system names it.
    pub(crate) folder: String,
    /// What its mounts are found by.
    pub(crate) id: PrefixId,
    /// The user's number.
    user: u32,
}

impl Prefix {
    /// Returns the prefix of this process; `None` if this is not Wine. It is found once.
    pub(crate) fn current() -> Option<&'static Self> {
        static CURRENT: OnceLock<Option<Prefix>> = OnceLock::new();
        CURRENT.get_or_init(Self::find).as_ref()
    }

    fn find() -> Option<Self> {
        let drive = unix_path("C:\\")?;
        let (folder, _) = drive.split_once("/dosdevices/")?;
        let inode = File::open(&crate::system::unix_name(folder), crate::system::Access::Look);
        let inode = inode.and_then(|it| it.inode()).ok()?;
        let table = table().ok()?;
        // The file system that holds it is the last of those mounted at the deepest directory.
        let holding = mounts(&table).filter(|mount| holds(&mount.mountpoint, folder));
        let device = holding.max_by_key(|mount| mount.mountpoint.len())?.device;
        let user = user()?;
        Some(Self { folder: folder.to_owned(), id: PrefixId::new(device, inode), user })
    }

    /// Tells whether a mount is this user's.
    pub(crate) fn owns(&self, mount: &Mount) -> bool {
        mount.user.is_none_or(|user| user == self.user)
    }
}

/// Reads the mount table: the wineserver's, which is that of every program of the prefix.
pub(crate) fn table() -> Result<Vec<u8>, SystemError> {
    read_unix("/proc/self/mountinfo")
}

fn holds(mountpoint: &str, path: &str) -> bool {
    let rest = path.strip_prefix(mountpoint.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns the number of the user whom the wineserver works for: ours.
fn user() -> Option<u32> {
    let status = String::from_utf8(read_unix("/proc/self/status").ok()?).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
