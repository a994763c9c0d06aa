//! The directories of a prefix's mounts, private to the user.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use mpr_platform::Paths;
use mpr_wine::{DIRECTORY_SUFFIX, Mount, Note, PrefixId, Spot, mounts};

/// The file that says which prefix a directory belongs to.
const OWNER: &str = "prefix";

/// The directory of one prefix.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    base: PathBuf,
    directory: PathBuf,
    id: PrefixId,
    user: u32,
}

impl Places {
    /// Finds the directory; nothing is made.
    pub(crate) fn of(paths: &Paths, id: PrefixId) -> Self {
        let mut base = paths.runtime_dir().as_os_str().to_owned();
        base.push(DIRECTORY_SUFFIX);
        let base = PathBuf::from(base);
        Self { directory: base.join(id.as_str()), base, id, user: paths.user() }
    }

    /// Makes the directory for a prefix.
    ///
    /// Two prefixes with one name, on file systems that number alike, are refused: their letters
    /// would be each other's.
    pub(crate) fn create(&self, prefix: &Path) -> io::Result<()> {
        let found = fs::metadata(prefix)?;
        let says = format!("{} {}\n", found.dev(), found.ino());
        for directory in [&self.base, &self.directory] {
            DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
            let made = fs::symlink_metadata(directory)?;
            if made.uid() != self.user || !made.is_dir() || made.mode() & 0o022 != 0 {
                let text = format!("{} is not private to this user", directory.display());
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
            }
        }
        let owner = self.directory.join(OWNER);
        match fs::read_to_string(&owner) {
            Ok(known) if known == says => Ok(()),
            Ok(_) if !self.mounts()?.is_empty() => {
                let text = format!("{} belongs to another prefix", self.directory.display());
                Err(io::Error::new(io::ErrorKind::AlreadyExists, text))
            }
            _ => fs::write(owner, says),
        }
    }

    /// Returns the directory that a connection is mounted at.
    pub(crate) fn at(&self, spot: &Spot) -> PathBuf {
        self.directory.join(spot.directory())
    }

    /// Returns the mounts of this prefix.
    pub(crate) fn mounts(&self) -> io::Result<Vec<(Spot, Mount)>> {
        let table = fs::read("/proc/self/mountinfo")?;
        let own = |mount: &Mount| {
            let below = Path::new(&mount.mountpoint).starts_with(&self.directory);
            below && mount.user.is_none_or(|user| user == self.user)
        };
        let found = mounts(&table).filter(own);
        Ok(found.filter_map(|mount| Some((self.id.spot(&mount.mountpoint)?, mount))).collect())
    }

    /// Returns the mount at a spot: the last one, which is seen there.
    pub(crate) fn mounted(&self, spot: &Spot) -> io::Result<Option<Mount>> {
        let mut found = self.mounts()?;
        found.reverse();
        Ok(found.into_iter().find(|(at, _)| at == spot).map(|(_, mount)| mount))
    }

    /// Writes the note of a connection.
    pub(crate) fn write_note(&self, spot: &Spot, note: &Note) -> io::Result<()> {
        if !note.fits() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let file = self.note_file(spot);
        let beside = file.with_extension("new");
        fs::write(&beside, note.text())?;
        fs::rename(beside, file)
    }

    /// Reads the note of a connection, if it is about this mount.
    pub(crate) fn note(&self, spot: &Spot, mount: &Mount) -> Option<Note> {
        let note = Note::parse(&fs::read_to_string(self.note_file(spot)).ok()?);
        (note.source == mount.source).then_some(note)
    }

    /// Returns the directory of the prefix.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Removes what is left of a connection that is no longer mounted, and what is empty then.
    pub(crate) fn clear(&self, spot: &Spot) {
        let _ = fs::remove_file(self.note_file(spot));
        let _ = fs::remove_dir(self.at(spot));
        if self.mounts().is_ok_and(|mounts| mounts.is_empty()) {
            let _ = fs::remove_file(self.directory.join(OWNER));
            let _ = fs::remove_dir(&self.directory);
            let _ = fs::remove_dir(&self.base);
        }
    }

    fn note_file(&self, spot: &Spot) -> PathBuf {
        self.directory.join(spot.directory() + ".note")
    }
}
