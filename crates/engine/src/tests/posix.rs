//! What programs rely on.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt};
use std::time::{Duration, SystemTime};

use crate::testing::local::ABILITIES;
use crate::testing::mount::{LONG, Mount, until};
use crate::{Abilities, FaultKind};

/// Servers that differ in what they can do.
const KINDS: [Abilities; 3] = [
    ABILITIES,
    Abilities { unlink_open: false, links: false, ..ABILITIES },
    Abilities { max_read: 4096, max_write: 1000, in_flight: 2, ..ABILITIES },
];

fn each(test: &str, check: impl Fn(&Mount)) {
    for abilities in KINDS {
        if let Some(mount) = Mount::with(test, LONG, abilities) {
            check(&mount);
        }
    }
}

#[test]
fn what_is_written_is_read_and_stored() {
    each("what_is_written_is_read_and_stored", |mount| {
        let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        fs::write(mount.path("f"), &content).unwrap();
        assert_eq!(fs::read(mount.stored("f")).unwrap(), content, "close means stored");
        assert_eq!(fs::read(mount.path("f")).unwrap(), content);
        let mut file = OpenOptions::new().append(true).open(mount.path("f")).unwrap();
        file.write_all(b"more").unwrap();
        assert_eq!(fs::metadata(mount.path("f")).unwrap().len(), content.len() as u64 + 4);
        drop(file);
        assert!(fs::read(mount.stored("f")).unwrap().ends_with(b"more"));
    });
}

#[test]
fn a_hole_before_what_waits_is_not_the_end() {
    each("a_hole_before_what_waits_is_not_the_end", |mount| {
        for round in 0..20 {
            let mut how = OpenOptions::new();
            let how = how.read(true).write(true).create_new(true);
            let file = how.open(mount.path(&format!("f{round}"))).unwrap();
            file.write_all_at(b"begin", 0).unwrap();
            file.sync_all().unwrap();
            file.write_all_at(&[7; 20_000], 200_000).unwrap();
            let mut seen = [1; 5000];
            file.read_exact_at(&mut seen, 100_000).unwrap();
            assert_eq!(seen, [0; 5000]);
        }
    });
}

#[test]
fn a_file_is_read_where_it_was_just_written() {
    each("a_file_is_read_where_it_was_just_written", |mount| {
        let mut how = OpenOptions::new();
        let how = how.read(true).write(true).create(true).truncate(true);
        let file = how.open(mount.path("f")).unwrap();
        file.write_all_at(&[1; 10_000], 0).unwrap();
        file.write_all_at(&[2; 100], 5_000).unwrap();
        file.write_all_at(b"end", 20_000).unwrap();
        let mut bytes = vec![0; 20_003];
        file.read_exact_at(&mut bytes, 0).unwrap();
        assert_eq!((bytes[4_999], bytes[5_000], bytes[5_099], bytes[5_100]), (1, 2, 2, 1));
        assert_eq!((&bytes[10_000..10_003], &bytes[20_000..]), (&[0; 3][..], &b"end"[..]));
        file.set_len(5_001).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 5_001);
        file.sync_all().unwrap();
        assert_eq!(fs::metadata(mount.stored("f")).unwrap().len(), 5_001);
        file.set_len(0).unwrap();
        file.write_all_at(b"x", 0).unwrap();
        drop(file);
        assert_eq!(fs::read(mount.stored("f")).unwrap(), b"x");
    });
}

#[test]
fn appending_is_at_the_end_that_the_server_has() {
    each("appending_is_at_the_end_that_the_server_has", |mount| {
        fs::write(mount.path("log"), "one ").unwrap();
        let mut here = OpenOptions::new().append(true).open(mount.path("log")).unwrap();
        let mut there = OpenOptions::new().append(true).open(mount.stored("log")).unwrap();
        there.write_all(b"two ").unwrap();
        here.write_all(b"three ").unwrap();
        here.write_all(b"four ").unwrap();
        here.sync_all().unwrap();
        assert_eq!(fs::read(mount.stored("log")).unwrap(), b"one two three four ");
    });
}

#[test]
fn making_removing_and_what_is_refused() {
    each("making_removing_and_what_is_refused", |mount| {
        let kind = |result: std::io::Result<()>| result.unwrap_err().kind();
        fs::create_dir(mount.path("d")).unwrap();
        assert_eq!(kind(fs::create_dir(mount.path("d"))), ErrorKind::AlreadyExists);
        fs::write(mount.path("d/f"), "x").unwrap();
        assert_eq!(kind(fs::remove_dir(mount.path("d"))), ErrorKind::DirectoryNotEmpty);
        assert_eq!(kind(fs::remove_file(mount.path("d/none"))), ErrorKind::NotFound);
        let again = OpenOptions::new().write(true).create_new(true).open(mount.path("d/f"));
        assert_eq!(again.unwrap_err().kind(), ErrorKind::AlreadyExists);
        fs::remove_file(mount.path("d/f")).unwrap();
        assert_eq!(kind(fs::metadata(mount.path("d/f")).map(drop)), ErrorKind::NotFound);
        fs::remove_dir(mount.path("d")).unwrap();
        assert_eq!(fs::read_dir(mount.server.path()).unwrap().count(), 0);
    });
}

