//! Somebody who works on a mount while it is broken, and remembers what was acknowledged.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::io::Errno;

use crate::help::{Random, eventually, number};

/// An operation that ends within this is bounded, one that does not hangs. The limit of the
/// mounts is a sixth of it.
pub(crate) const BOUND: Duration = Duration::from_secs(12);

/// The limit of operations on mounts that are broken.
pub(crate) const SHORT: Duration = Duration::from_secs(2);

/// Runs an operation that may hang; fails if it does. The mount's end frees its thread.
#[track_caller]
pub(crate) fn timed<T: Send + 'static>(
    what: &str,
    act: impl FnOnce() -> T + Send + 'static,
) -> (T, Duration) {
    let (done, result) = mpsc::channel();
    let start = Instant::now();
    std::thread::spawn(move || {
        let _ = done.send(act());
    });
    match result.recv_timeout(BOUND) {
        Ok(value) => (value, start.elapsed()),
        Err(_) => panic!("{what} hangs: no end after {BOUND:?}"),
    }
}

/// Runs an operation that has to fail in time; returns the error.
#[track_caller]
pub(crate) fn fails<T: Send + std::fmt::Debug + 'static>(
    what: &str,
    act: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Errno {
    match timed(what, act).0 {
        Ok(value) => panic!("{what} should have failed: {value:?}"),
        Err(error) => number(&error),
    }
}

/// What a writer has done.
#[derive(Default)]
struct Counts {
    acknowledged: AtomicUsize,
    failed: AtomicUsize,
    stop: AtomicBool,
}

/// A writer in the background.
pub(crate) struct Workload {
    counts: Arc<Counts>,
    thread: JoinHandle<Written>,
}

/// What came of it.
pub(crate) struct Written {
    /// Files that were acknowledged whole, by `fsync` or `close`.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// What failed, and how.
    pub(crate) errors: Vec<(String, Errno)>,
    /// The longest time that an operation took.
    pub(crate) longest: Duration,
}

impl Workload {
    /// Starts writing files of up to 100 kB, one after the other, into a directory.
    pub(crate) fn start(dir: &Path) -> Self {
        let counts = Arc::new(Counts::default());
        let (dir, its) = (dir.to_path_buf(), Arc::clone(&counts));
        Self { counts, thread: std::thread::spawn(move || work(&dir, &its)) }
    }

    /// Waits until so many more files were acknowledged.
    #[track_caller]
    pub(crate) fn advances(&self, count: usize) {
        let wanted = self.counts.acknowledged.load(Ordering::Relaxed) + count;
        eventually("work goes on", || self.counts.acknowledged.load(Ordering::Relaxed) >= wanted);
    }

    /// Waits until something has failed.
    #[track_caller]
    pub(crate) fn suffers(&self) {
        let before = self.counts.failed.load(Ordering::Relaxed);
        eventually("something fails", || self.counts.failed.load(Ordering::Relaxed) > before);
    }

    /// Stops, and looks whether the server has what was acknowledged.
    #[track_caller]
    pub(crate) fn finish(self, behind: &Path) -> Written {
        self.counts.stop.store(true, Ordering::Relaxed);
        let written = self.thread.join().unwrap();
        for (name, content) in &written.files {
            let seen = fs::read(behind.join(name)).unwrap_or_default();
            let lengths = (seen.len(), content.len());
            assert!(seen == *content, "acknowledged and lost: {name}, {lengths:?} bytes");
        }
        assert!(written.longest < BOUND, "an operation took {:?}", written.longest);
        written
    }
}

fn work(dir: &Path, counts: &Counts) -> Written {
    let mut written =
        Written { files: BTreeMap::new(), errors: Vec::new(), longest: Duration::ZERO };
    let mut random = Random::new(7);
    for file in 0.. {
        if counts.stop.load(Ordering::Relaxed) {
            break;
        }
        let name = format!("work {file}");
        let count = random.below(100_000);
        let content = random.bytes(count);
        let start = Instant::now();
        let result = store(&dir.join(&name), &content, file % 2 == 0);
        // Making, writing and storing: three operations, each with its limit.
        written.longest = written.longest.max(start.elapsed() / 3);
        match result {
            Ok(()) => {
                written.files.insert(name, content);
                counts.acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                written.errors.push((name, number(&error)));
                counts.failed.fetch_add(1, Ordering::Relaxed);
                // Not to fill memory with errors that come at once.
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
    written
}

/// Writes a file whole; done once `fsync`, or `close`, says so.
pub(crate) fn store(path: &Path, content: &[u8], synchronise: bool) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    if synchronise {
        file.sync_all()?;
    }
    nix::unistd::close(file).map_err(Into::into)
}

/// Waits until the mount works again: reads and writes, without a new connection.
#[track_caller]
pub(crate) fn recovers(dir: &Path) -> Duration {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let start = Instant::now();
    eventually("it recovers without a new connection", || {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path: PathBuf = dir.join(format!("again {number}"));
        let (done, _) = timed("trying again", move || {
            store(&path, b"well", true).and_then(|()| fs::read(&path))
        });
        done.is_ok_and(|content| content == b"well")
    });
    start.elapsed()
}
