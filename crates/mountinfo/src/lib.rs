//! The mount table as the kernel tells it in `/proc/self/mountinfo` (proc(5)), read from its text.
//!
//! It is the only record of what is connected. No file is opened here: the command and the
//! providers read it on Linux, the provider for Wine in a Windows program.

#![forbid(unsafe_code)]

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The directory it appears at: bytes, as Linux has them.
    pub mountpoint: Vec<u8>,
    /// Its source: for ours, the remote name.
    pub source: String,
    /// Its file system type.
    pub fstype: String,
    /// The device that it is, by both of its numbers.
    pub device: (u32, u32),
    /// The user who made it, if the file system says so.
    pub user: Option<u32>,
}

/// Goes through a table, in the order that mounts were made. Lines that are not understood, and
/// those with a source that is not UTF-8, are left out: they are none of ours.
pub fn mounts(text: &[u8]) -> impl Iterator<Item = Mount> {
    text.split(|&byte| byte == b'\n').filter_map(parse)
}

/// `36 35 98:0 /root /mountpoint options [optional...] - fstype source superoptions`
fn parse(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|&byte| byte == b' ');
    let (major, minor) = str::from_utf8(fields.nth(2)?).ok()?.split_once(':')?;
    let mountpoint = unescape(fields.nth(1)?);
    fields.by_ref().find(|field| *field == b"-")?;
    let fstype = String::from_utf8(fields.next()?.to_vec()).ok()?;
    let source = String::from_utf8(unescape(fields.next()?)).ok()?;
    let options = fields.next().unwrap_or_default();
    let user = options
        .split(|&byte| byte == b',')
        .find_map(|option| str::from_utf8(option.strip_prefix(b"user_id=")?).ok()?.parse().ok());
    let device = (major.parse().ok()?, minor.parse().ok()?);
    Some(Mount { mountpoint, source, fstype, device, user })
}

/// Undoes the kernel's `\ooo`; a backslash that begins no such triple is kept.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
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
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table() {
        let text = b"\
22 1 254:1 / / rw - ext4 /dev/sda1 rw
40 22 0:52 / /run/mpr/a\\040b rw shared:7 - fuse.mpr-webdav \\134\\134h@SSL\\134a\\040b rw,user_id=7,group_id=0
41 22 0:53 / /bytes\xff rw - tmpfs none
42 22 0:54 / /source rw - tmpfs no\xffne rw
broken line
43 22 x:54 / /device rw - tmpfs none rw
44 22 0:55 / /no-end rw
";
        let table: Vec<_> = mounts(text).collect();
        assert_eq!((table[0].device, table[0].user), ((254, 1), None));
        assert_eq!(table[1].mountpoint, b"/run/mpr/a b");
        assert_eq!(table[1].source, r"\\h@SSL\a b");
        assert_eq!((table[1].fstype.as_str(), table[1].user), ("fuse.mpr-webdav", Some(7)));
        assert_eq!(table[2].mountpoint, b"/bytes\xff");
        assert_eq!(table.len(), 3);
    }

    #[test]
    fn backslashes_that_are_no_escapes_stay() {
        assert_eq!(unescape(br"\0400\04\\777"), br" 0\04\\777");
    }
}
