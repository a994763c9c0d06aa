//! Handing over to the kernel, with scripts in the parts of the serving program and the helper.
//!
//! The kernel's file system is tmpfs, which every machine has: it is mounted, found, used and
//! taken away like any other, but nothing is said here of cifs and nfs themselves.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use mpr_core::{AddCall, AddRequest, Credentials, Password};

use super::tests::Name;
use super::*;
use crate::kernel::{KernelMount, KernelSystem};
use crate::note::ProcessId;
use crate::runtime::Runtime;

#[path = "../../../../testing/skip.rs"]
mod skip;

#[derive(Debug)]
struct Net;

impl Network for Net {
    type Resource = Name;
    const NAME: &'static str = "Test Network";
    const NET_TYPE: u32 = 0x00ff_0000;
    const SUBTYPE: &'static str = "mpr-test-kernel";
    const HELPER: &'static str = "mpr-serve-test";
    const PROMISES: ConnectFlags = ConnectFlags::REQUIRE_PRIVACY;
    const KERNEL: Option<KernelSystem> =
        Some(KernelSystem { types: &["tmpfs"], helper: "mount.tmpfs", logs_in: true, only: false });

    fn kernel_mount(remote: &Name, promises: ConnectFlags) -> Result<KernelMount, String> {
        let seal = promises.contains(ConnectFlags::REQUIRE_PRIVACY);
        let options = seal.then(|| "seal".to_owned()).into_iter().collect();
        Ok(KernelMount { source: remote.name().replace("test:", ""), options })
    }
}

/// The same, with a file system that no kernel has.
#[derive(Debug)]
struct Unknown;

impl Network for Unknown {
    type Resource = Name;
    const NAME: &'static str = Net::NAME;
    const NET_TYPE: u32 = Net::NET_TYPE;
    const SUBTYPE: &'static str = Net::SUBTYPE;
    const HELPER: &'static str = Net::HELPER;
    const KERNEL: Option<KernelSystem> = Some(KernelSystem {
        types: &["mprnosuchfs"],
        helper: "mount.tmpfs",
        logs_in: false,
        only: true,
    });
}

/// Writes down what it is told; a test adds what it does then.
const RECORD: &str = r#"root=$(dirname "$(dirname "$0")")
printf '%s\n' "$@" > "$root/argv"
env > "$root/environment"
tr '\0' '\n' < /proc/$$/cmdline > "$root/cmdline"
file=$(printf %s "$4" | tr , '\n' | sed -n 's/^credentials=//p')
[ -z "$file" ] || cat "$file" > "$root/credentials"
"#;

const MOUNT: &str = r#"exec mount -t tmpfs -o size=64k "$1" "$2""#;

struct Bench<N> {
    root: tempfile::TempDir,
    provider: MountProvider<N>,
}

impl<N> Drop for Bench<N> {
    fn drop(&mut self) {
        // For a test that failed half-way.
        let dir = self.root.path().join("run/mpr/S");
        let _ = rustix::mount::unmount(dir, rustix::mount::UnmountFlags::DETACH);
    }
}

impl<N: Network> Bench<N> {
    /// A serving program that finds the server well, and a helper that does this.
    fn new(helper: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        let serve = root.path().join("serve");
        script(&serve, "cat > /dev/null\necho '{\"ok\":true}'");
        script(&root.path().join("sbin/mount.tmpfs"), &format!("{RECORD}{helper}"));
        let mut settings = Settings::new(runtime, serve);
        settings.kernel = true;
        let mut provider = MountProvider::new(settings);
        provider.means.allowed = true;
        provider.means.dirs.truncate(1);
        Self { provider, root }
    }

    fn connect(&self, name: &str, user: Option<&str>, password: &str) -> Result<(), (u32, String)> {
        let (user, password) = (user.map(WideString::from), WideString::from(password));
        let (remote, local) = (WideString::from(name), WideString::from("S:"));
        let request = AddRequest {
            call: AddCall::Add3,
            resource_type: ResourceType::DISK,
            local: Some(local.as_wide()),
            remote: remote.as_wide(),
            comment: 0,
            credentials: Credentials::Named {
                user: user.as_ref().map(WideString::as_wide),
                password: user.is_some().then(|| Password::new(password.as_wide())),
            },
            use_options: None,
            flags: ConnectFlags::REQUIRE_PRIVACY,
            owner: 0,
        };
        self.provider.add_connection(&request).map_err(|error| {
            let text = error.extended.as_ref().map(|said| said.text.to_string_lossy());
            (error.code.code(), text.unwrap_or_default())
        })
    }

