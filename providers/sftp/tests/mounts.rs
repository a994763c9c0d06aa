//! The provider with real mounts over a real OpenSSH: what programs see.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "../../../testing/skip.rs"]
mod skip;

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mpr_core::{
    AddCall, AddRequest, ConnectFlags, Credentials, Provider as _, ResourceType, WideString,
};
use mpr_mount::{MountTable, Runtime, Settings};
use mpr_testkit::{Sshd, give};
use provider_sftp::SftpProvider;

/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(60);

/// A user with a drive `S:`. The drive goes with it.
struct Drive {
    provider: SftpProvider,
    root: tempfile::TempDir,
}

impl Drive {
    fn new(sshd: &Sshd) -> Self {
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        let mut settings = Settings::new(runtime, env!("CARGO_BIN_EXE_mpr-serve-sftp").into());
        settings.io_limit = Duration::from_secs(2);
        settings.options.insert("ssh".into(), serde_json::json!(sshd.bin().join("ssh")));
        Self { provider: SftpProvider::new(settings), root }
    }

    fn connect(&self, remote: &str) -> Result<PathBuf, u32> {
        let [remote, local] = [remote, "S:"].map(WideString::from);
        let request = AddRequest {
            call: AddCall::Add3,
            resource_type: ResourceType::DISK,
            local: Some(local.as_wide()),
            remote: remote.as_wide(),
            comment: 0,
            credentials: Credentials::DEFAULT,
            use_options: None,
            flags: ConnectFlags::NONE,
            owner: 0,
        };
        self.provider.add_connection(&request).map_err(|error| error.code.code())?;
        Ok(self.root.path().join("run/mpr/S"))
    }

    fn mounts(&self) -> usize {
        let table = MountTable::read("mpr-sftp").unwrap();
        table.iter().filter(|entry| entry.mountpoint.starts_with(self.root.path())).count()
    }

    fn disconnect(&self) {
        let local = WideString::from("S:");
        let _ = self.provider.cancel_connection(local.as_wide(), true, ConnectFlags::NONE);
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        self.disconnect();
    }
}

fn with_drive(test: &str, body: impl FnOnce(&Sshd, &Path, &Path)) {
    for (needed, name) in [("/usr/sbin/sshd", "sshd"), ("/dev/fuse", "FUSE")] {
        if !Path::new(needed).exists() {
            return skip::skip(test, &format!("there is no {name}"));
        }
    }
    let sshd = Sshd::start().unwrap();
    let far = tempfile::tempdir().unwrap();
    give(far.path()).unwrap();
    let drive = Drive::new(&sshd);
    let dir = drive.connect(&sshd.url(far.path())).unwrap();
    body(&sshd, far.path(), &dir);
    sshd.daemon().thaw();
    drive.disconnect();
    assert_eq!(drive.mounts(), 0);
}

/// Tries until it works, as a user would.
fn soon<T>(what: &str, attempt: impl Fn() -> io::Result<T>) -> T {
    let end = Instant::now() + LONG;
    loop {
        match attempt() {
            Ok(value) => return value,
            Err(error) => assert!(Instant::now() < end, "{what}: {error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_drive_is_a_directory() {
    with_drive("a_drive_is_a_directory", |_, far, dir| {
        fs::write(dir.join("a"), "one two").unwrap();
        assert_eq!(fs::read_to_string(far.join("a")).unwrap(), "one two");
        let file = OpenOptions::new().read(true).write(true).open(dir.join("a")).unwrap();
        file.write_all_at(b"ONE", 0).unwrap();
        file.set_len(5).unwrap();
        file.sync_all().unwrap();
        assert_eq!(fs::read_to_string(far.join("a")).unwrap(), "ONE t");
        let taken = OpenOptions::new().write(true).create_new(true).open(dir.join("a"));
        assert_eq!(taken.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        fs::create_dir_all(dir.join("d/e")).unwrap();
        let full = fs::remove_dir(dir.join("d")).unwrap_err();
        assert_eq!(full.kind(), io::ErrorKind::DirectoryNotEmpty);
        fs::write(dir.join("new"), "three").unwrap();
        fs::rename(dir.join("new"), dir.join("a")).unwrap();
        assert_eq!(fs::read_to_string(far.join("a")).unwrap(), "three");
        fs::hard_link(dir.join("a"), dir.join("h")).unwrap();
        std::os::unix::fs::symlink("h", dir.join("l")).unwrap();
        assert_eq!(fs::read_to_string(dir.join("l")).unwrap(), "three");
        assert!(rustix::fs::statvfs(dir).unwrap().f_blocks > 0);
        fs::remove_dir_all(dir.join("d")).unwrap();
        let large: Vec<u8> = (0..5_000_000_u32).map(|at| (at % 251) as u8).collect();
        fs::write(dir.join("large"), &large).unwrap();
        assert!(fs::read(far.join("large")).unwrap() == large);
        assert!(fs::read(dir.join("large")).unwrap() == large);
    });
}

#[test]
fn a_frozen_server_is_waited_for_and_found_again() {
    with_drive("a_frozen_server", |sshd, far, dir| {
        fs::write(far.join("a"), "text").unwrap();
        sshd.daemon().freeze();
        let begun = Instant::now();
        assert!(fs::read(dir.join("a")).is_err());
        assert!(begun.elapsed() < LONG / 2, "it hangs");
        sshd.daemon().thaw();
        assert_eq!(soon("reading again", || fs::read(dir.join("a"))), b"text");
    });
}

#[test]
fn a_server_that_comes_back_is_found_without_a_new_mount() {
    with_drive("a_server_that_comes_back", |sshd, far, dir| {
        fs::write(far.join("a"), "text").unwrap();
        sshd.daemon().kill();
        let begun = Instant::now();
        assert!(fs::read(dir.join("a")).is_err());
        assert!(begun.elapsed() < LONG / 2, "it hangs");
        sshd.daemon().restart().unwrap();
        assert_eq!(soon("reading again", || fs::read(dir.join("a"))), b"text");
        soon("writing again", || fs::write(dir.join("b"), "more"));
        assert_eq!(fs::read(far.join("b")).unwrap(), b"more");
        // The connection alone is cut, while the server goes on.
        sshd.daemon().kill_connections();
        assert_eq!(soon("reading once more", || fs::read(dir.join("b"))), b"more");
    });
}
