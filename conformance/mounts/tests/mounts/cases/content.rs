//! What is in files.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::FileExt as _;

use rustix::io::Errno;

use crate::bench::Mount;
use crate::help::{Random, errno, eventually, sh};

pub(crate) fn both_ways(m: &Mount<'_>) {
    fs::write(m.path("f"), "from here").unwrap();
    assert_eq!(m.read_behind("f"), b"from here");
    fs::write(m.path("f"), "x").unwrap();
    assert_eq!(m.read_behind("f"), b"x", "shorter than before");
    m.write_behind("g", b"from there");
    eventually("it shows", || fs::read(m.path("g")).is_ok_and(|it| it == b"from there"));
    File::create(m.path("empty")).unwrap();
    assert_eq!(m.read_behind("empty"), b"");
    assert_eq!(fs::read(m.path("empty")).unwrap(), b"");
    fs::remove_file(m.path("f")).unwrap();
    assert!(!m.behind.join("f").exists());
    assert_eq!(errno(fs::read(m.path("f"))), Errno::NOENT);
}

pub(crate) fn append(m: &Mount<'_>) {
    let open = || OpenOptions::new().append(true).create(true).open(m.path("log")).unwrap();
    let (mut one, mut two) = (open(), open());
    for number in 0..10 {
        writeln!(one, "one {number}").unwrap();
        writeln!(two, "two {number}").unwrap();
    }
    drop((one, two));
    let wanted: String = (0..10).map(|number| format!("one {number}\ntwo {number}\n")).collect();
    assert_eq!(String::from_utf8(m.read_behind("log")).unwrap(), wanted);
    sh(&m.dir, "for i in 1 2 3; do echo $i >> shell; done");
    assert_eq!(m.read_behind("shell"), b"1\n2\n3\n");
}

pub(crate) fn exclusive(m: &Mount<'_>) {
    let new = || OpenOptions::new().write(true).create_new(true).open(m.path("f"));
    new().unwrap().write_all(b"first").unwrap();
    assert_eq!(errno(new()), Errno::EXIST);
    assert_eq!(m.read_behind("f"), b"first");
    // One that nobody here has looked at.
    m.write_behind("theirs", b"theirs");
    let taken = OpenOptions::new().write(true).create_new(true).open(m.path("theirs"));
    assert_eq!(errno(taken), Errno::EXIST);
    assert_eq!(m.read_behind("theirs"), b"theirs");
}

pub(crate) fn truncate(m: &Mount<'_>) {
    fs::write(m.path("f"), "0123456789").unwrap();
    sh(&m.dir, "truncate -c -s 4 f");
    assert_eq!(m.read_behind("f"), b"0123");
    assert_eq!(fs::metadata(m.path("f")).unwrap().len(), 4);
    sh(&m.dir, "truncate -s 6 f");
    assert_eq!(m.read_behind("f"), b"0123\0\0");
    let open = OpenOptions::new().read(true).write(true).open(m.path("f")).unwrap();
    open.write_all_at(b"abcdefgh", 0).unwrap();
    open.set_len(3).unwrap();
    open.write_all_at(b"X", 5).unwrap();
    assert_eq!(open.metadata().unwrap().len(), 6);
    let mut seen = [9; 6];
    open.read_exact_at(&mut seen, 0).unwrap();
    assert_eq!(&seen, b"abc\0\0X", "what was cut off does not come back");
    drop(open);
    assert_eq!(m.read_behind("f"), b"abc\0\0X");
    drop(OpenOptions::new().write(true).truncate(true).open(m.path("f")).unwrap());
    assert_eq!(m.read_behind("f"), b"");
}

pub(crate) fn holes_and_backwards(m: &Mount<'_>) {
    let options = || {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        options
    };
    let mut sparse = options().open(m.path("sparse")).unwrap();
    sparse.seek(SeekFrom::Start(300_000)).unwrap();
    sparse.write_all(b"end").unwrap();
    sparse.rewind().unwrap();
    let mut seen = Vec::new();
    sparse.read_to_end(&mut seen).unwrap();
    let mut wanted = vec![0; 300_000];
    wanted.extend(b"end");
    assert!(seen == wanted);
    drop(sparse);
    assert!(m.read_behind("sparse") == wanted);

    let content = Random::new(1).bytes(200_000);
    let back = options().open(m.path("back")).unwrap();
    for (number, part) in content.chunks(7000).enumerate().collect::<Vec<_>>().iter().rev() {
        back.write_all_at(part, *number as u64 * 7000).unwrap();
    }
    drop(back);
    assert!(m.read_behind("back") == content);
    assert!(fs::read(m.path("back")).unwrap() == content);
}