#[test]
fn an_open_file_outlives_its_name() {
    each("an_open_file_outlives_its_name", |mount| {
        fs::create_dir(mount.path("d")).unwrap();
        for (name, replaced) in [("d/gone", false), ("d/replaced", true)] {
            fs::write(mount.path(name), "before").unwrap();
            let mut file =
                OpenOptions::new().read(true).write(true).open(mount.path(name)).unwrap();
            if replaced {
                fs::write(mount.path("new"), "after").unwrap();
                fs::rename(mount.path("new"), mount.path(name)).unwrap();
                assert_eq!(fs::read(mount.path(name)).unwrap(), b"after");
            } else {
                fs::remove_file(mount.path(name)).unwrap();
                assert!(!mount.path(name).exists());
                assert_eq!(fs::read_dir(mount.path("d")).unwrap().count(), 0, "it is hidden");
            }
            file.write_all(b"BE").unwrap();
            file.seek(SeekFrom::Start(0)).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            assert_eq!(text, "BEfore");
            drop(file);
        }
        fs::remove_file(mount.path("d/replaced")).unwrap();
        until("the server keeps nothing", || fs::read_dir(mount.stored("d")).unwrap().count() == 0);
        fs::remove_dir(mount.path("d")).unwrap();
    });
}

/// By its handle, or where it is hidden; what was written stays in any case.
#[test]
fn a_file_without_a_name_can_be_changed() {
    each("a_file_without_a_name_can_be_changed", |mount| {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        for replaced in [false, true] {
            for write in [true, false] {
                fs::write(mount.path("f"), "abc").unwrap();
                let mut file =
                    OpenOptions::new().read(true).write(write).open(mount.path("f")).unwrap();
                if replaced {
                    fs::write(mount.path("new"), "after").unwrap();
                    fs::rename(mount.path("new"), mount.path("f")).unwrap();
                } else {
                    fs::remove_file(mount.path("f")).unwrap();
                }
                if write {
                    file.write_all_at(b"def", 3).unwrap();
                }
                file.set_permissions(PermissionsExt::from_mode(0o600)).unwrap();
                file.set_modified(time).unwrap();
                let found = file.metadata().unwrap();
                assert_eq!((found.mode() & 0o777, found.modified().unwrap()), (0o600, time));
                let mut text = String::new();
                file.read_to_string(&mut text).unwrap();
                assert_eq!(text, if write { "abcdef" } else { "abc" });
                file.sync_all().unwrap();
                file.sync_data().unwrap();
                if replaced {
                    assert_ne!(fs::metadata(mount.path("f")).unwrap().modified().unwrap(), time);
                    assert_eq!(fs::read(mount.path("f")).unwrap(), b"after");
                }
            }
        }
    });
}

/// Without a cache between: what a program reads and writes is what the engine is asked for.
#[test]
fn direct_reading_and_writing() {
    each("direct_reading_and_writing", |mount| {
        let direct = i32::try_from(rustix::fs::OFlags::DIRECT.bits()).unwrap();
        let mut how = OpenOptions::new();
        let how = how.read(true).write(true).create(true).custom_flags(direct);
        let file = how.open(mount.path("f")).unwrap();
        let content: Vec<u8> = (0..500_000_u32).flat_map(u32::to_le_bytes).collect();
        file.write_all_at(&content, 0).unwrap();
        file.write_all_at(b"here", 777).unwrap();
        let mut seen = vec![0; 4096];
        file.read_exact_at(&mut seen, 0).unwrap();
        assert_eq!(&seen[777..781], b"here");
        assert_eq!(&seen[..777], &content[..777]);
        // Somebody else's change is seen at once, once what was fetched ahead is old.
        file.sync_all().unwrap();
        let mut expected = content.clone();
        expected[777..781].copy_from_slice(b"here");
        assert!(fs::read(mount.stored("f")).unwrap() == expected);
        let mut all = vec![0; content.len() + 100];
        let mut filled = 0;
        loop {
            match file.read_at(&mut all[filled..], filled as u64).unwrap() {
                0 => break,
                count => filled += count,
            }
        }
        assert!(all[..filled] == expected);
        file.set_len(10).unwrap();
        assert_eq!(file.read_at(&mut all, 4).unwrap(), 6);
        drop(file);
        assert_eq!(fs::metadata(mount.stored("f")).unwrap().len(), 10);
    });
}