    fn drive(&self) -> PathBuf {
        self.root.path().join("run/mpr/S")
    }

    fn told(&self, what: &str) -> String {
        std::fs::read_to_string(self.root.path().join(what)).unwrap_or_default()
    }

    /// Asserts that there is no directory, note, lock or file of the connection's.
    fn nothing_is_left(&self) {
        let left = |dir: &Path| -> Vec<PathBuf> {
            let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
            entries.map(|entry| entry.path()).collect()
        };
        let runtime = self.provider.settings.runtime.clone();
        assert!(left(&runtime.service_dir()).is_empty(), "{:?}", left(&runtime.service_dir()));
        assert!(!self.drive().exists());
    }
}

/// Another process writes it: see `serve_tests.rs`.
fn script(path: &Path, text: &str) {
    let write =
        r#"mkdir -p "$(dirname "$2")" && printf '#!/bin/sh\n%s\n' "$1" > "$2" && chmod 755 "$2""#;
    let mut command = Command::new("sh");
    assert!(command.args(["-c", write, "sh", text]).arg(path).status().unwrap().success());
}

#[test]
fn the_helper_is_told_everything_but_the_password_openly() {
    let bench = Bench::<Net>::new("exit 1");
    let (code, text) = bench.connect("test://h/s", Some(r"WORK\alice"), "p,w=\"ö").unwrap_err();
    assert_eq!((code, text.as_str()), (59, "mount: mount.tmpfs failed and says nothing"));
    let (argv, drive) = (bench.told("argv"), bench.drive());
    let options = "rw,nosuid,nodev,_netdev,seal,credentials=/proc/self/fd/0";
    assert_eq!(argv, format!("//h/s\n{}\n-o\n{options}\n", drive.display()));
    let credentials = bench.told("credentials");
    assert_eq!(credentials, "username=alice\npassword=p,w=\"ö\ndomain=WORK\n");
    let environment = bench.told("environment");
    for open in [&argv, &environment, &bench.told("cmdline")] {
        assert!(!open.contains("p,w") && !open.is_empty(), "{open}");
    }
    let names = environment.lines().filter_map(|line| Some(line.split_once('=')?.0));
    let more: Vec<_> = names
        .filter(|name| !["PATH", "LC_ALL", "PWD", "_", "SHLVL", "OLDPWD"].contains(name))
        .collect();
    assert!(more.is_empty(), "{more:?}");
    bench.nothing_is_left();
}

#[test]
fn nobody_in_particular_is_a_guest() {
    let bench = Bench::<Net>::new("exit 1");
    bench.connect("test://h/s", None, "").unwrap_err();
    assert!(bench.told("argv").ends_with(",seal,guest\n"), "{}", bench.told("argv"));
    assert_eq!(bench.told("credentials"), "");
    // What could be read as another line is not told at all.
    let broken = bench.connect("test://h/s", Some("alice"), "a\ndomain=x").unwrap_err();
    assert_eq!(broken.0, WnError::INVALID_PASSWORD.code());
    assert_eq!(bench.told("credentials"), "");
    bench.nothing_is_left();
}

#[test]
fn a_helper_that_fails_says_why() {
    let says =
        "echo 'mount error(13): Permission denied' >&2; printf 'see\\007 it\\n' >&2; exit 32";
    let bench = Bench::<Net>::new(says);
    let (code, text) = bench.connect("test://h/s", Some("alice"), "x").unwrap_err();
    assert_eq!(code, WnError::ACCESS_DENIED.code());
    assert_eq!(text, "mount: mount.tmpfs: mount error(13): Permission denied; see  it");
    bench.nothing_is_left();
    // One that says that it is done, and is not.
    let bench = Bench::<Net>::new("exit 0");
    let (code, text) = bench.connect("test://h/s", None, "").unwrap_err();
    assert!(code == 59 && text.contains("nothing is mounted"), "{code} {text}");
    bench.nothing_is_left();
}

