//! The root of a demonstration: configuration, hook, logs, and its removal.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use mpr_platform::{Environment, Paths, Scope};
use rustix::process::{self, Pid, Signal, WaitOptions};
use tempfile::TempDir;

use super::silently;
use crate::failure::Failure;
use crate::layout::libexec;
use crate::mounts;

/// How long serving processes may take to end.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the demonstration needs of an installation.
const PARTS: [&str; 5] = [
    "provider_webdav.so",
    "mpr-serve-webdav",
    "mpr-demo-server",
    "notify_sample.so",
    "notify_sample_c.so",
];

/// A notifyee for people who write no C: it is told of everything, and forbids one thing.
const HOOK: &str = r#"#!/bin/sh
case "$MPR_PHASE $MPR_REMOTE_NAME" in
"pre "*secret*)
    echo "our policy allows no secret share" >&2
    exit 1 ;;
esac
name="${MPR_LOCAL_NAME:+$MPR_LOCAL_NAME }$MPR_REMOTE_NAME"
echo "hook: $MPR_PHASE-$MPR_OPERATION ${name% }${MPR_STATUS:+ code=$MPR_STATUS}"
"#;

/// The root, which is removed when this is dropped.
pub(super) struct Stage {
    root: TempDir,
    libexec: PathBuf,
}

impl Stage {
    /// Makes the root and writes its configuration.
    pub(super) fn set(paths: &Paths) -> Result<Self, Failure> {
        let libexec = libexec(paths);
        if let Some(missing) = PARTS.iter().find(|part| !libexec.join(part).is_file()) {
            return Err(Failure::Other(format!(
                "{missing} is not in {}; install it, or name its directory in MPR_LIBEXEC",
                libexec.display()
            )));
        }
        let failed = |error: io::Error| Failure::Other(format!("no root for it: {error}"));
        let root = tempfile::Builder::new().prefix("mpr-demo.").tempdir().map_err(failed)?;
        let stage = Self { root, libexec };
        stage.write(paths.user()).map_err(failed)?;
        Ok(stage)
    }

    fn write(&self, user: u32) -> io::Result<()> {
        let root = self.root.path();
        for dir in ["etc/mpr", "usr/lib/mpr", "server", "cache"] {
            fs::create_dir_all(root.join(dir))?;
        }
        fs::write(root.join("server/welcome.txt"), "this file is on the server\n")?;
        let hook = root.join("etc/mpr/30-hook");
        fs::write(&hook, HOOK)?;
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755))?;

        let env = Environment::new(user, false).with("MPR_ROOT", root);
        let trust = Paths::resolve(&env).trust(Scope::System);
        let module = |name: &str| -> io::Result<String> {
            let installed = self.libexec.join(name);
            if let Ok(checked) = trust.module(&installed) {
                return Ok(quoted(&checked));
            }
            // Modules in a directory that others can write to are refused, copies are not.
            let copy = root.join("usr/lib/mpr").join(name);
            fs::copy(&installed, &copy)?;
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o755))?;
            Ok(quoted(&copy))
        };
        let text = format!(
            "[network-provider]\norder = [\"webdav\"]\n\n\
             [notifyees]\n10-rust = {}\n20-c = {}\n30-hook = {{ exec = {}, timeout = \"5s\" }}\n\n\
             [providers.webdav]\nname = \"WebDAV Network\"\npath = {}\n",
            module("notify_sample.so")?,
            module("notify_sample_c.so")?,
            quoted(&hook),
            module("provider_webdav.so")?,
        );
        fs::write(root.join("etc/mpr/mpr.toml"), text)
    }

    /// Returns a command that runs this program inside the root.
    pub(super) fn command(&self) -> Result<Command, Failure> {
        let program = std::env::current_exe()
            .map_err(|error| Failure::Other(format!("cannot find this program: {error}")))?;
        let root = self.root.path();
        let mut command = Command::new(program);
        command
            .env("MPR_ROOT", root)
            .env("MPR_LIBEXEC", &self.libexec)
            .env("XDG_CACHE_HOME", root.join("cache"))
            .env("NOTIFY_SAMPLE_LOG", rust_log(root))
            .env("NOTIFY_SAMPLE_C_LOG", c_log(root));
        Ok(command)
    }

    /// Takes everything away; returns the mounts that would not go.
    pub(super) fn strike(self) -> Vec<String> {
        let end = Instant::now() + PATIENCE;
        // A serving process that was just started may mount after its connect was interrupted.
        while self.unmount() | !childless() {
            if Instant::now() >= end {
                kill_children();
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let left: Vec<_> = self.mounts().map(|path| path.display().to_string()).collect();
        if !left.is_empty() {
            // What is mounted there is somebody's data: it is not removed with the root.
            let _ = self.root.keep();
        }
        left
    }

    fn mounts(&self) -> impl Iterator<Item = PathBuf> {
        let mounts = mounts::ours().into_iter().map(|it| it.path);
        mounts.filter(|path| path.starts_with(self.root.path()))
    }

    /// Ends every mount below the root; tells whether there was one.
    fn unmount(&self) -> bool {
        let mut found = false;
        for mount in self.mounts() {
            found = true;
            let ended = self.command().is_ok_and(|mut command| {
                let name = mount.file_name().unwrap_or_default().to_string_lossy();
                command.args(["delete", &format!("{name}:"), "--force", "--json"]);
                command.output().is_ok_and(|output| output.status.success())
            });
            if !ended {
                let at = mount.as_os_str();
                let _ = silently("fusermount3", &["-uz".as_ref(), at])
                    || silently("umount", &["-l".as_ref(), at]);
            }
        }
        found
    }
}

/// Buries children that have ended; tells whether none is left.
fn childless() -> bool {
    loop {
        match process::wait(WaitOptions::NOHANG) {
            Ok(Some(_)) => {}
            Ok(None) => return false,
            Err(_) => return true,
        }
    }
}

/// Kills the children that are left: nobody else than we started them.
fn kill_children() {
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let list = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for pid in list.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)) {
            let _ = process::kill_process(pid, Signal::KILL);
        }
    }
    let end = Instant::now() + PATIENCE;
    while !childless() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Returns the log of the notifyee in Rust.
pub(super) fn rust_log(root: &Path) -> PathBuf {
    root.join("notify-rust.log")
}

/// Returns the log of the notifyee in C.
pub(super) fn c_log(root: &Path) -> PathBuf {
    root.join("notify-c.log")
}

/// Writes a path as TOML text; JSON text is TOML text.
fn quoted(path: &Path) -> String {
    serde_json::Value::from(path.to_string_lossy()).to_string()
}
