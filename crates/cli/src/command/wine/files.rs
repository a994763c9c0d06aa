//! The files in a prefix. What stood in their place is kept beside them, and put back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What follows the name of a file that was there before.
const BEFORE: &str = ".before-openmpr";

/// What follows the name of a file that is not whole yet.
const COMING: &str = ".openmpr-new";

/// A file of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ModuleFile {
    Router,
    Provider,
    /// `net use`.
    Net,
}

impl ModuleFile {
    pub(super) const ALL: [Self; 3] = [Self::Router, Self::Provider, Self::Net];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Router => "mpr.dll",
            Self::Provider => "mprunix.dll",
            Self::Net => "net.exe",
        }
    }
}

/// What is in a file's place.
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

    /// Copies all; what is there and is not ours is kept.
    pub(super) fn install(&self, from: &Path) -> Result<(), String> {
        for file in ModuleFile::ALL {
            let source = from.join(file.name());
            if !source.is_file() {
                return Err(format!(
                    "{} is not there; name the folder of the DLLs with --dll",
                    source.display()
                ));
            }
        }
        // The router last: the others are of no use to anybody else's.
        for file in ModuleFile::ALL.into_iter().rev() {
            let at = |error: io::Error| format!("{}: {error}", self.0.join(file.name()).display());
            self.put(file, &from.join(file.name())).map_err(at)?;
        }
        Ok(())
    }

    fn put(&self, file: ModuleFile, source: &Path) -> io::Result<()> {
        let [place, kept, beside] = self.places(file);
        fs::copy(source, &beside)?;
        // What somebody put over ours is what is there now. Of Wine's own, whatever was kept before
        // is: Wine makes that anew where there is none.
        let there = fs::symlink_metadata(&place).is_ok();
        if there && !is_ours(&place) && !(kept.exists() && is_wines(&place)) {
            fs::rename(&place, &kept)?;
        }
        fs::rename(beside, place)
    }

    /// Removes all and puts back what was there, unless somebody else's is there by now;
    /// tells whether anything was done.
    pub(super) fn uninstall(&self) -> Result<bool, String> {
        let mut changed = false;
        for file in ModuleFile::ALL {
            let [place, kept, beside] = self.places(file);
            let at = |error: io::Error| format!("{}: {error}", place.display());
            // Of somebody who was killed.
            let _ = fs::remove_file(beside);
            let there = fs::symlink_metadata(&place).is_ok();
            let theirs = there && !is_ours(&place) && !is_wines(&place);
            if kept.exists() && theirs && is_wines(&kept) {
                fs::remove_file(&kept).map_err(at)?;
            } else if kept.exists() && !theirs {
                fs::rename(&kept, &place).map_err(at)?;
            } else if there && is_ours(&place) {
                fs::remove_file(&place).map_err(at)?;
            } else {
                continue;
            }
            changed = true;
        }
        Ok(changed)
    }

    pub(super) fn state(&self, file: ModuleFile, from: &Path) -> FileState {
        let [place, ..] = self.places(file);
        let Ok(there) = fs::read(&place) else { return FileState::Missing };
        match fs::read(from.join(file.name())) {
            Ok(ours) if ours == there => FileState::Installed,
            _ if is_ours(&place) => FileState::OtherVersion,
            _ => FileState::Foreign,
        }
    }

    /// Returns a file's place, that of what was there before, and that of a copy on its way.
    fn places(&self, file: ModuleFile) -> [PathBuf; 3] {
        ["", BEFORE, COMING].map(|ending| self.0.join(format!("{}{ending}", file.name())))
    }
}

/// Tells whether a file is of this project, by texts that no other has.
fn is_ours(file: &Path) -> bool {
    let Ok(bytes) = fs::read(file) else { return false };
    MARKS.iter().any(|mark| contains(&bytes, mark))
}

/// Tells whether a file is Wine's own, or what Wine puts where its own shall be found: both say so
/// behind their first header.
fn is_wines(file: &Path) -> bool {
    let Ok(bytes) = fs::read(file) else { return false };
    let head = &bytes[..bytes.len().min(0x80)];
    contains(head, b"Wine builtin DLL") || contains(head, b"Wine placeholder DLL")
}

