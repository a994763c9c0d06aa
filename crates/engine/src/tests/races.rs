//! Answers that are on their way while something changes here.

use std::fs;
use std::time::Duration;

use crate::testing::mount::{Mount, until};

#[test]
fn a_lookup_under_way_does_not_undo_a_rename() {
    let Some(mount) = Mount::new("a_lookup_under_way_does_not_undo_a_rename") else { return };
    for round in 0..20 {
        // New names: for a while the kernel believes that the old ones are missing.
        let (from, to) = (format!("from{round}"), format!("to{round}"));
        fs::write(mount.stored(&from), "content").unwrap();
        mount.faults.delay(Duration::from_millis(10));
        std::thread::scope(|scope| {
            let looking = scope.spawn(|| fs::metadata(mount.path(&from)).is_ok());
            std::thread::sleep(Duration::from_millis(round % 5 * 3));
            fs::rename(mount.path(&from), mount.path(&to)).unwrap();
            let _ = looking.join().unwrap();
        });
        mount.faults.delay(Duration::ZERO);
        assert!(!mount.path(&from).exists(), "round {round}");
        assert_eq!(fs::read(mount.path(&to)).unwrap(), b"content");
    }
}

#[test]
fn a_listing_under_way_does_not_undo_a_change() {
    let Some(mount) = Mount::new("a_listing_under_way_does_not_undo_a_change") else { return };
    fs::create_dir(mount.path("d")).unwrap();
    for round in 0..20 {
        fs::write(mount.path("d/old"), "x").unwrap();
        mount.faults.delay(Duration::from_millis(10));
        std::thread::scope(|scope| {
            let listing = scope.spawn(|| fs::read_dir(mount.path("d")).map(Iterator::count));
            std::thread::sleep(Duration::from_millis(round % 5 * 3));
            fs::remove_file(mount.path("d/old")).unwrap();
            let _ = listing.join().unwrap();
        });
        mount.faults.delay(Duration::ZERO);
        assert!(!mount.path("d/old").exists(), "round {round}");
        assert_eq!(fs::read_dir(mount.path("d")).unwrap().count(), 0, "round {round}");
    }
}

#[test]
fn a_slow_call_keeps_nobody_else_waiting() {
    let Some(mount) = Mount::new("a_slow_call_keeps_nobody_else_waiting") else { return };
    fs::write(mount.stored("f"), "x").unwrap();
    assert!(mount.path("f").exists());
    mount.faults.silence(true);
    std::thread::scope(|scope| {
        let stuck: Vec<_> = (0..20)
            .map(|n| {
                scope.spawn({
                    let mount = &mount;
                    move || fs::metadata(mount.path(&format!("s{n}"))).is_ok()
                })
            })
            .collect();
        until("they ask", || mount.faults.calls("stat") >= 20);
        // The root and the room on the server are told from memory.
        assert!(fs::metadata(mount.path("")).is_ok());
        assert!(rustix::fs::statvfs(mount.path("")).is_ok());
        mount.faults.silence(false);
        for stuck in stuck {
            assert!(!stuck.join().unwrap());
        }
    });
}

#[test]
fn changes_of_others_are_seen() {
    let Some(mount) = Mount::new("changes_of_others_are_seen") else { return };
    fs::write(mount.stored("f"), "one").unwrap();
    assert_eq!(fs::read(mount.path("f")).unwrap(), b"one");
    fs::write(mount.stored("f"), "another").unwrap();
    until("the new content is seen", || fs::read(mount.path("f")).unwrap() == b"another");
    fs::remove_file(mount.stored("f")).unwrap();
    until("it is gone", || !mount.path("f").exists());
    fs::write(mount.stored("g"), "").unwrap();
    until("the new name is seen", || mount.path("g").exists());
}
