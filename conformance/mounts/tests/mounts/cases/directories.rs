//! Names moving, going, and being listed.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{FileExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::io::Errno;

use crate::bench::Mount;
use crate::help::{errno, eventually, sh};

fn names(dir: &Path) -> BTreeSet<String> {
    let names = fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    names.collect()
}

pub(crate) fn rename_over(m: &Mount<'_>) {
    fs::write(m.path("a"), "new").unwrap();
    fs::write(m.path("b"), "old").unwrap();
    fs::rename(m.path("a"), m.path("b")).unwrap();
    assert_eq!(fs::read(m.path("b")).unwrap(), b"new");
    assert_eq!(names(&m.behind), ["b".to_owned()].into());
    assert_eq!(m.read_behind("b"), b"new");
    // While somebody reads the old one.
    let reader = File::open(m.path("b")).unwrap();
    fs::write(m.path("c"), "newest").unwrap();
    fs::rename(m.path("c"), m.path("b")).unwrap();
    assert_eq!(fs::read(m.path("b")).unwrap(), b"newest");
    let mut seen = [0; 3];
    reader.read_exact_at(&mut seen, 0).unwrap();
    assert_eq!(&seen, b"new", "who has it open keeps it");
    drop(reader);
    eventually("only the new one stays", || names(&m.behind) == ["b".to_owned()].into());
}

pub(crate) fn rename_directory(m: &Mount<'_>) {
    fs::create_dir(m.path("d1")).unwrap();
    fs::write(m.path("d1/f"), "moves along").unwrap();
    fs::rename(m.path("d1"), m.path("d2")).unwrap();
    assert_eq!(fs::read(m.path("d2/f")).unwrap(), b"moves along");
    assert_eq!(errno(fs::read(m.path("d1/f"))), Errno::NOENT);
    fs::create_dir(m.path("d3")).unwrap();
    fs::rename(m.path("d2"), m.path("d3")).unwrap();
    assert_eq!(m.read_behind("d3/f"), b"moves along", "over an empty one");
    fs::create_dir(m.path("d4")).unwrap();
    assert_eq!(errno(fs::rename(m.path("d4"), m.path("d3"))), Errno::NOTEMPTY);
    assert_eq!(errno(fs::rename(m.path("d3"), m.path("d3/inner"))), Errno::INVAL);
    fs::rename(m.path("d3/f"), m.path("d4/g")).unwrap();
    assert_eq!(m.read_behind("d4/g"), b"moves along");
}

pub(crate) fn rename_open(m: &Mount<'_>) {
    let mut file = File::create(m.path("draft")).unwrap();
    file.write_all(b"one ").unwrap();
    fs::rename(m.path("draft"), m.path("final")).unwrap();
    file.write_all(b"two").unwrap();
    file.sync_all().unwrap();
    assert_eq!(m.read_behind("final"), b"one two");
    assert!(!m.behind.join("draft").exists());
    // In a directory that moves, one of two without a name.
    fs::create_dir(m.path("d")).unwrap();
    fs::write(m.path("d/gone"), "still read").unwrap();
    let mut inner = File::create(m.path("d/f")).unwrap();
    let gone = File::open(m.path("d/gone")).unwrap();
    fs::remove_file(m.path("d/gone")).unwrap();
    inner.write_all(b"found ").unwrap();
    fs::rename(m.path("d"), m.path("e")).unwrap();
    inner.write_all(b"again").unwrap();
    drop(inner);
    assert_eq!(m.read_behind("e/f"), b"found again");
    let mut seen = [0; 10];
    gone.read_exact_at(&mut seen, 0).unwrap();
    assert_eq!(&seen, b"still read");
    assert!(names(&m.path("e")).iter().eq(["f"]));
    drop(gone);
    eventually("nothing is left hidden", || names(&m.behind.join("e")).iter().eq(["f"]));
}

pub(crate) fn unlink_open(m: &Mount<'_>) {
    fs::write(m.path("f"), "0123456789").unwrap();
    let reader = File::open(m.path("f")).unwrap();
    let writer = OpenOptions::new().read(true).write(true).open(m.path("f")).unwrap();
    fs::remove_file(m.path("f")).unwrap();
    assert_eq!(errno(fs::metadata(m.path("f"))), Errno::NOENT);
    assert!(names(&m.dir).is_empty(), "{:?}", names(&m.dir));
    writer.write_all_at(b"late", 0).unwrap();
    let mut seen = [0; 10];
    reader.read_exact_at(&mut seen, 0).unwrap();
    assert_eq!(&seen, b"late456789");
    // The name is free for another.
    fs::write(m.path("f"), "another").unwrap();
    drop((reader, writer));
    assert_eq!(m.read_behind("f"), b"another");
    eventually("nothing else stays", || names(&m.behind).len() == 1);
}

/// Mode, times and content of a file that is open and whose name is gone, or another's.
pub(crate) fn change_without_name(m: &Mount<'_>) {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for (replaced, write) in [(false, true), (true, true), (false, false), (true, false)] {
        fs::write(m.path("f"), "abc").unwrap();
        let file = OpenOptions::new().read(true).write(write).open(m.path("f")).unwrap();
        if replaced {
            fs::write(m.path("g"), "another").unwrap();
            fs::rename(m.path("g"), m.path("f")).unwrap();
        } else {
            fs::remove_file(m.path("f")).unwrap();
        }
        if write {
            file.write_all_at(b"def", 3).unwrap();
        }
        let wanted: &[u8] = if write { b"abcdef" } else { b"abc" };
        file.set_permissions(fs::Permissions::from_mode(0o600)).unwrap();
        file.set_modified(old).unwrap();
        file.sync_all().unwrap();
        file.sync_data().unwrap();
        let mut seen = vec![0; wanted.len()];
        file.read_exact_at(&mut seen, 0).unwrap();
        assert_eq!(seen, wanted, "nothing is lost");
        if replaced {
            assert_eq!(m.read_behind("f"), b"another");
            assert!(fs::metadata(m.behind.join("f")).unwrap().modified().unwrap() > old);
            fs::remove_file(m.path("f")).unwrap();
        }
    }
    // But where Apache keeps what it was told about files.
    eventually("nothing stays", || names(&m.behind).iter().all(|name| name == ".DAV"));
}

