//! Names that were checked: devices, local names, remote names.
//!
//! A `DeviceName`, `LocalName` or `RemoteName` that exists is valid. Names borrow, so that routing
//! allocates nothing for them.

use core::fmt;

use crate::error::WnError;
use crate::wide::{Wide, upper};

/// Longest remote name in characters, without the terminator (`MAX_PATH` - 1).
pub const MAX_REMOTE_NAME: usize = 259;

const COLON: u16 = b':' as u16;
const SLASH: u16 = b'/' as u16;
const BACKSLASH: u16 = b'\\' as u16;

/// A device: `X:`, `LPTn`, `COMn` or `PRN`, upper-case, printers without colon (`wnet.md` §1.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceName {
    units: [u16; 4],
    len: u8,
}

impl DeviceName {
    /// Parses a device name; `BAD_DEVICE` for anything else, `X` and `X:\` included (U40).
    pub fn parse(text: Wide<'_>) -> Result<Self, WnError> {
        let bare = match text.units() {
            [letter, COLON] if is_letter(*letter) => return Ok(Self::drive_unit(upper(*letter))),
            [head @ .., COLON] => head,
            whole => whole,
        };
        let mut units = [0; 4];
        let port = match *bare {
            [a, b, c, n @ 0x31..=0x39] => {
                units = [upper(a), upper(b), upper(c), n];
                let kind = Wide::new(&units[..3]);
                kind.eq_str("LPT") || kind.eq_str("COM")
            }
            // `PRN` alone: the grammar gives it no colon.
            [a, b, c] if bare.len() == text.len() => {
                units = [upper(a), upper(b), upper(c), 0];
                Wide::new(&units[..3]).eq_str("PRN")
            }
            _ => false,
        };
        let len = bare.len() as u8;
        if port { Ok(Self { units, len }) } else { Err(WnError::BAD_DEVICE) }
    }

    /// Returns the drive with this letter, given as `b'A'` to `b'Z'`.
    pub const fn drive(letter: u8) -> Option<Self> {
        match letter {
            b'A'..=b'Z' => Some(Self::drive_unit(letter as u16)),
            b'a'..=b'z' => Some(Self::drive_unit(letter as u16 - 0x20)),
            _ => None,
        }
    }

    const fn drive_unit(letter: u16) -> Self {
        Self { units: [letter, COLON, 0, 0], len: 2 }
    }

    /// Returns the printer port `LPTn`, n from 1 to 9.
    pub fn printer(number: u8) -> Option<Self> {
        let units = [0x4c, 0x50, 0x54, 0x30 + u16::from(number)];
        matches!(number, 1..=9).then_some(Self { units, len: 4 })
    }

    /// Borrows the name as it is passed to providers.
    pub fn as_wide(&self) -> Wide<'_> {
        Wide::new(&self.units[..usize::from(self.len)])
    }

    /// Tells whether this is a drive letter.
    pub const fn is_drive(&self) -> bool {
        self.len == 2
    }

    /// Tells whether this is a printer port.
    pub fn is_printer(&self) -> bool {
        !self.is_drive() && !self.as_wide().starts_with("COM")
    }
}

fn is_letter(unit: u16) -> bool {
    matches!(unit, 0x41..=0x5a | 0x61..=0x7a)
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_wide().fmt(f)
    }
}

impl fmt::Debug for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_wide().fmt(f)
    }
}

/// A local name: a device, or on Unix an absolute path (design D4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LocalName<'a> {
    /// A drive or a port.
    Device(DeviceName),
    /// An absolute path, without trailing slash.
    Path(Wide<'a>),
}

impl<'a> LocalName<'a> {
    /// Parses a local name; paths count only where `paths` says so (Unix).
    pub fn parse(text: Wide<'a>, paths: bool) -> Result<Self, WnError> {
        if paths && text.units().first() == Some(&SLASH) {
            return Self::parse_path(text);
        }
        DeviceName::parse(text).map(Self::Device)
    }

    /// Accepts `/a/b` in its one spelling; `//`, `.`, `..`, NUL and the root itself are refused.
    fn parse_path(text: Wide<'a>) -> Result<Self, WnError> {
        let mut units = text.units();
        while let [head @ .., SLASH] = units {
            units = head;
        }
        let parts = units.get(1..).unwrap_or_default().split(|&unit| unit == SLASH);
        let dot = u16::from(b'.');
        let plain = |part: &[u16]| {
            !part.is_empty() && *part != [dot] && *part != [dot, dot] && !part.contains(&0)
        };
        if units.len() > 1 && units.len() <= 4095 && parts.into_iter().all(plain) {
            Ok(Self::Path(Wide::new(units)))
        } else {
            Err(WnError::BAD_DEVICE)
        }
    }

    /// Borrows the text as it is passed to providers.
    pub fn as_wide(&self) -> Wide<'_> {
        match self {
            Self::Device(device) => device.as_wide(),
            Self::Path(path) => *path,
        }
    }

    /// Returns the device, if it is one.
    pub const fn device(&self) -> Option<&DeviceName> {
        match self {
            Self::Device(device) => Some(device),
            Self::Path(_) => None,
        }
    }
}

impl fmt::Display for LocalName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_wide().fmt(f)
    }
}

