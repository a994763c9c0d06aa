//! Real programs as notifyees. Nothing here depends on how long something takes: programs that
//! hang do so for ever, and those that end do so by themselves.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mpr_core::{
    AddDetails, CancelDetails, ConnectFlags, Notice, Notifyee, ResourceType, WideString,
};
use mpr_exec::{End, ExecNotifyee, ExecReport, Operation};

/// A directory with one script, and the notifyee that runs it.
struct Hook {
    dir: tempfile::TempDir,
    notifyee: ExecNotifyee,
    reports: Arc<Mutex<Vec<ExecReport>>>,
}

impl Hook {
    fn new(script: &str) -> Self {
        Self::with(script, |notifyee| notifyee)
    }

    /// Makes a hook; in the script, `@` stands for its directory.
    fn with(script: &str, change: impl FnOnce(ExecNotifyee) -> ExecNotifyee) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hook");
        let script = script.replace('@', dir.path().to_str().unwrap());
        write_program(&path, &format!("#!/bin/sh\n{script}\n"));
        let reports = Arc::new(Mutex::new(Vec::new()));
        let notifyee = change(ExecNotifyee::new("10-test", path)).with_listener({
            let reports = Arc::clone(&reports);
            move |report| reports.lock().unwrap().push(copy(report))
        });
        Self { dir, notifyee, reports }
    }

    fn pre(&self) -> (Option<u32>, usize) {
        let mut notice = Notice { outcome: None, context: 0 };
        let answer = add(&self.notifyee, &mut notice);
        (answer, notice.context)
    }

    fn post(&self, status: u32, context: usize) -> Option<u32> {
        add(&self.notifyee, &mut Notice { outcome: Some(status), context })
    }

    fn report(&self) -> ExecReport {
        self.reports.lock().unwrap().pop().expect("a run is reported")
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(name)).unwrap()
    }
}

/// Writes a program under another name first: a file open for writing in this process may be
/// inherited by a child that another test is just starting, and cannot be run then.
fn write_program(path: &Path, text: &str) {
    let status = std::process::Command::new("/bin/sh")
        .args(["-c", "printf %s \"$1\" > \"$2\" && chmod 0755 \"$2\"", "sh", text])
        .arg(path)
        .status();
    assert!(status.unwrap().success());
}

fn copy(report: &ExecReport) -> ExecReport {
    ExecReport {
        notifyee: report.notifyee.clone(),
        program: report.program.clone(),
        reason: report.reason.clone(),
        stdout: report.stdout.clone(),
        stderr: report.stderr.clone(),
        end: match &report.end {
            End::Exited(status) => End::Exited(*status),
            End::Signal(signal) => End::Signal(*signal),
            End::TimedOut => End::TimedOut,
            End::NotStarted(error) => End::NotStarted(error.kind().into()),
            _ => End::Lost,
        },
        ..*report
    }
}

fn add(notifyee: &ExecNotifyee, notice: &mut Notice) -> Option<u32> {
    let (local, remote) = (WideString::from("S:"), WideString::from(r"\\srv\Übung $(id)"));
    let details = AddDetails {
        owner: 0,
        resource_type: ResourceType::DISK,
        local: Some(local.as_wide()),
        remote: remote.as_wide(),
        provider: None,
        flags: ConnectFlags::UPDATE_PROFILE | ConnectFlags::INTERACTIVE,
    };
    notifyee.add_connection(notice, &details)
}

fn cancel(notifyee: &ExecNotifyee, name: &str, force: bool) -> Option<u32> {
    let (name, provider) = (WideString::from(name), WideString::from("Test Network"));
    let details = CancelDetails {
        name: name.as_wide(),
        provider: Some(provider.as_wide()),
        flags: ConnectFlags::UPDATE_PROFILE,
        force,
    };
    notifyee.cancel_connection(&mut Notice { outcome: Some(2250), context: 7 }, &details)
}

#[test]
fn accepts_and_wants_post_by_default() {
    let hook = Hook::new("exit 0");
    let (answer, context) = hook.pre();
    assert_eq!(answer, Some(0));
    assert_ne!(context, 0);
    let report = hook.report();
    assert_eq!((report.notifyee.as_str(), report.operation), ("10-test", Operation::Add));
    assert_eq!((report.answer, report.reason), (Some(0), None));
}

#[test]
fn post_can_be_declined() {
    assert_eq!(Hook::new("echo post=no").pre(), (Some(0), 0));
}

#[test]
fn vetoes_with_a_reason() {
    let hook = Hook::new("echo talk >&2; echo 'the VPN is down' >&2; exit 3");
    assert_eq!(hook.pre(), (Some(5), 0));
    assert_eq!(hook.report().reason.as_deref(), Some("the VPN is down"));
    let hook = Hook::new("echo connecting; echo code=1222; exit 1");
    assert_eq!(hook.pre(), (Some(1222), 0));
    assert_eq!(hook.report().stdout, "connecting\ncode=1222\n");
}

