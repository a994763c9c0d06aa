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

/// D8: who was to guard and cannot is named, asked for or not; who has nothing to say is not.
#[test]
fn a_guard_that_cannot_run_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    let hook = bench.write("hook", "no line that names an interpreter\n");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let add = ["notifyee", "add", "20-policy", hook.to_str().unwrap(), "--exec"];
    assert_eq!(bench.mpr(&add).status, 0);
    let use_it = ["use", "S:", r"\\sample\docs"];
    for removed in [false, true] {
        if removed {
            fs::remove_file(&hook).unwrap();
        }
        let ran = bench.mpr(&use_it);
        assert!(ran.err.contains("notifyee 20-policy is left out: "), "{ran:?}");
        assert_eq!(bench.mpr(&["use", "S:", r"\\sample\docs", "--quiet"]).err, "");
    }
    assert_eq!(bench.mpr(&["notifyee", "remove", "20-policy"]).status, 0);
    assert_eq!(bench.mpr(&use_it).err, "");
}

/// Who is told of a connection ends with the command, unless that is to outlive its terminal.
#[test]
fn an_interrupt_reaches_the_program_that_is_told() {
    use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::ExitStatusExt as _;
    let bench = Bench::new();
    let (ready, gate) = (bench.root().join("ready"), bench.root().join("gate"));
    for fifo in [&ready, &gate] {
        rustix::fs::mkfifoat(rustix::fs::CWD, fifo, 0o600.into()).unwrap();
    }
    let (told, waits) = (ready.display(), gate.display());
    let hook = format!("#!/bin/sh\necho $$ > {told}\nread word < {waits}\n");
    let hook = bench.write("hook", &hook);
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let log = bench.root().join("log");
    let other = bench.write("other", &format!("#!/bin/sh\necho $MPR_PHASE >> {}\n", log.display()));
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
    for (name, program) in [("15-log", &other), ("20-vpn", &hook)] {
        let add = ["notifyee", "add", name, program.to_str().unwrap(), "--exec"];
        assert_eq!(bench.mpr(&add).status, 0);
    }
    let start = |words: &[&str]| {
        let plain = bench.command(&["use", "S:", r"\\sample\docs"]);
        let mut command = std::process::Command::new(words[0]);
        command.args(&words[1..]).arg(plain.get_program()).args(plain.get_args());
        for (name, value) in plain.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let child = command.stdin(std::process::Stdio::null()).spawn().unwrap();
        // Opening waits until the program is there, and reading until it has said its number.
        let hook: i32 = fs::read_to_string(&ready).unwrap().trim().parse().unwrap();
        let hook = pidfd_open(Pid::from_raw(hook).unwrap(), PidfdFlags::empty()).unwrap();
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        (child, hook)
    };
    let (mut child, hook) = start(&["env"]);
    assert_eq!(child.wait().unwrap().signal(), Some(2));
    let mut polled = [rustix::event::PollFd::new(&hook, rustix::event::PollFlags::IN)];
    let bound = rustix::event::Timespec { tv_sec: 60, tv_nsec: 0 };
    assert_eq!(rustix::event::poll(&mut polled, Some(&bound)), Ok(1), "the program has ended");

    let told = fs::read_to_string(&log).unwrap();
    assert_eq!(told, "pre\npost\n", "who was told before hears of it");

    let (mut child, _hook) = start(&["sh", "-c", "trap '' INT; exec \"$0\" \"$@\""]);
    fs::write(&gate, "go\n").unwrap();
    // Once more: after the attempt.
    fs::read_to_string(&ready).unwrap();
    fs::write(&gate, "go\n").unwrap();
    assert!(child.wait().unwrap().success(), "it was to go on");
}

#[test]
fn a_name_that_the_shell_has_taken_apart_is_explained() {
    let bench = Bench::new();
    let long = format!(r"\\sample\{}", "x".repeat(260));
    for (name, hint) in [
        (r"\sample\docs", "quote"),
        ("//sample/docs", "smb://"),
        ("https://al@sample/docs", "--user"),
        (&long, "at most 259"),
    ] {
        let ran = bench.mpr(&["use", "S:", name]);
        assert!(ran.status == 1 && ran.err.contains(hint), "{name}: {ran:?}");
    }
}

#[test]
fn a_signal_at_the_question_leaves_a_terminal_that_shows_what_is_typed() {
    use std::os::unix::process::ExitStatusExt as _;
    let bench = Bench::new();
    let mut session = bench.at_terminal(&["use", "S:", r"\\sample\docs", "*"]);
    session.await_question();
    let pid = rustix::process::Pid::from_child(&session.child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(session.child.wait().unwrap().signal(), Some(15));
    assert!(session.shows());
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
