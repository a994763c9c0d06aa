//! Requests and answers that `smb2` has no type for, or only one that copies.

use bytes::Bytes;
use smb2::msg::header::Header;
use smb2::pack::{Pack, WriteCursor};
use smb2::types::FileId;

/// A WRITE whose data is not copied before it is packed (MS-SMB2 2.2.21).
pub(crate) struct WriteBytes {
    pub(crate) file: FileId,
    pub(crate) offset: u64,
    pub(crate) data: Bytes,
}

impl Pack for WriteBytes {
    fn pack(&self, cursor: &mut WriteCursor) {
        const FIXED: usize = 48;
        cursor.write_u16_le(49);
        cursor.write_u16_le((Header::SIZE + FIXED) as u16);
        cursor.write_u32_le(self.data.len() as u32);
        cursor.write_u64_le(self.offset);
        cursor.write_u64_le(self.file.persistent);
        cursor.write_u64_le(self.file.volatile);
        cursor.write_zeros(16);
        cursor.write_bytes(&self.data);
    }
}

/// A QUERY_DIRECTORY for everything, with numbers but without short names, which servers must
/// make up for each file (MS-SMB2 2.2.33, MS-FSCC 2.4.21).
pub(crate) struct QueryNames {
    pub(crate) file: FileId,
    pub(crate) length: u32,
}

impl Pack for QueryNames {
    fn pack(&self, cursor: &mut WriteCursor) {
        const FIXED: usize = 32;
        const ID_FULL: u8 = 0x26;
        cursor.write_u16_le(33);
        cursor.write_u8(ID_FULL);
        cursor.write_u8(0);
        cursor.write_u32_le(0);
        cursor.write_u64_le(self.file.persistent);
        cursor.write_u64_le(self.file.volatile);
        cursor.write_u16_le((Header::SIZE + FIXED) as u16);
        cursor.write_u16_le(2);
        cursor.write_u32_le(self.length);
        cursor.write_utf16_le("*");
    }
}

/// Returns the data of an answer to READ, without copying it (MS-SMB2 2.2.20).
pub(crate) fn read_data(body: Vec<u8>) -> Option<Bytes> {
    let start = usize::from(*body.get(2)?).checked_sub(Header::SIZE)?;
    let length = u32_at(&body, 4)? as usize;
    let end = start.checked_add(length)?;
    (end <= body.len()).then(|| Bytes::from(body).slice(start..end))
}

/// Returns the buffer of an answer to QUERY_INFO or QUERY_DIRECTORY (MS-SMB2 2.2.34, 2.2.38).
pub(crate) fn output(body: &[u8]) -> Option<&[u8]> {
    let start = usize::from(u16_at(body, 2)?).checked_sub(Header::SIZE)?;
    let length = u32_at(body, 4)? as usize;
    body.get(start..start.checked_add(length)?)
}

/// Returns how many bytes an answer to WRITE says it took (MS-SMB2 2.2.22).
pub(crate) fn written(body: &[u8]) -> Option<usize> {
    u32_at(body, 4).map(|count| count as usize)
}

pub(crate) fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

pub(crate) fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

pub(crate) fn u64_at(data: &[u8], at: usize) -> Option<u64> {
    data.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_point_beyond_their_end_are_refused() {
        let mut body = vec![17, 0, 80, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(read_data(body.clone()), None);
        body.extend(b"abc");
        assert_eq!(read_data(body.clone()).as_deref(), Some(&b"abc"[..]));
        body[2] = 63;
        assert_eq!(read_data(body), None);
        assert_eq!(read_data(vec![17, 0]), None);
        assert_eq!(output(&[9, 0, 72, 0, 2, 0, 0, 0, 7, 8]), Some(&[7, 8][..]));
        assert_eq!(output(&[9, 0, 72, 0, 255, 255, 255, 255, 7, 8]), None);
        assert_eq!(output(&[9, 0, 255, 255, 0, 0, 0, 0]), None);
    }
}
