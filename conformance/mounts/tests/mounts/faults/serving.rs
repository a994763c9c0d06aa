//! The process that serves a mount ends, or is ended.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use mpr_mount_conformance::{Backend, run};
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

/// Not even a process that ends without a word leaves it anywhere, and nobody sees it before.
pub(crate) fn password_stays_nowhere(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, LONG);
    let (_, password) = bench.server.login().unwrap();
    let holds = |path: &Path| {
        // Another user's, as the kernel sees it, may not be read at all.
        let content = fs::read(path).unwrap_or_default();
        content.windows(password.len()).any(|part| part == password.as_bytes())
    };
    let dir = bench.connect("S:", "rw").dir;
    store(&dir.join("f"), b"content", true).unwrap();
    let served = bench.world.processes();
    assert!(!served.is_empty());
    let shown = |pid: &i32| ["cmdline", "environ"].map(|it| format!("/proc/{pid}/{it}"));
    for path in served.iter().flat_map(shown) {
        assert!(!holds(Path::new(&path)), "{path}");
    }
    for pid in served.into_iter().filter_map(Pid::from_raw) {
        kill_process(pid, Signal::KILL).unwrap();
    }
    eventually("it has ended", || bench.world.processes().is_empty());
    let done = bench.world.delete("S:", true);
    assert!(done.good(), "{done:?}");
    let mut folders = vec![bench.world.path().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else {
                assert!(!kind.is_file() || !holds(&entry.path()), "{:?}", entry.path());
            }
        }
    }
    bench.world.assert_nothing_left();
}

/// A tenth of a file would be too much.
///
/// Written and read by programs of their own: this one starts others all the time, and each of them
/// closes what is open here, which is a reason to store a file.
pub(crate) fn a_gigabyte_in_little_memory(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, LONG);
    let dir = bench.connect("S:", "rw").dir;
    for script in [
        "yes 'not all the same' | head -c 1073741824 > f",
        "yes 'not all the same' | head -c 1073741824 | cmp - f",
    ] {
        let mut shell = Command::new("sh");
        run(shell.args(["-euc", script]).current_dir(&dir), LONG * 3).wanted(script);
    }
    assert_eq!(fs::metadata(bench.behind("rw").join("f")).unwrap().len(), 1 << 30);
    for pid in bench.world.processes() {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        let most: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        assert!(most < 100_000, "it had {most} kB at its most");
    }
    fs::remove_file(dir.join("f")).unwrap();
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
