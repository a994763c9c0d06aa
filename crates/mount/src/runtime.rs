//! The directory that holds a user's connections, and what belongs to whom in it.
//!
//! `$XDG_RUNTIME_DIR/mpr` or, without one, `/tmp/mpr-UID`, for root `/run/mpr`; under `MPR_ROOT` its
//! `run/mpr` (design §4). The environment is not believed in a set-uid program.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Tells whether the program runs with rights that its caller does not have (set-uid and kin).
pub fn privileged() -> bool {
    use rustix::process::{getegid, geteuid, getgid, getuid};
    getuid() != geteuid() || getgid() != getegid() || secure_execution()
}

/// The kernel's own verdict, which file capabilities change too: `AT_SECURE` in the auxiliary
/// vector.
fn secure_execution() -> bool {
    const AT_SECURE: usize = 23;
    const WORD: usize = size_of::<usize>();
    let Ok(vector) = std::fs::read("/proc/self/auxv") else { return false };
    let word = |bytes: &[u8]| bytes.try_into().map_or(0, usize::from_ne_bytes);
    vector
        .chunks_exact(2 * WORD)
        .any(|pair| word(&pair[..WORD]) == AT_SECURE && word(&pair[WORD..]) != 0)
}

/// The runtime directory of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    dir: PathBuf,
    uid: u32,
    /// The other root that everything was pointed at, if any.
    root: Option<PathBuf>,
}

impl Runtime {
    /// Finds the runtime directory of the calling user.
    pub fn from_env() -> Self {
        let uid = rustix::process::geteuid().as_raw();
        let variable = |name| {
            let value = std::env::var_os(name).filter(|_| !privileged());
            value.map(PathBuf::from).filter(|path| path.is_absolute())
        };
        if let Some(root) = variable("MPR_ROOT") {
            return Self::under(&root, uid);
        }
        let dir = if uid == 0 {
            PathBuf::from("/run/mpr")
        } else {
            users_dir(uid, variable("XDG_RUNTIME_DIR"))
        };
        Self { dir, uid, root: None }
    }

    /// Returns the runtime directory below another root, for tests and demonstrations.
    pub fn under(root: &Path, uid: u32) -> Self {
        Self { dir: root.join("run/mpr"), uid, root: Some(root.to_path_buf()) }
    }

    pub(crate) fn from_parts(dir: PathBuf, uid: u32, root: Option<PathBuf>) -> Self {
        Self { dir, uid, root }
    }

    pub(crate) fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// Returns the directory itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the user whose connections it holds.
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// Returns the directory of locks, notes and logs.
    pub fn service_dir(&self) -> PathBuf {
        self.dir.join(".serve")
    }

    /// Tells whether a mount outside the runtime directory belongs here: not if everything was
    /// pointed at another root and it lies elsewhere.
    pub(crate) fn claims(&self, mountpoint: &Path) -> bool {
        self.root.as_ref().is_none_or(|root| mountpoint.starts_with(root))
    }

    /// Makes the runtime and service directories, private to the user.
    pub fn create(&self) -> io::Result<()> {
        create_private(&self.dir)?;
        let owner = std::fs::symlink_metadata(&self.dir)?;
        if owner.uid() != self.uid || !owner.is_dir() || owner.mode() & 0o022 != 0 {
            let text = format!("{} is not private to this user", self.dir.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
        }
        create_private(&self.service_dir())
    }
}

/// Finds where an ordinary user's mounts are, as `mpr.toml(5)` says and the command looks for them:
/// `su` leaves a variable that names somebody else's, and cron and containers leave none.
fn users_dir(uid: u32, named: Option<PathBuf>) -> PathBuf {
    let own = |dir: &PathBuf| std::fs::metadata(dir).map_or(true, |found| found.uid() == uid);
    if let Some(dir) = named.filter(own) {
        return dir.join("mpr");
    }
    let usual = PathBuf::from(format!("/run/user/{uid}"));
    if usual.is_dir() { usual.join("mpr") } else { format!("/tmp/mpr-{uid}").into() }
}

/// Makes a directory and its missing parents with mode 0700.
pub(crate) fn create_private(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_root_confines() {
        let runtime = Runtime::under(Path::new("/tmp/x"), 7);
        assert_eq!(runtime.dir(), Path::new("/tmp/x/run/mpr"));
        assert!(runtime.claims(Path::new("/tmp/x/mnt")));
        assert!(!runtime.claims(Path::new("/tmp/xy/mnt")));
    }

    #[test]
    fn an_ordinary_user_has_a_directory_whatever_the_session_says() {
        // `/` is root's, and nobody has this number.
        let nobody = 4_000_000_001;
        assert_eq!(users_dir(nobody, None), Path::new("/tmp/mpr-4000000001"));
        assert_eq!(users_dir(nobody, Some("/".into())), Path::new("/tmp/mpr-4000000001"));
        assert_eq!(users_dir(nobody, Some("/nowhere".into())), Path::new("/nowhere/mpr"));
    }

    #[test]
    fn a_directory_open_to_others_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        runtime.create().unwrap();
        assert_eq!(runtime.dir().metadata().unwrap().mode() & 0o777, 0o700);
        std::fs::set_permissions(runtime.dir(), PermissionsExt::from_mode(0o777)).unwrap();
        assert!(runtime.create().is_err());
    }
}
