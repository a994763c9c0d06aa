//! The files in a prefix. What stood in their place is kept beside them, and put back.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mpr_wine::KEPT_SUFFIX;

/// A program of Wine's that is in every system folder whose programs it can run.
pub(super) const PROGRAM: &str = "rundll32.exe";

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
    /// Ours, but Wine's own, which it runs for what it does not do itself, is not kept.
    WithoutWines,
    Foreign,
}

impl FileState {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Installed => "installed",
            Self::OtherVersion => "installed, another version",
            Self::WithoutWines => "installed, but Wine's own (net.exe.before-openmpr) is missing",
            Self::Foreign => "not OpenMPR's",
        }
    }
}

/// The system folders of a prefix: an override is for programs of 32 bit too, so that without a
/// router of ours these would not start.
///
/// Wine for 64 bit alone makes the folder for the others as well; they may come later.
pub(super) struct Files(Vec<Folder>);

impl Files {
    /// Returns those of a prefix for programs of both kinds, or for 32 bit alone.
    pub(super) fn of(prefix: &Path, is_32_bit: bool) -> Self {
        let windows = prefix.join("drive_c/windows");
        let folder = |&(name, kind): &_| Folder { name, place: windows.join(name), kind };
        let folders: &[_] = match is_32_bit {
            false => &[("system32", "x86_64"), ("syswow64", "i686")],
            true => &[("system32", "i686")],
        };
        Self(folders.iter().map(folder).filter(|it| it.place.is_dir()).collect())
    }

    /// Copies all, from a folder with one for each kind; what is there and is not ours is kept.
    pub(super) fn install(&self, from: &Path) -> Result<(), String> {
        let files = self.0.iter().flat_map(|it| ModuleFile::ALL.map(|file| it.source(file, from)));
        if let Some(missing) = files.into_iter().find(|it| !it.is_file()) {
            let missing = missing.display();
            return Err(format!("{missing} is not there; name the folder of the DLLs with --dll"));
        }
        self.0.iter().try_for_each(|folder| folder.install(from))
    }

    /// Removes all and puts back what was there, unless somebody else's is there by now;
    /// tells whether anything was done.
    pub(super) fn uninstall(&self) -> Result<bool, String> {
        let mut changed = false;
        for folder in &self.0 {
            changed |= folder.uninstall()?;
        }
        Ok(changed)
    }

    /// Tells what is in each file's place, the folder for 64 bit first.
    pub(super) fn states(&self, from: &Path) -> Vec<(&'static str, ModuleFile, FileState)> {
        let state = |folder: &Folder, file| (folder.name, file, folder.state(file, from));
        let of = |folder| ModuleFile::ALL.map(|file| state(folder, file));
        self.0.iter().flat_map(of).collect()
    }
}

/// The system folder for programs of one kind.
struct Folder {
    name: &'static str,
    place: PathBuf,
    /// The name of the folder that its files come from.
    kind: &'static str,
}

impl Folder {
    fn source(&self, file: ModuleFile, from: &Path) -> PathBuf {
        from.join(self.kind).join(file.name())
    }

