//! Places: from a local name to the directory that a connection appears at, and back.
//!
//! `S:` is `RUNTIME/S`, a path is itself, a deviceless connection is `RUNTIME/unc/server/share`.
//! Whatever a server or share is called, its directory stays inside.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use mpr_core::{DeviceName, LocalName, Wide, WideString, WnError};

use crate::runtime::{Runtime, create_private};

/// What a mount point stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot {
    /// A drive letter.
    Device(DeviceName),
    /// A directory that the user named.
    Path(PathBuf),
    /// A connection without local name.
    Deviceless,
}

impl Spot {
    /// Tells what a mount point stands for; `None` if it belongs to somebody else.
    pub fn of(runtime: &Runtime, mountpoint: &Path) -> Option<Self> {
        if let Ok(inner) = mountpoint.strip_prefix(runtime.dir()) {
            let name = inner.to_str()?;
            if name.starts_with("unc/") {
                return Some(Self::Deviceless);
            }
            let &[letter] = name.as_bytes() else { return None };
            return DeviceName::drive(letter).map(Self::Device);
        }
        runtime.claims(mountpoint).then(|| Self::Path(mountpoint.to_path_buf()))
    }

    /// Returns the local name; `None` for a deviceless connection.
    pub fn local_name(&self) -> Option<WideString> {
        match self {
            Self::Device(device) => Some(device.as_wide().into()),
            Self::Path(path) => Some(path.to_string_lossy().as_ref().into()),
            Self::Deviceless => None,
        }
    }
}

/// The directory of one connection, and the name of what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The directory to mount at.
    pub dir: PathBuf,
    /// The file name of its lock, note and log.
    pub key: String,
    /// Whether the directory lies in the runtime directory, and is ours to make and remove.
    pub inside: bool,
}

impl Place {
    /// Returns the place of a local name: `BAD_DEVICE` if it is none, `BAD_DEV_TYPE` for a port.
    pub fn local(runtime: &Runtime, local: Wide<'_>) -> Result<Self, WnError> {
        match LocalName::parse(local, true)? {
            LocalName::Device(device) if device.is_drive() => {
                let letter = device.to_string().replace(':', "");
                Ok(Self { dir: runtime.dir().join(&letter), key: letter, inside: true })
            }
            LocalName::Device(_) => Err(WnError::BAD_DEV_TYPE),
            LocalName::Path(path) => {
                let text = String::from_utf16(path.units()).map_err(|_| WnError::BAD_DEVICE)?;
                if Path::new(&text).starts_with(runtime.dir()) {
                    return Err(WnError::BAD_DEVICE);
                }
                Ok(Self { key: component(&text), dir: text.into(), inside: false })
            }
        }
    }

    /// Returns the place of a deviceless connection; both names may be any text.
    pub fn deviceless(runtime: &Runtime, server: &str, share: &str) -> Self {
        let (server, share) = (component(server), component(share));
        let dir = runtime.dir().join("unc").join(&server).join(&share);
        Self { dir, key: component(&format!("unc/{server}/{share}")), inside: true }
    }

    /// Makes the directory where it is missing; tells whether it did.
    ///
    /// A directory that holds anything is refused (`DirectoryNotEmpty`): a mount would hide it.
    pub fn create(&self, runtime: &Runtime) -> io::Result<bool> {
        runtime.create()?;
        if let Some(parent) = self.dir.parent().filter(|_| self.inside) {
            create_private(parent)?;
        }
        let made = match DirBuilder::new().mode(0o700).create(&self.dir) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if std::fs::read_dir(&self.dir)?.next().is_some() {
                    return Err(io::ErrorKind::DirectoryNotEmpty.into());
                }
                Ok(self.inside)
            }
            Err(error) => Err(error),
        }?;
        // The mount table knows directories by their real names, and so is a mount found again.
        let real = std::fs::canonicalize(&self.dir)?;
        if real != self.dir {
            if made {
                self.remove(runtime);
            }
            let text = format!("it is a link's name for {}; use that", real.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        Ok(made)
    }

    /// Removes the directory, and for a deviceless place the empty ones above it.
    pub fn remove(&self, runtime: &Runtime) {
        let _ = std::fs::remove_dir(&self.dir);
        let unc = runtime.dir().join("unc");
        if let Some(parent) = self.dir.parent().filter(|parent| parent.starts_with(&unc)) {
            let _ = std::fs::remove_dir(parent);
            let _ = std::fs::remove_dir(&unc);
        }
    }
}

