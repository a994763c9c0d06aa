//! A root of our own, with files of known owner and mode.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use mpr_core::{ConnectFlags, RememberedConnection, ResourceType};
use mpr_platform::{Environment, Paths, Settings};

pub(crate) struct World {
    pub(crate) root: tempfile::TempDir,
    pub(crate) paths: Paths,
}

impl World {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let env = Environment::new(user(), false)
            .with("MPR_ROOT", root.path())
            .with("HOME", root.path().join("home"));
        Self { paths: Paths::resolve(&env), root }
    }

    /// Writes a file, as the directories on the way with mode 0755.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.root.path().join(name);
        let mut dir = self.root.path().to_owned();
        for part in Path::new(name).parent().unwrap() {
            dir.push(part);
            if !dir.is_dir() {
                fs::create_dir(&dir).unwrap();
                chmod(&dir, 0o755);
            }
        }
        fs::write(&path, text).unwrap();
        chmod(&path, 0o644);
        path
    }

    pub(crate) fn system(&self, text: &str) -> PathBuf {
        self.write("etc/mpr/mpr.toml", text)
    }

    pub(crate) fn user(&self, text: &str) -> PathBuf {
        self.write("config/mpr/mpr.toml", text)
    }

    pub(crate) fn load(&self) -> Settings {
        Settings::load(&self.paths)
    }
}

pub(crate) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

pub(crate) fn is_root() -> bool {
    user() == 0
}

pub(crate) fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

pub(crate) fn connection(local: &str, remote: &str) -> RememberedConnection {
    RememberedConnection {
        local: local.into(),
        remote: remote.into(),
        user: "alice".into(),
        provider: "Test Network".into(),
        provider_type: 0x20000,
        connection_type: ResourceType::DISK,
        connect_flags: ConnectFlags(0x4000),
        defer_flags: 4,
        use_options: Some(vec![1, 2, 0xff]),
    }
}
