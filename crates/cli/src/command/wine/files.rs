//! The DLLs in a prefix. What stood in their place is kept beside them, and put back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What follows the name of a file that was there before.
const BEFORE: &str = ".before-openmpr";

/// A DLL of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ModuleFile {
    Router,
    Provider,
}

impl ModuleFile {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Router => "mpr.dll",
            Self::Provider => "mprunix.dll",
        }
    }
}

/// What is in a DLL's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileState {
    Missing,
    Installed,
    /// Ours, but not the one that `install` would put there.
    OtherVersion,
    Foreign,
}

impl FileState {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Installed => "installed",
            Self::OtherVersion => "installed, another version",
            Self::Foreign => "not OpenMPR's",
        }
    }
}

/// The system folder of a prefix.
pub(super) struct Files(PathBuf);

impl Files {
    pub(super) fn of(prefix: &Path) -> Self {
        Self(prefix.join("drive_c/windows/system32"))
    }

    /// Copies both DLLs; what is there already and is not ours is kept.
    pub(super) fn install(&self, from: &Path) -> Result<(), String> {
        for file in [ModuleFile::Router, ModuleFile::Provider] {
            let source = from.join(file.name());
            if !source.is_file() {
                return Err(format!(
                    "{} is not there; name the folder of the DLLs with --dll",
                    source.display()
                ));
            }
        }
        for file in [ModuleFile::Provider, ModuleFile::Router] {
            let at = |error: io::Error| format!("{}: {error}", self.0.join(file.name()).display());
            self.put(file, &from.join(file.name())).map_err(at)?;
        }
        Ok(())
    }

    fn put(&self, file: ModuleFile, source: &Path) -> io::Result<()> {
        let (place, kept) = self.places(file);
        let there = fs::symlink_metadata(&place).is_ok();
        // An older one of ours has no other kept beside it if there was none before.
        if there && !kept.exists() && !is_ours(&place) {
            fs::rename(&place, &kept)?;
        }
        let beside = place.with_extension("new");
        fs::copy(source, &beside)?;
        fs::rename(beside, place)
    }

    /// Removes both DLLs and puts back what was there; tells whether anything was done.
    pub(super) fn uninstall(&self) -> Result<bool, String> {
        let mut changed = false;
        for file in [ModuleFile::Router, ModuleFile::Provider] {
            let (place, kept) = self.places(file);
            let at = |error: io::Error| format!("{}: {error}", place.display());
            if kept.exists() {
                fs::rename(&kept, &place).map_err(at)?;
                changed = true;
            } else if is_ours(&place) {
                fs::remove_file(&place).map_err(at)?;
                changed = true;
            }
        }
        Ok(changed)
    }

    pub(super) fn state(&self, file: ModuleFile, from: &Path) -> FileState {
        let (place, _) = self.places(file);
        let Ok(there) = fs::read(&place) else { return FileState::Missing };
        match fs::read(from.join(file.name())) {
            Ok(ours) if ours == there => FileState::Installed,
            _ if is_ours(&place) => FileState::OtherVersion,
            _ => FileState::Foreign,
        }
    }

    fn places(&self, file: ModuleFile) -> (PathBuf, PathBuf) {
        (self.0.join(file.name()), self.0.join(format!("{}{BEFORE}", file.name())))
    }
}

/// Tells whether a DLL is of this project, by texts that no other has.
fn is_ours(file: &Path) -> bool {
    let Ok(bytes) = fs::read(file) else { return false };
    MARKS.iter().any(|mark| bytes.windows(mark.len()).any(|window| window == *mark))
}

/// Words of the router's story, and the name of the provider's program.
const MARKS: [&[u8]; 2] = [b"not its resource", b"mpr-wine-bridge"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_and_go() {
        let root = tempfile::tempdir().unwrap();
        let files = Files::of(root.path());
        fs::create_dir_all(&files.0).unwrap();
        let from = root.path().join("from");
        fs::create_dir(&from).unwrap();
        assert!(files.install(&from).is_err());
        fs::write(files.0.join("mpr.dll"), "Wine's").unwrap();
        let ours = |version: u8| {
            for name in ["mpr.dll", "mprunix.dll"] {
                fs::write(from.join(name), [MARKS[0], &[version]].concat()).unwrap();
            }
        };
        ours(1);
        let state = |file| files.state(file, &from);
        assert_eq!(state(ModuleFile::Router), FileState::Foreign);
        files.install(&from).unwrap();
        files.install(&from).unwrap();
        assert_eq!(state(ModuleFile::Router), FileState::Installed);
        ours(2);
        assert_eq!(state(ModuleFile::Router), FileState::OtherVersion);
        files.install(&from).unwrap();
        assert_eq!(state(ModuleFile::Provider), FileState::Installed);
        assert_eq!(files.uninstall(), Ok(true));
        assert_eq!(fs::read(files.0.join("mpr.dll")).unwrap(), b"Wine's");
        assert_eq!(state(ModuleFile::Provider), FileState::Missing);
        assert_eq!(files.uninstall(), Ok(false));
        assert_eq!(fs::read_dir(&files.0).unwrap().count(), 1);
    }
}
