//! A Windows program under Wine connects a drive to a real server: through `mpr.dll`, `mprunix.dll`,
//! `mpr-wine-bridge` and the native provider, as `mpr wine install` sets them up.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used)]

#[path = "../../../testing/skip.rs"]
mod skip;

use std::fs;
use std::process::Command;

use mpr_conformance_drive::{Stage, unc};

fn stage(test: &str, login: Option<(&str, &str)>) -> Option<Stage> {
    let stage = Stage::set(login);
    if stage.is_none() {
        skip::skip(test, "no mpr.dll or no stage: `cargo xtask wine` builds them and runs this");
    }
    stage
}

fn nothing(stage: &Stage) {
    assert_eq!(stage.left_in_the_end(), Vec::<String>::new());
}

#[test]
fn two_letters_and_none() {
    let Some(stage) = stage("two_letters_and_none", None) else { return };
    let url = stage.url();
    let file = format!(r"{}\welcome.txt", unc(&url));
    let opens = format!("read {file} 0 on the server");
    let words = [
        "add", "X:", &url, "add", "Y:", &url, "cancel", "X:", "read", &file, "cancel", "Y:", "add",
        "-", &url, "add", "-", &url, "read", &file, "list", "", "cancel", &url, "cancel", &url,
    ];
    let expected = [
        "add X: 0",
        "add Y: 0",
        "cancel X: 0",
        &opens,
        "cancel Y: 0",
        "add - 0",
        "add - 0",
        &opens,
        &format!("  - {url} OpenMPR Network"),
        "list  0",
        &format!("cancel {url} 0"),
        &format!("cancel {url} 2250"),
    ];
    assert_eq!(stage.run(&words), expected);
    nothing(&stage);
}

/// Files open by the names that are connected, whatever is connected above or below them.
#[test]
fn names_below_each_other() {
    let Some(stage) = stage("names_below_each_other", None) else { return };
    fs::create_dir(stage.on_server("dir")).unwrap();
    fs::write(stage.on_server("dir/deep.txt"), "further down").unwrap();
    let (url, low) = (stage.url(), format!("{}/dir", stage.url().trim_end_matches('/')));
    let high_file = format!(r"{}\welcome.txt", unc(&url));
    let low_file = format!(r"{}\dir\deep.txt", unc(&url));
    let reads = |words: &[&str], both: bool| {
        let said = stage.run(&[words, &["read", &high_file, "read", &low_file]].concat());
        let said: Vec<&str> =
            said.iter().map(String::as_str).filter(|it| it.starts_with("read")).collect();
        let high = format!("read {high_file} 0 on the server");
        assert_eq!(said.contains(&high.as_str()), both, "{words:?}: {said:?}");
        assert_eq!(
            said.last(),
            Some(&format!("read {low_file} 0 further down").as_str()),
            "{words:?}"
        );
    };
    reads(&["add", "Y:", &low], false);
    reads(&["add", "X:", &url], true);
    reads(&["cancel", "Y:"], true);
    reads(&["add", "Y:", &low], true);
    reads(&["cancel", "X:"], false);
    assert_eq!(stage.run(&["cancel", "Y:"]), ["cancel Y: 0"]);
    nothing(&stage);
}

/// An optical drive without a mount point has `y::` and no `y:`.
#[test]
fn a_letter_of_a_device_is_taken() {
    let Some(stage) = stage("a_letter_of_a_device_is_taken", None) else { return };
    let link = stage.prefix().join("dosdevices/y::");
    std::os::unix::fs::symlink("/dev/null", &link).unwrap();
    let url = stage.url();
    let said = stage.run(&["add", "Y:", &url, "get", "Y:", "auto", &url, "cancel", "X:"]);
    let leads = fs::read_link(&link);
    let _ = fs::remove_file(&link);
    let auto = format!("auto {url} 0 X:");
    assert_eq!(said, ["add Y: 85", "get Y: 2250", &auto, "cancel X: 0"]);
    assert_eq!(leads.unwrap(), std::path::Path::new("/dev/null"));
    nothing(&stage);
}

#[test]
fn a_network_names_its_module() {
    let Some(stage) = stage("a_network_names_its_module", None) else { return };
    let said = stage.run(&["module", "OpenMPR Network"]);
    assert_eq!(said, ["module OpenMPR Network 0 mprunix.dll"]);
}

