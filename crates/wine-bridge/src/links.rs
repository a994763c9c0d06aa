//! `dosdevices/unc/server/share`: by such links, Wine opens `\\server\share\file`.
//!
//! A link is ours if it leads into the directory of the prefix's mounts; others are left alone.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The links of a prefix.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    devices: PathBuf,
    unc: PathBuf,
    /// Where ours lead to.
    mounts: PathBuf,
}

impl Links {
    /// Finds the links of a prefix whose mounts are below `mounts`.
    pub(crate) fn of(prefix: &Path, mounts: &Path) -> Self {
        let devices = prefix.join("dosdevices");
        Self { unc: devices.join("unc"), devices, mounts: mounts.to_owned() }
    }

    /// Tells whether a letter is a device's, as that of an optical drive without mount point.
    /// Wine's mount manager knows only of those with one, and takes the link away
    /// when the letter is given to something else.
    pub(crate) fn is_device(&self, letter: u8) -> bool {
        let name = format!("{}::", char::from(letter.to_ascii_lowercase()));
        fs::symlink_metadata(self.devices.join(name)).is_ok()
    }

    /// Makes the links those of what is connected: names, and where each leads.
    ///
    /// A name below one that has a link needs none, as long as that one has it: its files are found
    /// there. Of several connections of one name, the one that has the link keeps it. No link is
    /// followed: a server may not answer.
    pub(crate) fn follow(
        &self,
        connected: impl FnOnce() -> io::Result<Vec<(String, PathBuf)>>,
    ) -> io::Result<()> {
        // What is connected is asked for behind the lock: who comes last knows best.
        let devices = File::open(&self.devices)?;
        devices.lock()?;
        let connected = connected()?;
        let known = connected.iter().filter_map(|(unc, to)| Some((self.place(unc)?, to)));
        let mut wanted: Vec<(PathBuf, &PathBuf)> = known.collect();
        wanted.sort_by_key(|(link, _)| link.components().count());
        let mut there: Vec<PathBuf> = Vec::new();
        for link in self.ours(&self.unc) {
            let to = fs::read_link(&link).ok();
            let leads = |it: &(PathBuf, &PathBuf)| same(&it.0, &link) && to.as_ref() == Some(it.1);
            let covered = wanted.iter().any(|(place, _)| is_below(&link, place));
            if covered || !wanted.iter().any(leads) {
                self.remove(&link);
            } else {
                there.push(link);
            }
        }
        let mut done = Ok(());
        for (link, to) in wanted {
            if there.iter().any(|it| same(&link, it) || is_below(&link, it)) {
                continue;
            }
            match self.make(&link, to) {
                Ok(true) => there.push(link),
                Ok(false) => {}
                Err(error) => done = Err(error),
            }
        }
        done
    }

    /// Lists the links that are ours, in a folder and those in it.
    fn ours(&self, folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|it| it.is_dir()) {
                found.extend(self.ours(&path));
            } else if fs::read_link(&path).is_ok_and(|to| to.starts_with(&self.mounts)) {
                found.push(path);
            }
        }
        found
    }

    /// Makes a link, unless somebody else's is here or above, or a folder is here; tells whether it
    /// did.
    fn make(&self, link: &Path, to: &Path) -> io::Result<bool> {
        let mut parent = self.unc.clone();
        for part in link.strip_prefix(&self.unc).into_iter().flat_map(|it| it.parent()).flatten() {
            fs::create_dir_all(&parent)?;
            parent.push(part);
            if fs::symlink_metadata(&parent).is_ok_and(|found| found.is_symlink()) {
                return Ok(false);
            }
        }
        fs::create_dir_all(&parent)?;
        match symlink(to, link) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            made => made.map(|()| true),
        }
    }

    /// Removes a link, and the folders that are empty then.
    fn remove(&self, link: &Path) {
        let _ = fs::remove_file(link);
        for folder in link.ancestors().skip(1).take_while(|it| it.starts_with(&self.unc)) {
            if fs::remove_dir(folder).is_err() {
                return;
            }
        }
    }

    /// Returns the place of a name's link; `None` if it has no server and share, or if a part of
    /// it would lead elsewhere.
    fn place(&self, unc: &str) -> Option<PathBuf> {
        let parts: Vec<&str> =
            unc.strip_prefix(r"\\")?.trim_end_matches('\\').split('\\').collect();
        let odd = |part: &&str| matches!(*part, "" | "." | "..") || part.contains(['/', '\0']);
        if parts.len() < 2 || parts.iter().any(odd) {
            return None;
        }
        Some(parts.iter().fold(self.unc.clone(), |place, part| place.join(part)))
    }
}

