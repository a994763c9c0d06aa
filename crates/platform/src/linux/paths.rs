//! Where things are: configuration, profile, runtime directory, modules.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::trust::{Trust, TrustError, TrustReason};
use crate::settings::Scope;

/// The places of this machine and user.
///
/// `MPR_ROOT=DIR` moves all of them below `DIR` (`DIR/etc/mpr`, `DIR/config/mpr`, `DIR/run/mpr`,
/// `DIR/usr/lib/mpr`), for tests. A set-uid or set-gid process believes no variable.
#[derive(Clone, Debug)]
pub struct Paths {
    system_dir: PathBuf,
    user_dir: Option<PathBuf>,
    runtime_dir: PathBuf,
    module_dir: PathBuf,
    home: Option<PathBuf>,
    other_root: bool,
    user: u32,
    privileged: bool,
}

impl Paths {
    /// Finds the places of this process.
    pub fn current() -> Self {
        Self::resolve(&Environment::current())
    }

    /// Finds the places that an environment names; relative paths in it are ignored.
    pub fn resolve(env: &Environment) -> Self {
        let believed = |name| {
            let value = env.get(name).filter(|_| !env.is_privileged())?;
            Some(PathBuf::from(value)).filter(|path| path.is_absolute())
        };
        let home = believed("HOME");
        let root = believed("MPR_ROOT");
        let other_root = root.is_some();
        let base = root.clone().unwrap_or_else(|| "/".into());
        let user_dir = match root {
            Some(root) => Some(root.join("config/mpr")),
            None => believed("XDG_CONFIG_HOME")
                .or_else(|| Some(home.as_ref()?.join(".config")))
                .map(|dir| dir.join("mpr")),
        };
        let runtime_dir = if other_root || env.user() == 0 {
            base.join("run/mpr")
        } else {
            user_runtime_dir(env.user(), believed("XDG_RUNTIME_DIR"))
        };
        Self {
            system_dir: base.join("etc/mpr"),
            user_dir,
            runtime_dir,
            module_dir: base.join("usr/lib/mpr"),
            home,
            other_root,
            user: env.user(),
            privileged: env.is_privileged(),
        }
    }

    /// Returns the system's configuration directory, `/etc/mpr`.
    pub fn system_dir(&self) -> &Path {
        &self.system_dir
    }

    /// Returns the system's file, `/etc/mpr/mpr.toml`.
    pub fn system_config(&self) -> PathBuf {
        self.system_dir.join("mpr.toml")
    }

    /// Returns the directory for the files of packages, `/etc/mpr/mpr.toml.d`.
    pub fn drop_in_dir(&self) -> PathBuf {
        self.system_dir.join("mpr.toml.d")
    }

    /// Returns the user's directory, `$XDG_CONFIG_HOME/mpr`; none without a home.
    pub fn user_dir(&self) -> Option<&Path> {
        self.user_dir.as_deref()
    }

    /// Returns the user's own `mpr.toml`.
    pub fn user_config(&self) -> Option<PathBuf> {
        self.user_dir.as_ref().map(|dir| dir.join("mpr.toml"))
    }

    /// Returns the file of remembered connections.
    pub fn profile(&self) -> Option<PathBuf> {
        self.user_dir.as_ref().map(|dir| dir.join("network.toml"))
    }

    /// Returns the file that edits of a scope go to.
    pub fn config_of(&self, scope: Scope) -> Option<PathBuf> {
        match scope {
            Scope::System => Some(self.system_config()),
            Scope::User => self.user_config(),
        }
    }

    /// Returns the directory of modules, `/usr/lib/mpr`.
    pub fn module_dir(&self) -> &Path {
        &self.module_dir
    }

    /// Returns the runtime directory, where mounts appear; it need not exist.
    pub fn runtime_dir(&self) -> &Path {
        &self.runtime_dir
    }

    /// Returns the user's home, if the environment names it.
    pub fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    /// Returns the effective user id.
    pub const fn user(&self) -> u32 {
        self.user
    }

    /// Tells whether `MPR_ROOT` is in force.
    pub const fn is_other_root(&self) -> bool {
        self.other_root
    }

    /// Tells whether this is a set-uid or set-gid process, which loads nothing.
    pub const fn is_privileged(&self) -> bool {
        self.privileged
    }

    /// Returns the rules for files that settings of this scope name.
    pub const fn trust(&self, scope: Scope) -> Trust {
        let own = matches!(scope, Scope::User) || self.other_root;
        Trust::new(if own { Some(self.user) } else { None }, self.privileged)
    }

