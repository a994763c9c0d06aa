//! The whole way of a drive, on a real server of each network: connected, told of, written to by
//! letter and by UNC name, asked about, and gone.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used)]

#[path = "../../../testing/skip.rs"]
mod skip;

use std::fs;
use std::path::Path;

use mpr_conformance_drive::{Stage, unc};
use mpr_testkit::{Export, Smbd, Sshd, give};

const WRITTEN: &str = "written by a Windows program";

/// A resource on a server.
struct Far<'a> {
    /// The name that it is connected by.
    remote: &'a str,
    /// The same as Windows spells it.
    unc: &'a str,
    login: Option<(&'a str, &'a str)>,
    /// Its directory on the server.
    directory: &'a Path,
}

fn stage(test: &str, programs: &[&str]) -> Option<Stage> {
    for program in programs {
        if !Path::new(program).exists() {
            skip::skip(test, &format!("there is no {program}: cargo xtask setup"));
            return None;
        }
    }
    let stage = Stage::set(None);
    if stage.is_none() {
        skip::skip(test, "no mpr.dll or no stage: `cargo xtask wine` builds them and runs this");
    }
    stage
}

/// Makes a directory for the servers' user, with a file in it.
fn served() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("welcome.txt"), "on the server").unwrap();
    give(directory.path()).unwrap();
    directory
}

fn flow(stage: &Stage, far: &Far<'_>) {
    let Far { remote, unc, login, directory } = *far;
    stage.notifyee();
    let (file, other) = (format!(r"{unc}\welcome.txt"), format!(r"{unc}\other.txt"));
    let add = match login {
        Some((user, password)) => vec!["login", "X:", remote, user, password],
        None => vec!["add", "X:", remote],
    };
    let words = [
        &["type", "X:\\"],
        &add[..],
        &["type", "X:\\", "read", r"X:\welcome.txt", "write", r"X:\new.txt", "read", &file],
        &["write", &other, "get", "X:", "universal", r"X:\a\b", "list", "", "add", "X:", remote],
        &["cancel", "X:", "type", "X:\\", "get", "X:", "read", &file],
    ];
    let expected = [
        r"type X:\ 1 not listed".to_owned(),
        format!("{} X: 0", add[0]),
        r"type X:\ 4 listed".to_owned(),
        r"read X:\welcome.txt 0 on the server".to_owned(),
        r"write X:\new.txt 0".to_owned(),
        format!("read {file} 0 on the server"),
        format!("write {other} 0"),
        format!("get X: 0 {remote}"),
        format!(r"universal X:\a\b 0 {unc}\a\b"),
        format!("  X: {remote} OpenMPR Network"),
        "list  0".to_owned(),
        "add X: 85".to_owned(),
        "cancel X: 0".to_owned(),
        r"type X:\ 1 not listed".to_owned(),
        "get X: 2250".to_owned(),
        format!("read {file} 3"),
    ];
    assert_eq!(stage.run(&words.concat()), expected);
    for name in ["new.txt", "other.txt"] {
        assert_eq!(fs::read_to_string(directory.join(name)).unwrap(), WRITTEN, "{name}");
    }
    let told = [
        format!("before add X: {remote} 0"),
        format!("after add X: {remote} 0"),
        "before cancel X: - 0".to_owned(),
        "after cancel X: - 0".to_owned(),
    ];
    assert_eq!(stage.told(), told);
    assert_eq!(stage.left_in_the_end(), Vec::<String>::new());
}

#[test]
fn webdav() {
    let Some(stage) = stage("webdav", &[]) else { return };
    let (url, directory) = (stage.url(), stage.on_server(""));
    flow(&stage, &Far { remote: &url, unc: &unc(&url), login: None, directory: &directory });
}

#[test]
fn smb() {
    let Some(stage) = stage("smb", &["/usr/sbin/smbd"]) else { return };
    let served = served();
    let samba = Smbd::start(&[Export::new("share", served.path())]).unwrap();
    let (user, unc) = (Smbd::user(), samba.unc("share"));
    let login = Some((&*user, Smbd::PASSWORD));
    flow(&stage, &Far { remote: &unc, unc: &unc, login, directory: served.path() });
}

#[test]
fn sftp() {
    let Some(mut stage) = stage("sftp", &["/usr/sbin/sshd", "/usr/bin/ssh"]) else { return };
    let served = served();
    let sshd = Sshd::start().unwrap();
    // The native side gets the path of the Windows program's own surroundings.
    stage.path(&sshd.bin());
    let url = sshd.url(served.path());
    let url = url.trim_end_matches('/');
    let (host, path) = url.strip_prefix("sftp://").unwrap().split_once('/').unwrap();
    let unc = format!(r"\\{}\{}", host.replace(':', "@SSH@"), path.replace('/', r"\"));
    flow(&stage, &Far { remote: url, unc: &unc, login: None, directory: served.path() });
}