pub(crate) fn refusals(m: &Mount<'_>) {
    fs::create_dir(m.path("d")).unwrap();
    fs::write(m.path("d/inner"), "kept").unwrap();
    fs::write(m.path("f"), "").unwrap();
    assert_eq!(errno(fs::remove_dir(m.path("d"))), Errno::NOTEMPTY);
    assert_eq!(m.read_behind("d/inner"), b"kept");
    // One that fills up behind our back.
    fs::create_dir(m.path("e")).unwrap();
    m.write_behind("e/theirs", b"kept");
    assert_eq!(errno(fs::remove_dir(m.path("e"))), Errno::NOTEMPTY);
    assert_eq!(m.read_behind("e/theirs"), b"kept");
    assert_eq!(errno(fs::create_dir(m.path("d"))), Errno::EXIST);
    assert_eq!(errno(fs::create_dir(m.path("f"))), Errno::EXIST);
    assert_eq!(errno(fs::remove_dir(m.path("f"))), Errno::NOTDIR);
    assert_eq!(errno(fs::remove_file(m.path("d"))), Errno::ISDIR);
    assert_eq!(errno(fs::read(m.path("f/x"))), Errno::NOTDIR);
    assert_eq!(errno(fs::write(m.path("d"), "")), Errno::ISDIR);
    assert_eq!(errno(fs::write(m.path("none/x"), "")), Errno::NOENT);
    assert_eq!(errno(fs::rename(m.path("none"), m.path("x"))), Errno::NOENT);
    assert_eq!(errno(fs::rename(m.path("f"), m.path("d"))), Errno::ISDIR);
    assert_eq!(errno(fs::rename(m.path("d"), m.path("f"))), Errno::NOTDIR);
    fs::remove_file(m.path("d/inner")).unwrap();
    fs::remove_dir(m.path("d")).unwrap();
    assert!(!m.behind.join("d").exists());
}

pub(crate) fn deep_tree(m: &Mount<'_>) {
    let deep = ["level"; 40].join("/");
    fs::create_dir_all(m.path(&deep)).unwrap();
    fs::write(m.path(&deep).join("f"), "deep").unwrap();
    assert_eq!(m.read_behind(&format!("{deep}/f")), b"deep");
    assert_eq!(sh(&m.dir, "find . -type d | wc -l").trim(), "41");
    fs::rename(m.path("level"), m.path("moved")).unwrap();
    let moved = deep.replacen("level", "moved", 1);
    assert_eq!(fs::read(m.path(&moved).join("f")).unwrap(), b"deep");
    sh(&m.dir, "rm -r moved");
    assert!(names(&m.behind).is_empty());
}

pub(crate) fn ten_thousand(m: &Mount<'_>) {
    const COUNT: usize = 10_000;
    let dir = m.behind.join("many");
    fs::create_dir(&dir).unwrap();
    mpr_testkit::give(&dir).unwrap();
    for number in 0..COUNT {
        fs::write(dir.join(format!("file {number:05}")), "").unwrap();
    }
    eventually("it shows", || m.path("many").exists());
    let listed = names(&m.path("many"));
    assert_eq!(listed.len(), COUNT);
    assert!(listed.contains("file 00000") && listed.contains("file 09999"));
    assert_eq!(sh(&m.path("many"), "ls -l | tail -n +2 | wc -l").trim(), COUNT.to_string());
    fs::write(m.path("many/one more"), "").unwrap();
    fs::remove_file(m.path("many/file 05000")).unwrap();
    let listed = names(&m.path("many"));
    assert_eq!(listed.len(), COUNT);
    assert!(listed.contains("one more") && !listed.contains("file 05000"));
}

/// What is there all the time is listed exactly once, whatever comes and goes.
pub(crate) fn list_while_changing(m: &Mount<'_>) {
    for number in 0..200 {
        fs::write(m.behind.join(format!("stays {number:03}")), "").unwrap();
        let goes = m.behind.join(format!("goes {number:03}"));
        fs::write(&goes, "").unwrap();
        mpr_testkit::give(&goes).unwrap();
    }
    eventually("they show", || names(&m.dir).len() == 400);
    let mut seen = Vec::new();
    for (number, entry) in fs::read_dir(&m.dir).unwrap().enumerate() {
        seen.push(entry.unwrap().file_name().into_string().unwrap());
        if number % 10 == 0 && number < 200 {
            fs::remove_file(m.path(&format!("goes {:03}", 199 - number))).unwrap();
            fs::write(m.path(&format!("comes {number:03}")), "").unwrap();
        }
    }
    let stays: Vec<_> = seen.iter().filter(|name| name.starts_with("stays")).collect();
    assert_eq!(stays.len(), 200, "each of them, and none twice");
    assert_eq!(stays.iter().collect::<BTreeSet<_>>().len(), 200);
    assert_eq!(names(&m.dir).len(), 400);
}
