//! A mount of a local directory, served by this process.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fuser::{BackgroundSession, Session};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::faults::Faults;
use super::local::{ABILITIES, LocalShare};
use super::skip::skip;
use crate::Abilities;
use crate::core::Core;
use crate::fuse::{FileSystem, mount_config};

/// As long as anything may take that is not to wait at all.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A mount; dropping it ends it.
pub(crate) struct Mount {
    /// Where the server keeps its files.
    pub(crate) server: TempDir,
    dir: TempDir,
    pub(crate) faults: Arc<Faults>,
    pub(crate) core: Arc<Core<LocalShare>>,
    session: Option<BackgroundSession>,
    runtime: Option<Runtime>,
}

impl Mount {
    /// Mounts a server without peculiarities; `None` where nothing can be mounted.
    pub(crate) fn new(test: &str) -> Option<Self> {
        Self::with(test, LONG, ABILITIES)
    }

    /// Mounts, with a limit for operations and a server that can do what is said.
    pub(crate) fn with(test: &str, limit: Duration, abilities: Abilities) -> Option<Self> {
        if !Path::new("/dev/fuse").exists() {
            skip(test, "no /dev/fuse");
            return None;
        }
        let (server, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let faults = Arc::new(Faults::default());
        let share = LocalShare::new(server.path(), abilities, Arc::clone(&faults));
        let core = Core::new(share, limit, runtime.handle().clone());
        let owner = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        let file_system = FileSystem::new(Arc::clone(&core), owner);
        let config = mount_config("test", "mpr-test");
        let session = match Session::new(file_system, dir.path(), &config) {
            Ok(session) => session.spawn().unwrap(),
            Err(error) => {
                skip(test, &format!("nothing can be mounted: {error}"));
                return None;
            }
        };
        let (session, runtime) = (Some(session), Some(runtime));
        Some(Self { server, dir, faults, core, session, runtime })
    }

    /// Ends as a serving process does, files being open or not.
    pub(crate) fn end(&self) {
        let Some(runtime) = &self.runtime else { return };
        runtime.block_on(self.core.end());
        runtime.block_on(self.core.leave());
    }

    /// Returns a path on the mount.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Returns the same path on the server.
    pub(crate) fn stored(&self, name: &str) -> PathBuf {
        self.server.path().join(name)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        self.faults.silence(false);
        self.faults.go_away(false);
        if let Some(session) = self.session.take() {
            let _ = session.umount_and_join();
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.block_on(self.core.end());
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}

/// Waits until something holds.
pub(crate) fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < deadline, "{what} does not come true");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A small generator of numbers, the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// Returns a number below another.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % end
    }

    /// Returns so many bytes.
    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.below(256) as u8).collect()
    }
}
