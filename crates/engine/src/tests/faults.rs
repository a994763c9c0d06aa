//! Servers that fail, and what programs see of it.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, Instant};

use crate::health::Condition;
use crate::testing::local::ABILITIES;
use crate::testing::mount::{Mount, until};
use crate::{Abilities, FaultKind};

const LIMIT: Duration = Duration::from_millis(1500);
/// What tells "bounded" from "hung".
const BOUND: Duration = Duration::from_secs(20);

const EIO: Option<i32> = Some(5);
const EBUSY: Option<i32> = Some(16);
const ETIMEDOUT: Option<i32> = Some(110);
const EHOSTUNREACH: Option<i32> = Some(113);

fn mount(test: &str) -> Option<Mount> {
    let mount = Mount::with(test, LIMIT, ABILITIES)?;
    fs::create_dir(mount.stored("d")).unwrap();
    fs::write(mount.stored("d/f"), vec![7; 300_000]).unwrap();
    Some(mount)
}

#[test]
fn silence_is_bounded_and_the_mount_recovers() {
    let Some(mount) = mount("silence_is_bounded_and_the_mount_recovers") else { return };
    mount.faults.silence(true);
    let started = Instant::now();
    std::thread::scope(|scope| {
        let listing = scope.spawn(|| fs::read_dir(mount.path("d")).map(drop));
        let stat = scope.spawn(|| fs::metadata(mount.path("d/f")).map(drop));
        let make = scope.spawn(|| fs::create_dir(mount.path("new")));
        for waiting in [listing, stat, make] {
            let error = waiting.join().unwrap().unwrap_err();
            assert_eq!(error.raw_os_error(), ETIMEDOUT);
        }
    });
    assert!(started.elapsed() < BOUND);
    until("it is known to be down", || mount.core.health.condition() == Condition::Down);
    let started = Instant::now();
    assert!(fs::metadata(mount.path("d/f")).is_err());
    assert!(rustix::fs::statvfs(mount.path("")).is_ok(), "from memory");
    assert!(started.elapsed() < LIMIT, "what is down for long is refused at once");
    mount.faults.silence(false);
    until("it is back", || fs::metadata(mount.path("d/f")).is_ok());
    assert_eq!(fs::read(mount.path("d/f")).unwrap().len(), 300_000);
}

#[test]
fn a_silence_that_ends_in_time_is_not_noticed() {
    let Some(mount) = mount("a_silence_that_ends_in_time_is_not_noticed") else { return };
    mount.faults.silence(true);
    std::thread::scope(|scope| {
        let read = scope.spawn(|| fs::read(mount.path("d/f")).unwrap());
        std::thread::sleep(LIMIT / 3);
        mount.faults.silence(false);
        assert_eq!(read.join().unwrap().len(), 300_000);
    });
}

#[test]
fn a_server_that_is_away_is_waited_for_and_then_refused() {
    let Some(mount) = mount("a_server_that_is_away_is_waited_for") else { return };
    assert_eq!(fs::read_dir(mount.path("d")).unwrap().count(), 1);
    mount.faults.go_away(true);
    let error = fs::create_dir(mount.path("new")).unwrap_err();
    assert_eq!(error.raw_os_error(), EHOSTUNREACH);
    std::thread::scope(|scope| {
        mount.faults.go_away(false);
        until("it is back", || mount.core.health.condition() == Condition::Up);
        mount.faults.go_away(true);
        let made = scope.spawn(|| fs::create_dir(mount.path("later")));
        std::thread::sleep(LIMIT / 4);
        mount.faults.go_away(false);
        made.join().unwrap().unwrap();
    });
    assert!(mount.stored("later").is_dir());
}

