//! The server answers, and says no.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use mpr_mount_conformance::{Backend, run};
use rustix::io::Errno;

use crate::bench::{Bench, Setting, write_behind};
use crate::help::{LONG, errno, eventually};
use crate::skip::skip;

use super::workload::{SHORT, recovers, store, timed};

/// SFTP's third version has no number for it: there `EIO` is honest.
#[track_caller]
fn no_room(backend: &Backend, errno: Errno, wanted: Errno) {
    let vague = backend.provider == "sftp" && errno == Errno::IO;
    assert!(errno == wanted || errno == Errno::NOSPC || vague, "{errno:?}");
}

pub(crate) fn disk_full(setting: &Setting, backend: &'static Backend) {
    if setting.small.is_none() {
        return skip(&format!("{}/disk_full", backend.name), "no small file system without root");
    }
    let bench = Bench::new(setting, backend, LONG);
    let dir = bench.connect("S:", "full").dir;
    store(&dir.join("small"), b"kept", true).unwrap();
    let path = dir.join("large");
    let refused = errno(store(&path, &vec![b'x'; 12_000_000], true));
    no_room(backend, refused, Errno::NOSPC);
    assert_eq!(fs::read(dir.join("small")).unwrap(), b"kept");
    let _ = fs::remove_file(&path);
    eventually("there is room again", || store(&dir.join("small"), b"kept too", true).is_ok());
    assert_eq!(fs::read(bench.behind("full").join("small")).unwrap(), b"kept too");
    bench.delete("S:");
    bench.world.assert_nothing_left();
}

/// A library that makes writing fail while a file exists: no file system here has quotas. It asks
/// nothing about small writes: sshd's sandbox kills who asks before the login.
const QUOTA: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
static int over(int fd, size_t count)
{
    struct stat file;
    int saved = errno, found = count >= LEAST && access(SWITCH, F_OK) == 0
        && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_size + (off_t)count > 500000;
    errno = found ? EDQUOT : saved;
    return found;
}
#define NEXT(name) (next ? next : (next = dlsym(RTLD_NEXT, name)))
ssize_t write(int fd, const void *data, size_t count)
{
    static ssize_t (*next)(int, const void *, size_t);
    return over(fd, count) ? -1 : NEXT("write")(fd, data, count);
}
ssize_t pwrite(int fd, const void *data, size_t count, off_t at)
{
    static ssize_t (*next)(int, const void *, size_t, off_t);
    return over(fd, count) ? -1 : NEXT("pwrite")(fd, data, count, at);
}
ssize_t pwrite64(int fd, const void *data, size_t count, off_t at)
{
    static ssize_t (*next)(int, const void *, size_t, off_t);
    return over(fd, count) ? -1 : NEXT("pwrite64")(fd, data, count, at);
}
ssize_t writev(int fd, const struct iovec *parts, int count)
{
    static ssize_t (*next)(int, const struct iovec *, int);
    size_t all = 0;
    for (int i = 0; i < count; i++) all += parts[i].iov_len;
    return over(fd, all) ? -1 : NEXT("writev")(fd, parts, count);
}
"#;

pub(crate) fn quota(setting: &Setting, backend: &'static Backend) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (source, library) = (folder.path().join("quota.c"), folder.path().join("quota.so"));
    let switch = folder.path().join("over");
    let least = if backend.provider == "sftp" { "4000" } else { "1" };
    let text = QUOTA.replace("SWITCH", &format!("{switch:?}")).replace("LEAST", least);
    fs::write(&source, text).unwrap();
    let mut gcc = Command::new("gcc");
    gcc.args(["-shared", "-fPIC", "-O1", "-o"]).args([&library, &source]).arg("-ldl");
    run(&mut gcc, LONG).wanted("gcc");
    let preload = [("LD_PRELOAD".into(), library.into_os_string())];
    let bench = Bench::with(setting, backend, LONG, &preload);
    let dir = bench.connect("S:", "rw").dir;
    store(&dir.join("small"), b"kept", true).unwrap();
    fs::write(&switch, "").unwrap();
    let stored = store(&dir.join("large"), &vec![b'x'; 3_000_000], true);
    let arrived = fs::metadata(bench.behind("rw").join("large")).map(|it| it.len());
    let logs = bench.world.logs();
    assert!(stored.is_err(), "acknowledged, and the server has {arrived:?} of 3000000\n{logs}");
    let refused = errno(stored);
    no_room(backend, refused, Errno::DQUOT);
    fs::remove_file(&switch).unwrap();
    store(&dir.join("large"), &vec![b'y'; 3_000_000], true).unwrap();
    assert!(fs::read(bench.behind("rw").join("large")).unwrap() == vec![b'y'; 3_000_000]);
    bench.delete("S:");
    bench.world.assert_nothing_left();
}