/// Offsets that need more than 32 bits. A protocol that stores whole files would have to send
/// four gigabytes of zeros: there only reading is looked at.
pub(crate) fn beyond_four_gib(m: &Mount<'_>) {
    const AT: u64 = (1 << 32) - 3;
    let behind = m.behind.join("large");
    if m.traits.random_access {
        let file = OpenOptions::new().write(true).create_new(true).open(m.path("large")).unwrap();
        file.write_all_at(b"across", AT).unwrap();
        drop(file);
    } else {
        m.write_behind("large", b"");
        let file = OpenOptions::new().write(true).open(&behind).unwrap();
        file.write_all_at(b"across", AT).unwrap();
    }
    assert_eq!(fs::metadata(&behind).unwrap().len(), AT + 6);
    eventually("its length shows", || fs::metadata(m.path("large")).unwrap().len() == AT + 6);
    let file = File::open(m.path("large")).unwrap();
    let mut seen = [9; 8];
    file.read_exact_at(&mut seen, AT - 2).unwrap();
    assert_eq!(&seen, b"\0\0across");
    assert_eq!(file.read_at(&mut seen, AT + 6).unwrap(), 0);
    let mut theirs = [9; 8];
    File::open(&behind).unwrap().read_exact_at(&mut theirs, AT - 2).unwrap();
    assert_eq!(&theirs, b"\0\0across");
    drop(file);
    // The kernel tells of a close when it likes. A file that still counts as open is fetched before
    // its name goes where whole files are stored, and four gigabytes are not fetched in time.
    eventually("it can be removed", || fs::remove_file(m.path("large")).is_ok());
}

/// Python's mmap, as the standard library has none without unsafe code.
pub(crate) fn memory_maps(m: &Mount<'_>) {
    let content = Random::new(2).bytes(100_000);
    fs::write(m.path("m"), &content).unwrap();
    let script = "python3 -c '
import mmap
f = open(\"m\", \"r+b\")
m = mmap.mmap(f.fileno(), 0)
f.close()
assert m[70000] == int(\"BYTE\")
m[5000:5006] = b\"mapped\"
m.flush()
m[90000:90004] = b\"late\"
m.close()
'";
    sh(&m.dir, &script.replace("BYTE", &content[70_000].to_string()));
    let mut wanted = content;
    wanted[5000..5006].copy_from_slice(b"mapped");
    wanted[90_000..90_004].copy_from_slice(b"late");
    // The kernel hands over the last pages when nobody maps them any more.
    eventually("mapped writes arrive", || m.read_behind("m") == wanted);
    assert!(fs::read(m.path("m")).unwrap() == wanted);
}

pub(crate) fn synchronised(m: &Mount<'_>) {
    let mut file = File::create(m.path("f")).unwrap();
    file.write_all(b"safe").unwrap();
    file.sync_all().unwrap();
    assert_eq!(m.read_behind("f"), b"safe", "after fsync, while it is open");
    file.write_all(b" and sound").unwrap();
    file.sync_data().unwrap();
    assert_eq!(m.read_behind("f"), b"safe and sound");
    File::open(&m.dir).unwrap().sync_all().unwrap();
}

pub(crate) fn megabytes(m: &Mount<'_>) {
    let content = Random::new(3).bytes(12_000_013);
    fs::write(m.path("f"), &content).unwrap();
    assert!(m.read_behind("f") == content);
    m.write_behind("g", &content);
    eventually("it shows", || m.path("g").exists());
    assert!(fs::read(m.path("g")).unwrap() == content, "in sequence");
    let file = File::open(m.path("g")).unwrap();
    let mut random = Random::new(4);
    for _ in 0..50 {
        let at = random.below(content.len() - 5000);
        let mut part = vec![0; 1 + random.below(5000)];
        file.read_exact_at(&mut part, at as u64).unwrap();
        assert!(part == content[at..at + part.len()], "at {at}");
    }
}

pub(crate) fn two_handles(m: &Mount<'_>) {
    fs::write(m.path("f"), "0123456789").unwrap();
    let open = || OpenOptions::new().read(true).write(true).open(m.path("f")).unwrap();
    let (one, two) = (open(), open());
    one.write_all_at(b"AA", 0).unwrap();
    two.write_all_at(b"BB", 8).unwrap();
    for file in [&one, &two] {
        let mut seen = [0; 10];
        file.read_exact_at(&mut seen, 0).unwrap();
        assert_eq!(&seen, b"AA234567BB");
    }
    two.set_len(4).unwrap();
    assert_eq!(one.metadata().unwrap().len(), 4);
    drop((one, two));
    assert_eq!(m.read_behind("f"), b"AA23");
}