/// Turns any text into one file name: reserved bytes as `%XX`, long text cut and told apart.
fn component(text: &str) -> String {
    const LONGEST: usize = 150;
    let mut name = String::new();
    for (at, character) in text.char_indices() {
        let leading_dot = at == 0 && character == '.';
        if matches!(character, '/' | '%' | '\\') || character.is_control() || leading_dot {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                name.push_str(&format!("%{byte:02X}"));
            }
        } else {
            name.push(character);
        }
    }
    if name.is_empty() {
        name.push('%');
    }
    if name.len() > LONGEST {
        let mut cut = LONGEST;
        while !name.is_char_boundary(cut) {
            cut -= 1;
        }
        name.truncate(cut);
        name.push_str(&format!("%{:016x}", fnv1a(text.as_bytes())));
    }
    name
}

/// The 64-bit FNV-1a hash: stable from run to run, so that two processes agree on a name.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> Runtime {
        Runtime::under(Path::new("/r"), 0)
    }

    fn local(name: &str) -> Result<Place, WnError> {
        Place::local(&runtime(), WideString::from(name).as_wide())
    }

    #[test]
    fn local_names_have_their_place() {
        assert_eq!(local("s:").unwrap().dir, Path::new("/r/run/mpr/S"));
        let path = local("/mnt/team/").unwrap();
        assert_eq!((path.dir.to_str(), path.key.as_str()), (Some("/mnt/team"), "%2Fmnt%2Fteam"));
        assert!(!path.inside);
        for (name, code) in [
            ("LPT1", WnError::BAD_DEV_TYPE),
            ("S", WnError::BAD_DEVICE),
            ("/a/../b", WnError::BAD_DEVICE),
            ("/r/run/mpr/S", WnError::BAD_DEVICE),
        ] {
            assert_eq!(local(name), Err(code), "{name}");
        }
    }

    #[test]
    fn no_name_escapes() {
        for (server, share) in
            [("..", ".."), ("h/../..", "/etc"), ("", ""), ("a\0b", "c\nd"), (".serve", "x")]
        {
            let place = Place::deviceless(&runtime(), server, share);
            let inner = place.dir.strip_prefix("/r/run/mpr/unc").unwrap();
            let parts: Vec<_> = inner.components().collect();
            assert_eq!(parts.len(), 2, "{server:?} {share:?}");
            assert!(parts.iter().all(|part| matches!(part, std::path::Component::Normal(_))));
            assert!(!place.key.contains('/'));
        }
        let long = "ä".repeat(400);
        let (a, b) = (component(&long), component(&(long.clone() + "x")));
        assert!(a.len() < 200 && a != b);
    }

    #[test]
    fn mount_points_are_recognised() {
        let spot = |path: &str| Spot::of(&runtime(), Path::new(path));
        assert_eq!(spot("/r/run/mpr/S"), DeviceName::drive(b'S').map(Spot::Device));
        assert_eq!(spot("/r/run/mpr/unc/h/s"), Some(Spot::Deviceless));
        assert_eq!(spot("/r/mnt"), Some(Spot::Path("/r/mnt".into())));
        assert_eq!(spot("/elsewhere"), None);
        assert_eq!(spot("/r/run/mpr/.serve"), None);
    }

    #[test]
    fn a_directory_in_use_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        let target = root.path().join("mnt");
        let name = WideString::from(target.to_str().unwrap());
        let place = Place::local(&runtime, name.as_wide()).unwrap();
        assert!(place.create(&runtime).unwrap());
        assert!(!place.create(&runtime).unwrap(), "it was there, so it is not ours to remove");
        std::fs::write(target.join("file"), "x").unwrap();
        let error = place.create(&runtime).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::DirectoryNotEmpty);
        std::os::unix::fs::symlink(root.path(), root.path().join("link")).unwrap();
        let name = WideString::from(root.path().join("link/new").to_str().unwrap());
        let error = Place::local(&runtime, name.as_wide()).unwrap().create(&runtime).unwrap_err();
        let real = root.path().canonicalize().unwrap().join("new");
        assert!(error.to_string().contains(real.to_str().unwrap()), "{error}");
        assert!(!real.exists());
        let deviceless = Place::deviceless(&runtime, "h", "s");
        assert!(deviceless.create(&runtime).unwrap());
        deviceless.remove(&runtime);
        assert!(!runtime.dir().join("unc").exists());
    }
}
