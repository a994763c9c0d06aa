//! What programs do with files, looked at from both sides.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::Path;

use crate::bench::{Bench, LONG, Served, eventually};
use crate::skip::skip;

/// Every operation on a fresh mount; `read` looks behind the server.
pub(crate) fn exercise(mount: &Path, read: &dyn Fn(&str) -> Vec<u8>) {
    create_and_change(mount, read);
    names(mount, read);
    directories(mount, read);
    renames(mount, read);
    handles(mount, read);
    large(mount, read);
    refused(mount);
}

fn create_and_change(mount: &Path, read: &dyn Fn(&str) -> Vec<u8>) {
    let file = mount.join("file");
    fs::write(&file, "one").unwrap();
    assert_eq!(read("file"), b"one");
    fs::write(&file, "four").unwrap();
    assert_eq!(read("file"), b"four");
    OpenOptions::new().append(true).open(&file).unwrap().write_all(b"+five").unwrap();
    assert_eq!(read("file"), b"four+five");
    OpenOptions::new().write(true).open(&file).unwrap().write_all_at(b"O", 1).unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"fOur+five");
    assert_eq!(read("file"), b"fOur+five");
    let open = OpenOptions::new().write(true).open(&file).unwrap();
    open.set_len(4).unwrap();
    assert_eq!(open.metadata().unwrap().len(), 4);
    open.set_len(6).unwrap();
    drop(open);
    assert_eq!(read("file"), b"fOur\0\0");
    rustix_truncate(&file, 2);
    assert_eq!(read("file"), b"fO");
    assert_eq!(fs::metadata(&file).unwrap().len(), 2);
    let taken = OpenOptions::new().write(true).create_new(true).open(&file);
    assert_eq!(taken.unwrap_err().kind(), ErrorKind::AlreadyExists);
    let mut sparse = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(mount.join("sparse"))
        .unwrap();
    sparse.seek(SeekFrom::Start(10)).unwrap();
    sparse.write_all(b"end").unwrap();
    sparse.rewind().unwrap();
    let mut content = Vec::new();
    sparse.read_to_end(&mut content).unwrap();
    assert_eq!(content, b"\0\0\0\0\0\0\0\0\0\0end");
    drop(sparse);
    assert_eq!(read("sparse").len(), 13);
    File::create(mount.join("empty")).unwrap();
    assert_eq!(read("empty"), b"");
    fs::remove_file(mount.join("empty")).unwrap();
    assert_eq!(fs::read(mount.join("empty")).unwrap_err().kind(), ErrorKind::NotFound);
}

/// truncate(2), by name.
fn rustix_truncate(path: &Path, len: u64) {
    let status = std::process::Command::new("truncate")
        .args(["-c", "-s", &len.to_string()])
        .arg(path)
        .status()
        .unwrap();
    assert!(status.success());
}

fn names(mount: &Path, read: &dyn Fn(&str) -> Vec<u8>) {
    let odd =
        ["a b", "100%", "%41", "#hash", "q?x=1&y", "ümlaut 日本", "dots...", "q'\"<>", "+;:@"];
    for name in odd {
        fs::write(mount.join(name), name).unwrap();
        assert_eq!(read(name), name.as_bytes(), "{name}");
        assert_eq!(fs::read(mount.join(name)).unwrap(), name.as_bytes(), "{name}");
    }
    let mut listed: Vec<String> = fs::read_dir(mount)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    listed.retain(|name| odd.contains(&name.as_str()));
    assert_eq!(listed.len(), odd.len(), "{listed:?}");
    for name in odd {
        fs::remove_file(mount.join(name)).unwrap();
    }
}