/// Hidden or not, what is open is found where its directory went.
#[test]
fn a_file_without_a_name_moves_with_its_directory() {
    each("a_file_without_a_name_moves_with_its_directory", |mount| {
        fs::create_dir_all(mount.path("a/b")).unwrap();
        fs::write(mount.path("a/b/f"), "content").unwrap();
        let file = File::open(mount.path("a/b/f")).unwrap();
        fs::remove_file(mount.path("a/b/f")).unwrap();
        fs::rename(mount.path("a"), mount.path("z")).unwrap();
        let mut seen = [0; 7];
        file.read_exact_at(&mut seen, 0).unwrap();
        assert_eq!((&seen, fs::read_dir(mount.path("z/b")).unwrap().count()), (b"content", 0));
        drop(file);
        until("nothing is left of it", || fs::read_dir(mount.stored("z/b")).unwrap().count() == 0);
        fs::remove_dir(mount.path("z/b")).unwrap();
    });
}

/// As Windows and Samba do, the stand-in refuses to rename a directory with open files.
#[test]
fn what_is_open_is_closed_for_a_rename_and_opened_again() {
    let without = Abilities { unlink_open: false, locks: true, ..ABILITIES };
    let test = "what_is_open_is_closed_for_a_rename_and_opened_again";
    let Some(mount) = Mount::with(test, LONG, without) else { return };
    mount.faults.guard_directories();
    fs::create_dir(mount.path("d")).unwrap();
    let mut file = File::create(mount.path("d/f")).unwrap();
    file.write_all(b"one ").unwrap();
    fs::rename(mount.path("d"), mount.path("e")).unwrap();
    file.write_all(b"two").unwrap();
    file.sync_all().unwrap();
    assert_eq!(fs::read(mount.stored("e/f")).unwrap(), b"one two");
    // Somebody who looks at a file has it open, for a moment.
    mount.faults.refuse_next("rename", FaultKind::Denied, 3);
    fs::rename(mount.path("e"), mount.path("d")).unwrap();
    fs::rename(mount.path("d"), mount.path("e")).unwrap();
    // Not where that would let go of a lock.
    let lock = rustix::fs::FlockOperation::NonBlockingLockExclusive;
    rustix::fs::fcntl_lock(&file, lock).unwrap();
    let refused = fs::rename(mount.path("e"), mount.path("g")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
    drop(file);
    until("it is closed", || fs::rename(mount.path("e"), mount.path("g")).is_ok());
}

#[test]
fn renaming_takes_open_files_and_directories_along() {
    each("renaming_takes_open_files_and_directories_along", |mount| {
        fs::create_dir_all(mount.path("a/b")).unwrap();
        let mut file = File::create(mount.path("a/b/f")).unwrap();
        file.write_all(b"one").unwrap();
        fs::rename(mount.path("a"), mount.path("z")).unwrap();
        file.write_all(b"two").unwrap();
        drop(file);
        assert_eq!(fs::read(mount.stored("z/b/f")).unwrap(), b"onetwo");
        assert_eq!(fs::read(mount.path("z/b/f")).unwrap(), b"onetwo");
        assert!(!mount.path("a").exists());
        let within = fs::rename(mount.path("z"), mount.path("z/b/z"));
        assert_eq!(within.unwrap_err().raw_os_error(), Some(22));
    });
}

#[test]
fn modes_and_times_are_kept() {
    let Some(mount) = Mount::new("modes_and_times_are_kept") else { return };
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let mut file = File::create(mount.path("f")).unwrap();
    file.write_all(b"content").unwrap();
    file.set_modified(time).unwrap();
    file.set_permissions(PermissionsExt::from_mode(0o640)).unwrap();
    drop(file);
    for path in [mount.path("f"), mount.stored("f")] {
        let found = fs::metadata(path).unwrap();
        assert_eq!((found.modified().unwrap(), found.mode() & 0o777), (time, 0o640));
    }
}

#[test]
fn links_where_the_server_has_them() {
    let Some(mount) = Mount::new("links_where_the_server_has_them") else { return };
    fs::write(mount.path("f"), "x").unwrap();
    std::os::unix::fs::symlink("f", mount.path("s")).unwrap();
    assert_eq!(fs::read_link(mount.path("s")).unwrap().to_str(), Some("f"));
    assert_eq!(fs::read(mount.path("s")).unwrap(), b"x");
    fs::hard_link(mount.path("f"), mount.path("h")).unwrap();
    assert_eq!(fs::read(mount.stored("h")).unwrap(), b"x");
    let without = Abilities { links: false, ..ABILITIES };
    let Some(mount) = Mount::with("links", LONG, without) else { return };
    let refused = std::os::unix::fs::symlink("f", mount.path("s")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
}

#[test]
fn a_directory_that_is_read_again_shows_ones_own_changes() {
    each("a_directory_that_is_read_again_shows_ones_own_changes", |mount| {
        let open = File::open(mount.path("")).unwrap();
        let mut dir = rustix::fs::Dir::read_from(&open).unwrap();
        let names = |dir: &mut rustix::fs::Dir| {
            dir.rewind();
            let names = dir.map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned());
            let mut names: Vec<_> = names.filter(|name| !name.starts_with('.')).collect();
            names.sort();
            names
        };
        for number in 0..4 {
            let (one, two) = (format!("one{number}"), format!("two{number}"));
            assert!(names(&mut dir).is_empty());
            File::create(mount.path(&one)).unwrap();
            assert_eq!(names(&mut dir), [one.as_str()]);
            fs::rename(mount.path(&one), mount.path(&two)).unwrap();
            assert_eq!(names(&mut dir), [two.as_str()]);
            fs::remove_file(mount.path(&two)).unwrap();
        }
    });
}

#[test]
fn ten_thousand_names_are_one_question() {
    let Some(mount) = Mount::new("ten_thousand_names_are_one_question") else { return };
    for number in 0..10_000 {
        File::create(mount.stored(&format!("f{number}"))).unwrap();
    }
    let (mut count, begun) = (0, std::time::Instant::now());
    for entry in fs::read_dir(mount.path("")).unwrap() {
        count += usize::from(entry.unwrap().metadata().unwrap().is_file());
    }
    assert_eq!(count, 10_000);
    // What is known is believed for a second: on a busy machine it may be asked for again.
    let most = 1 + begun.elapsed().as_secs() as usize;
    let asked = ["list", "stat"].map(|call| mount.faults.calls(call));
    assert!(asked.iter().all(|asked| *asked <= most), "{asked:?}, not {most}");
}

#[test]
fn names_in_another_case_are_one_file_where_the_server_says_so() {
    let abilities = Abilities { ignores_case: true, ..ABILITIES };
    let Some(mount) = Mount::with("names_in_another_case", LONG, abilities) else { return };
    fs::write(mount.path("Name"), "x").unwrap();
    // The stand-in does not ignore case: what is answered here, memory answers.
    fs::rename(mount.path("Name"), mount.path("NAME")).unwrap();
    assert_eq!(fs::read(mount.stored("NAME")).unwrap(), b"x");
    assert!(!mount.stored("Name").exists());
}

#[test]
fn locks_are_the_servers_where_it_has_some() {
    use rustix::fs::{FlockOperation, fcntl_lock};

    let abilities = Abilities { locks: true, ..ABILITIES };
    let Some(mount) = Mount::with("locks_are_the_servers", LONG, abilities) else { return };
    let mut how = OpenOptions::new();
    let file = how.read(true).write(true).create(true).open(mount.path("f")).unwrap();
    fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).unwrap();
    assert_eq!(mount.faults.calls("lock"), 1);
    // With the connection the server loses the lock; the engine takes it again.
    mount.faults.cut();
    file.write_all_at(b"x", 0).unwrap();
    file.sync_all().unwrap();
    assert_eq!(mount.faults.calls("lock"), 2);
    fcntl_lock(&file, FlockOperation::NonBlockingUnlock).unwrap();
    mount.faults.refuse("lock", Some(crate::FaultKind::WouldBlock));
    let refused = fcntl_lock(&file, FlockOperation::NonBlockingLockShared);
    assert_eq!(refused, Err(rustix::io::Errno::AGAIN));
    mount.faults.refuse("lock", None);
    fcntl_lock(&file, FlockOperation::NonBlockingLockShared).unwrap();
    let calls = mount.faults.calls("lock");
    drop(file);
    assert_eq!(mount.faults.calls("lock"), calls + 1, "closing unlocks");
}

#[test]
fn a_file_can_be_made_as_long_as_it_will_be() {
    let Some(mount) = Mount::new("a_file_can_be_made_as_long_as_it_will_be") else { return };
    let file = File::create(mount.path("f")).unwrap();
    rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 1000, 500).unwrap();
    assert_eq!(fs::metadata(mount.stored("f")).unwrap().len(), 1500);
    let hole = rustix::fs::FallocateFlags::PUNCH_HOLE | rustix::fs::FallocateFlags::KEEP_SIZE;
    let refused = rustix::fs::fallocate(&file, hole, 0, 500);
    assert_eq!(refused, Err(rustix::io::Errno::OPNOTSUPP));
}