/// W13: what batch files do; everything that is not `net use` is still Wine's.
#[test]
fn net_use() {
    let Some(stage) = stage("net_use", None) else { return };
    let url = stage.url();
    let net = |words: &[&str]| stage.lines(stage.windows("net", words));
    let none = ["There are no entries in the list.", "The command completed successfully.", ""];
    assert_eq!(net(&["use"]), none);
    stage.notifyee();
    assert!(net(&["use", "X:", &url, "/persistent:no"]).join(" ").contains("successfully"));
    let listed = net(&["use"]);
    assert!(listed.iter().any(|line| line.starts_with("OK           X:") && line.contains(&url)));
    let copy = r"type X:\welcome.txt & echo from a batch file> X:\batch.txt";
    assert!(stage.lines(stage.windows("cmd", &["/c", copy])).concat().contains("on the server"));
    let written = fs::read_to_string(stage.on_server("batch.txt")).unwrap();
    assert_eq!(written.trim(), "from a batch file");
    assert_eq!(net(&["use", "x:", "/delete"])[0], "x: was deleted successfully.");
    assert_eq!(net(&["use"]), none);
    assert_eq!(stage.told().len(), 4, "each is told before and after");
    assert!(net(&["start"])[0].contains("services"), "that is Wine's own net.exe");
    nothing(&stage);
}

/// W13: what log-on scripts take for granted.
#[test]
fn net_use_in_scripts() {
    const KEPT: &str =
        r"HKCU\Software\Microsoft\Windows NT\CurrentVersion\Network\Persistent Connections";
    let Some(stage) = stage("net_use_in_scripts", Some(("al", "s\u{fc}cret"))) else { return };
    let url = stage.url();
    let line = [&["use", "X:", &url, "/user:al", "*"][..], &["/require"]].concat();
    let net = |words: &[&str], typed: &[u8]| {
        let [from, to] = ["../typed", "../said"].map(|name| stage.on_server(name));
        fs::write(&from, typed).unwrap();
        let said = fs::File::create(&to).unwrap();
        let mut command = stage.windows("net", words);
        command.stdin(fs::File::open(&from).unwrap()).stdout(said.try_clone().unwrap());
        command.stderr(said).status().unwrap();
        fs::read_to_string(&to).unwrap()
    };
    assert!(net(&line, b"").contains("/require"), "it may be one of two");
    assert!(net(&["use", "/pers:no"], b"").contains("successfully"));
    let asks = &line[..5];
    for typed in ["", "\r\n"] {
        let said = net(asks, typed.as_bytes());
        assert!(!said.contains("successfully"), "{typed:?}: {said}");
        assert_eq!(said.contains("could not be read"), typed.is_empty(), "{said}");
    }
    // A file of the code page, as editors under Windows write it.
    let said = net(asks, b"s\xfccret\r\n");
    assert!(said.contains("successfully"), "{said}");
    assert!(!stage.query(r"HKCU\Network").contains(&url), "not remembered, as was said once");
    let mut command = stage.windows("net", &["use"]);
    command.stdout(fs::File::options().write(true).open("/dev/full").unwrap());
    assert!(command.status().unwrap().success(), "nobody listens");
    assert!(net(&["use", "X:", &url, "/del"], b"").contains("deleted successfully"));
    stage.reg(&["delete", KEPT, "/f"]);
    nothing(&stage);
}

#[test]
fn open_files_keep_a_drive() {
    let Some(stage) = stage("open_files_keep_a_drive", None) else { return };
    let words = [
        "add",
        "X:",
        &stage.url(),
        "hold",
        r"X:\welcome.txt",
        "cancel",
        "X:",
        "force",
        "X:",
        "get",
        "X:",
    ];
    let said = stage.run(&words);
    let expected =
        ["add X: 0", r"hold X:\welcome.txt 0", "cancel X: 2401", "force X: 0", "get X: 2250"];
    assert_eq!(said, expected);
    nothing(&stage);
}