/// Wine does not tell upper from lower case.
fn folded(path: &Path) -> PathBuf {
    path.to_string_lossy().to_lowercase().into()
}

fn same(one: &Path, other: &Path) -> bool {
    folded(one) == folded(other)
}

fn is_below(one: &Path, other: &Path) -> bool {
    let (one, other) = (folded(one), folded(other));
    one != other && one.starts_with(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene {
        links: Links,
        root: tempfile::TempDir,
    }

    impl Scene {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir_all(root.path().join("p/dosdevices")).unwrap();
            Self { links: Links::of(&root.path().join("p"), &root.path().join("m")), root }
        }

        fn mount(&self, letter: &str) -> PathBuf {
            self.root.path().join("m").join(letter)
        }

        fn unc(&self, name: &str) -> PathBuf {
            self.root.path().join("p/dosdevices/unc").join(name)
        }

        fn follow(&self, connected: &[(&str, &str)]) {
            let one = |(unc, letter): &(&str, &str)| (unc.to_string(), self.mount(letter));
            self.links.follow(|| Ok(connected.iter().map(one).collect())).unwrap();
        }

        /// Says which letter a name leads to.
        fn leads(&self, name: &str) -> Option<String> {
            let to = fs::read_link(self.unc(name)).ok()?;
            Some(to.file_name()?.to_str()?.to_owned())
        }

        /// Checks which links there are, and that no others are.
        fn check(&self, expected: &[(&str, &str)]) {
            let mut found = self.links.ours(&self.links.unc);
            found.sort();
            let places: Vec<PathBuf> = expected.iter().map(|(name, _)| self.unc(name)).collect();
            assert_eq!(found, places);
            for (name, letter) in expected {
                assert_eq!(self.leads(name).as_deref(), Some(*letter), "{name}");
            }
        }
    }

    #[test]
    fn links_come_and_go() {
        let scene = Scene::new();
        scene.follow(&[(r"\\srv\share", "X")]);
        scene.follow(&[(r"\\srv\share\", "Y"), (r"\\SRV\share", "X")]);
        scene.check(&[("srv/share", "X")]);
        scene.follow(&[(r"\\srv\share", "Y"), (r"\\srv\other", "Z"), ("", "W")]);
        scene.check(&[("srv/other", "Z"), ("srv/share", "Y")]);
        scene.follow(&[]);
        assert!(!scene.unc("").exists());
        scene.follow(&[(r"\\srv\DavWWWRoot\a b", "X")]);
        scene.check(&[("srv/DavWWWRoot/a b", "X")]);
    }

    #[test]
    fn names_below_each_other() {
        let (high, low) = ((r"\\srv\share", "X"), (r"\\srv\Share\deep\er", "Y"));
        for connected in [[high, low], [low, high]] {
            let scene = Scene::new();
            scene.follow(&connected[..1]);
            scene.follow(&connected);
            scene.check(&[("srv/share", "X")]);
            assert!(!scene.mount("X").exists(), "nothing is made on the server");
            scene.follow(&[low]);
            scene.check(&[("srv/Share/deep/er", "Y")]);
            scene.follow(&[high, low]);
            scene.follow(&[high]);
            scene.check(&[("srv/share", "X")]);
        }
    }

    #[test]
    fn what_is_not_ours_stays() {
        let scene = Scene::new();
        let link = scene.unc("srv/share");
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink("/nowhere", &link).unwrap();
        let connected = [(r"\\srv\share", "X"), (r"\\srv\share\deep", "Y")];
        scene.follow(&connected);
        scene.follow(&[]);
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("/nowhere"));
        // A folder with something in it takes the place; what is below it can be had.
        fs::remove_file(&link).unwrap();
        fs::create_dir(&link).unwrap();
        fs::write(link.join("theirs"), "").unwrap();
        scene.follow(&connected);
        scene.check(&[("srv/share/deep", "Y")]);
        scene.follow(&[]);
        assert!(link.join("theirs").exists());
        // One that led to a mount that is gone is replaced.
        fs::remove_dir_all(&link).unwrap();
        symlink(scene.mount("Q"), &link).unwrap();
        scene.follow(&connected);
        scene.check(&[("srv/share", "X")]);
    }

    #[test]
    fn names_stay_inside() {
        let links = Links::of(Path::new("/p"), Path::new("/m"));
        for name in [r"\\srv", r"\\..\x", r"\\s\..\..\x", r"\\s\a/b", "https://h/x", r"\\\x"] {
            assert_eq!(links.place(name), None, "{name}");
        }
        assert!(links.place(r"\\h@SSL@8443\DavWWWRoot\x").is_some());
    }
}
