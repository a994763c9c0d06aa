//! One change at a time to a place, across processes.
//!
//! A lock file that its last holder removes, so that nothing is left behind.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::place::Place;
use crate::runtime::Runtime;

/// Held while a place is connected or disconnected; dropping it lets the next one in.
#[derive(Debug)]
pub struct PlaceLock {
    path: PathBuf,
    _file: File,
}

impl Drop for PlaceLock {
    fn drop(&mut self) {
        // Removed while still locked: who waits on it finds a file without name and starts anew.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Waits for a place, at most so long; then `TimedOut`.
pub fn lock(runtime: &Runtime, place: &Place, wait: Duration) -> io::Result<PlaceLock> {
    runtime.create()?;
    let path = runtime.service_dir().join(format!("{}.lock", place.key));
    let deadline = Instant::now() + wait;
    let mut pause = Duration::from_millis(1);
    loop {
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path)?;
        match file.try_lock() {
            Ok(()) if same_file(&file, &path) => return Ok(PlaceLock { path, _file: file }),
            Ok(()) => continue,
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(50));
            }
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::TimedOut.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn same_file(file: &File, path: &Path) -> bool {
    let (Ok(open), Ok(named)) = (file.metadata(), std::fs::symlink_metadata(path)) else {
        return false;
    };
    (open.dev(), open.ino()) == (named.dev(), named.ino())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn one_at_a_time_and_nothing_left() {
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        let place = Place::deviceless(&runtime, "h", "s");
        let inside = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _held = lock(&runtime, &place, Duration::from_secs(60)).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(std::fs::read_dir(runtime.service_dir()).unwrap().count(), 0);
    }

    #[test]
    fn waiting_is_bounded() {
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        let place = Place::deviceless(&runtime, "h", "s");
        let _held = lock(&runtime, &place, Duration::ZERO).unwrap();
        let error = lock(&runtime, &place, Duration::from_millis(5)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
