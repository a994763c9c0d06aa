//! The mount table: what is connected, as the kernel tells it.
//!
//! Reads `/proc/self/mountinfo`, which never touches a mounted file system, so it answers at once
//! whatever became of the servers.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use crate::kernel::KernelNote;

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountEntry {
    /// The directory it appears at.
    pub mountpoint: PathBuf,
    /// Its source: for ours, the remote name.
    pub source: String,
    /// Its file system type, `fuse.mpr-...` for ours.
    pub fstype: String,
    /// The user who made it, if the file system says so.
    pub user: Option<u32>,
    /// The minor device number, by which the kernel names a FUSE connection.
    pub device: u32,
}

impl MountEntry {
    /// Tells whether a process of ours serves it, and not the kernel itself.
    pub(crate) fn is_fuse(&self) -> bool {
        self.fstype.starts_with("fuse.")
    }
}

/// All mounts of one file system type, in the order they were made.
#[derive(Clone, Debug, Default)]
pub struct MountTable(Vec<MountEntry>);

impl MountTable {
    /// Reads the mounts of type `fuse.<subtype>`.
    pub fn read(subtype: &str) -> io::Result<Self> {
        Ok(Self::parse(&std::fs::read("/proc/self/mountinfo")?, subtype))
    }

    /// Parses a mount table; lines that are not understood are none of ours.
    pub fn parse(text: &[u8], subtype: &str) -> Self {
        let wanted = format!("fuse.{subtype}");
        Self(entries(text).filter(|entry| entry.fstype == wanted).collect())
    }

    /// Reads the mounts of these types, whoever made them.
    pub(crate) fn of_types(types: &[&str]) -> io::Result<Self> {
        let text = std::fs::read("/proc/self/mountinfo")?;
        Ok(Self(entries(&text).filter(|entry| types.contains(&entry.fstype.as_str())).collect()))
    }

    /// Reads the mounts of type `fuse.<subtype>`, and of those that the kernel serves the ones that
    /// a note is about; their source is the remote name that the note tells.
    pub(crate) fn with_kernel(
        subtype: &str,
        types: &[&str],
        notes: &[KernelNote],
    ) -> io::Result<Self> {
        let wanted = format!("fuse.{subtype}");
        let types: Vec<_> = types.iter().copied().chain([wanted.as_str()]).collect();
        let known = |mut entry: MountEntry| {
            if entry.fstype != wanted {
                let note = notes.iter().find(|note| note.mounted == (&entry).into())?;
                entry.source.clone_from(&note.remote);
            }
            Some(entry)
        };
        Ok(Self(Self::of_types(&types)?.0.into_iter().filter_map(known).collect()))
    }

    /// Returns the mount that is visible at a directory.
    pub fn at(&self, mountpoint: &Path) -> Option<&MountEntry> {
        self.0.iter().rev().find(|entry| entry.mountpoint == mountpoint)
    }

    /// Returns the mount that holds a path: the deepest one.
    pub fn holding(&self, path: &Path) -> Option<&MountEntry> {
        let holding = self.0.iter().filter(|entry| path.starts_with(&entry.mountpoint));
        holding.max_by_key(|entry| entry.mountpoint.as_os_str().len())
    }

    /// Goes through the mounts.
    pub fn iter(&self) -> impl Iterator<Item = &MountEntry> {
        self.0.iter()
    }
}

fn entries(text: &[u8]) -> impl Iterator<Item = MountEntry> {
    mpr_mountinfo::mounts(text).map(|mount| MountEntry {
        mountpoint: OsString::from_vec(mount.mountpoint).into(),
        source: mount.source,
        fstype: mount.fstype,
        user: mount.user,
        device: mount.device.1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = b"\
22 1 8:1 / / rw - ext4 /dev/sda1 rw
40 22 0:52 / /run/mpr/S rw,nosuid shared:7 master:1 - fuse.mpr-webdav \\134\\134h@SSL\\134a\\040b rw,user_id=0,group_id=0
41 22 0:53 / /mnt/a\\040b\\011c rw - fuse.mpr-webdav https://h/\\043x rw,user_id=1000,group_id=0
42 22 0:54 / /mnt/sshfs rw - fuse.sshfs h: rw
43 22 0:55 / /run/mpr/S/deep rw - fuse.mpr-webdav https://h/deep rw
broken line
";

    #[test]
    fn escapes_and_optional_fields() {
        let table = MountTable::parse(TABLE, "mpr-webdav");
        assert_eq!(table.iter().count(), 3);
        let drive = table.at(Path::new("/run/mpr/S")).unwrap();
        assert_eq!((drive.source.as_str(), drive.user), (r"\\h@SSL\a b", Some(0)));
        assert_eq!(drive.device, 52);
        let path = table.at(Path::new("/mnt/a b\tc")).unwrap();
        assert_eq!((path.source.as_str(), path.user), ("https://h/#x", Some(1000)));
        assert_eq!(table.at(Path::new("/mnt/sshfs")), None);
    }

    #[test]
    fn the_deepest_mount_holds_a_path() {
        let table = MountTable::parse(TABLE, "mpr-webdav");
        let holds = |path: &str| table.holding(Path::new(path)).map(|entry| entry.device);
        assert_eq!(holds("/run/mpr/S/x/y"), Some(52));
        assert_eq!(holds("/run/mpr/S/deep/x"), Some(55));
        assert_eq!(holds("/run/mpr/SS"), None);
    }
}