/// Who asked from inside the drive, and was refused, can leave it and ask again.
#[test]
fn a_drive_can_be_left() {
    let Some(stage) = stage("a_drive_can_be_left", None) else { return };
    let url = stage.url();
    let words = [
        "add", "X:", &url, "cd", r"X:\", "cancel", "X:", "cd", r"C:\", "cancel", "X:", "get", "X:",
    ];
    let expected =
        ["add X: 0", r"cd X:\ 0", "cancel X: 2401", r"cd C:\ 0", "cancel X: 0", "get X: 2250"];
    assert_eq!(stage.run(&words), expected);
    nothing(&stage);
}

/// Wine looks for two files in every drive when it starts: no server is asked for them, since one
/// that does not answer would keep every program from starting for as long as it may take.
#[test]
fn a_start_asks_no_server() {
    let Some(stage) = stage("a_start_asks_no_server", None) else { return };
    let labels = [".windows-label", ".windows-serial"];
    labels.iter().for_each(|name| fs::write(stage.on_server(name), "1234").unwrap());
    assert_eq!(stage.run(&["add", "X:", &stage.url()]), ["add X: 0"]);
    let place = fs::read_link(stage.prefix().join("dosdevices/x:")).unwrap();
    let found = |name: &str| fs::metadata(place.join(name)).map_err(|why| why.kind());
    assert!(found("welcome.txt").is_ok());
    assert_eq!(labels.map(|name| found(name).err()), [Some(std::io::ErrorKind::NotFound); 2]);
    assert_eq!(stage.run(&["cancel", "X:"]), ["cancel X: 0"]);
    nothing(&stage);
}

#[test]
fn users_and_refusals_pass() {
    let Some(stage) = stage("users_and_refusals_pass", Some(("al", "s3cret"))) else { return };
    let url = stage.url();
    let words =
        ["login", "X:", &url, "al", "wrong", "login", "X:", &url, "al", "s3cret", "user", "X:"];
    let said = stage.run(&words);
    let code = said.iter().find_map(|line| line.strip_prefix("login X: ")).unwrap();
    assert!(["5", "86", "1326"].contains(&code), "{said:?}");
    assert!(said[0].starts_with("  WebDAV Network: "), "the provider's own text: {said:?}");
    assert_eq!(said[said.len() - 2..], ["login X: 0", "user X: 0 al"]);
    assert_eq!(stage.run(&["cancel", "X:", "add", "X:", r"\\nobody\has.this"])[0], "cancel X: 0");
    nothing(&stage);
}

#[test]
fn a_killed_bridge_leaves_nothing() {
    let Some(stage) = stage("a_killed_bridge_leaves_nothing", None) else { return };
    stage.server().faults().freeze(true);
    let mut program = stage.program(&["add", "X:", &stage.url()]).spawn().unwrap();
    let bridge = stage.bridge();
    assert!(Command::new("kill").args(["-9", &bridge.to_string()]).status().unwrap().success());
    stage.server().faults().freeze(false);
    assert!(program.wait().unwrap().success());
    nothing(&stage);
}

#[test]
fn a_killed_program_leaves_nothing() {
    let Some(stage) = stage("a_killed_program_leaves_nothing", None) else { return };
    stage.server().faults().freeze(true);
    let mut program = stage.program(&["add", "X:", &stage.url()]).spawn().unwrap();
    stage.bridge();
    // It is `timeout` that was started; its signal for the program is the one that cannot be caught.
    assert!(Command::new("kill").arg(program.id().to_string()).status().unwrap().success());
    let _ = program.wait().unwrap();
    stage.server().faults().freeze(false);
    nothing(&stage);
}

#[test]
fn a_letter_goes_with_its_mount() {
    let Some(stage) = stage("a_letter_goes_with_its_mount", None) else { return };
    let url = stage.url();
    assert_eq!(stage.run(&["add", "X:", &url]), ["add X: 0"]);
    let place = fs::read_link(stage.prefix().join("dosdevices/x:")).unwrap();
    let (ended, said) = stage.mpr(&["delete", place.to_str().unwrap()]);
    assert!(ended, "{said}");
    assert_eq!(
        stage.run(&["get", "X:", "type", "X:\\"]),
        ["get X: 2250", r"type X:\ 1 not listed"]
    );
    let words = ["add", "X:", &url, "read", r"X:\welcome.txt", "cancel", "X:"];
    let expected = ["add X: 0", r"read X:\welcome.txt 0 on the server", "cancel X: 0"];
    assert_eq!(stage.run(&words), expected);
    nothing(&stage);
}