    fn install(&self, from: &Path) -> Result<(), String> {
        // The router last: the others are of no use to anybody else's.
        for file in ModuleFile::ALL.into_iter().rev() {
            let [place, ..] = self.places(file);
            let at = |error: io::Error| format!("{}: {error}", place.display());
            self.put(file, &self.source(file, from)).map_err(at)?;
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

    fn uninstall(&self) -> Result<bool, String> {
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

    fn state(&self, file: ModuleFile, from: &Path) -> FileState {
        let [place, kept, _] = self.places(file);
        let Ok(there) = fs::read(&place) else { return FileState::Missing };
        // A folder for programs that Wine cannot run has none of its own.
        let has_wines = self.place.join(PROGRAM).exists();
        if file == ModuleFile::Net && has_wines && !kept.exists() && is_ours(&place) {
            return FileState::WithoutWines;
        }
        match fs::read(self.source(file, from)) {
            Ok(ours) if ours == there => FileState::Installed,
            _ if is_ours(&place) => FileState::OtherVersion,
            _ => FileState::Foreign,
        }
    }

    /// Returns a file's place, that of what was there before, and that of a copy on its way.
    fn places(&self, file: ModuleFile) -> [PathBuf; 3] {
        ["", KEPT_SUFFIX, COMING].map(|ending| self.place.join(format!("{}{ending}", file.name())))
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

    /// A prefix, its system folder for 64 bit, and a source of DLLs.
    fn folders() -> (tempfile::TempDir, Folder, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        for name in ["system32", "syswow64"] {
            fs::create_dir_all(root.path().join("drive_c/windows").join(name)).unwrap();
        }
        let from = root.path().join("from");
        for kind in ["x86_64", "i686"] {
            fs::create_dir_all(from.join(kind)).unwrap();
        }
        write_ours(&from, 1);
        let folder = Files::of(root.path(), false).0.swap_remove(0);
        (root, folder, from)
    }

    fn write_ours(from: &Path, version: u8) {
        for kind in ["x86_64", "i686"] {
            for file in ModuleFile::ALL {
                let text = [MARKS[0], kind.as_bytes(), &[version]].concat();
                fs::write(from.join(kind).join(file.name()), text).unwrap();
            }
        }
    }

    #[test]
    fn files_come_and_go() {
        let (root, _, from) = folders();
        let files = Files::of(root.path(), false);
        let places: Vec<_> = files.0.iter().map(|it| it.places(ModuleFile::Router)).collect();
        assert_eq!(places.len(), 2);
        let missing = from.join("i686/net.exe");
        fs::rename(&missing, from.join("away")).unwrap();
        assert!(files.install(&from).is_err());
        fs::rename(from.join("away"), missing).unwrap();
        for [place, ..] in &places {
            fs::write(place, WINES).unwrap();
        }
        let state = |file| {
            let states = files.states(&from).into_iter().filter(|it| it.1 == file);
            states.map(|it| it.2).collect::<Vec<_>>()
        };
        let both = |state: FileState| vec![state; 2];
        assert_eq!(state(ModuleFile::Router), both(FileState::Foreign));
        files.install(&from).unwrap();
        files.install(&from).unwrap();
        assert_eq!(state(ModuleFile::Router), both(FileState::Installed));
        write_ours(&from, 2);
        assert_eq!(state(ModuleFile::Router), both(FileState::OtherVersion));
        files.install(&from).unwrap();
        assert_eq!(state(ModuleFile::Provider), both(FileState::Installed));
        assert_ne!(fs::read(&places[0][0]).unwrap(), fs::read(&places[1][0]).unwrap());
        assert_eq!(files.uninstall(), Ok(true));
        assert_eq!(state(ModuleFile::Provider), both(FileState::Missing));
        assert_eq!(files.uninstall(), Ok(false));
        let narrow = Files::of(root.path(), true);
        narrow.install(&from).unwrap();
        assert!(fs::read(&places[0][0]).unwrap().windows(4).any(|it| it == b"i686"));
        assert_eq!(narrow.uninstall(), Ok(true));
        for (folder, [place, ..]) in files.0.iter().zip(&places) {
            assert_eq!(fs::read(place).unwrap(), WINES);
            assert_eq!(fs::read_dir(&folder.place).unwrap().count(), 1);
        }
    }

    /// `net start` would fail.
    #[test]
    fn wines_own_net_is_missed() {
        let (_root, folder, from) = folders();
        let [place, kept, _] = folder.places(ModuleFile::Net);
        let state = || folder.state(ModuleFile::Net, &from);
        fs::write(&place, WINES).unwrap();
        folder.install(&from).unwrap();
        fs::write(folder.place.join(PROGRAM), "").unwrap();
        assert_eq!(state(), FileState::Installed);
        fs::remove_file(kept).unwrap();
        assert_eq!(state(), FileState::WithoutWines);
        fs::remove_file(folder.place.join(PROGRAM)).unwrap();
        assert_eq!(state(), FileState::Installed);
    }

    #[test]
    fn what_others_put_there_stays() {
        let (_root, files, from) = folders();
        let place = files.place.join("mpr.dll");
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
        assert_eq!(fs::read_dir(&files.place).unwrap().count(), 1);
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
                    assert_eq!(fs::read_dir(&files.place).unwrap().count(), 1, "{at} {again}");
                }
            }
        }
    }
}
