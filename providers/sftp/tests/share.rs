//! The share against a real OpenSSH, without a mount.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "../../../testing/skip.rs"]
mod skip;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use mpr_core::WnError;
use mpr_engine::{
    Change, Fault, FaultKind, FoundKind, Kind, OpenHow, Protocol as _, RemotePath, Share as _,
    Target,
};
use mpr_mount::{Obstacle, Stage};
use mpr_testkit::{Sshd, give};
use provider_sftp::{Sftp, SftpFile, SftpShare};
use serde_json::json;
use zeroize::Zeroizing;

const LONG: Duration = Duration::from_secs(60);

const NEW: OpenHow =
    OpenHow { write: true, create: true, exclusive: false, truncate: false, mode: 0o640 };
const OLD: OpenHow =
    OpenHow { write: false, create: false, exclusive: false, truncate: false, mode: 0 };

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(LONG * 2, test).await.expect("it hangs") })
}

/// A server with a directory of its own.
fn server(test: &str) -> Option<(Sshd, tempfile::TempDir)> {
    if !Path::new("/usr/sbin/sshd").exists() {
        skip::skip(test, "there is no sshd: cargo xtask setup");
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    give(dir.path()).unwrap();
    Some((Sshd::start().unwrap(), dir))
}

fn target(sshd: &Sshd, url: String) -> Target {
    let mut target = Target::new(url, LONG);
    target.options.insert("ssh".into(), json!(sshd.bin().join("ssh")));
    target
}

async fn share(sshd: &Sshd, dir: &Path) -> SftpShare {
    Sftp::connect(target(sshd, sshd.url(dir))).await.unwrap()
}

async fn refused(target: Target) -> Obstacle {
    match Sftp::connect(target).await {
        Ok(_) => panic!("it connects"),
        Err(obstacle) => obstacle,
    }
}

fn at(path: &str) -> RemotePath {
    path.split('/').fold(RemotePath::root(), |at, name| at.join(name.as_bytes()))
}

fn kind<T>(result: Result<T, Fault>) -> FaultKind {
    result.err().expect("a fault").kind
}

async fn fill(share: &SftpShare, path: &str, data: &'static [u8]) -> SftpFile {
    let opened = share.open(&at(path), NEW).await.unwrap();
    share.write(&opened.file, 0, data.into()).await.unwrap();
    opened.file
}

#[test]
fn files_are_made_read_and_changed() {
    let Some((sshd, dir)) = server("files_are_made_read_and_changed") else { return };
    run(async {
        let share = share(&sshd, dir.path()).await;
        let file = fill(&share, "a", b"hello world").await;
        share.flush(&file, true).await.unwrap();
        assert_eq!(fs::read(dir.path().join("a")).unwrap(), b"hello world");
        assert_eq!(&share.read(&file, 6, 100).await.unwrap()[..], b"world");
        assert!(share.read(&file, 11, 100).await.unwrap().is_empty());
        share.write(&file, 1 << 32, "far".into()).await.unwrap();
        assert_eq!(share.attributes(&file).await.unwrap().size, (1 << 32) + 3);
        share.set_len(&file, 5).await.unwrap();
        share.close(file).await;
        let found = share.stat(&at("a")).await.unwrap();
        assert_eq!((found.kind, found.size, found.mode), (Kind::File, 5, Some(0o640)));

        let only = OpenHow { exclusive: true, ..NEW };
        assert_eq!(kind(share.open(&at("a"), only).await), FaultKind::AlreadyExists);
        assert_eq!(kind(share.open(&at("none"), OLD).await), FaultKind::NotFound);
        share.make_directory(&at("d"), 0o750).await.unwrap();
        assert_eq!(kind(share.open(&at("d"), OLD).await), FaultKind::IsADirectory);
        assert_eq!(kind(share.open(&at("d"), NEW).await), FaultKind::IsADirectory);

        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let change = Change { mode: Some(0o400), modified: Some(time), accessed: None };
        share.change(&at("a"), change).await.unwrap();
        let found = share.stat(&at("a")).await.unwrap();
        assert_eq!((found.mode, found.modified), (Some(0o400), time));
        let space = share.space().await.unwrap();
        assert!(space.total >= space.free && space.free > 0);
        share.ping().await.unwrap();
        share.leave().await;
    });
}

#[test]
fn names_are_made_renamed_and_removed() {
    let Some((sshd, dir)) = server("names_are_made_renamed_and_removed") else { return };
    run(async {
        let share = share(&sshd, dir.path()).await;
        for name in ["a", "b", "c"] {
            let file = fill(&share, name, b"x").await;
            share.close(file).await;
        }
        assert_eq!(kind(share.rename(&at("a"), &at("b"), false).await), FaultKind::AlreadyExists);
        share.rename(&at("a"), &at("b"), true).await.unwrap();
        share.rename(&at("b"), &at("e"), false).await.unwrap();
        assert_eq!(kind(share.rename(&at("b"), &at("x"), false).await), FaultKind::NotFound);

        share.make_directory(&at("d"), 0o755).await.unwrap();
        assert_eq!(kind(share.make_directory(&at("d"), 0o755).await), FaultKind::AlreadyExists);
        let inner = fill(&share, "d/in", b"x").await;
        assert_eq!(kind(share.remove_directory(&at("d")).await), FaultKind::NotEmpty);
        assert_eq!(kind(share.remove_directory(&at("c")).await), FaultKind::NotADirectory);
        assert_eq!(kind(share.remove_directory(&at("none")).await), FaultKind::NotFound);
        assert_eq!(kind(share.remove_file(&at("d")).await), FaultKind::IsADirectory);
        share.make_directory(&at("f"), 0o755).await.unwrap();
        assert_eq!(kind(share.rename(&at("f"), &at("d"), true).await), FaultKind::NotEmpty);
        assert_eq!(kind(share.rename(&at("c"), &at("d"), true).await), FaultKind::IsADirectory);
        assert_eq!(kind(share.rename(&at("d"), &at("c"), true).await), FaultKind::NotADirectory);
        // A file that is removed stays open.
        share.remove_file(&at("d/in")).await.unwrap();
        assert_eq!(&share.read(&inner, 0, 9).await.unwrap()[..], b"x");
        // And is changed by its handle.
        let before = share.attributes(&inner).await.unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(77);
        let change = Change { modified: Some(time), accessed: None, mode: Some(0o600) };
        share.change_open(&inner, None, change).await.unwrap();
        let found = share.attributes(&inner).await.unwrap();
        assert_eq!((found.modified, found.mode), (time, Some(0o600)));
        assert_eq!(found.accessed, before.accessed);
        share.close(inner).await;
        share.remove_directory(&at("d")).await.unwrap();

        share.make_link(&at("l"), b"../c\xff").await.unwrap();
        assert_eq!(share.read_link(&at("l")).await.unwrap(), b"../c\xff");
        assert_eq!(share.stat(&at("l")).await.unwrap().kind, Kind::Link);
        let time = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(77));
        let change = Change { modified: time, accessed: time, mode: None };
        share.change(&at("l"), change).await.unwrap();
        assert_eq!(Some(share.stat(&at("l")).await.unwrap().modified), time);
        assert_eq!(kind(share.make_link(&at("l"), b"x").await), FaultKind::AlreadyExists);
        share.make_hard_link(&at("c"), &at("h")).await.unwrap();
        assert_eq!(kind(share.make_hard_link(&at("c"), &at("h")).await), FaultKind::AlreadyExists);
        let odd = RemotePath::root().join(b"\xff\n%\\");
        share.rename(&at("h"), &odd, true).await.unwrap();
        assert_eq!(share.stat(&odd).await.unwrap().size, 1);
        let long = at(&"n".repeat(300));
        assert_eq!(kind(share.make_directory(&long, 0o755).await), FaultKind::NameTooLong);
    });
}