/// A remote name: not empty, without NUL, at most 259 characters; the syntax is the provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RemoteName<'a>(Wide<'a>);

impl<'a> RemoteName<'a> {
    /// Parses a remote name; `BAD_NET_NAME` if it is empty, too long, or holds a password.
    ///
    /// Every notifyee sees remote names, and none may see a password (U14); it has its own place.
    pub fn parse(text: Wide<'a>) -> Result<Self, WnError> {
        // Without an early end, so that several units are looked at together.
        let has_nul = text.units().iter().fold(false, |found, &unit| found | (unit == 0));
        let fits = (1..=MAX_REMOTE_NAME).contains(&text.len()) && !has_nul;
        if fits && !holds_password(text) { Ok(Self(text)) } else { Err(WnError::BAD_NET_NAME) }
    }

    /// Borrows the text.
    pub const fn as_wide(self) -> Wide<'a> {
        self.0
    }

    /// Compares as U43 says: case-insensitively, without trailing backslash.
    pub fn same_resource(self, other: Wide<'_>) -> bool {
        self.0.same_resource(other)
    }
}

/// Tells whether an address names a user with a password: `scheme://user:password@host`.
fn holds_password(text: Wide<'_>) -> bool {
    let units = text.units();
    // A UNC path is no address, and by far the most names are such.
    if units.first() == Some(&BACKSLASH) {
        return false;
    }
    let Some(scheme) = units.iter().position(|&unit| unit == COLON) else { return false };
    let Some(rest) = units[scheme + 1..].strip_prefix(&[SLASH, SLASH]) else { return false };
    let authority = rest.split(|&unit| unit == SLASH).next().unwrap_or_default();
    let user = authority.iter().rposition(|&unit| unit == u16::from(b'@'));
    user.is_some_and(|end| authority[..end].contains(&COLON))
}

impl fmt::Display for RemoteName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wide::WideString;
    use alloc::string::{String, ToString};

    fn wide(text: &str) -> WideString {
        text.into()
    }

    /// wnet.md §1.1, U40.
    #[test]
    fn device_grammar() {
        let good = [
            ("s:", "S:"),
            ("Z:", "Z:"),
            ("lpt1", "LPT1"),
            ("Lpt9:", "LPT9"),
            ("com3:", "COM3"),
            ("prn", "PRN"),
        ];
        for (text, stored) in good {
            let device = DeviceName::parse(wide(text).as_wide()).unwrap();
            assert_eq!(device.to_string(), stored, "{text}");
        }
        for text in [
            "", ":", "X", "X:\\", "XY:", "1:", "LPT", "LPT0", "LPT10", "LPTX", "COM", "PRN:", "é:",
            "/x", "S::", "LPT1::", "CON", "ſ:",
        ] {
            let parsed = DeviceName::parse(wide(text).as_wide());
            assert_eq!(parsed, Err(WnError::BAD_DEVICE), "{text}");
        }
    }

    #[test]
    fn device_kinds() {
        let parse = |text: &str| DeviceName::parse(wide(text).as_wide()).unwrap();
        assert!(parse("S:").is_drive() && !parse("S:").is_printer());
        assert!(parse("LPT1").is_printer() && parse("PRN").is_printer());
        assert!(!parse("COM1").is_printer() && !parse("COM1").is_drive());
        assert_eq!(DeviceName::drive(b'q'), Some(parse("Q:")));
        assert_eq!(DeviceName::printer(3), Some(parse("LPT3")));
        assert_eq!((DeviceName::drive(b'1'), DeviceName::printer(0)), (None, None));
    }

    /// Design D4: absolute paths are local names where the platform says so.
    #[test]
    fn paths_are_local_names_on_unix() {
        let path = wide("/mnt/team/");
        let local = LocalName::parse(path.as_wide(), true).unwrap();
        assert_eq!(local.to_string(), "/mnt/team");
        assert_eq!(local.device(), None);
        assert_eq!(LocalName::parse(path.as_wide(), false), Err(WnError::BAD_DEVICE));
        for text in ["/", "//", "/a//b", "/a/../b", "/./a", "/a\0b"] {
            assert!(LocalName::parse(wide(text).as_wide(), true).is_err(), "{text}");
        }
    }

    #[test]
    fn remote_names_have_a_length() {
        let longest = wide(&"x".repeat(MAX_REMOTE_NAME));
        assert!(RemoteName::parse(longest.as_wide()).is_ok());
        for text in [String::new(), "x".repeat(MAX_REMOTE_NAME + 1), "a\0b".into()] {
            let parsed = RemoteName::parse(Wide::new(wide(&text).units())).map(|name| name.0.len());
            assert_eq!(parsed, Err(WnError::BAD_NET_NAME));
        }
        for (text, refused) in [
            ("http://alice:secret@host/x", true),
            ("http://alice@host:80/x", false),
            ("http://host/a:b@c", false),
            (r"\\srv\a:b@c", false),
        ] {
            assert_eq!(RemoteName::parse(wide(text).as_wide()).is_err(), refused, "{text} (U14)");
        }
        let share = wide(r"\\srv\Übung");
        let name = RemoteName::parse(share.as_wide()).unwrap();
        assert!(name.same_resource(wide(r"\\SRV\übung\").as_wide()));
        assert!(!name.same_resource(wide(r"\\srv\other").as_wide()));
    }
}
