//! What SFTP says of a file, and what it can be told.

use std::time::{Duration, SystemTime};

use mpr_engine::{Attributes, Fault, Kind};

use super::packet::{Fields, Packet};

const SIZE: u32 = 1;
const OWNER: u32 = 2;
const PERMISSIONS: u32 = 4;
const TIMES: u32 = 8;
const EXTENDED: u32 = 0x8000_0000;

/// Attributes as they came; a server may leave any of them out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RawAttributes {
    size: Option<u64>,
    permissions: Option<u32>,
    /// Last reading and last change, in seconds since 1970.
    pub(crate) times: Option<(u32, u32)>,
}

impl RawAttributes {
    /// Takes attributes off the front of a packet.
    pub(crate) fn read(fields: &mut Fields) -> Result<Self, Fault> {
        let flags = fields.u32()?;
        let mut it = Self::default();
        if flags & SIZE != 0 {
            it.size = Some(fields.u64()?);
        }
        if flags & OWNER != 0 {
            // Numbers of the server's users mean nothing here.
            let _ = (fields.u32()?, fields.u32()?);
        }
        if flags & PERMISSIONS != 0 {
            it.permissions = Some(fields.u32()?);
        }
        if flags & TIMES != 0 {
            it.times = Some((fields.u32()?, fields.u32()?));
        }
        if flags & EXTENDED != 0 {
            for _ in 0..fields.u32()? {
                let _ = (fields.text()?, fields.text()?);
            }
        }
        Ok(it)
    }

    /// Tells what kind of file it is; a line of `ls -l` is the only hint of some servers.
    pub(crate) fn kind(&self, line: &[u8]) -> Kind {
        let kind = match self.permissions.map(|mode| mode & 0o170_000) {
            Some(kind) if kind != 0 => kind,
            _ => match line.first() {
                Some(b'd') => 0o040_000,
                Some(b'l') => 0o120_000,
                Some(b'b' | b'c' | b'p' | b's') => 0o020_000,
                _ => 0o100_000,
            },
        };
        match kind {
            0o100_000 => Kind::File,
            0o040_000 => Kind::Directory,
            0o120_000 => Kind::Link,
            _ => Kind::Other,
        }
    }

    /// Returns them in the engine's terms.
    pub(crate) fn attributes(&self, line: &[u8]) -> Attributes {
        let time = |seconds: u32| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.into());
        Attributes {
            kind: self.kind(line),
            size: self.size.unwrap_or(0),
            modified: self.times.map_or(SystemTime::UNIX_EPOCH, |(_, modified)| time(modified)),
            accessed: self.times.map(|(accessed, _)| time(accessed)),
            mode: self.permissions.map(|mode| mode & 0o7777),
            read_only: false,
            id: None,
        }
    }
}

/// Attributes that are to be set; those that are `None` stay.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SetAttributes {
    pub(crate) size: Option<u64>,
    pub(crate) mode: Option<u32>,
    /// Last reading and last change: the protocol knows only both together.
    pub(crate) times: Option<(u32, u32)>,
}

impl SetAttributes {
    /// Adds them to a packet.
    pub(crate) fn write(&self, packet: &mut Packet) {
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        packet.u32(
            flag(self.size.is_some(), SIZE)
                | flag(self.mode.is_some(), PERMISSIONS)
                | flag(self.times.is_some(), TIMES),
        );
        if let Some(size) = self.size {
            packet.u64(size);
        }
        if let Some(mode) = self.mode {
            packet.u32(mode & 0o7777);
        }
        if let Some((accessed, modified)) = self.times {
            packet.u32(accessed).u32(modified);
        }
    }
}

/// Returns a time as the protocol carries it: whole seconds from 1970 to 2106.
pub(crate) fn seconds(time: SystemTime) -> u32 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since.as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn raw(words: &[u32]) -> RawAttributes {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        let mut fields = Fields(Bytes::from(bytes));
        let raw = RawAttributes::read(&mut fields).unwrap();
        assert!(fields.is_empty());
        raw
    }

    #[test]
    fn all_fields_are_understood() {
        let all = SIZE | OWNER | PERMISSIONS | TIMES | EXTENDED;
        let raw = raw(&[all, 1, 2, 1000, 1000, 0o100_640, 11, 12, 1, 4, 0x6162_6364, 0]);
        let attributes = raw.attributes(b"");
        assert_eq!((attributes.kind, attributes.size), (Kind::File, (1 << 32) + 2));
        assert_eq!(attributes.mode, Some(0o640));
        assert_eq!(seconds(attributes.modified), 12);
        assert_eq!(attributes.accessed.map(seconds), Some(11));
    }

    #[test]
    fn kinds_come_from_the_mode_or_the_line() {
        assert_eq!(raw(&[PERMISSIONS, 0o040_755]).kind(b"-"), Kind::Directory);
        assert_eq!(raw(&[PERMISSIONS, 0o120_777]).kind(b""), Kind::Link);
        assert_eq!(raw(&[PERMISSIONS, 0o140_777]).kind(b""), Kind::Other);
        assert_eq!(raw(&[0]).kind(b"drwxr-xr-x"), Kind::Directory);
        assert_eq!(raw(&[0]).kind(b"whatever"), Kind::File);
    }

    #[test]
    fn what_is_set_is_what_was_asked() {
        let set = SetAttributes { size: Some(5), mode: Some(0o100_644), times: Some((1, 2)) };
        let mut packet = Packet::new(0, 0);
        set.write(&mut packet);
        let raw = RawAttributes::read(&mut Fields(packet.finish(0).slice(9..))).unwrap();
        assert_eq!((raw.size, raw.permissions, raw.times), (Some(5), Some(0o644), Some((1, 2))));
    }

    #[test]
    fn times_beyond_the_protocol_are_its_ends() {
        assert_eq!(seconds(SystemTime::UNIX_EPOCH - Duration::from_secs(9)), 0);
        assert_eq!(seconds(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 33)), u32::MAX);
    }
}
