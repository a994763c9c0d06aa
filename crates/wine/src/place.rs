//! Where a prefix's connections are mounted: `RUNTIME-wine/PREFIX/X`, where `RUNTIME` is the user's
//! runtime directory of the native side.
//!
//! Not `RUNTIME/X`, which is the native `X:`: every prefix has letters of its own. And not in the
//! prefix, where whoever copies or removes it would copy or remove what is on the server.

use mpr_core::Wide;

/// What the directory of all prefixes is called after the runtime directory.
pub const DIRECTORY_SUFFIX: &str = "-wine";

/// What follows the name of a file of Wine's whose place in a prefix one of ours has taken.
pub const KEPT_SUFFIX: &str = ".before-openmpr";

/// A prefix, told from others by device and inode of its folder, as Wine does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixId(String);

impl PrefixId {
    /// Makes the name of a prefix.
    pub fn new(device: (u32, u32), inode: u64) -> Self {
        Self(format!("{:x}.{:x}-{inode:x}", device.0, device.1))
    }

    /// Checks a name that somebody else gave.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_hexdigit() || byte == b'.' || byte == b'-';
        let fits = (3..=64).contains(&text.len()) && text.bytes().all(plain);
        (fits && !text.starts_with('.')).then(|| Self(text.to_owned()))
    }

    /// Returns the name, which is one of a directory.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what a mount point of this prefix stands for; `None` if it is none.
    pub fn spot(&self, mountpoint: &str) -> Option<Spot> {
        let (head, name) = mountpoint.rsplit_once('/')?;
        let (base, id) = head.rsplit_once('/')?;
        if id != self.0 || !base.ends_with(DIRECTORY_SUFFIX) {
            return None;
        }
        Spot::of(name)
    }
}

/// What a mount stands for in its prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// A drive letter, upper-case.
    Letter(u8),
    /// A connection without local name: a number made of its remote name.
    Deviceless(u64),
}

impl Spot {
    /// Returns the place of a connection without local name.
    pub fn deviceless(remote: Wide<'_>) -> Self {
        let text = remote.trim_trailing_backslash().to_string().to_lowercase();
        let text = text.trim_end_matches('/');
        Self::Deviceless(text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    fn of(name: &str) -> Option<Self> {
        match *name.as_bytes() {
            [letter @ b'A'..=b'Z'] => Some(Self::Letter(letter)),
            [b'u', b'n', b'c', b'-', ..] if name.len() == 20 => {
                u64::from_str_radix(&name[4..], 16).ok().map(Self::Deviceless)
            }
            _ => None,
        }
    }

    /// Returns the name of its directory.
    pub fn directory(&self) -> String {
        match self {
            Self::Letter(letter) => char::from(*letter).to_string(),
            Self::Deviceless(number) => format!("unc-{number:016x}"),
        }
    }

    /// Returns the letter, if it has one.
    pub const fn letter(&self) -> Option<u8> {
        match self {
            Self::Letter(letter) => Some(*letter),
            Self::Deviceless(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpr_core::WideString;

    fn deviceless(text: &str) -> Spot {
        Spot::deviceless(WideString::from(text).as_wide())
    }

    #[test]
    fn mount_points_are_understood() {
        let id = PrefixId::new((0xfe, 0), 0xa7_4105);
        assert_eq!(id.as_str(), "fe.0-a74105");
        assert_eq!(PrefixId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(id.spot("/run/mpr-wine/fe.0-a74105/X"), Some(Spot::Letter(b'X')));
        let spot = deviceless(r"\\srv\share");
        let there = format!("/tmp/mpr-1000-wine/fe.0-a74105/{}", spot.directory());
        assert_eq!(id.spot(&there), Some(spot));
        for other in [
            "/run/mpr-wine/fe.0-a74106/X",
            "/run/mpr/fe.0-a74105/X",
            "/run/mpr-wine/fe.0-a74105/x",
            "/run/mpr-wine/fe.0-a74105/X/X",
            "/run/mpr-wine/fe.0-a74105/unc-1",
            "X",
        ] {
            assert_eq!(id.spot(other), None, "{other}");
        }
    }

    #[test]
    fn a_prefix_is_one_directory() {
        for text in ["..", "../..", "a/b", "", "xyz", "...", ".a-1"] {
            assert_eq!(PrefixId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn spelling_does_not_count() {
        assert_eq!(deviceless(r"\\SRV\Share\"), deviceless(r"\\srv\share"));
        assert_eq!(deviceless("https://h/x/"), deviceless("https://H/x"));
        assert_ne!(deviceless("https://h/x"), deviceless("https://h/y"));
    }
}
