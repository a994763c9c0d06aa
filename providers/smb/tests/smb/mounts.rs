//! The provider with real mounts: what programs see.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mpr_core::{
    AddCall, AddRequest, ConnectFlags, Credentials, Password, Provider as _, ResourceType,
    WideString,
};
use mpr_mount::{MountTable, Runtime, Settings};
use mpr_testkit::{Samba, SambaOptions, samba};
use provider_smb::SmbProvider;
use rustix::io::Errno;

use crate::support::LONG;

/// A user with a drive `S:` on a server. The drive goes with it.
struct Drive {
    provider: SmbProvider,
    root: tempfile::TempDir,
}

impl Drive {
    fn new(change: impl FnOnce(&mut Settings)) -> Self {
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        let mut settings = Settings::new(runtime, env!("CARGO_BIN_EXE_mpr-serve-smb").into());
        change(&mut settings);
        Self { provider: SmbProvider::new(settings), root }
    }

    fn connect(&self, remote: &str, flags: ConnectFlags) -> Result<PathBuf, u32> {
        let [remote, local, user, password] =
            [remote, "S:", samba::USER.0, samba::USER.1].map(WideString::from);
        let request = AddRequest {
            call: AddCall::Add3,
            resource_type: ResourceType::DISK,
            local: Some(local.as_wide()),
            remote: remote.as_wide(),
            comment: 0,
            credentials: Credentials::Named {
                user: Some(user.as_wide()),
                password: Some(Password::new(password.as_wide())),
            },
            use_options: None,
            flags,
            owner: 0,
        };
        self.provider.add_connection(&request).map_err(|error| error.code.code())?;
        Ok(self.dir())
    }

    fn dir(&self) -> PathBuf {
        self.root.path().join("run/mpr/S")
    }

    fn mounts(&self) -> usize {
        let table = MountTable::read("mpr-smb").unwrap();
        table.iter().filter(|entry| entry.mountpoint.starts_with(self.root.path())).count()
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        let local = WideString::from("S:");
        let _ = self.provider.cancel_connection(local.as_wide(), true, ConnectFlags::NONE);
    }
}

/// Runs a test with a server and a drive on its share `team`.
fn with_drive(test: &str, body: impl FnOnce(&mut Samba, &Drive, &Path)) {
    if let Some(why) = Samba::missing() {
        return crate::skip::skip(test, why);
    }
    let mut server = SambaOptions::default().share("team").start().unwrap();
    let drive = Drive::new(|settings| settings.io_limit = Duration::from_secs(2));
    let dir = drive.connect(&server.unc("team"), ConnectFlags::NONE).unwrap();
    body(&mut server, &drive, &dir);
}

/// Tries until it works, as a user would.
fn soon<T>(what: &str, attempt: impl Fn() -> std::io::Result<T>) -> T {
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
    with_drive("a_drive_is_a_directory", |server, _, dir| {
        let team = server.path("team");
        std::fs::write(dir.join("a"), "one").unwrap();
        assert_eq!(std::fs::read_to_string(team.join("a")).unwrap(), "one");
        let mut file = OpenOptions::new().append(true).open(dir.join("a")).unwrap();
        file.write_all(b" two").unwrap();
        drop(file);
        assert_eq!(std::fs::read_to_string(team.join("a")).unwrap(), "one two");
        let file = OpenOptions::new().read(true).write(true).open(dir.join("a")).unwrap();
        file.write_all_at(b"ONE", 0).unwrap();
        file.set_len(5).unwrap();
        file.sync_all().unwrap();
        assert_eq!(std::fs::read_to_string(team.join("a")).unwrap(), "ONE t");
        drop(file);
        let taken = OpenOptions::new().write(true).create_new(true).open(dir.join("a"));
        assert_eq!(taken.unwrap_err().kind(), ErrorKind::AlreadyExists);
        std::fs::create_dir_all(dir.join("d/e")).unwrap();
        let full = std::fs::remove_dir(dir.join("d")).unwrap_err();
        assert_eq!(full.kind(), ErrorKind::DirectoryNotEmpty);
        // As editors save.
        std::fs::write(dir.join("new"), "three").unwrap();
        std::fs::rename(dir.join("new"), dir.join("a")).unwrap();
        assert_eq!(std::fs::read_to_string(team.join("a")).unwrap(), "three");
        std::fs::rename(dir.join("a"), dir.join("d/e/b")).unwrap();
        assert!(!dir.join("a").exists() && team.join("d/e/b").exists());
        let mut permissions = std::fs::metadata(dir.join("d/e/b")).unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(dir.join("d/e/b"), permissions).unwrap();
        assert!(std::fs::metadata(dir.join("d/e/b")).unwrap().permissions().readonly());
        std::fs::remove_dir_all(dir.join("d")).unwrap();
        assert_eq!(std::fs::read_dir(dir).unwrap().count(), 0);
        let missing = std::fs::read_link(dir.join("x")).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        assert!(std::os::unix::fs::symlink("x", dir.join("l")).is_err());
        let space = rustix::fs::statvfs(dir).unwrap();
        assert!(space.f_blocks > 0);
    });
}

