//! `dosdevices/unc/server/share`: by such links, Wine opens `\\server\share\file`.
//!
//! A link is ours if it leads into the directory of the prefix's mounts; others are left alone.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The links of a prefix.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    unc: PathBuf,
    /// Where ours lead to.
    mounts: PathBuf,
}

impl Links {
    /// Finds the links of a prefix whose mounts are below `mounts`.
    pub(crate) fn of(prefix: &Path, mounts: &Path) -> Self {
        Self { unc: prefix.join("dosdevices/unc"), mounts: mounts.to_owned() }
    }

    /// Makes the link of a name; one that leads to another connection of it stays.
    ///
    /// A name below one that has a link needs none.
    pub(crate) fn make(&self, unc: &str, to: &Path) -> io::Result<()> {
        let Some(link) = self.place(unc) else { return Ok(()) };
        let mut parent = self.unc.clone();
        for part in link.strip_prefix(&self.unc).into_iter().flat_map(|it| it.parent()).flatten() {
            fs::create_dir_all(&parent)?;
            parent.push(part);
            if fs::symlink_metadata(&parent).is_ok_and(|found| found.is_symlink()) {
                return Ok(());
            }
        }
        fs::create_dir_all(&parent)?;
        match fs::read_link(&link) {
            Ok(there) if there.starts_with(&self.mounts) && !there.exists() => {
                fs::remove_file(&link)?;
            }
            // Another connection of the name, or somebody else's link.
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // A folder that somebody else made.
            Err(_) => return Ok(()),
        }
        symlink(to, link)
    }

    /// Removes the link of a name that led to `to`, and the folders that are empty then; `instead`
    /// is another connection of the same name.
    pub(crate) fn remove(&self, unc: &str, to: &Path, instead: Option<&Path>) {
        let Some(link) = self.place(unc) else { return };
        if fs::read_link(&link).is_ok_and(|there| there == to) {
            let _ = fs::remove_file(&link);
            if let Some(instead) = instead {
                let _ = symlink(instead, link);
                return;
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_come_and_go() {
        let root = tempfile::tempdir().unwrap();
        let (prefix, mounts) = (root.path().join("p"), root.path().join("m"));
        fs::create_dir_all(prefix.join("dosdevices")).unwrap();
        fs::create_dir_all(mounts.join("X")).unwrap();
        fs::create_dir_all(mounts.join("Y")).unwrap();
        let links = Links::of(&prefix, &mounts);
        let (x, y) = (mounts.join("X"), mounts.join("Y"));
        let link = prefix.join("dosdevices/unc/srv/share");
        links.make(r"\\srv\share", &x).unwrap();
        links.make(r"\\srv\share\", &y).unwrap();
        assert_eq!(fs::read_link(&link).unwrap(), x);
        links.make(r"\\srv\share\deep", &y).unwrap();
        assert!(!x.join("deep").exists(), "below a share that has a link");
        links.remove(r"\\srv\share", &y, None);
        assert_eq!(fs::read_link(&link).unwrap(), x, "not this one's");
        links.remove(r"\\srv\share", &x, Some(&y));
        assert_eq!(fs::read_link(&link).unwrap(), y);
        links.remove(r"\\srv\share", &y, None);
        assert!(!prefix.join("dosdevices/unc").exists());
        links.make(r"\\srv\DavWWWRoot\a b", &x).unwrap();
        assert!(prefix.join("dosdevices/unc/srv/DavWWWRoot/a b").is_symlink());
    }

    #[test]
    fn what_is_not_ours_stays() {
        let root = tempfile::tempdir().unwrap();
        let (prefix, mounts) = (root.path().join("p"), root.path().join("m"));
        let links = Links::of(&prefix, &mounts);
        let link = prefix.join("dosdevices/unc/srv/share");
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink("/nowhere", &link).unwrap();
        links.make(r"\\srv\share", &mounts.join("X")).unwrap();
        assert_eq!(fs::read_link(&link).unwrap(), Path::new("/nowhere"));
        links.remove(r"\\srv\share", &mounts.join("X"), None);
        assert!(link.is_symlink());
        // One that led to a mount that is gone is replaced.
        fs::remove_file(&link).unwrap();
        symlink(mounts.join("Q"), &link).unwrap();
        links.make(r"\\srv\share", &mounts.join("X")).unwrap();
        assert_eq!(fs::read_link(&link).unwrap(), mounts.join("X"));
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
