//! The server stops, ends, comes back.

use std::fs::{self, File};
use std::io::Write as _;
use std::time::Duration;

use mpr_mount_conformance::{Backend, World};
use rustix::io::Errno;

use crate::bench::{Bench, Setting, write_behind};

use super::workload::{BOUND, SHORT, Workload, fails, recovers, store, timed};

/// Asking about connections asks no server, whatever its state.
#[track_caller]
pub(super) fn asking_is_quick(world: &World, dir: &std::path::Path) {
    let (dir, root) = (dir.to_path_buf(), dir.to_path_buf());
    let list = world.mpr(&["list", "--json"]);
    assert!(list.took < BOUND / 2, "mpr list took {:?}", list.took);
    assert!(list.wanted("mpr list").contains("S:"));
    let (space, took) = timed("statfs", move || rustix::fs::statfs(&dir));
    assert!(space.is_ok() && took < Duration::from_secs(1), "statfs took {took:?}: {space:?}");
    // As `df` does before it asks.
    let (opened, took) = timed("open", move || File::open(root));
    assert!(opened.is_ok() && took < Duration::from_secs(1), "open took {took:?}: {opened:?}");
}

#[track_caller]
fn silent(errno: Errno) {
    assert!(matches!(errno, Errno::TIMEDOUT | Errno::IO), "{errno:?}");
}

pub(crate) fn frozen(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, SHORT);
    let dir = bench.connect("S:", "rw").dir;
    let behind = bench.behind("rw");
    fs::create_dir(behind.join("never listed")).unwrap();
    fs::create_dir(behind.join("never looked at")).unwrap();
    write_behind(&behind.join("never read"), b"x");
    let mut open = File::create(dir.join("open")).unwrap();
    open.write_all(b"written before").unwrap();
    open.sync_all().unwrap();

    bench.server.freeze();
    let at = |name: &str| dir.join(name);
    let path = at("never listed");
    silent(fails("ls", || fs::read_dir(path).map(Iterator::count)));
    let path = at("never looked at");
    silent(fails("stat", || fs::metadata(path)));
    let path = at("never read");
    silent(fails("read", || fs::read(path)));
    let path = at("new");
    silent(fails("a new file", move || store(&path, b"x", true)));
    silent(fails("fsync", move || {
        open.write_all(b", written while frozen")?;
        open.sync_all()
    }));
    asking_is_quick(&bench.world, &dir);

    bench.server.thaw();
    let took = recovers(&dir);
    // It takes a moment, a second at the most; far less than who gave up and waits again.
    assert!(took < BOUND / 2, "back after {took:?}");
    assert_eq!(fs::read(at("never read")).unwrap(), b"x");
    assert!(fs::read(behind.join("open")).unwrap().starts_with(b"written before"));
    bench.delete("S:");
    bench.world.assert_nothing_left();
}

pub(crate) fn killed_and_restarted(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, SHORT);
    let dir = bench.connect("S:", "rw").dir;
    let work = Workload::start(&dir);
    for _ in 0..2 {
        work.advances(5);
        bench.server.kill();
        work.suffers();
        bench.server.restart();
        work.advances(5);
    }
    let written = work.finish(&bench.behind("rw"));
    assert!(!written.errors.is_empty());
    recovers(&dir);
    bench.delete("S:");
    bench.world.assert_nothing_left();
}

/// It never comes back: everything fails in time, and the mount goes when asked to.
pub(crate) fn gone(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, SHORT);
    let dir = bench.connect("S:", "rw").dir;
    fs::create_dir(bench.behind("rw").join("never listed")).unwrap();
    store(&dir.join("acknowledged"), b"kept", true).unwrap();
    bench.server.kill();
    for _ in 0..3 {
        let path = dir.join("never listed");
        fails("ls", || fs::read_dir(path).map(Iterator::count));
        let path = dir.join("new");
        fails("a new file", move || store(&path, b"x", true));
    }
    asking_is_quick(&bench.world, &dir);
    let done = bench.world.delete("S:", false);
    assert!(done.good() && done.took < BOUND, "{done:?}");
    bench.world.assert_nothing_left();
    assert_eq!(fs::read(bench.behind("rw").join("acknowledged")).unwrap(), b"kept");
}
