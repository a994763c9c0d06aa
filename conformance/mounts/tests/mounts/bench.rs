//! A server, a world and a mount, for one case or for all cases of a server.

use std::ffi::OsString;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use mpr_mount_conformance::{Backend, Ground, Mounted, Refusal, Server, Stage, Traits, World};

/// What every bench of a run needs.
pub(crate) struct Setting {
    pub(crate) stage: Stage,
    /// Small file systems for `full`, one for each server; none if this user cannot mount.
    pub(crate) small: Option<PathBuf>,
}

impl Setting {
    fn small(&self, backend: &Backend) -> Option<PathBuf> {
        let small = self.small.as_ref().map(|small| small.join(backend.name));
        small.filter(|small| small.is_dir())
    }
}

/// A server and a world; connected or not.
pub(crate) struct Bench {
    pub(crate) backend: &'static Backend,
    pub(crate) world: World,
    pub(crate) server: Box<dyn Server>,
    pub(crate) ground: Ground,
}

impl Bench {
    /// Starts a server; operations on its mounts end within the limit.
    pub(crate) fn new(setting: &Setting, backend: &'static Backend, limit: Duration) -> Self {
        Self::with(setting, backend, limit, &[])
    }

    /// Starts a server program with more environment.
    pub(crate) fn with(
        setting: &Setting,
        backend: &'static Backend,
        limit: Duration,
        variables: &[(OsString, OsString)],
    ) -> Self {
        let ground = Ground::new(setting.small(backend));
        let server = (backend.start)(&ground, variables).expect("the server starts");
        let mut variables = server.variables();
        variables.push(("MPR_IO_TIMEOUT".into(), limit.as_secs_f64().to_string().into()));
        // Machines that test are busy; what is to be refused in time says so itself.
        variables.push(("MPR_CONNECT_TIMEOUT".into(), "30".into()));
        let world = World::new(&setting.stage, backend.provider, &variables);
        crate::runner::note_world(world.path());
        Self { backend, world, server, ground }
    }

    /// Connects an export at the server's own address.
    pub(crate) fn connect(&self, local: &str, export: &str) -> Mounted {
        self.connect_at(local, self.server.address(), export)
    }

    /// Connects an export at another address: a proxy's.
    pub(crate) fn connect_at(&self, local: &str, address: SocketAddr, export: &str) -> Mounted {
        let made = self.try_connect(local, address, export, &[]);
        made.unwrap_or_else(|refusal| panic!("{refusal:?}\n{}", self.server.log()))
    }

    /// Tries to.
    pub(crate) fn try_connect(
        &self,
        local: &str,
        address: SocketAddr,
        export: &str,
        more: &[&str],
    ) -> Result<Mounted, Refusal> {
        let remote = self.server.remote(address, export);
        self.world.connect_with(local, &remote, self.server.login().as_ref(), more)
    }

    /// Disconnects; what was just closed may be closed on the server a moment later.
    pub(crate) fn delete(&self, local: &str) {
        crate::help::eventually("it is not in use", || self.world.delete(local, false).good());
    }

    /// Returns the directory behind an export.
    pub(crate) fn behind(&self, export: &str) -> PathBuf {
        self.ground.behind(export)
    }
}

/// What a case gets: a directory of its own on a mount that all cases of a server share.
pub(crate) struct Mount<'a> {
    /// The directory, on the mount.
    pub(crate) dir: PathBuf,
    /// The same behind the server.
    pub(crate) behind: PathBuf,
    /// Its name.
    pub(crate) name: String,
    pub(crate) traits: Traits,
    shared: &'a Shared,
}

/// A bench with a mount that many cases use, one after the other.
pub(crate) struct Shared {
    pub(crate) bench: Bench,
    mounted: Mounted,
    second: OnceLock<Mounted>,
}

impl Shared {
    pub(crate) fn new(setting: &Setting, backend: &'static Backend) -> Self {
        let bench = Bench::new(setting, backend, Duration::from_secs(30));
        let mounted = bench.connect("S:", "rw");
        Self { bench, mounted, second: OnceLock::new() }
    }

    /// Makes the directory of a case.
    pub(crate) fn mount(&self, case: &str) -> Mount<'_> {
        let dir = self.mounted.dir.join(case);
        fs::create_dir(&dir).unwrap();
        Mount {
            dir,
            behind: self.bench.behind("rw").join(case),
            name: case.to_owned(),
            traits: self.bench.backend.traits,
            shared: self,
        }
    }

    /// Disconnects what cases left, and looks whether anything stays.
    pub(crate) fn finish(self) {
        self.bench.delete("S:");
        if self.second.get().is_some() {
            self.bench.delete("T:");
        }
        self.bench.world.assert_nothing_left();
    }
}

impl Mount<'_> {
    /// Returns the same directory on another mount of the same share.
    pub(crate) fn second(&self) -> PathBuf {
        let second = self.shared.second.get_or_init(|| self.shared.bench.connect("T:", "rw"));
        second.dir.join(&self.name)
    }

    /// Returns a path on the mount.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Reads a file behind the server.
    #[track_caller]
    pub(crate) fn read_behind(&self, name: &str) -> Vec<u8> {
        read(&self.behind.join(name))
    }

    /// Writes a file behind the server, as another client of it might.
    pub(crate) fn write_behind(&self, name: &str, content: &[u8]) {
        write_behind(&self.behind.join(name), content);
    }
}

/// Writes a file that the server may change.
pub(crate) fn write_behind(path: &Path, content: &[u8]) {
    fs::write(path, content).unwrap();
    mpr_testkit::give(path).unwrap();
}

#[track_caller]
fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