#[test]
fn a_helper_that_hangs_is_killed_with_what_it_started() {
    let bench = Bench::<Net>::new("sleep 100000 & echo $! > \"$root/pid\"; wait");
    let remote = Name::parse("test://h/s").unwrap();
    let order = bench.provider.order(
        "test://h/s",
        ConnectFlags::NONE,
        Duration::from_secs(5),
        Duration::ZERO,
    );
    let order = order.unwrap();
    let by = bench.provider.hand_over(&remote, &order).unwrap().unwrap();
    let place = bench.provider.deviceless_place(&remote);
    let begin = Instant::now();
    let failure = bench.provider.mount_by_kernel(&place, &order, &by).unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(60));
    let code = |failure| answer::<Net>(failure).code;
    assert_eq!(code(failure), WnError::TIMEOUT);
    let pid = bench.told("pid").trim().parse().unwrap();
    assert!(ProcessId::of(pid).is_none_or(|process| process.wait(Duration::from_secs(60))));
    assert!(!place.dir.exists());
    bench.nothing_is_left();
}

#[test]
fn what_is_missing_is_named() {
    let refused = |change: &dyn Fn(&mut Means)| {
        let mut bench = Bench::<Net>::new(MOUNT);
        change(&mut bench.provider.means);
        let refused = bench.connect("test://h/s", None, "").unwrap_err();
        // No server is asked, and no helper run, for what cannot be.
        assert_eq!(bench.told("argv"), "");
        bench.nothing_is_left();
        refused
    };
    let (code, text) = refused(&|means| means.allowed = false);
    assert!(code == 1314 && text.contains("only root"), "{code} {text}");
    let (code, text) = refused(&|means| means.dirs.clear());
    assert!(code == 2 && text.contains("mount.tmpfs is not installed"), "{code} {text}");
    let bench = Bench::<Unknown>::new(MOUNT);
    let (code, text) = bench.connect("test://h/s", None, "").unwrap_err();
    assert!(code == 1060 && text.contains("modprobe mprnosuchfs"), "{code} {text}");
    assert_eq!(bench.told("argv"), "");
}

#[test]
fn a_server_that_does_not_answer_is_not_left_to_the_kernel() {
    let bench = Bench::<Net>::new(MOUNT);
    let refuse = r#"cat > /dev/null; echo '{"stage":"connect","code":51,"text":"refused"}'"#;
    script(&bench.root.path().join("serve"), refuse);
    let refused = bench.connect("test://h/s", None, "").unwrap_err();
    assert_eq!(refused, (51, "connect: refused".to_owned()));
    assert_eq!(bench.told("argv"), "");
    bench.nothing_is_left();
}

#[test]
fn a_mount_of_the_kernels_is_a_connection_like_any_other() {
    if !rustix::process::geteuid().is_root() {
        return skip::skip(
            "a_mount_of_the_kernels_is_a_connection_like_any_other",
            "only root mounts",
        );
    }
    for force in [false, true] {
        let bench = Bench::<Net>::new(MOUNT);
        bench.connect("test://h/s", Some("alice"), "x").unwrap();
        let provider = &bench.provider;
        let name = WideString::from("S:");
        let remote = provider.connection(name.as_wide()).unwrap();
        assert_eq!(remote, "test://h/s".into());
        assert_eq!(provider.user(Some(name.as_wide())).unwrap(), "alice".into());
        let listed = provider.connected().unwrap();
        assert_eq!((listed.len(), &listed[0].local), (1, &Some(name.clone())));
        assert_eq!((&listed[0].remote, &listed[0].comment), (&Some("test://h/s".into()), &None));
        // Somebody else's mount of the same kind is none of ours.
        let other = bench.root.path().join("other");
        std::fs::create_dir(&other).unwrap();
        let mut mount = Command::new("mount");
        let mount = mount.args(["-t", "tmpfs", "//h/s"]).arg(&other);
        assert!(mount.status().unwrap().success());
        assert_eq!(provider.connected().unwrap().len(), 1);
        rustix::mount::unmount(&other, rustix::mount::UnmountFlags::empty()).unwrap();

        let file = std::fs::File::create(bench.drive().join("open")).unwrap();
        let cancel = || provider.cancel_connection(name.as_wide(), force, ConnectFlags::NONE);
        if !force {
            assert_eq!(cancel().unwrap_err().code, WnError::OPEN_FILES);
            drop(file);
            cancel().unwrap();
        } else {
            cancel().unwrap();
            drop(file);
        }
        assert!(provider.connected().unwrap().is_empty());
        bench.nothing_is_left();
    }
}