pub(crate) fn read_only(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, LONG);
    write_behind(&bench.behind("ro").join("f"), b"fixed");
    fs::create_dir(bench.behind("ro").join("d")).unwrap();
    let dir = bench.connect("S:", "ro").dir;
    let refused = |result: std::io::Result<()>| {
        let errno = errno(result);
        assert!(matches!(errno, Errno::ROFS | Errno::ACCESS | Errno::PERM), "{errno:?}");
    };
    assert_eq!(fs::read(dir.join("f")).unwrap(), b"fixed");
    refused(store(&dir.join("g"), b"x", true));
    refused(store(&dir.join("f"), b"changed", true));
    refused(fs::create_dir(dir.join("e")));
    refused(fs::remove_file(dir.join("f")));
    refused(fs::remove_dir(dir.join("d")));
    refused(fs::rename(dir.join("f"), dir.join("h")));
    assert_eq!(fs::read(bench.behind("ro").join("f")).unwrap(), b"fixed");
    bench.delete("S:");
    bench.world.assert_nothing_left();
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

pub(crate) fn permission_removed(setting: &Setting, backend: &'static Backend) {
    // Apache hangs up on who lists what it may not read, as if it were going down.
    let bench = Bench::new(setting, backend, SHORT);
    let behind = bench.behind("rw").join("d");
    fs::create_dir(&behind).unwrap();
    mpr_testkit::give(&behind).unwrap();
    write_behind(&behind.join("f"), b"content");
    let dir = bench.connect("S:", "rw").dir;
    store(&dir.join("d/acknowledged"), b"kept", true).unwrap();
    chmod(&behind.join("f"), 0o000);
    assert_eq!(errno(fs::read(dir.join("d/f"))), Errno::ACCESS);
    chmod(&behind, 0o000);
    eventually("it is denied", || fs::read_dir(dir.join("d")).is_err());
    assert_eq!(errno(store(&dir.join("d/new"), b"x", true)), Errno::ACCESS);
    chmod(&behind, 0o755);
    chmod(&behind.join("f"), 0o644);
    eventually("it is allowed again", || {
        fs::read(dir.join("d/f")).is_ok_and(|content| content == b"content")
    });
    recovers(&dir.join("d"));
    assert_eq!(fs::read(behind.join("acknowledged")).unwrap(), b"kept");
    bench.delete("S:");
    bench.world.assert_nothing_left();
}

/// What is mounted is taken away on the server, and put back.
pub(crate) fn share_removed(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, SHORT);
    let dir = bench.connect("S:", "rw").dir;
    let (behind, away) = (bench.behind("rw"), bench.behind("away"));
    store(&dir.join("acknowledged"), b"kept", true).unwrap();
    fs::rename(&behind, &away).unwrap();
    for _ in 0..2 {
        let path = dir.join("new");
        let (made, _) = timed("a new file", move || store(&path, b"x", true));
        // A server that holds on to the directory itself does not notice.
        assert!(made.is_err() || away.join("new").exists());
        let path = dir.join("never seen");
        assert!(timed("stat", move || fs::metadata(path)).0.is_err());
    }
    super::server::asking_is_quick(&bench.world, &dir);
    fs::rename(&away, &behind).unwrap();
    recovers(&dir);
    assert_eq!(fs::read(dir.join("acknowledged")).unwrap(), b"kept");
    bench.delete("S:");
    bench.world.assert_nothing_left();
}
