//! The demonstration, with its real parts.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::bench::{Bench, build};

#[test]
fn without_its_parts_it_says_what_is_missing() {
    let bench = Bench::empty();
    let output = bench.command(&["demo"]).env("MPR_LIBEXEC", bench.root()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with("mpr: provider_webdav.so is not in "), "{said}");
}

/// Puts the parts where an installation has them; `None` without a C compiler.
fn install(dir: &Path) -> Option<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let compiled = Command::new("cc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"])
        .args(["-fvisibility=hidden", "-I", "include", "-o"])
        .arg(dir.join("notify_sample_c.so"))
        .arg("notifyees/sample-c/notify_sample_c.c")
        .current_dir(workspace)
        .status()
        .ok()?;
    assert!(compiled.success(), "the notifyee in C is built");
    let built = build(&["provider_webdav", "mpr-testkit", "notify_sample"]);
    for (from, to) in [
        ("libprovider_webdav.so", "provider_webdav.so"),
        ("libnotify_sample.so", "notify_sample.so"),
        ("mpr-serve-webdav", "mpr-serve-webdav"),
        ("mpr-demo-server", "mpr-demo-server"),
    ] {
        fs::copy(built.join(from), dir.join(to)).unwrap();
    }
    Some(())
}

#[test]
fn everything_is_shown_and_nothing_is_left() {
    let bench = Bench::empty();
    let (parts, scratch) = (bench.root().join("parts"), bench.root().join("scratch"));
    fs::create_dir_all(&parts).unwrap();
    fs::create_dir_all(&scratch).unwrap();
    if install(&parts).is_none() {
        eprintln!("skipped: there is no C compiler");
        return;
    }
    let run = |args: &[&str]| {
        let mut command = bench.command(args);
        let command = command.env_remove("MPR_ROOT").env("MPR_LIBEXEC", &parts);
        let output = command.env("TMPDIR", &scratch).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}{said}");
        assert_eq!(fs::read_dir(&scratch).unwrap().count(), 0, "its root is gone");
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        assert!(!mounts.contains(scratch.to_str().unwrap()), "no mount is left");
        text
    };
    let text = run(&["demo"]);
    assert!(text.contains("notifyee 30-hook vetoed: access denied (5)"), "{text}");
    assert!(text.contains("connection refused"), "{text}");

    let text = run(&["demo", "--json"]);
    let events: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |kind: &str| events.iter().filter(|it| it["event"] == kind).count();
    assert_eq!((of("start"), of("registered"), of("left"), of("end")), (1, 4, 1, 1), "{text}");
    let drive = fs::File::options().read(true).write(true).open("/dev/fuse").is_ok();
    assert_eq!((of("file"), of("step")), if drive { (4, 10) } else { (0, 6) }, "{text}");
    let end = events.last().unwrap();
    assert_eq!((&end["event"], &end["ok"]), (&"end".into(), &true.into()));
}
