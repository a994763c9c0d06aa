//! What a server says about files, in the engine's terms (MS-FSCC 2.4).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mpr_engine::{Attributes, Entry, Kind};
use smb2::msg::create::CreateResponse;
use smb2::pack::FileTime;
use smb2::types::flags::FileAttributes;

use crate::wire::{u32_at, u64_at};

/// The tag of a symbolic link among reparse points (MS-FSCC 2.1.2.1).
const SYMLINK: u32 = 0xA000_000C;

/// What the protocol says about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    accessed: u64,
    written: u64,
    /// Its length.
    pub(crate) size: u64,
    /// `FILE_ATTRIBUTE_*`.
    pub(crate) bits: u32,
    id: u64,
    /// Which kind of reparse point it is, where that is known.
    pub(crate) tag: Option<u32>,
}

impl Facts {
    /// Takes what an answer to CREATE tells.
    pub(crate) fn created(answer: &CreateResponse) -> Self {
        Self {
            accessed: answer.last_access_time.0,
            written: answer.last_write_time.0,
            size: answer.end_of_file,
            bits: answer.file_attributes,
            id: 0,
            tag: None,
        }
    }

    /// Reads `FileAllInformation`; a cut-off name at its end does not matter.
    pub(crate) fn all(data: &[u8]) -> Option<Self> {
        Some(Self {
            accessed: u64_at(data, 8)?,
            written: u64_at(data, 16)?,
            bits: u32_at(data, 32)?,
            size: u64_at(data, 48)?,
            id: u64_at(data, 64)?,
            tag: None,
        })
    }

    /// Tells whether it is a directory.
    pub(crate) fn is_directory(&self) -> bool {
        self.bits & FileAttributes::DIRECTORY != 0
    }

    /// Tells whether it is a reparse point of a kind not known yet.
    pub(crate) fn is_riddle(&self) -> bool {
        self.bits & FileAttributes::REPARSE_POINT != 0 && self.tag.is_none()
    }

    /// Returns it in the engine's terms.
    pub(crate) fn attributes(&self) -> Attributes {
        let kind = match (self.tag, self.is_directory()) {
            (Some(SYMLINK), _) => Kind::Link,
            (_, true) => Kind::Directory,
            (_, false) => Kind::File,
        };
        Attributes {
            kind,
            size: if kind == Kind::Directory { 0 } else { self.size },
            modified: time(self.written),
            accessed: (self.accessed != 0).then(|| time(self.accessed)),
            mode: None,
            // On a directory the bit means something else to Windows, and nothing to Samba.
            read_only: !self.is_directory() && self.bits & FileAttributes::READONLY != 0,
            id: (self.id != 0).then_some(self.id),
        }
    }
}

/// Reads a buffer of `FileIdFullDirectoryInformation` into entries, without `.` and `..`; `None` if
/// it makes no sense.
pub(crate) fn entries(data: &[u8], found: &mut Vec<Entry>) -> Option<()> {
    const FIXED: usize = 80;
    let mut rest = data;
    let mut units = Vec::new();
    loop {
        let next = u32_at(rest, 0)? as usize;
        let length = u32_at(rest, 60)? as usize;
        let bits = u32_at(rest, 56)?;
        let tag = (bits & FileAttributes::REPARSE_POINT != 0).then_some(u32_at(rest, 64)?);
        let facts = Facts {
            accessed: u64_at(rest, 16)?,
            written: u64_at(rest, 24)?,
            size: u64_at(rest, 40)?,
            bits,
            id: u64_at(rest, 72)?,
            tag,
        };
        units.clear();
        let wire = rest.get(FIXED..FIXED.checked_add(length)?)?;
        units.extend(wire.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])));
        // Half a surrogate has no spelling here; the file is shown, if only by a wrong name.
        let name = String::from_utf16_lossy(&units);
        let name = smb2::name::decode_name(&name);
        if !matches!(name.as_ref(), "" | "." | "..") && !name.contains(['/', '\0']) {
            let name = name.into_owned().into_bytes();
            found.push(Entry { name, attributes: facts.attributes() });
        }
        if next == 0 {
            return Some(());
        }
        rest = rest.get(next..)?;
    }
}

/// Turns a FILETIME into a time; times before 1970 exist on old shares.
fn time(ticks: u64) -> SystemTime {
    FileTime(ticks).to_system_time().unwrap_or_else(|| {
        let epoch = FileTime::from_system_time(UNIX_EPOCH).0;
        let before = Duration::from_micros(epoch.saturating_sub(ticks) / 10);
        UNIX_EPOCH.checked_sub(before).unwrap_or(UNIX_EPOCH)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970_are_times() {
        let day = Duration::from_secs(86_400);
        for moment in [UNIX_EPOCH + day, UNIX_EPOCH, UNIX_EPOCH - day] {
            assert_eq!(time(FileTime::from_system_time(moment).0), moment);
        }
        assert!(time(0) < UNIX_EPOCH);
    }

    fn entry(next: u32, name: &str) -> Vec<u8> {
        let mut data = vec![0; 80];
        data[..4].copy_from_slice(&next.to_le_bytes());
        data[40..48].copy_from_slice(&7u64.to_le_bytes());
        data[72..80].copy_from_slice(&9u64.to_le_bytes());
        let wire: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        data[60..64].copy_from_slice(&(wire.len() as u32).to_le_bytes());
        data.extend(wire);
        data
    }

    #[test]
    fn listings_are_read_and_nonsense_is_told() {
        let mut data = entry(88, ".");
        data.resize(88, 0);
        data.extend(entry(0, "who\u{F025}"));
        let mut found = Vec::new();
        assert_eq!(entries(&data, &mut found), Some(()));
        let [one] = &found[..] else { panic!("{found:?}") };
        assert_eq!((one.name.as_slice(), one.attributes.size), (&b"who?"[..], 7));
        assert_eq!((one.attributes.id, one.attributes.kind), (Some(9), Kind::File));
        data.truncate(data.len() - 1);
        assert_eq!(entries(&data, &mut found), None);
        assert_eq!(entries(&[], &mut found), None);
        assert_eq!(entries(&entry(500, "x"), &mut found), None);
    }
}
