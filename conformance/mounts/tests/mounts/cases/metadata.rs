//! Times, permissions, links, room: kept where the protocol can, else refused or said to be so.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::time::{Duration, SystemTime};

use rustix::io::Errno;

use crate::bench::Mount;
use crate::help::{errno, eventually, sh};

pub(crate) fn times(m: &Mount<'_>) {
    fs::write(m.path("f"), "x").unwrap();
    let fresh = fs::metadata(m.path("f")).unwrap().modified().unwrap();
    let age = SystemTime::now().duration_since(fresh).unwrap_or_default();
    assert!(age < Duration::from_secs(3600), "{age:?}");
    // Programs that keep times go on where a protocol cannot.
    sh(&m.dir, "touch -d 2001-02-03T04:05:06Z f && cp -p f g");
    if m.traits.times {
        for name in ["f", "g"] {
            let behind = fs::metadata(m.behind.join(name)).unwrap();
            assert_eq!(behind.mtime(), 981_173_106, "{name} behind");
            assert_eq!(fs::metadata(m.path(name)).unwrap().mtime(), 981_173_106, "{name}");
        }
        // Written after the time was set on the open file, as cp -p and tar do.
        let file = OpenOptions::new().write(true).create_new(true).open(m.path("h")).unwrap();
        std::io::Write::write_all(&mut &file, b"content").unwrap();
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        file.set_times(fs::FileTimes::new().set_modified(old)).unwrap();
        drop(file);
        eventually("the time stays", || {
            fs::metadata(m.behind.join("h")).unwrap().mtime() == 1_000_000_000
        });
    }
    m.write_behind("theirs", b"");
    let theirs = fs::metadata(m.behind.join("theirs")).unwrap().mtime();
    eventually("it shows", || m.path("theirs").exists());
    assert_eq!(fs::metadata(m.path("theirs")).unwrap().mtime(), theirs);
}

pub(crate) fn modes(m: &Mount<'_>) {
    fs::write(m.path("f"), "x").unwrap();
    let set = |mode| fs::set_permissions(m.path("f"), fs::Permissions::from_mode(mode));
    if m.traits.modes {
        for mode in [0o640, 0o755] {
            set(mode).unwrap();
            assert_eq!(fs::metadata(m.behind.join("f")).unwrap().mode() & 0o777, mode);
            assert_eq!(fs::metadata(m.path("f")).unwrap().mode() & 0o777, mode);
        }
    } else {
        // Accepted, as programs insist on it; the content stays reachable.
        set(0o600).unwrap();
        assert_eq!(fs::read(m.path("f")).unwrap(), b"x");
    }
    let metadata = fs::metadata(m.path("f")).unwrap();
    assert_eq!(metadata.uid(), rustix::process::geteuid().as_raw(), "it is the user's");
    let other = std::os::unix::fs::chown(m.path("f"), Some(12_345), None);
    assert!(matches!(errno(other), Errno::PERM | Errno::OPNOTSUPP));
}

pub(crate) fn links(m: &Mount<'_>) {
    fs::write(m.path("f"), "target").unwrap();
    let made = std::os::unix::fs::symlink("f", m.path("link"));
    if m.traits.links {
        made.unwrap();
        assert_eq!(fs::read_link(m.path("link")).unwrap().to_str(), Some("f"));
        assert_eq!(fs::read(m.path("link")).unwrap(), b"target");
        assert!(fs::symlink_metadata(m.path("link")).unwrap().is_symlink());
        assert_eq!(fs::read_link(m.behind.join("link")).unwrap().to_str(), Some("f"));
        std::os::unix::fs::symlink("/nowhere/at all", m.path("dangling")).unwrap();
        assert_eq!(errno(fs::read(m.path("dangling"))), Errno::NOENT);
        fs::remove_file(m.path("link")).unwrap();
        assert_eq!(m.read_behind("f"), b"target");
    } else {
        assert!(matches!(errno(made), Errno::PERM | Errno::OPNOTSUPP));
    }
    let made = fs::hard_link(m.path("f"), m.path("second"));
    if m.traits.hard_links {
        made.unwrap();
        assert_eq!(m.read_behind("second"), b"target");
    } else {
        assert!(matches!(errno(made), Errno::PERM | Errno::OPNOTSUPP));
    }
}

pub(crate) fn space(m: &Mount<'_>) {
    let space = rustix::fs::statvfs(&m.dir).unwrap();
    assert_eq!(space.f_namemax, 255);
    if m.traits.space {
        let behind = rustix::fs::statvfs(&m.behind).unwrap();
        let bytes = |it: &rustix::fs::StatVfs| it.f_blocks as f64 * it.f_frsize as f64;
        // It is asked for in the background.
        eventually("the server's size shows", || {
            let here = bytes(&rustix::fs::statvfs(&m.dir).unwrap());
            (here / bytes(&behind) - 1.0).abs() < 0.01
        });
    } else {
        assert!(space.f_blocks > 0, "programs refuse to write to a disk without room");
    }
    sh(&m.dir, "df . > /dev/null");
}
