//! The mount table, read from its text: what is connected, as the kernel tells it.

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
    text.split(|&byte| byte == b'\n').filter_map(parse)
}

/// `36 35 98:0 /root /mountpoint options [optional...] - fstype source superoptions`
fn parse(line: &[u8]) -> Option<Mount> {
    let line = std::str::from_utf8(line).ok()?;
    let (place, rest) = line.split_once(" - ")?;
    let mut place = place.split(' ').skip(2);
    let (major, minor) = place.next()?.split_once(':')?;
    let mountpoint = unescape(place.nth(1)?)?;
    let mut rest = rest.split(' ').skip(1);
    let source = unescape(rest.next()?)?;
    let options = rest.next().unwrap_or_default();
    let user = options.split(',').find_map(|option| option.strip_prefix("user_id=")?.parse().ok());
    let device = (major.parse().ok()?, minor.parse().ok()?);
    Some(Mount { mountpoint, source, device, user })
}

/// Undoes the kernel's `\ooo`; a backslash that begins no such triple is kept.
fn unescape(field: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match (first, tail) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..]) => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            _ => bytes.push(first),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table() {
        let text = b"\
22 1 254:1 / / rw - ext4 /dev/sda1 rw
40 22 0:52 / /run/mpr-wine/1-2/X rw shared:7 - fuse.mpr-webdav \\134\\134h@SSL\\134a\\040b rw,user_id=7,group_id=0
broken line
";
        let table: Vec<_> = mounts(text).collect();
        assert_eq!((table[0].device, table[0].user), ((254, 1), None));
        assert_eq!(table[1].mountpoint, "/run/mpr-wine/1-2/X");
        assert_eq!((table[1].source.as_str(), table[1].user), (r"\\h@SSL\a b", Some(7)));
        assert_eq!(table.len(), 2);
    }
}