#[test]
fn a_file_that_is_open_can_be_removed() {
    with_drive("a_file_that_is_open_can_be_removed", |server, _, dir| {
        std::fs::write(dir.join("f"), "kept").unwrap();
        let mut file = OpenOptions::new().read(true).write(true).open(dir.join("f")).unwrap();
        std::fs::remove_file(dir.join("f")).unwrap();
        std::fs::write(dir.join("f"), "another").unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "kept");
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(b"KEPT").unwrap();
        assert_eq!(std::fs::read_to_string(dir.join("f")).unwrap(), "another");
        drop(file);
        soon("what was removed goes", || {
            let count = std::fs::read_dir(server.path("team"))?.count();
            if count == 1 { Ok(()) } else { Err(ErrorKind::Other.into()) }
        });
    });
}

#[test]
fn large_files_pass_through() {
    with_drive("large_files_pass_through", |server, _, dir| {
        let content: Vec<u8> =
            (0..24u32 << 20).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        std::fs::write(dir.join("large"), &content).unwrap();
        assert!(std::fs::read(server.path("team").join("large")).unwrap() == content);
        std::fs::write(server.path("team").join("theirs"), &content).unwrap();
        assert!(std::fs::read(dir.join("theirs")).unwrap() == content);
        let far = File::create(dir.join("far")).unwrap();
        far.write_all_at(b"end", 5 << 30).unwrap();
        drop(far);
        assert_eq!(
            std::fs::metadata(server.path("team").join("far")).unwrap().size(),
            (5 << 30) + 3
        );
    });
}

#[test]
fn a_frozen_server_fails_within_the_limit_and_leaves_nothing() {
    let test = "a_frozen_server_fails_within_the_limit_and_leaves_nothing";
    if let Some(why) = Samba::missing() {
        return crate::skip::skip(test, why);
    }
    let server = SambaOptions::default().share("team").start().unwrap();
    server.freeze(true);
    let drive = Drive::new(|settings| settings.connect_limit = Duration::from_secs(1));
    let began = Instant::now();
    let refused = drive.connect(&server.unc("team"), ConnectFlags::NONE);
    assert_eq!(refused, Err(1460));
    assert!(began.elapsed() < Duration::from_secs(20), "it hung");
    assert_eq!((drive.mounts(), drive.dir().exists()), (0, false));
    server.freeze(false);
    drive.connect(&server.url("team"), ConnectFlags::NONE).unwrap();
}

#[test]
fn operations_end_while_the_server_is_frozen() {
    with_drive("operations_end_while_the_server_is_frozen", |server, _, dir| {
        std::fs::write(dir.join("f"), "text").unwrap();
        server.freeze(true);
        let began = Instant::now();
        assert!(std::fs::read_dir(dir.join("none")).is_err());
        assert!(std::fs::write(dir.join("g"), "text").is_err());
        rustix::fs::statvfs(dir).unwrap();
        assert!(began.elapsed() < Duration::from_secs(30), "it hung");
        server.freeze(false);
        let text = soon("after the thaw", || std::fs::read_to_string(dir.join("f")));
        assert_eq!(text, "text");
    });
}

