//! The life of a serving process, from its order to its end.

#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use mpr_core::WnError;
use mpr_mount::{
    Failure, MountTable, Note, Order, Place, Runtime, browse, probe, serve, unmount, unmount_forced,
};
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};

#[path = "../../../testing/skip.rs"]
mod skip;

const SUBTYPE: &str = "mpr-engine-test";
const LONG: Duration = Duration::from_secs(60);

/// Directories of a test, and the program.
struct World {
    root: tempfile::TempDir,
    runtime: Runtime,
    place: Place,
    program: PathBuf,
}

impl World {
    fn new(test: &str) -> Option<Self> {
        if !Path::new("/dev/fuse").exists() {
            skip::skip(test, "no /dev/fuse");
            return None;
        }
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("server")).unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        runtime.create().unwrap();
        let place = Place::deviceless(&runtime, "host", "share");
        // Beside the tests, where cargo puts the examples of the package.
        let tests = std::env::current_exe().unwrap();
        let program = tests.parent()?.parent()?.join("examples/serve-local");
        assert!(program.is_file(), "cargo builds {}", program.display());
        Some(Self { root, runtime, place, program })
    }

    fn server(&self) -> PathBuf {
        self.root.path().join("server")
    }

    fn order<'a>(&'a self, source: &'a str, options: Value) -> Order<'a> {
        let settings = json!({ "probe-ms": 1000, "io-ms": 60_000, "options": options });
        let helper = &self.program;
        Order {
            helper,
            subtype: SUBTYPE,
            source,
            user: None,
            password: None,
            settings,
            limit: LONG,
        }
    }

    fn mount(&self, options: Value) -> Result<(), Failure> {
        let server = self.server();
        serve(&self.runtime, &self.place, &self.order(server.to_str().unwrap(), options))
    }

    fn mounted(&self) -> bool {
        MountTable::read(SUBTYPE).unwrap().at(&self.place.dir).is_some()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let table = MountTable::read(SUBTYPE).unwrap();
        if let Some(entry) = table.at(&self.place.dir) {
            let _ = unmount_forced(&self.runtime, &self.place, entry);
        }
    }
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < deadline, "{what} does not come true");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_mount_lives_until_it_is_unmounted() {
    let Some(world) = World::new("a_mount_lives_until_it_is_unmounted") else { return };
    world.mount(json!({})).unwrap();
    fs::write(world.place.dir.join("f"), "content").unwrap();
    assert_eq!(fs::read(world.server().join("f")).unwrap(), b"content");
    let table = MountTable::read(SUBTYPE).unwrap();
    let entry = table.at(&world.place.dir).unwrap();
    assert_eq!(Path::new(&entry.source), world.server());
    let note = Note::read(&world.runtime, &world.place).unwrap();
    unmount(&world.runtime, &world.place, entry).unwrap();
    assert!(!world.mounted() && note.process.wait(LONG));
    assert!(Note::read(&world.runtime, &world.place).is_none() && !world.place.dir.exists());
}

#[test]
fn asked_to_end_it_stores_what_it_holds() {
    let Some(world) = World::new("asked_to_end_it_stores_what_it_holds") else { return };
    world.mount(json!({})).unwrap();
    let file = fs::File::create(world.place.dir.join("f")).unwrap();
    let content = vec![3; 3_000_000];
    std::os::unix::fs::FileExt::write_all_at(&file, &content, 0).unwrap();
    let note = Note::read(&world.runtime, &world.place).unwrap();
    let pid = Pid::from_raw(note.process.pid.try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, Signal::TERM).unwrap();
    assert!(note.process.wait(LONG));
    assert!(fs::read(world.server().join("f")).unwrap() == content);
    until("it is unmounted", || !world.mounted());
}

#[test]
fn killed_it_leaves_nobody_stuck() {
    let Some(world) = World::new("killed_it_leaves_nobody_stuck") else { return };
    world.mount(json!({ "silent": true })).unwrap();
    let (sender, receiver) = mpsc::channel();
    for number in 0..3 {
        let (sender, path) = (sender.clone(), world.place.dir.join(format!("f{number}")));
        std::thread::spawn(move || sender.send(fs::metadata(path).is_err()));
    }
    let waiting = receiver.recv_timeout(Duration::from_millis(200));
    assert_eq!(waiting, Err(mpsc::RecvTimeoutError::Timeout), "the server is silent");
    let note = Note::read(&world.runtime, &world.place).unwrap();
    assert!(note.process.kill(LONG));
    for _ in 0..3 {
        assert_eq!(receiver.recv_timeout(LONG), Ok(true));
    }
}

#[test]
fn an_attempt_without_end_is_ended_where_it_is() {
    let Some(world) = World::new("an_attempt_without_end_is_ended_where_it_is") else { return };
    let Err(Failure::Refused { stage, code, .. }) = world.mount(json!({ "hangs": true })) else {
        panic!("it is refused")
    };
    assert_eq!((stage.as_str(), code), ("log in", WnError::TIMEOUT));
    assert!(!world.mounted() && !world.place.dir.exists());
}

/// A look-up of a name, say, that nothing can break off.
#[test]
fn a_process_that_fails_does_not_wait_for_its_threads() {
    let test = "a_process_that_fails_does_not_wait_for_its_threads";
    let Some(world) = World::new(test) else { return };
    let order = json!({
        "action": "probe",
        "runtime": { "dir": world.runtime.dir(), "uid": world.runtime.uid(), "root": null },
        "place": null,
        "made_dir": false,
        "subtype": SUBTYPE,
        "source": world.server(),
        "settings": { "probe-ms": 1000, "options": { "blocks": true } },
    });
    let mut command = std::process::Command::new(&world.program);
    command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(order.to_string().as_bytes()).unwrap();
    drop(stdin);
    let ended = Instant::now() + LONG;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > ended {
            child.kill().unwrap();
            panic!("it waits for a thread");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!status.success() && said.contains("log in"), "{said}");
}

#[test]
fn probing_and_looking_around_mount_nothing() {
    let Some(world) = World::new("probing_and_looking_around_mount_nothing") else { return };
    fs::create_dir(world.server().join("inside")).unwrap();
    let server = world.server();
    let source = server.to_str().unwrap();
    probe(&world.runtime, &world.order(source, json!({}))).unwrap();
    let found = browse(&world.runtime, &world.order(source, json!({}))).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].name, "inside");
    let missing = browse(&world.runtime, &world.order("/nowhere/at/all", json!({})));
    assert!(matches!(missing, Err(Failure::Refused { .. })));
    assert!(!world.mounted());
}