fn directories(mount: &Path, read: &dyn Fn(&str) -> Vec<u8>) {
    let dir = mount.join("some dir");
    fs::create_dir(&dir).unwrap();
    assert_eq!(fs::create_dir(&dir).unwrap_err().kind(), ErrorKind::AlreadyExists);
    fs::write(dir.join("inner"), "kept").unwrap();
    let error = fs::remove_dir(&dir).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DirectoryNotEmpty);
    assert_eq!(read("some dir/inner"), b"kept", "rmdir deletes nothing in it");
    fs::remove_file(dir.join("inner")).unwrap();
    fs::remove_dir(&dir).unwrap();
    assert!(!dir.exists());
    fs::create_dir_all(mount.join("x/y/z")).unwrap();
    fs::write(mount.join("x/y/z/deep"), "deep").unwrap();
    assert_eq!(read("x/y/z/deep"), b"deep");
    fs::remove_dir_all(mount.join("x")).unwrap();
}

fn renames(mount: &Path, read: &dyn Fn(&str) -> Vec<u8>) {
    let (a, b) = (mount.join("from a"), mount.join("to b"));
    fs::write(&a, "new").unwrap();
    fs::write(&b, "old").unwrap();
    fs::rename(&a, &b).unwrap();
    assert_eq!((read("to b"), a.exists()), (b"new".to_vec(), false));
    // An editor saves: another file, synchronised, renamed over the first.
    let mut fresh = File::create(&a).unwrap();
    fresh.write_all(b"edited").unwrap();
    fresh.sync_all().unwrap();
    fs::rename(&a, &b).unwrap();
    fresh.write_all(b"!").unwrap();
    drop(fresh);
    assert_eq!(read("to b"), b"edited!");
    fs::create_dir(mount.join("d1")).unwrap();
    fs::write(mount.join("d1/f"), "moves along").unwrap();
    fs::rename(mount.join("d1"), mount.join("d2")).unwrap();
    assert_eq!(fs::read(mount.join("d2/f")).unwrap(), b"moves along");
    fs::create_dir(mount.join("d3")).unwrap();
    fs::rename(mount.join("d2"), mount.join("d3")).unwrap();
    assert_eq!(read("d3/f"), b"moves along");
    fs::create_dir(mount.join("d4")).unwrap();
    let full = fs::rename(mount.join("d4"), mount.join("d3")).unwrap_err();
    assert_eq!(full.kind(), ErrorKind::DirectoryNotEmpty);
    fs::remove_dir(mount.join("d4")).unwrap();
    fs::remove_dir_all(mount.join("d3")).unwrap();
    fs::remove_file(&b).unwrap();
}

fn handles(mount: &Path, read: &dyn Fn(&str) -> Vec<u8>) {
    let path = mount.join("shared");
    fs::write(&path, "0123456789").unwrap();
    // Two handles of one file share what is written.
    let one = OpenOptions::new().write(true).read(true).open(&path).unwrap();
    let two = OpenOptions::new().write(true).read(true).open(&path).unwrap();
    one.write_all_at(b"AA", 0).unwrap();
    two.write_all_at(b"BB", 8).unwrap();
    let mut seen = [0; 10];
    one.read_exact_at(&mut seen, 0).unwrap();
    assert_eq!(&seen, b"AA234567BB");
    drop(two);
    drop(one);
    assert_eq!(read("shared"), b"AA234567BB");
    // Who has it open keeps it, read so far or not.
    let reader = File::open(&path).unwrap();
    let writer = OpenOptions::new().write(true).read(true).open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(!path.exists());
    reader.read_exact_at(&mut seen, 0).unwrap();
    assert_eq!(&seen, b"AA234567BB");
    writer.write_all_at(b"late", 0).unwrap();
    reader.read_exact_at(&mut seen, 0).unwrap();
    assert_eq!(&seen, b"late4567BB");
    drop((reader, writer));
    assert!(!path.exists());
}

