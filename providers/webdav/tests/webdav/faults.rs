//! Servers that stop answering or run full.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileExt as _;
use std::time::Duration;

use crate::bench::{Bench, LONG, Served, eventually};

const ENOSPC: i32 = 28;
const EACCES: i32 = 13;
const ETIMEDOUT: i32 = 110;

/// Closes a file and returns what close said, which dropping it would swallow.
fn close(file: File) -> std::io::Result<()> {
    // A duplicate that is closed flushes like the original.
    let copy = file.as_fd().try_clone_to_owned()?;
    nix_close(copy)
}

fn nix_close(descriptor: std::os::fd::OwnedFd) -> std::io::Result<()> {
    nix::unistd::close(descriptor).map_err(Into::into)
}

#[test]
fn a_full_disk_shows_at_close_and_nothing_is_lost() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    let path = mount.join("f");
    fs::write(&path, "before").unwrap();
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b" and after").unwrap();
    served.server.faults().refuse_put(Some(507));
    assert_eq!(close(file.try_clone().unwrap()).unwrap_err().raw_os_error(), Some(ENOSPC));
    assert_eq!(file.sync_all().unwrap_err().raw_os_error(), Some(ENOSPC));
    drop(file);
    assert_eq!(served.read("f"), b"before");
    assert_eq!(fs::read(&path).unwrap(), b"before and after", "the mount still has it");
    served.server.faults().refuse_put(None);
    // Nobody touches it: the serving process offers it again by itself.
    eventually("it is offered again", || served.read("f") == b"before and after");
    assert_eq!(fs::read(&path).unwrap(), b"before and after");
    let created = {
        served.server.faults().refuse_put(Some(507));
        File::create(mount.join("new")).unwrap_err()
    };
    assert_eq!(created.raw_os_error(), Some(ENOSPC));
}

/// What is written is sent along; a server that wants a length first, or refuses half-way, gets it
/// whole once it is closed.
#[test]
fn an_upload_that_goes_along_is_refused_and_made_whole() {
    let content: Vec<u8> = (0..2_000_000_u32).flat_map(u32::to_le_bytes).collect();
    for (after, status) in [(0, 411), (0, 501), (3_000_000, 400), (3_000_000, 403)] {
        let Some(bench) = Bench::new(LONG) else { return };
        let served = Served::new(None);
        let mount = bench.connect("S:", &served.server.url()).unwrap();
        served.server.faults().refuse_chunked_put(after, status);
        for name in ["one", "two"] {
            let mut file = File::create(mount.join(name)).unwrap();
            content.chunks(100_000).for_each(|part| file.write_all(part).unwrap());
            file.sync_all().unwrap();
            drop(file);
            assert!(served.read(name) == content, "{after} {status}");
        }
        eventually("it is not in use", || bench.cancel("S:", false) == Ok(()));
        bench.assert_nothing_left();
        assert!(!bench.root.path().join("unsaved").exists());
    }
}

#[test]
fn a_disk_that_fills_up_half_way_is_told_and_nothing_is_lost() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    served.server.faults().refuse_chunked_put(3_000_000, 507);
    let mut file = File::create(mount.join("f")).unwrap();
    let content = vec![7; 8_000_000];
    content.chunks(100_000).for_each(|part| file.write_all(part).unwrap());
    served.server.faults().refuse_put(Some(507));
    assert_eq!(file.sync_all().unwrap_err().raw_os_error(), Some(ENOSPC));
    assert!(fs::read(mount.join("f")).unwrap() == content, "the mount still has it");
    served.server.faults().refuse_put(None);
    file.sync_all().unwrap();
    assert!(served.read("f") == content);
}

/// The kernel says late that a file was closed; a large one is not fetched for that.
#[test]
fn removing_an_open_file_fetches_nothing() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    let behind = |name: &str| served.behind.path().join(name);
    fs::create_dir(behind("d")).unwrap();
    let size = 64 << 20;
    File::create(behind("d/large")).unwrap().set_len(size).unwrap();
    let file = File::open(mount.join("d/large")).unwrap();
    assert_eq!(file.metadata().unwrap().len(), size);
    let reads = served.server.faults().reads();
    fs::remove_file(mount.join("d/large")).unwrap();
    assert_eq!(served.server.faults().reads(), reads);
    assert!(!mount.join("d/large").exists() && !behind("d/large").exists());
    assert_eq!(fs::read_dir(mount.join("d")).unwrap().count(), 0);
    let mut seen = [1; 100];
    file.read_exact_at(&mut seen, size - 100).unwrap();
    assert_eq!(seen, [0; 100]);
    drop(file);
    eventually("nothing is left", || fs::read_dir(behind("d")).unwrap().count() == 0);
    fs::remove_dir(mount.join("d")).unwrap();
    assert_eq!(bench.cancel("S:", false), Ok(()));
    bench.assert_nothing_left();
}

#[test]
fn a_log_without_room_ends_nothing() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let notes = bench.settings.runtime.service_dir();
    fs::create_dir_all(&notes).unwrap();
    for dir in [&bench.dir(), &notes] {
        fs::set_permissions(dir, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    }
    std::os::unix::fs::symlink("/dev/full", notes.join("S.log")).unwrap();
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    // More often than it has threads.
    for _ in 0..8 {
        let file = File::create(mount.join("f")).unwrap();
        (&file).write_all(b"kept").unwrap();
        served.server.faults().refuse_put(Some(507));
        assert_eq!(close(file.try_clone().unwrap()).unwrap_err().raw_os_error(), Some(ENOSPC));
        served.server.faults().refuse_put(None);
        assert!(file.sync_all().is_ok());
    }
    assert_eq!(served.read("f"), b"kept");
}

