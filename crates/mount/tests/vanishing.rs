//! A caller that is killed while it waits for a silent server leaves nothing.
//!
//! Three processes of this one program: the test, the caller that it kills, and the serving
//! process, which never gets an answer. So it has no test harness.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use mpr_mount::{Order, Place, ProcessId, Runtime, serve, take_task, watch_caller};

const LONG: Duration = Duration::from_secs(60);

fn main() {
    let words: Vec<String> = std::env::args().collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[1..] {
        ["the-caller", root] => call(Path::new(root)),
        ["the-serving-process", root] => wait_for_nothing(Path::new(root)),
        _ => the_caller_vanishes(),
    }
}

fn the_caller_vanishes() {
    let root = tempfile::tempdir().unwrap();
    let own = std::env::current_exe().unwrap();
    // Another process writes the script: see `serve_tests.rs`.
    let write = r#"printf '#!/bin/sh\nexec "%s" the-serving-process "%s"\n' "$1" "$2" > "$3"
        chmod 755 "$3""#;
    let mut command = Command::new("sh");
    command.args(["-c", write, "sh"]).arg(&own).arg(root.path()).arg(helper(root.path()));
    assert!(command.status().unwrap().success());

    let mut caller = Command::new(own).arg("the-caller").arg(root.path()).spawn().unwrap();
    let mut served = None;
    eventually("the serving process watches", || {
        let pid = std::fs::read_to_string(root.path().join("pid")).unwrap_or_default();
        served = pid.strip_suffix('\n').and_then(|pid| ProcessId::of(pid.parse().ok()?));
        served.is_some()
    });
    let (runtime, place) = site(root.path());
    assert!(place.dir.exists());
    caller.kill().unwrap();
    caller.wait().unwrap();
    eventually("the serving process ends", || served.is_some_and(|it| it.wait(Duration::ZERO)));
    assert!(!place.dir.exists(), "the directory is gone");
    assert_eq!(std::fs::read_dir(runtime.service_dir()).unwrap().count(), 0, "and the files");
    println!("the caller vanishes ... ok");
}

/// The caller: connects, and is killed meanwhile.
fn call(root: &Path) {
    let (runtime, place) = site(root);
    let held = mpr_mount::lock(&runtime, &place, LONG).unwrap();
    let order = Order {
        helper: &helper(root),
        subtype: "mpr-test",
        source: "x",
        user: None,
        password: None,
        settings: serde_json::json!({}),
        limit: 2 * LONG,
    };
    let _ = serve(&runtime, &place, &order);
    drop(held);
}

/// The serving process: its server is silent.
fn wait_for_nothing(root: &Path) {
    mpr_mount::detach();
    let task = take_task().unwrap();
    watch_caller(&task).unwrap();
    std::fs::write(root.join("pid"), format!("{}\n", std::process::id())).unwrap();
    std::thread::sleep(2 * LONG);
}

fn site(root: &Path) -> (Runtime, Place) {
    let runtime = Runtime::under(root, rustix::process::geteuid().as_raw());
    let place = Place::deviceless(&runtime, "host", "share");
    (runtime, place)
}

fn helper(root: &Path) -> PathBuf {
    root.join("helper")
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