fn large(mount: &Path, read: &dyn Fn(&str) -> Vec<u8>) {
    // 8 MiB and a bit, of a generator whose every part differs.
    let mut state = 1_u64;
    let bytes: Vec<u8> = (0..8 * 1024 * 1024 + 13)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        })
        .collect();
    let path = mount.join("large");
    fs::write(&path, &bytes).unwrap();
    assert!(read("large") == bytes);
    assert!(fs::read(&path).unwrap() == bytes);
    let file = File::open(&path).unwrap();
    for offset in [8 * 1024 * 1024, 3_000_000, 1_048_570, 0, 5] {
        let mut part = [0; 13];
        file.read_exact_at(&mut part, offset).unwrap();
        let at = usize::try_from(offset).unwrap();
        assert_eq!(part, bytes[at..at + 13]);
    }
    assert_eq!(file.read_at(&mut [0; 8], bytes.len() as u64).unwrap(), 0);
    drop(file);
    fs::remove_file(path).unwrap();
}

fn refused(mount: &Path) {
    let errno = |result: std::io::Result<()>| result.unwrap_err().raw_os_error().unwrap();
    let file = mount.join("file");
    const EPERM: i32 = 1;
    assert_eq!(errno(std::os::unix::fs::symlink("x", mount.join("link"))), EPERM);
    assert_eq!(errno(fs::hard_link(&file, mount.join("hard"))), EPERM);
    let other = Some(12345);
    assert_eq!(errno(std::os::unix::fs::chown(&file, other, None)), EPERM);
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&file, permissions).unwrap();
    let times = fs::FileTimes::new().set_modified(std::time::SystemTime::UNIX_EPOCH);
    OpenOptions::new().write(true).open(&file).unwrap().set_times(times).unwrap();
    let metadata = fs::metadata(&file).unwrap();
    assert_eq!(metadata.uid(), rustix::process::geteuid().as_raw());
}

#[test]
fn files_behave() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    exercise(&mount, &|name| served.read(name));
    assert_eq!(bench.cancel("S:", false), Ok(()));
    bench.assert_nothing_left();
}

/// Python's mmap, as the standard library has none without unsafe code.
#[test]
fn mapped_writes_arrive() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    fs::write(mount.join("m"), vec![b'-'; 10_000]).unwrap();
    let script = "import mmap,sys\nf=open(sys.argv[1],'r+b')\nm=mmap.mmap(f.fileno(),0)\n\
                  f.close()\nm[5000:5006]=b'mapped'\nm.close()";
    let run =
        std::process::Command::new("python3").args(["-c", script]).arg(mount.join("m")).status();
    match run {
        Ok(status) => assert!(status.success()),
        Err(error) => return skip("mmap", &format!("python3: {error}")),
    }
    assert_eq!(bench.cancel("S:", false), Ok(()));
    assert_eq!(&served.read("m")[5000..5006], b"mapped");
}

#[test]
fn changes_behind_the_mount_are_seen() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    fs::write(mount.join("f"), "old").unwrap();
    fs::write(served.behind.path().join("f"), "newer and longer").unwrap();
    crate::bench::eventually("the new content shows", || {
        fs::read(mount.join("f")).unwrap() == b"newer and longer"
    });
}

#[test]
fn appending_never_overwrites() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    let path = mount.join("log");
    fs::write(&path, "one\n").unwrap();
    let mut open = OpenOptions::new().append(true).open(&path).unwrap();
    // Another client was there first; the kernel has not heard of it.
    fs::write(served.behind.path().join("log"), "one\ntwo\n").unwrap();
    open.write_all(b"three\n").unwrap();
    drop(open);
    assert_eq!(served.read("log"), b"one\ntwo\nthree\n");
}

#[test]
fn an_open_file_goes_on_where_another_client_appends() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    fs::write(served.behind.path().join("log"), "one\n").unwrap();
    let mut open = File::open(mount.join("log")).unwrap();
    let mut text = String::new();
    open.read_to_string(&mut text).unwrap();
    fs::write(served.behind.path().join("log"), "one\ntwo\n").unwrap();
    eventually("the new line is read", || {
        // As `tail -f` does.
        let _ = open.metadata().unwrap();
        open.read_to_string(&mut text).unwrap();
        text == "one\ntwo\n"
    });
}
