//! The process that serves a mount ends, or is ended.

use std::fs::{self, File};
use std::io::Read as _;

use mpr_mount_conformance::Backend;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};

use crate::bench::{Bench, Setting};
use crate::help::{LONG, eventually};

use super::workload::{BOUND, Workload, fails, store, timed};

pub(crate) fn killed(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, LONG);
    let dir = bench.connect("S:", "rw").dir;
    let work = Workload::start(&dir);
    work.advances(5);
    for pid in bench.world.processes().into_iter().filter_map(Pid::from_raw) {
        kill_process(pid, Signal::KILL).unwrap();
    }
    work.suffers();
    let path = dir.join("new");
    let errno = fails("a new file", move || store(&path, b"x", true));
    assert!(matches!(errno, Errno::NOTCONN | Errno::CONNABORTED), "{errno:?}");
    work.finish(&bench.behind("rw"));
    bench.world.mpr(&["list", "--json"]).wanted("mpr list");
    let done = bench.world.delete("S:", true);
    assert!(done.good() && done.took < BOUND, "{done:?}");
    bench.world.assert_nothing_left();
    let dir = bench.connect("S:", "rw").dir;
    store(&dir.join("after"), b"well", true).unwrap();
    bench.delete("S:");
    bench.world.assert_nothing_left();
}

/// With a limit that nobody would wait for.
pub(crate) fn force_frees_who_waits(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, LONG * 10);
    let dir = bench.connect("S:", "rw").dir;
    fs::create_dir(bench.behind("rw").join("d")).unwrap();
    let open = File::create(dir.join("open")).unwrap();
    bench.server.freeze();
    let path = dir.join("d");
    let waiting = std::thread::spawn(move || fs::read_dir(path).map(Iterator::count));
    eventually("somebody waits", || waits(&waiting));
    let refused = bench.world.delete("S:", false);
    assert!(!refused.good() && refused.took < BOUND, "{refused:?}");
    assert!(refused.stdout.contains("2401"), "files are open: {refused:?}");
    let done = bench.world.delete("S:", true);
    assert!(done.good() && done.took < BOUND, "{done:?}");
    let (freed, _) = timed("who waited", move || waiting.join().unwrap());
    assert!(freed.is_err());
    assert!((&open).read(&mut [0]).is_err());
    bench.world.assert_nothing_left();
    bench.server.thaw();
}

/// Tells whether some thread of this process waits for FUSE.
fn waits<T>(thread: &std::thread::JoinHandle<T>) -> bool {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    let place = |task: fs::DirEntry| fs::read_to_string(task.path().join("wchan"));
    let known = tasks.filter_map(|task| place(task).ok()).any(|place| place.contains("fuse"));
    // Where the kernel does not tell, being alive has to do.
    known || !thread.is_finished()
}