#[test]
fn open_files_go_on_after_a_new_connection() {
    let Some(mount) = mount("open_files_go_on_after_a_new_connection") else { return };
    let file = OpenOptions::new().read(true).write(true).open(mount.path("d/f")).unwrap();
    file.write_all_at(b"abc", 0).unwrap();
    mount.faults.cut();
    file.write_all_at(b"def", 200_000).unwrap();
    file.sync_all().unwrap();
    let stored = fs::read(mount.stored("d/f")).unwrap();
    assert_eq!((&stored[..4], &stored[200_000..200_004]), (&b"abc\x07"[..], &b"def\x07"[..]));
    // By another file's name the old one cannot be opened again.
    fs::remove_file(mount.stored("d/f")).unwrap();
    fs::write(mount.stored("d/f"), "another").unwrap();
    mount.faults.cut();
    until("it is stale", || {
        let read = file.read_at(&mut [0; 10], 100_000);
        read.is_err_and(|error| error.raw_os_error() == Some(116))
    });
}

#[test]
fn lost_answers_are_not_told_as_failures() {
    let Some(mount) = mount("lost_answers_are_not_told_as_failures") else { return };
    mount.faults.lose_answers(1);
    fs::create_dir(mount.path("made")).unwrap();
    mount.faults.lose_answers(1);
    fs::remove_dir(mount.path("made")).unwrap();
    mount.faults.lose_answers(1);
    fs::rename(mount.path("d/f"), mount.path("d/g")).unwrap();
    // The name is looked up first: that answer is not lost.
    assert!(!mount.path("x").exists());
    mount.faults.lose_answers(1);
    OpenOptions::new().write(true).create_new(true).open(mount.path("x")).unwrap();
    mount.faults.lose_answers(1);
    fs::remove_file(mount.path("d/g")).unwrap();
    assert!(mount.stored("x").exists() && !mount.stored("d/g").exists());
    // What somebody else made is not taken for one's own.
    fs::write(mount.stored("theirs"), "content").unwrap();
    let made = OpenOptions::new().write(true).create_new(true).open(mount.path("theirs"));
    assert_eq!(made.unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
}

#[test]
fn a_failed_write_is_told_to_each_who_wrote() {
    let Some(mount) = mount("a_failed_write_is_told_to_each_who_wrote") else { return };
    let open = || OpenOptions::new().write(true).open(mount.path("d/f")).unwrap();
    let (mut one, two) = (open(), open());
    mount.faults.refuse("write", Some(FaultKind::NoSpace));
    let full = |result: std::io::Result<()>| {
        assert_eq!(result.unwrap_err().raw_os_error(), Some(28));
    };
    let _ = one.write_all(b"x");
    // As the copies that a program has for an instant which this one starts; nobody hears what
    // their close says.
    drop(one.try_clone().unwrap());
    full(one.sync_all());
    full(two.sync_all());
    one.sync_all().unwrap();
    mount.faults.refuse("write", None);
    one.write_all(b"y").unwrap();
    one.sync_all().unwrap();
    two.sync_all().unwrap();
}

/// A file that is being closed is in the way of removals where names are all that files have.
#[test]
fn a_close_without_answer_holds_nobody_for_long() {
    let without = Abilities { unlink_open: false, ..ABILITIES };
    let test = "a_close_without_answer_holds_nobody_for_long";
    let Some(mount) = Mount::with(test, BOUND, without) else { return };
    mount.faults.leave_unanswered("close");
    let started = Instant::now();
    fs::create_dir(mount.path("d")).unwrap();
    for name in ["d/one", "d/two"] {
        fs::write(mount.path(name), "stored").unwrap();
        assert_eq!(fs::read(mount.path(name)).unwrap(), b"stored");
    }
    fs::rename(mount.path("d/one"), mount.path("d/two")).unwrap();
    fs::remove_file(mount.path("d/two")).unwrap();
    fs::remove_dir(mount.path("d")).unwrap();
    assert!(started.elapsed() < BOUND * 3);
    assert_eq!(mount.core.health.condition(), Condition::Up);
}

#[test]
fn the_steps_of_an_end_share_one_limit() {
    let Some(mount) = mount("the_steps_of_an_end_share_one_limit") else { return };
    let file = File::create(mount.path("new")).unwrap();
    file.write_all_at(b"never stored", 0).unwrap();
    let last = Instant::now() + Duration::from_secs(6);
    mount.core.last_moment.set(last).unwrap();
    mount.faults.silence(true);
    file.write_all_at(&[1; 100_000], 0).unwrap();
    mount.end();
    assert!(Instant::now() < last + Duration::from_secs(5));
    mount.faults.silence(false);
}

#[test]
fn what_is_hidden_is_removed_before_the_end() {
    let without = Abilities { unlink_open: false, ..ABILITIES };
    let test = "what_is_hidden_is_removed_before_the_end";
    let Some(mount) = Mount::with(test, BOUND, without) else { return };
    fs::write(mount.path("f"), "x").unwrap();
    let _open = File::open(mount.path("f")).unwrap();
    fs::remove_file(mount.path("f")).unwrap();
    assert_eq!(fs::read_dir(mount.server.path()).unwrap().count(), 1);
    mount.faults.delay(LIMIT);
    mount.end();
    assert_eq!(fs::read_dir(mount.server.path()).unwrap().count(), 0);
    mount.faults.delay(Duration::ZERO);
}

#[test]
fn data_that_was_under_way_is_sent_again() {
    let Some(mount) = mount("data_that_was_under_way_is_sent_again") else { return };
    let mut file = File::create(mount.path("big")).unwrap();
    let content: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    for (number, part) in content.chunks(100_000).enumerate() {
        file.write_all(part).unwrap();
        if number % 9 == 4 {
            mount.faults.lose_answers(2);
        }
    }
    file.sync_all().unwrap();
    assert!(fs::read(mount.stored("big")).unwrap() == content);
}

#[test]
fn a_lock_in_the_way_of_a_write_takes_no_other_data_along() {
    let test = "a_lock_in_the_way_of_a_write_takes_no_other_data_along";
    let one_by_one = Abilities { in_flight: 1, ..ABILITIES };
    let Some(mount) = Mount::with(test, BOUND, one_by_one) else { return };
    let file = File::create(mount.path("f")).unwrap();
    mount.faults.silence(true);
    mount.faults.refuse_next("write", FaultKind::InUse, 1);
    file.write_all_at(b"locked", 0).unwrap();
    file.write_all_at(b"free", 100).unwrap();
    mount.faults.silence(false);
    assert_eq!(file.sync_all().unwrap_err().raw_os_error(), EBUSY);
    let stored = fs::read(mount.stored("f")).unwrap();
    assert_eq!((&stored[..6], &stored[100..]), (&[0; 6][..], &b"free"[..]));
}

/// However often the connection breaks, as long as there is time.
#[test]
fn a_file_is_opened_again_after_each_of_many_breaks() {
    let test = "a_file_is_opened_again_after_each_of_many_breaks";
    let Some(mount) = Mount::new(test) else { return };
    let file = File::create(mount.path("f")).unwrap();
    mount.faults.lose_answers_to("write", 8);
    file.write_all_at(b"content", 0).unwrap();
    file.sync_all().unwrap();
    assert_eq!(fs::read(mount.stored("f")).unwrap(), b"content");
    assert!(mount.faults.calls("reconnect") >= 8);
    // Where it is lost without that, trying on is of no use.
    mount.faults.refuse("write", Some(FaultKind::HandleLost));
    file.write_all_at(b"more", 0).unwrap();
    assert_eq!(file.sync_all().unwrap_err().raw_os_error(), EIO);
    assert!(mount.faults.calls("open") < 30);
}

#[test]
fn writing_to_a_dead_server_is_bounded_and_told() {
    let Some(mount) = mount("writing_to_a_dead_server_is_bounded_and_told") else { return };
    let file = File::create(mount.path("new")).unwrap();
    mount.faults.silence(true);
    let started = Instant::now();
    let mut failed = false;
    for number in 0..20 {
        failed |= file.write_all_at(&[1; 1 << 20], number << 20).is_err();
        if failed {
            break;
        }
    }
    assert!(failed, "memory is bounded");
    assert!(file.sync_all().is_err());
    assert!(started.elapsed() < BOUND);
}