    /// Makes the runtime directory if need be, and checks that nobody else can put things there.
    ///
    /// It has mode 0700; root's own `/run/mpr` has 0755, since others may use what root mounts.
    pub fn ensure_runtime_dir(&self) -> Result<&Path, TrustError> {
        let dir = self.runtime_dir.as_path();
        let (mode, forbidden) =
            if self.user == 0 && !self.other_root { (0o755, 0o022) } else { (0o700, 0o077) };
        let failed = |error| TrustError::new(dir, TrustReason::Io(error));
        if self.other_root {
            // Only below a test root are the parents ours to make.
            let parent = dir.parent().unwrap_or(dir);
            DirBuilder::new().recursive(true).mode(0o755).create(parent).map_err(failed)?;
        }
        match DirBuilder::new().mode(mode).create(dir) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(failed(error));
            }
            _ => {}
        }
        let found = fs::symlink_metadata(dir).map_err(failed)?;
        if !found.is_dir() {
            return Err(TrustError::new(dir, TrustReason::NotADirectory));
        }
        if found.uid() != self.user {
            let reason = TrustReason::Owner { owner: found.uid(), wanted: self.user };
            return Err(TrustError::new(dir, reason));
        }
        if found.mode() & forbidden != 0 {
            return Err(TrustError::new(dir, TrustReason::Open { mode: found.mode(), want: mode }));
        }
        Ok(dir)
    }
}

/// Finds a user's runtime directory; one that belongs to somebody else (after `su`) is not used.
fn user_runtime_dir(user: u32, named: Option<PathBuf>) -> PathBuf {
    let own = |dir: &PathBuf| fs::metadata(dir).map_or(true, |found| found.uid() == user);
    if let Some(dir) = named.filter(own) {
        return dir.join("mpr");
    }
    let usual = PathBuf::from(format!("/run/user/{user}"));
    if usual.is_dir() { usual.join("mpr") } else { format!("/tmp/mpr-{user}").into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn env(user: u32) -> Environment {
        Environment::new(user, false).with("HOME", "/home/alice")
    }

    #[test]
    fn usual_places() {
        let paths = Paths::resolve(&env(4242).with("XDG_RUNTIME_DIR", "/nowhere/run"));
        assert_eq!(paths.system_config(), Path::new("/etc/mpr/mpr.toml"));
        assert_eq!(paths.drop_in_dir(), Path::new("/etc/mpr/mpr.toml.d"));
        assert_eq!(paths.user_config().unwrap(), Path::new("/home/alice/.config/mpr/mpr.toml"));
        assert_eq!(paths.profile().unwrap(), Path::new("/home/alice/.config/mpr/network.toml"));
        assert_eq!(paths.runtime_dir(), Path::new("/nowhere/run/mpr"));
        assert_eq!(paths.module_dir(), Path::new("/usr/lib/mpr"));
        let xdg = Paths::resolve(&env(4242).with("XDG_CONFIG_HOME", "/cfg"));
        assert_eq!(xdg.user_dir().unwrap(), Path::new("/cfg/mpr"));
        assert_eq!(xdg.runtime_dir(), Path::new("/tmp/mpr-4242"));
        let root = Paths::resolve(&env(0).with("XDG_RUNTIME_DIR", "/nowhere/run"));
        assert_eq!(root.runtime_dir(), Path::new("/run/mpr"));
    }

    #[test]
    fn relative_and_missing_variables_are_ignored() {
        let odd = env(4242).with("XDG_CONFIG_HOME", "cfg").with("MPR_ROOT", "test");
        let paths = Paths::resolve(&odd);
        assert_eq!(paths.user_dir().unwrap(), Path::new("/home/alice/.config/mpr"));
        assert!(!paths.is_other_root());
        assert_eq!(Paths::resolve(&Environment::new(4242, false)).user_dir(), None);
    }

    #[test]
    fn another_root_moves_everything() {
        let paths = Paths::resolve(&env(4242).with("MPR_ROOT", "/t").with("XDG_CONFIG_HOME", "/c"));
        assert_eq!(paths.system_dir(), Path::new("/t/etc/mpr"));
        assert_eq!(paths.user_dir().unwrap(), Path::new("/t/config/mpr"));
        assert_eq!(paths.runtime_dir(), Path::new("/t/run/mpr"));
        assert_eq!(paths.module_dir(), Path::new("/t/usr/lib/mpr"));
    }

    #[test]
    fn borrowed_rights_believe_no_variable() {
        let env = Environment::new(4242, true).with("MPR_ROOT", "/t").with("HOME", "/h");
        let paths = Paths::resolve(&env);
        assert_eq!(paths.system_dir(), Path::new("/etc/mpr"));
        assert_eq!(paths.user_dir(), None);
        assert!(paths.is_privileged());
    }

    #[test]
    fn runtime_directory_is_private() {
        let root = tempfile::tempdir().unwrap();
        let user = rustix::process::geteuid().as_raw();
        let env = Environment::new(user, false).with("MPR_ROOT", root.path());
        let paths = Paths::resolve(&env);
        let dir = paths.ensure_runtime_dir().unwrap().to_owned();
        assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o777, 0o700);
        assert!(paths.ensure_runtime_dir().is_ok(), "a second time");
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o770)).unwrap();
        let error = paths.ensure_runtime_dir().unwrap_err().to_string();
        assert!(error.contains("chmod 0700"), "{error}");
        fs::remove_dir(&dir).unwrap();
        std::os::unix::fs::symlink("/tmp", &dir).unwrap();
        assert!(paths.ensure_runtime_dir().is_err());
    }
}