#[test]
fn large_directories_and_many_files_are_listed_and_open() {
    let Some((sshd, dir)) = server("large_directories") else { return };
    for number in 0..2000 {
        fs::write(dir.path().join(format!("file {number}")), b"x").unwrap();
    }
    run(async {
        let share = share(&sshd, dir.path()).await;
        let mut names: Vec<_> =
            share.list(&RemotePath::root()).await.unwrap().into_iter().map(|it| it.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 2000);
        // Handles beyond 127 are no text.
        let mut open = Vec::new();
        for number in 0..200 {
            open.push(share.open(&at(&format!("file {number}")), OLD).await.unwrap().file);
        }
        for file in open {
            assert_eq!(share.read(&file, 0, 9).await.unwrap().len(), 1);
        }
        assert_eq!(kind(share.list(&at("none")).await), FaultKind::NotFound);
    });
}

#[test]
fn browsing_shows_what_links_lead_to() {
    let Some((sshd, dir)) = server("browsing") else { return };
    fs::create_dir(dir.path().join("d")).unwrap();
    fs::write(dir.path().join("f"), b"").unwrap();
    symlink("d", dir.path().join("l")).unwrap();
    run(async {
        let mut found = Sftp::browse(target(&sshd, sshd.url(dir.path()))).await.unwrap();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        let found: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.kind)).collect();
        let (directory, file) = (FoundKind::Directory, FoundKind::File);
        assert_eq!(found, [("d", directory), ("f", file), ("l", directory)]);
        let top = Sftp::browse(target(&sshd, sshd.url(Path::new("/")))).await.unwrap();
        assert!(top.iter().any(|it| it.name == "~" && it.kind == FoundKind::Share));
        assert!(top.iter().any(|it| it.name == "etc"));
    });
}