fn contains(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

/// Words of the router's story, the name of the provider's program, and words of `net use`.
const MARKS: [&[u8]; 3] = [b"not its resource", b"mpr-wine-bridge", b"only `net use` is OpenMPR's"];

#[cfg(test)]
mod tests {
    use super::*;

    const WINES: &[u8] = b"MZ Wine builtin DLL";

    #[test]
    fn files_come_and_go() {
        let root = tempfile::tempdir().unwrap();
        let files = Files::of(root.path());
        fs::create_dir_all(&files.0).unwrap();
        let from = root.path().join("from");
        fs::create_dir(&from).unwrap();
        assert!(files.install(&from).is_err());
        fs::write(files.0.join("mpr.dll"), WINES).unwrap();
        let ours = |version: u8| {
            for file in ModuleFile::ALL {
                fs::write(from.join(file.name()), [MARKS[0], &[version]].concat()).unwrap();
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
        assert_eq!(fs::read(files.0.join("mpr.dll")).unwrap(), WINES);
        assert_eq!(state(ModuleFile::Provider), FileState::Missing);
        assert_eq!(files.uninstall(), Ok(false));
        assert_eq!(fs::read_dir(&files.0).unwrap().count(), 1);
    }

    /// A system folder and a source of DLLs.
    fn folders() -> (tempfile::TempDir, Files, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let (files, from) = (Files::of(root.path()), root.path().join("from"));
        fs::create_dir_all(&files.0).unwrap();
        fs::create_dir(&from).unwrap();
        for file in ModuleFile::ALL {
            fs::write(from.join(file.name()), MARKS[0]).unwrap();
        }
        (root, files, from)
    }

    #[test]
    fn what_others_put_there_stays() {
        let (_root, files, from) = folders();
        let place = files.0.join("mpr.dll");
        fs::write(&place, WINES).unwrap();
        files.install(&from).unwrap();
        fs::write(&place, "somebody's").unwrap();
        // Over Wine's, which can be had again.
        files.install(&from).unwrap();
        assert_eq!(files.uninstall(), Ok(true));
        assert_eq!(fs::read(&place).unwrap(), b"somebody's");
        // And when it comes after ours, it is not replaced.
        fs::write(&place, WINES).unwrap();
        files.install(&from).unwrap();
        fs::write(&place, "somebody's").unwrap();
        assert_eq!(files.uninstall(), Ok(true));
        assert_eq!(fs::read(&place).unwrap(), b"somebody's");
        assert_eq!(fs::read_dir(&files.0).unwrap().count(), 1);
    }

    /// Between any two steps somebody may be killed; the next one makes it good.
    #[test]
    fn who_was_killed_is_made_good() {
        let (_root, files, from) = folders();
        let [place, kept, beside] = files.places(ModuleFile::Router);
        for theirs in [WINES, b"somebody's"] {
            let states: [&[(&PathBuf, &[u8])]; 5] = [
                &[(&place, theirs), (&beside, b"half")],
                &[(&kept, theirs), (&beside, MARKS[0])],
                &[(&kept, theirs), (&place, MARKS[0])],
                // Wine was started meanwhile, and made its own anew.
                &[(&kept, theirs), (&place, WINES), (&beside, MARKS[0])],
                &[(&kept, theirs), (&place, WINES)],
            ];
            for (at, state) in states.iter().enumerate() {
                for again in [false, true] {
                    for file in [&place, &kept, &beside] {
                        let _ = fs::remove_file(file);
                    }
                    state.iter().for_each(|(file, text)| fs::write(file, text).unwrap());
                    if again {
                        files.install(&from).unwrap();
                        assert!(is_ours(&place), "{at}");
                    }
                    files.uninstall().unwrap();
                    assert_eq!(fs::read(&place).unwrap(), theirs, "{at} {again}");
                    assert_eq!(fs::read_dir(&files.0).unwrap().count(), 1, "{at} {again}");
                }
            }
        }
    }
}