#[test]
fn crash_is_a_veto() {
    let hook = Hook::new("kill -SEGV $$");
    assert_eq!(hook.pre(), (Some(31), 0));
    assert!(matches!(hook.report().end, End::Signal(11)));
}

#[test]
fn event_is_in_the_environment() {
    let script = "env | sort > @/env; pwd > @/cwd; echo \"$MPR_REMOTE_NAME\" > @/remote";
    let hook = Hook::with(script, |notifyee| {
        let all = [("HOME", "/h"), ("XDG_RUNTIME_DIR", "/r"), ("SECRET", "s"), ("LD_PRELOAD", "x")];
        notifyee.with_environment(all.map(|(n, v)| (OsString::from(n), OsString::from(v))))
    });
    assert_eq!(hook.pre().0, Some(0));
    let env = hook.read("env");
    for line in [
        "HOME=/h",
        "MPR_CONTEXT=",
        "MPR_FLAGS=9",
        "MPR_FORCE=0",
        "MPR_LOCAL_NAME=S:",
        "MPR_OPERATION=add",
        "MPR_PHASE=pre",
        "MPR_PROVIDER=",
        r"MPR_REMOTE_NAME=\\srv\Übung $(id)",
        "MPR_STATUS=",
        "MPR_TYPE=disk",
        "XDG_RUNTIME_DIR=/r",
    ] {
        assert!(env.lines().any(|found| found == line), "{line} not in {env}");
    }
    assert!(!env.contains("SECRET") && !env.contains("LD_PRELOAD"), "{env}");
    assert_eq!(hook.read("cwd"), "/\n");
}

#[test]
fn event_is_on_stdin_as_json() {
    let hook = Hook::new("cat > @/json");
    assert_eq!(hook.pre().0, Some(0));
    let event: serde_json::Value = serde_json::from_str(&hook.read("json")).unwrap();
    let expected = serde_json::json!({
        "version": 1, "phase": "pre", "operation": "add", "local_name": "S:",
        "remote_name": r"\\srv\Übung $(id)", "provider": null, "flags": 9, "type": "disk",
        "force": false, "status": null, "context": null,
    });
    assert_eq!(event, expected);
}

#[test]
fn cancel_tells_local_from_remote_names() {
    let hook = Hook::new(
        "printf '%s\\n' \"$MPR_OPERATION $MPR_LOCAL_NAME|$MPR_REMOTE_NAME|$MPR_PROVIDER|\
                          $MPR_FORCE|$MPR_STATUS|$MPR_TYPE\"",
    );
    let table = [
        ("S:", true, "cancel S:||Test Network|1|2250|\n"),
        ("/mnt/team", false, "cancel /mnt/team||Test Network|0|2250|\n"),
        (r"\\s\x", false, "cancel |\\\\s\\x|Test Network|0|2250|\n"),
    ];
    for (name, force, expected) in table {
        assert_eq!(cancel(&hook.notifyee, name, force), Some(0));
        let report = hook.report();
        assert_eq!((report.stdout.as_str(), report.operation), (expected, Operation::Cancel));
    }
}

#[test]
fn context_comes_back_in_post() {
    let hook = Hook::new(
        "case $MPR_PHASE in pre) echo 'context=link 7 = up';; \
         post) echo \"$MPR_STATUS:$MPR_CONTEXT\";; esac",
    );
    let (first, second) = (hook.pre().1, hook.pre().1);
    assert_ne!(first, second);
    for context in [second, first] {
        hook.reports.lock().unwrap().clear();
        assert_eq!(hook.post(86, context), Some(0));
        assert_eq!(hook.report().stdout, "86:link 7 = up\n");
    }
    // It comes once.
    hook.post(86, first);
    assert_eq!(hook.report().stdout, "86:\n");
}

#[test]
fn post_asks_for_a_retry_and_keeps_its_context() {
    let hook = Hook::new(
        "case $MPR_CONTEXT in '') echo context=one;; one) echo retry=yes; echo context=two;; \
         *) echo \"$MPR_CONTEXT\";; esac",
    );
    let context = hook.pre().1;
    assert_eq!(hook.post(1231, context), Some(1237));
    assert_eq!(hook.post(1231, context), Some(0));
    assert_eq!(hook.report().stdout, "two\n");
    let hook = Hook::new("echo retry=yes");
    let context = hook.pre().1;
    assert_eq!(hook.post(53, context), Some(1237));
}