#[test]
fn obstacles_are_told_apart() {
    let Some((sshd, dir)) = server("obstacles_are_told_apart") else { return };
    fs::write(dir.path().join("file"), b"").unwrap();
    fs::create_dir(dir.path().join("closed")).unwrap();
    fs::set_permissions(dir.path().join("closed"), fs::Permissions::from_mode(0o0)).unwrap();
    give(&dir.path().join("closed")).unwrap();
    run(async {
        let is = |obstacle: &Obstacle| (obstacle.stage, obstacle.code);
        for (name, code) in [
            ("none", WnError::BAD_NET_NAME),
            ("file", WnError::BAD_NET_NAME),
            ("closed", WnError::ACCESS_DENIED),
        ] {
            let obstacle = refused(target(&sshd, sshd.url(&dir.path().join(name)))).await;
            assert_eq!(is(&obstacle), (Stage::Open, code), "{obstacle}");
        }
        let nowhere = target(&sshd, "sftp://no-such-host.invalid/x".into());
        let obstacle = refused(nowhere).await;
        assert_eq!(is(&obstacle), (Stage::Resolve, WnError::BAD_NET_PATH), "{obstacle}");

        let known = sshd.client_config().with_file_name("known_hosts");
        let right = fs::read_to_string(&known).unwrap();
        fs::write(&known, "").unwrap();
        let obstacle = refused(target(&sshd, sshd.url(dir.path()))).await;
        assert_eq!(is(&obstacle), (Stage::Secure, WnError::ACCESS_DENIED), "{obstacle}");
        assert!(obstacle.text.contains("not known yet"), "{obstacle}");
        let other = fs::read_to_string(known.with_file_name("other-key.pub")).unwrap();
        let other = other.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let changed = right
            .lines()
            .map(|line| format!("{} {other}\n", line.split(' ').next().unwrap_or_default()));
        fs::write(&known, changed.collect::<String>()).unwrap();
        let obstacle = refused(target(&sshd, sshd.url(dir.path()))).await;
        assert_eq!(is(&obstacle), (Stage::Secure, WnError::ACCESS_DENIED), "{obstacle}");
        assert!(obstacle.text.contains("has changed"), "{obstacle}");
        fs::write(&known, right).unwrap();

        sshd.change_locks(true).unwrap();
        let obstacle = refused(target(&sshd, sshd.url(dir.path()))).await;
        assert_eq!(is(&obstacle), (Stage::LogIn, WnError::ACCESS_DENIED), "{obstacle}");
        assert!(obstacle.text.contains("publickey"), "{obstacle}");
        sshd.change_locks(false).unwrap();

        let mut password = target(&sshd, sshd.url(dir.path()));
        sshd.change_locks(true).unwrap();
        password.password = Some(Zeroizing::new("wrong".into()));
        let obstacle = refused(password).await;
        assert_eq!(is(&obstacle), (Stage::LogIn, WnError::INVALID_PASSWORD), "{obstacle}");
        sshd.change_locks(false).unwrap();

        let mut missing = target(&sshd, sshd.url(dir.path()));
        missing.options.insert("ssh".into(), json!("/no/such/ssh"));
        assert_eq!(refused(missing).await.code, WnError::MOD_NOT_FOUND);

        sshd.daemon().kill();
        let obstacle = refused(target(&sshd, sshd.url(dir.path()))).await;
        assert_eq!(is(&obstacle), (Stage::Connect, WnError::REM_NOT_LIST), "{obstacle}");
    });
}

#[test]
fn a_silent_server_is_told_by_its_stage() {
    let Some((sshd, dir)) = server("a_silent_server") else { return };
    run(async {
        sshd.daemon().freeze();
        let mut silent = target(&sshd, sshd.url(dir.path()));
        silent.limit = Duration::from_secs(1);
        let obstacle = refused(silent).await;
        assert_eq!(
            (obstacle.stage, obstacle.code),
            (Stage::Secure, WnError::TIMEOUT),
            "{obstacle}"
        );
    });
}

#[test]
fn a_lost_connection_is_told_and_made_anew() {
    let Some((sshd, dir)) = server("a_lost_connection") else { return };
    run(async {
        let share = share(&sshd, dir.path()).await;
        let file = fill(&share, "a", b"x").await;
        sshd.daemon().kill();
        assert_eq!(kind(share.read(&file, 0, 9).await), FaultKind::Lost);
        assert_eq!(kind(share.ping().await), FaultKind::Lost);
        assert_eq!(kind(share.reconnect().await), FaultKind::Unreachable);
        sshd.daemon().restart().unwrap();
        share.reconnect().await.unwrap();
        assert_eq!(kind(share.read(&file, 0, 9).await), FaultKind::HandleLost);
        assert_eq!(share.stat(&at("a")).await.unwrap().size, 1);
        sshd.change_locks(true).unwrap();
        assert_eq!(kind(share.reconnect().await), FaultKind::LoggedOut);
    });
}

#[test]
fn a_frozen_server_holds_up_nobody_who_gives_up() {
    let Some((sshd, dir)) = server("a_frozen_server") else { return };
    run(async {
        let share = share(&sshd, dir.path()).await;
        let file = fill(&share, "a", b"x").await;
        sshd.daemon().freeze();
        let short = Duration::from_millis(50);
        for _ in 0..10 {
            assert!(tokio::time::timeout(short, share.open(&at("a"), OLD)).await.is_err());
        }
        sshd.daemon().thaw();
        assert_eq!(&share.read(&file, 0, 9).await.unwrap()[..], b"x");
        share.close(file).await;
    });
}
