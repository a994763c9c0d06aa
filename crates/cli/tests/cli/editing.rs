//! Registering, ordering and removing providers and notifyees.

use std::fs;

use super::bench::{Bench, expect, module};

#[test]
fn a_set_uid_program_edits_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can make such a program");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("mpr");
    std::fs::copy(env!("CARGO_BIN_EXE_mpr"), &program).unwrap();
    for (path, mode) in [(dir.path(), 0o755), (program.as_path(), 0o4755)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    // Registered nowhere: had it looked, it would say so, and change nothing either.
    let output = std::process::Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program)
        .args(["provider", "remove", "--system", "no-such-provider-anywhere"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("set-uid"), "{said}");
    assert_eq!(output.status.code(), Some(3));
}

/// A file that is no provider is none either when it is registered; nor is a key that nobody has.
#[test]
fn what_is_something_else_is_refused() {
    let bench = Bench::new();
    let (provider, notifyee) = (module("libprovider_sample.so"), module("libnotify_sample.so"));
    let lines: [(&[&str], &str); 3] = [
        (&["provider", "add", "x", notifyee.to_str().unwrap(), "--name", "X"], "NPGetCaps"),
        (&["notifyee", "add", "x", provider.to_str().unwrap()], "AddConnectNotify"),
        (&["provider", "order", "nobody", "sample"], "no provider nobody is registered"),
    ];
    let file = bench.root().join("etc/mpr/mpr.toml");
    let before = fs::read_to_string(&file).unwrap();
    for (line, why) in lines {
        let ran = bench.mpr(line);
        assert!(ran.status == 3 && ran.err.contains(why), "{ran:?}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
}

#[test]
fn a_configuration_from_nothing() {
    let bench = Bench::empty();
    let (provider, notifyee) = (module("libprovider_sample.so"), module("libnotify_sample.so"));
    let (provider, notifyee) = (provider.to_str().unwrap(), notifyee.to_str().unwrap());
    let text = bench.session(&[
        &["provider", "add", "sample", provider, "--name", "Sample Network"],
        &["provider", "add", "spare", "/nowhere/spare.so", "--name", "Spare", "--force"],
        &["provider", "add", "bad", "/nowhere/bad.so", "--name", "Bad"],
        &["provider", "add", "sample", provider, "--name", "Again"],
        &["provider", "order", "spare", "sample"],
        &["provider", "list"],
        &["provider", "check"],
        &["provider", "check", "sample"],
        &["provider", "remove", "spare"],
        &["provider", "remove", "spare"],
        &["notifyee", "add", "10-rust", notifyee],
        &["notifyee", "add", "20-hook", provider, "--exec", "--limit", "5s", "--user", "--force"],
        &["notifyee", "list"],
        &["notifyee", "remove", "10-rust"],
        &["notifyee", "remove", "20-hook", "--user"],
        &["notifyee", "list"],
        &["use", "S:", r"\\sample\docs"],
    ]);
    expect("editing.txt", &text);
    let left = fs::read_to_string(bench.root().join("etc/mpr/mpr.toml")).unwrap();
    assert!(left.contains("[providers.sample]") && !left.contains("10-rust"), "{left}");
}
