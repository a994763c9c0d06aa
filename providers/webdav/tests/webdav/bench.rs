//! A server, a provider and a private root, with a guard that leaves nothing mounted.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mpr_core::{
    AddCall, AddRequest, ConnectFlags, Credentials, Password, Provider, ProviderError,
    ResourceType, Wide, WideString,
};
use mpr_mount::{MountTable, Network as _, Runtime, Settings};
use mpr_testkit::{Options, WebDavServer};
use provider_webdav::{WebDav, WebDavNetwork};
use rustix::mount::UnmountFlags;
use tempfile::TempDir;

use crate::skip::skip;

/// Long enough for a busy machine; nothing that works comes near it.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// One test after the other: a program that another test starts has this one's open files for a
/// moment, closes them, and so has what they hold stored before it is due.
static TURN: Mutex<()> = Mutex::new(());

pub(crate) struct Bench {
    pub(crate) provider: WebDav,
    pub(crate) settings: Settings,
    pub(crate) root: TempDir,
    _turn: MutexGuard<'static, ()>,
}

const SUBTYPE: &str = WebDavNetwork::SUBTYPE;

impl Drop for Bench {
    fn drop(&mut self) {
        let Ok(table) = MountTable::read(SUBTYPE) else { return };
        for entry in table.iter().filter(|entry| entry.mountpoint.starts_with(self.root.path())) {
            let abort = format!("/sys/fs/fuse/connections/{}/abort", entry.device);
            let _ = std::fs::write(abort, "1");
            let flags = UnmountFlags::DETACH | UnmountFlags::FORCE;
            let _ = rustix::mount::unmount(&entry.mountpoint, flags);
        }
    }
}

impl Bench {
    /// Makes a bench, or says why there is none.
    pub(crate) fn new(limit: Duration) -> Option<Self> {
        if let Err(error) = std::fs::File::options().read(true).write(true).open("/dev/fuse") {
            skip("mounts", &format!("/dev/fuse cannot be opened: {error}"));
            return None;
        }
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        let helper = env!("CARGO_BIN_EXE_mpr-serve-webdav").into();
        let settings = Settings {
            connect_limit: LONG,
            io_limit: limit,
            unsaved: Some(root.path().join("unsaved")),
            ..Settings::new(runtime, helper)
        };
        Some(Self { provider: WebDav::new(settings.clone()), settings, root, _turn: turn })
    }

    pub(crate) fn connect(&self, local: &str, remote: &str) -> Result<PathBuf, ProviderError> {
        self.connect_as(local, remote, None)
    }

    pub(crate) fn connect_as(
        &self,
        local: &str,
        remote: &str,
        login: Option<(&str, &str)>,
    ) -> Result<PathBuf, ProviderError> {
        let (local, remote) = (WideString::from(local), WideString::from(remote));
        let login =
            login.map(|(user, password)| (WideString::from(user), WideString::from(password)));
        let credentials = match &login {
            Some((user, password)) => Credentials::Named {
                user: Some(user.as_wide()),
                password: Some(Password::new(password.as_wide())),
            },
            None => Credentials::DEFAULT,
        };
        self.provider.add_connection(&AddRequest {
            call: AddCall::Add3,
            resource_type: ResourceType::DISK,
            local: Some(local.as_wide()).filter(|local| !local.is_empty()),
            remote: remote.as_wide(),
            comment: 0,
            credentials,
            use_options: None,
            flags: ConnectFlags::NONE,
            owner: 0,
        })?;
        let letter = local.to_string_lossy().replace(':', "");
        Ok(if letter.starts_with('/') { letter.into() } else { self.dir().join(letter) })
    }

    pub(crate) fn cancel(&self, name: &str, force: bool) -> Result<(), u32> {
        let name = WideString::from(name);
        let result = self.provider.cancel_connection(name.as_wide(), force, ConnectFlags::NONE);
        result.map_err(|error| error.code.code())
    }

    pub(crate) fn connection(&self, local: &str) -> Result<String, u32> {
        let found = self.provider.connection(WideString::from(local).as_wide());
        found.map(|name| name.to_string_lossy()).map_err(|error| error.code.code())
    }

    pub(crate) fn dir(&self) -> PathBuf {
        self.settings.runtime.dir().to_path_buf()
    }

    /// Asserts that no mount, process, note or directory is left.
    pub(crate) fn assert_nothing_left(&self) {
        let table = MountTable::read(SUBTYPE).unwrap();
        let mounted = table.iter().find(|entry| entry.mountpoint.starts_with(self.root.path()));
        assert_eq!(mounted, None);
        // A serving process that ends by itself takes its directory away before its notes.
        eventually("no file is left", || {
            let dirs = [self.dir(), self.settings.runtime.service_dir()];
            let files = dirs.into_iter().flat_map(std::fs::read_dir).flatten().flatten();
            files.map(|file| file.file_name()).all(|name| name == ".serve")
        });
        eventually("the serving process ends", || serving(self.root.path()).is_empty());
    }

    /// Returns the process that serves a place.
    pub(crate) fn process(&self, key: &str) -> i32 {
        let note = self.settings.runtime.service_dir().join(format!("{key}.json"));
        let note: serde_json::Value =
            serde_json::from_slice(&std::fs::read(note).unwrap()).unwrap();
        note["pid"].as_i64().unwrap().try_into().unwrap()
    }
}

/// Returns the serving processes whose log lies below a directory.
fn serving(root: &Path) -> Vec<PathBuf> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let ours = |path: &PathBuf| {
        let name = std::fs::read_to_string(path.join("comm")).unwrap_or_default();
        let log = std::fs::read_link(path.join("fd/2")).unwrap_or_default();
        name.starts_with("mpr-serve") && log.starts_with(root)
    };
    processes.filter(ours).collect()
}

/// Waits until something holds.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn wide(text: &str) -> WideString {
    text.into()
}

pub(crate) fn text(wide: Wide<'_>) -> String {
    wide.to_string()
}

/// A server over a directory that the test can look into.
pub(crate) struct Served {
    pub(crate) server: WebDavServer,
    pub(crate) behind: TempDir,
}

impl Served {
    pub(crate) fn new(login: Option<(&str, &str)>) -> Self {
        let behind = tempfile::tempdir().unwrap();
        let options = Options {
            directory: Some(behind.path().to_path_buf()),
            login: login.map(|(user, password)| (user.to_owned(), password.to_owned())),
            port: 0,
        };
        Self { server: WebDavServer::start(options).unwrap(), behind }
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.behind.path().join(name)).unwrap()
    }
}