#[test]
fn a_long_name_is_saved_beside_too() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    let file = File::create(mount.join("\u{e4}".repeat(127))).unwrap();
    (&file).write_all(b"all my work").unwrap();
    served.server.faults().refuse_put(Some(507));
    assert!(close(file).is_err());
    eventually("it is not in use", || bench.cancel("S:", false) == Ok(()));
    let saved: Vec<_> =
        fs::read_dir(bench.root.path().join("unsaved")).unwrap().flatten().collect();
    assert_eq!(saved.len(), 1);
    assert_eq!(fs::read(saved[0].path()).unwrap(), b"all my work");
}

#[test]
fn unsaved_data_is_stored_when_the_mount_ends() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    let file = File::create(mount.join("f")).unwrap();
    (&file).write_all(b"kept").unwrap();
    served.server.faults().refuse_put(Some(500));
    assert!(close(file.try_clone().unwrap()).is_err());
    drop(file);
    served.server.faults().refuse_put(None);
    eventually("it is not in use", || bench.cancel("S:", false) == Ok(()));
    eventually("the last offer is taken", || served.read("f") == b"kept");
    bench.assert_nothing_left();
}

#[test]
fn what_no_server_takes_is_saved_beside() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    let file = File::create(mount.join("my report")).unwrap();
    (&file).write_all(b"all my work").unwrap();
    served.server.faults().refuse_put(Some(507));
    assert!(close(file).is_err());
    eventually("it is not in use", || bench.cancel("S:", false) == Ok(()));
    bench.assert_nothing_left();
    let saved: Vec<_> =
        fs::read_dir(bench.root.path().join("unsaved")).unwrap().flatten().collect();
    assert_eq!(saved.len(), 1);
    assert!(saved[0].file_name().into_string().unwrap().starts_with("my report."));
    assert_eq!(fs::read(saved[0].path()).unwrap(), b"all my work");
}

#[test]
fn a_read_only_server_refuses_with_the_right_number() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    fs::write(mount.join("f"), "fixed").unwrap();
    served.server.faults().readonly(true);
    let errno = |result: std::io::Result<()>| result.unwrap_err().raw_os_error();
    assert_eq!(errno(fs::write(mount.join("g"), "")), Some(EACCES));
    assert_eq!(errno(fs::create_dir(mount.join("d"))), Some(EACCES));
    assert_eq!(errno(fs::remove_file(mount.join("f"))), Some(EACCES));
    assert_eq!(errno(fs::rename(mount.join("f"), mount.join("h"))), Some(EACCES));
    assert_eq!(fs::read(mount.join("f")).unwrap(), b"fixed");
}

#[test]
fn a_silent_server_costs_each_operation_its_limit_and_no_more() {
    let Some(bench) = Bench::new(Duration::from_millis(300)) else { return };
    let served = Served::new(None);
    let url = served.server.url();
    let mount = bench.connect("S:", &url).unwrap();
    fs::create_dir(served.behind.path().join("never listed")).unwrap();
    fs::write(served.behind.path().join("never read"), "x").unwrap();
    served.server.faults().freeze(true);
    // They end, all of them, with an error; the test would hang if one did not.
    for _ in 0..3 {
        let error = fs::read_dir(mount.join("never listed")).map(drop).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(ETIMEDOUT));
        assert_eq!(fs::read(mount.join("never read")).unwrap_err().raw_os_error(), Some(ETIMEDOUT));
    }
    // Asking what is connected asks no server.
    let requests = served.server.faults().requests();
    assert_eq!(bench.connection("S:"), Ok(url));
    assert!(rustix::fs::statfs(&mount).is_ok());
    assert_eq!(served.server.faults().requests(), requests);
    // It is back as soon as it answers, without a new connection.
    served.server.faults().freeze(false);
    eventually("the server is back", || {
        fs::read(mount.join("never read")).is_ok_and(|bytes| bytes == b"x")
    });
    served.server.faults().freeze(true);
    assert_eq!(bench.cancel("S:", false), Ok(()));
    bench.assert_nothing_left();
}

#[test]
fn force_frees_who_waits_on_a_dead_server() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    fs::create_dir(served.behind.path().join("d")).unwrap();
    let open = File::create(mount.join("f")).unwrap();
    let requests = served.server.faults().requests();
    served.server.faults().freeze(true);
    let waiting = {
        let mount = mount.clone();
        std::thread::spawn(move || fs::read_dir(mount.join("d")).map(drop))
    };
    eventually("somebody waits", || served.server.faults().requests() > requests);
    assert_eq!(bench.cancel("S:", false), Err(2401));
    let requests = served.server.faults().requests();
    assert_eq!(bench.cancel("S:", true), Ok(()));
    assert!(waiting.join().unwrap().is_err());
    assert_eq!(served.server.faults().requests(), requests, "no word to the server");
    assert!((&open).write_all(b"x").is_err());
    bench.assert_nothing_left();
}
