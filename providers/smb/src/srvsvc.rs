//! The answer to `NetrShareEnum`, level 1, as NDR puts it (MS-SRVS 2.2.4.23, [C706] 14).
//!
//! `smb2` reads such answers too, but not those longer than one fragment.

use crate::wire::u32_at;

/// A share, as its server describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShareInfo {
    pub(crate) name: String,
    /// `STYPE_*`.
    pub(crate) kind: u32,
    pub(crate) comment: String,
}

/// Reads the list; `None` if it makes no sense.
pub(crate) fn shares(stub: &[u8]) -> Option<Vec<ShareInfo>> {
    let mut reader = Reader { data: stub, at: 0 };
    // The level, twice; then pointers to the container and to the array in it.
    if (reader.number()?, reader.number()?) != (1, 1) {
        return None;
    }
    if reader.number()? == 0 {
        return Some(Vec::new());
    }
    let count = reader.number()? as usize;
    if reader.number()? == 0 || count == 0 {
        return Some(Vec::new());
    }
    if (reader.number()? as usize) < count {
        return None;
    }
    // An entry takes 12 bytes here, which bounds what a wrong count makes us take in.
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push((reader.number()?, reader.number()?, reader.number()?));
    }
    let mut text = |pointer| if pointer == 0 { Some(String::new()) } else { reader.text() };
    let shares = entries.into_iter().map(|(name, kind, comment)| {
        Some(ShareInfo { name: text(name)?, kind, comment: text(comment)? })
    });
    shares.collect()
}

struct Reader<'a> {
    data: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn number(&mut self) -> Option<u32> {
        let number = u32_at(self.data, self.at)?;
        self.at += 4;
        Some(number)
    }

    /// Reads a conformant varying string: room, offset, length, UTF-16 up to a zero.
    fn text(&mut self) -> Option<String> {
        let (_room, _offset) = (self.number()?, self.number()?);
        let length = (self.number()? as usize).checked_mul(2)?;
        let wire = self.data.get(self.at..self.at.checked_add(length)?)?;
        self.at = (self.at + length).next_multiple_of(4);
        let units = wire.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let units: Vec<u16> = units.take_while(|&unit| unit != 0).collect();
        Some(String::from_utf16_lossy(&units))
    }
}

#[cfg(test)]
mod tests {
    fn stub(shares: &[(&str, u32, &str)]) -> Vec<u8> {
        let count = shares.len() as u32;
        let mut numbers = vec![1, 1, 0x20000, count, 0x20004, count];
        for (_, kind, _) in shares {
            numbers.extend([0x20008, *kind, 0x2000C]);
        }
        let mut data: Vec<u8> = numbers.into_iter().flat_map(u32::to_le_bytes).collect();
        for (name, _, comment) in shares {
            for text in [name, comment] {
                let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
                let length = units.len() as u32;
                data.extend([length, 0, length].into_iter().flat_map(u32::to_le_bytes));
                data.extend(units.into_iter().flat_map(u16::to_le_bytes));
                data.resize(data.len().next_multiple_of(4), 0);
            }
        }
        data
    }

    #[test]
    fn lists_are_read_and_nonsense_is_told() {
        let data = stub(&[("team", 0, "Ours"), ("IPC$", 0x8000_0003, "")]);
        let shares = super::shares(&data).unwrap();
        let names: Vec<_> = shares.iter().map(|share| share.name.as_str()).collect();
        assert_eq!(names, ["team", "IPC$"]);
        assert_eq!((shares[0].comment.as_str(), shares[1].kind), ("Ours", 0x8000_0003));
        for end in 0..data.len() - 8 {
            assert_eq!(super::shares(&data[..end]), None, "{end}");
        }
        let mut wrong = data.clone();
        wrong[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(super::shares(&wrong), None);
    }
}
