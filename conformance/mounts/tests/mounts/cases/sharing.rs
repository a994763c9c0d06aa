//! Two clients of one share.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::io::Errno;

use crate::bench::Mount;
use crate::help::{errno, eventually, sh};

pub(crate) fn changes_show(m: &Mount<'_>) {
    let second = m.second();
    fs::write(m.path("f"), "one").unwrap();
    eventually("a new file shows", || fs::read(second.join("f")).is_ok_and(|it| it == b"one"));
    fs::write(second.join("f"), "two two").unwrap();
    eventually("a change shows", || fs::read(m.path("f")).is_ok_and(|it| it == b"two two"));
    fs::create_dir(second.join("d")).unwrap();
    fs::rename(second.join("f"), second.join("d/g")).unwrap();
    eventually("a move shows", || !m.path("f").exists() && m.path("d/g").exists());
    eventually("it is listed", || {
        let names = fs::read_dir(&m.dir).unwrap().map(|it| it.unwrap().file_name());
        names.collect::<Vec<_>>() == ["d"]
    });
    fs::remove_file(m.path("d/g")).unwrap();
    eventually("a removal shows", || !second.join("d/g").exists());
    // Of the same length, which tells no cache by itself.
    fs::write(m.path("h"), "aaaa").unwrap();
    eventually("it shows", || fs::read(second.join("h")).is_ok_and(|it| it == b"aaaa"));
    fs::write(m.path("h"), "bbbb").unwrap();
    eventually("the same length shows", || fs::read(second.join("h")).unwrap() == b"bbbb");
}

/// A change that keeps size and time, in place and by another file, as `cp -p` and `touch -r` make
/// it: nothing but the content tells.
pub(crate) fn hidden_changes_show(m: &Mount<'_>) {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let make = |name: &str, content: &[u8]| {
        m.write_behind(name, content);
        let file = OpenOptions::new().write(true).open(m.behind.join(name)).unwrap();
        file.set_modified(old).unwrap();
    };
    for name in ["f", "g"] {
        make(name, b"aaaa");
        eventually("it shows", || fs::read(m.path(name)).is_ok_and(|it| it == b"aaaa"));
    }
    make("f", b"bbbb");
    make("new", b"bbbb");
    fs::rename(m.behind.join("new"), m.behind.join("g")).unwrap();
    for name in ["f", "g"] {
        eventually("the change shows", || fs::read(m.path(name)).unwrap() == b"bbbb");
    }
}

/// Lock files rely on it: of two who make a file, one does.
pub(crate) fn exclusive_between_mounts(m: &Mount<'_>) {
    let second = m.second();
    let new = |dir: &Path| {
        OpenOptions::new().write(true).create_new(true).open(dir.join("one after the other"))
    };
    drop(new(&m.dir).unwrap());
    assert_eq!(errno(new(&second)), Errno::EXIST);
    if !m.traits.exclusive {
        return;
    }
    for number in 0..20 {
        let made = std::thread::scope(|scope| {
            let attempts = [&m.dir, &second].map(|dir| {
                let path = dir.join(format!("lock {number}"));
                scope.spawn(move || OpenOptions::new().write(true).create_new(true).open(path))
            });
            attempts.map(|attempt| attempt.join().unwrap().is_ok())
        });
        assert_eq!(made.iter().filter(|made| **made).count(), 1, "lock {number}: {made:?}");
    }
}

/// Two who change one file. Where whole files are stored, the later must not undo the earlier;
/// where bytes are, both changes are there.
pub(crate) fn conflict(m: &Mount<'_>) {
    fs::write(m.path("f"), "0123456789").unwrap();
    let second = m.second();
    eventually("it shows", || fs::read(second.join("f")).is_ok());
    // In a process of its own: whatever this one starts meanwhile has its files open for an instant,
    // and the close of that would store the first change before the second is made.
    let script = "python3 -c '
import os, sys
mine = os.open(sys.argv[1], os.O_WRONLY)
os.pwrite(mine, b\"AA\", 0)
theirs = os.open(sys.argv[2], os.O_WRONLY)
os.pwrite(theirs, b\"BB\", 8)
os.fsync(theirs)
os.close(theirs)
try:
    os.fsync(mine)
    print(\"stored\")
except OSError as error:
    print(error)
' f \"$SECOND/f\"";
    let script = script.replace("$SECOND", second.to_str().unwrap());
    let stored = sh(&m.dir, &script).trim() == "stored";
    if m.traits.conflicts {
        assert!(!stored, "the later one is told");
        assert_eq!(m.read_behind("f"), b"01234567BB", "and the earlier is kept");
        // Nothing is lost: what was not stored is saved when the mount ends, or can be copied.
        let mut rest = File::create(m.path("other")).unwrap();
        rest.write_all(b"fine").unwrap();
        rest.sync_all().unwrap();
    } else {
        assert!(stored);
        assert_eq!(m.read_behind("f"), b"AA234567BB");
    }
}