#[test]
fn a_restart_of_the_server_needs_no_new_mount() {
    with_drive("a_restart_of_the_server_needs_no_new_mount", |server, _, dir| {
        std::fs::write(dir.join("f"), "text").unwrap();
        let mut open = File::open(dir.join("f")).unwrap();
        server.kill();
        assert!(std::fs::read_dir(dir.join("none")).is_err());
        server.start_again().unwrap();
        assert_eq!(soon("after the restart", || std::fs::read_to_string(dir.join("f"))), "text");
        soon("writing", || std::fs::write(dir.join("g"), "more"));
        assert_eq!(std::fs::read_to_string(server.path("team").join("g")).unwrap(), "more");
        let mut text = String::new();
        open.read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
    });
}

#[test]
fn a_full_disk_is_told() {
    if let Some(why) = Samba::missing() {
        return crate::skip::skip("a_full_disk_is_told", why);
    }
    let small = tempfile::tempdir().unwrap();
    let options = c"size=4m,mode=777";
    let flags = rustix::mount::MountFlags::NOSUID;
    if rustix::mount::mount("tmpfs", small.path(), "tmpfs", flags, options).is_err() {
        return crate::skip::skip("a_full_disk_is_told", "no tmpfs can be mounted here");
    }
    let result = std::panic::catch_unwind(|| {
        let server = SambaOptions::default().share_of("small", small.path()).start().unwrap();
        let drive = Drive::new(|_| ());
        let dir = drive.connect(&server.unc("small"), ConnectFlags::NONE).unwrap();
        let mut file = File::create(dir.join("f")).unwrap();
        let piece = vec![7; 1 << 20];
        let failed = (0..8).find_map(|_| file.write_all(&piece).err());
        let failed = failed.or_else(|| file.sync_all().err()).expect("8 MiB fit into 4");
        assert_eq!(failed.raw_os_error(), Some(Errno::NOSPC.raw_os_error()), "{failed}");
    });
    rustix::mount::unmount(small.path(), rustix::mount::UnmountFlags::DETACH).unwrap();
    result.unwrap();
}

#[test]
fn two_drives_share_files() {
    with_drive("two_drives_share_files", |server, _, mine| {
        let other = Drive::new(|_| ());
        let theirs = other.connect(&server.url("team"), ConnectFlags::NONE).unwrap();
        std::fs::write(mine.join("f"), "mine").unwrap();
        assert_eq!(std::fs::read_to_string(theirs.join("f")).unwrap(), "mine");
        std::fs::write(theirs.join("f"), "theirs").unwrap();
        let text = || match std::fs::read_to_string(mine.join("f"))?.as_str() {
            "theirs" => Ok(()),
            _ => Err(ErrorKind::Other.into()),
        };
        soon("what the other wrote", text);
    });
}

#[test]
#[ignore = "the engine passes no locks on yet"]
fn two_drives_share_locks() {
    use rustix::fs::{FlockOperation, fcntl_lock};

    with_drive("two_drives_share_locks", |server, _, mine| {
        let other = Drive::new(|_| ());
        let theirs = other.connect(&server.url("team"), ConnectFlags::NONE).unwrap();
        std::fs::write(mine.join("f"), "mine").unwrap();
        let write =
            |dir: &Path| OpenOptions::new().read(true).write(true).open(dir.join("f")).unwrap();
        let (one, two) = (write(mine), write(&theirs));
        fcntl_lock(&one, FlockOperation::NonBlockingLockExclusive).unwrap();
        let refused = fcntl_lock(&two, FlockOperation::NonBlockingLockExclusive).unwrap_err();
        assert!(matches!(refused, Errno::AGAIN | Errno::ACCESS), "{refused}");
        fcntl_lock(&one, FlockOperation::Unlock).unwrap();
        fcntl_lock(&two, FlockOperation::NonBlockingLockExclusive).unwrap();
    });
}

#[test]
fn privacy_is_kept_or_refused() {
    if let Some(why) = Samba::missing() {
        return crate::skip::skip("privacy_is_kept_or_refused", why);
    }
    for (version, expected) in [("SMB2_10", Err(59)), ("SMB3_11", Ok(()))] {
        let options = SambaOptions::default().global(&format!("server max protocol = {version}"));
        let server = options.share("team").start().unwrap();
        let drive = Drive::new(|_| ());
        let result = drive.connect(&server.unc("team"), ConnectFlags::REQUIRE_PRIVACY);
        assert_eq!(result.map(drop), expected, "{version}");
    }
}