#[test]
fn post_replaces_an_error_only_by_saying_so() {
    assert_eq!(Hook::new("exit 1").post(86, 1), Some(0));
    assert_eq!(Hook::new("echo code=1326; exit 1").post(86, 1), Some(1326));
}

#[test]
fn missing_programs_are_left_out() {
    let missing = ExecNotifyee::new("x", "/nonexistent/hook");
    assert_eq!(add(&missing, &mut Notice { outcome: None, context: 0 }), None);
    let dir = tempfile::tempdir().unwrap();
    let plain = dir.path().join("plain");
    fs::write(&plain, "no program").unwrap();
    fs::set_permissions(&plain, fs::Permissions::from_mode(0o644)).unwrap();
    let plain = ExecNotifyee::new("x", PathBuf::from(&plain));
    assert_eq!(add(&plain, &mut Notice { outcome: None, context: 0 }), None);
    assert_eq!(Hook::new("exec /nonexistent/tool").pre(), (None, 0));
}

/// Both outputs far beyond what a pipe holds, and an input that nobody reads.
#[test]
fn big_output_is_drained_and_its_end_kept() {
    let hook = Hook::new(
        "head -c 3000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/zero | tr '\\0' y >&2; \
         echo; echo code=1223; echo >&2; echo 'no more' >&2; exit 9",
    );
    assert_eq!(hook.pre(), (Some(1223), 0));
    let report = hook.report();
    assert!(report.truncated && report.stdout.len() <= 64 << 10);
    assert_eq!(report.reason.as_deref(), Some("no more"));
}

/// The whole group goes: the grandchild holds a FIFO open until it is dead.
#[test]
fn timeout_kills_grandchildren() {
    let script = "mkfifo @/fifo; (exec 3<>@/fifo; echo ready > @/ready; cat <&3) & wait";
    let hook = Hook::with(script, |n| n.with_timeout(Duration::from_millis(1500)));
    assert_eq!(hook.pre(), (Some(1460), 0));
    let report = hook.report();
    assert!(matches!(report.end, End::TimedOut));
    assert!(report.reason.unwrap().contains("no answer within"));
    // No process of this script is left: nobody has its directory on the command line.
    let needle = hook.dir.path().to_str().unwrap().to_owned();
    while processes_with(&needle) > 0 {
        std::thread::yield_now();
    }
}

fn processes_with(needle: &str) -> usize {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let lines = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(needle)).count()
}

#[test]
fn endless_output_ends_with_the_timeout() {
    let hook = Hook::with("exec yes", |n| n.with_timeout(Duration::from_millis(200)));
    assert_eq!(hook.pre(), (Some(1460), 0));
    assert!(hook.report().stdout.lines().all(|line| line == "y"));
}

#[test]
fn timeout_in_post_keeps_the_error() {
    let hook = Hook::with("exec tail -f /dev/null", |n| n.with_timeout(Duration::from_millis(50)));
    assert_eq!(hook.post(86, 1), Some(0));
}

/// A process left behind holds the pipes for ever; if we waited for their end, so would we.
#[test]
fn processes_left_behind_do_not_hold_us() {
    let hook = Hook::with("echo post=no; tail -f /dev/null & echo $! > @/pid", |notifyee| {
        notifyee.with_timeout(Duration::from_secs(3600))
    });
    assert_eq!(hook.pre(), (Some(0), 0));
    assert_eq!(hook.report().stdout, "post=no\n");
    let pid = hook.read("pid");
    // The shell's own: a small system has no program of that name.
    let kill = format!("kill -9 {}", pid.trim());
    let killed = std::process::Command::new("sh").args(["-c", &kill]).status();
    assert!(killed.unwrap().success(), "it was still there");
}

#[test]
fn several_threads_at_once() {
    let hook =
        Hook::new("if [ $MPR_PHASE = pre ]; then echo context=$$; else echo $MPR_CONTEXT; fi");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let (answer, context) = hook.pre();
                assert_eq!(answer, Some(0));
                assert_eq!(hook.post(0, context), Some(0));
            });
        }
    });
    let reports = hook.reports.lock().unwrap();
    let said = |pre: bool| {
        let these = reports.iter().filter(|report| report.status.is_none() == pre);
        let mut lines: Vec<_> = these.map(|r| r.stdout.replace("context=", "")).collect();
        lines.sort();
        lines
    };
    assert_eq!(said(true), said(false));
    assert_eq!(said(true).len(), 8);
}

/// U25: what a program connects itself is not notified; it says so to the router it calls.
#[test]
fn programs_know_that_they_are_notifyees() {
    let hook = Hook::new("echo inside=$MPR_IN_NOTIFYEE");
    assert_eq!(hook.pre().0, Some(0));
    assert!(hook.report().stdout.contains("inside=1"));
}
