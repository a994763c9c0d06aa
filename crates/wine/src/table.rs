//! The mount table as far as it concerns drives: names of both sides are text.

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The directory it appears at.
    pub mountpoint: String,
    /// Its source: the remote name.
    pub source: String,
    /// The device that it is, by both of its numbers.
    pub device: (u32, u32),
    /// The user who made it, if the file system says so.
    pub user: Option<u32>,
}

/// Goes through the text of `/proc/self/mountinfo`, in the order that mounts were made. Lines that
/// are not understood, and names that are not UTF-8, are left out: they are none of ours.
pub fn mounts(text: &[u8]) -> impl Iterator<Item = Mount> {
    mpr_mountinfo::mounts(text).filter_map(|mount| {
        let mpr_mountinfo::Mount { mountpoint, source, device, user, .. } = mount;
        Some(Mount { mountpoint: String::from_utf8(mountpoint).ok()?, source, device, user })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table() {
        let text = b"\
22 1 254:1 / / rw - ext4 /dev/sda1 rw
40 22 0:52 / /run/mpr-wine/1-2/X rw shared:7 - fuse.mpr-webdav \\134\\134h@SSL\\134a\\040b rw,user_id=7,group_id=0
41 22 0:53 / /bytes\xff rw - tmpfs none
";
        let table: Vec<_> = mounts(text).collect();
        assert_eq!((table[0].device, table[0].user), ((254, 1), None));
        assert_eq!(table[1].mountpoint, "/run/mpr-wine/1-2/X");
        assert_eq!((table[1].source.as_str(), table[1].user), (r"\\h@SSL\a b", Some(7)));
        assert_eq!(table.len(), 2);
    }
}
