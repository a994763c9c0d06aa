//! What notifyees see of a command, and where passwords go.

use std::fs;

use super::bench::Bench;

#[test]
fn notifyees_are_told_and_restoring_is_silent() {
    let bench = Bench::new();
    let log = bench.root().join("log");
    let run = |args: &[&str]| {
        let output = bench.command(args).env("NOTIFY_SAMPLE_LOG", &log).output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
        fs::read_to_string(&log).unwrap_or_default()
    };
    let told = run(&["use", "s:", r"\\sample\docs", "--persistent"]);
    assert_eq!(
        told,
        "1 pre-add S: \\\\sample\\docs flags=1\n\
         1 post-add S: \\\\sample\\docs code=0 provider=Sample Network\n"
    );
    assert_eq!(run(&["restore"]), told, "nobody is told of a restore");
    let told = run(&["use", "S:", "/delete"]).replace(&told, "");
    assert_eq!(
        told,
        "1 pre-cancel S: flags=1 force=0\n1 post-cancel S: code=0 provider=Sample Network\n"
    );
}

#[test]
fn the_reason_of_a_program_is_shown() {
    let bench = Bench::new();
    let hook = bench.write("hook", "#!/bin/sh\necho not on Mondays >&2\nexit 1\n");
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let hook = hook.to_str().unwrap();
    assert_eq!(bench.mpr(&["notifyee", "add", "20-policy", hook, "--exec"]).status, 0);
    let ran = bench.mpr(&["use", "S:", r"\\sample\docs"]);
    assert_eq!(ran.status, 1);
    let expected =
        "notifyee 20-policy vetoed: access denied (5) for \\\\sample\\docs: not on Mondays\n";
    assert_eq!(ran.err, expected);
    let (_, value) = bench.json(&["use", "S:", r"\\sample\docs"]);
    assert_eq!(value["by"]["kind"], "notifyee");
    assert_eq!(value["by"]["name"], "20-policy");
    assert_eq!(value["reason"], "not on Mondays");
}

#[test]
fn a_password_appears_nowhere() {
    let bench = Bench::new();
    let args = ["use", "S:", r"\\sample\docs", "--user", "al", "--password-stdin", "--explain"];
    for password in ["hunter2\n", "wrong\n"] {
        for json in [&[][..], &["--json"]] {
            let all: Vec<_> = args.iter().chain(json).copied().collect();
            let ran = bench.mpr_fed(&all, password);
            assert!(!ran.out.contains("hunter2") && !ran.err.contains("hunter2"), "{ran:?}");
        }
    }
    let profile = bench.root().join("config/mpr/network.toml");
    assert!(!profile.exists());
}

#[test]
fn nobody_is_asked_without_a_terminal() {
    let bench = Bench::new();
    let ran = bench.mpr_fed(&["use", "S:", r"\\sample\docs", "*"], "hunter2\n");
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("--password-stdin"), "{ran:?}");
}
