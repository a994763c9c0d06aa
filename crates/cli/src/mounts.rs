//! The mounts of providers, as the kernel lists them; no mounted file system is ever touched.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use mpr_platform::Paths;
use serde_json::Value;

/// A mount whose file system type says that a provider of ours made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    pub(crate) path: PathBuf,
    /// The remote name.
    pub(crate) source: String,
    /// `fuse.mpr-...`.
    pub(crate) fstype: String,
}

/// Who serves a mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Served {
    /// This process, and all is well.
    By(u32),
    /// This process, but its server cannot be reached.
    Ailing {
        pid: u32,
        /// `reconnecting` or `down`.
        state: &'static str,
        reason: String,
    },
    /// The process that did is gone: every access fails.
    Nobody,
    /// Nothing was noted about it.
    Unknown,
}

/// Lists the mounts of our providers, in the order they were made.
pub(crate) fn ours() -> Vec<Mount> {
    let text = fs::read("/proc/self/mountinfo").unwrap_or_default();
    parse(&text, &by_kernel(Paths::current().runtime_dir()))
}

/// Reads the notes about mounts that the kernel serves: which they are, and their remote names.
fn by_kernel(runtime_dir: &Path) -> Vec<(Mount, String)> {
    let Ok(entries) = fs::read_dir(runtime_dir.join(".serve")) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let notes = paths.filter(|path| path.extension().is_some_and(|end| end == "kernel"));
    let read = |path: PathBuf| {
        let note: Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        let text = |key| note.get(key).and_then(Value::as_str).map(str::to_owned);
        let (path, source) = (text("mountpoint")?.into(), text("mounted")?);
        Some((Mount { path, source, fstype: text("fstype")? }, text("source")?))
    };
    notes.filter_map(read).collect()
}

fn parse(text: &[u8], by_kernel: &[(Mount, String)]) -> Vec<Mount> {
    let own = |mount: mpr_mountinfo::Mount| {
        let mpr_mountinfo::Mount { mountpoint, source, fstype, .. } = mount;
        let mount = Mount { path: OsString::from_vec(mountpoint).into(), source, fstype };
        if mount.fstype.starts_with("fuse.mpr-") {
            return Some(mount);
        }
        let (_, remote) = by_kernel.iter().find(|(noted, _)| *noted == mount)?;
        Some(Mount { source: remote.clone(), ..mount })
    };
    mpr_mountinfo::mounts(text).filter_map(own).collect()
}

/// Tells who serves a mount and how it is, by the notes that serving processes leave in the
/// runtime directory.
///
/// A note is believed as far as a process of that number with that start time exists.
pub(crate) fn served(runtime_dir: &Path, mount: &Mount) -> Served {
    let Ok(entries) = fs::read_dir(runtime_dir.join(".serve")) else { return Served::Unknown };
    let notes = entries.flatten().filter_map(|entry| {
        let note: Value = serde_json::from_slice(&fs::read(entry.path()).ok()?).ok()?;
        // One without a process is about a mount that the kernel serves.
        note.get("pid")?;
        let about = Path::new(note.get("mountpoint")?.as_str()?) == mount.path;
        about.then_some(note)
    });
    let mut served = Served::Unknown;
    for note in notes {
        let number = |key| note.get(key).and_then(Value::as_u64);
        let pid = number("pid").unwrap_or_default();
        if start_of(pid).is_some_and(|started| number("started") == Some(started)) {
            let pid = u32::try_from(pid).unwrap_or_default();
            let text = |key| note.get(key).and_then(Value::as_str).unwrap_or_default();
            let reason = text("reason").to_owned();
            return match text("state") {
                "reconnecting" => Served::Ailing { pid, state: "reconnecting", reason },
                "down" => Served::Ailing { pid, state: "down", reason },
                _ => Served::By(pid),
            };
        }
        served = Served::Nobody;
    }
    served
}

/// Tells who serves the mount at a directory; `None` if there is none.
pub(crate) fn found(runtime_dir: &Path, path: &Path) -> Option<Served> {
    let mount = ours().into_iter().rev().find(|mount| mount.path == path)?;
    Some(served(runtime_dir, &mount))
}

impl Served {
    /// Tells in a word and a reason why the mount cannot be used; `None` if it can, as far as is
    /// known.
    pub(crate) fn ailment(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::By(_) | Self::Unknown => None,
            Self::Ailing { state, reason, .. } => Some((state, reason)),
            Self::Nobody => Some(("down", "the process that served it is gone")),
        }
    }

    /// Returns the process that serves it.
    pub(crate) fn process(&self) -> Option<u32> {
        match self {
            Self::By(pid) | Self::Ailing { pid, .. } => Some(*pid),
            Self::Nobody | Self::Unknown => None,
        }
    }
}

/// Returns when a process was started, in ticks since boot; `None` if it runs no more.
fn start_of(pid: u64) -> Option<u64> {
    started(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn started(stat: &str) -> Option<u64> {
    // The name in parentheses may hold anything; the fields follow its last parenthesis.
    let fields = stat.rsplit_once(") ")?.1;
    // A zombie has a number and serves nobody.
    let runs = !fields.starts_with(['Z', 'X']);
    fields.split(' ').nth(19).filter(|_| runs)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_of_providers_are_found() {
        let text = b"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            40 22 0:52 / /run/mpr/S rw shared:7 - fuse.mpr-webdav \\134\\134h\\134a\\040b rw\n\
            42 22 0:54 / /mnt/x rw - fuse.sshfs h: rw\nbroken\n\
            43 22 0:55 / /run/mpr/T rw - cifs //h/t rw\n44 22 0:56 / /mnt/y rw - cifs //h/t rw\n";
        let mounts = parse(text, &[]);
        assert_eq!(mounts.len(), 1);
        assert_eq!(mounts[0].path, Path::new("/run/mpr/S"));
        assert_eq!(mounts[0].source, r"\\h\a b");
        // Of the kernel's, those that a note is about.
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(".serve")).unwrap();
        let note = serde_json::json!({
            "mountpoint": "/run/mpr/T", "mounted": "//h/t", "fstype": "cifs", "source": r"\\h\t",
        });
        fs::write(root.path().join(".serve/T.kernel"), note.to_string()).unwrap();
        let mounts = parse(text, &by_kernel(root.path()));
        assert_eq!((mounts.len(), mounts[1].source.as_str()), (2, r"\\h\t"));
        assert_eq!(served(root.path(), &mounts[1]), Served::Unknown);
    }

    #[test]
    fn a_zombie_serves_nobody() {
        let stat =
            |state| format!("7 (a) b) {state} 1 7 7 0 -1 4 0 0 0 0 1 1 0 0 20 0 1 0 4711 0 0");
        assert_eq!(started(&stat('S')), Some(4711));
        assert_eq!(started(&stat('Z')), None);
    }

    #[test]
    fn a_note_counts_while_its_process_lives() {
        let root = tempfile::tempdir().unwrap();
        let notes = root.path().join(".serve");
        fs::create_dir(&notes).unwrap();
        let mount = Mount { path: "/x".into(), source: "s".into(), fstype: "fuse.mpr-t".into() };
        assert_eq!(served(root.path(), &mount), Served::Unknown);
        let pid = std::process::id();
        let started = start_of(pid.into()).unwrap();
        let note = |started: u64, state: &str| {
            let note = serde_json::json!({
                "mountpoint": "/x", "pid": pid, "started": started, "state": state, "reason": "why",
            });
            fs::write(notes.join("x.json"), note.to_string()).unwrap();
        };
        note(started, "up");
        assert_eq!(served(root.path(), &mount), Served::By(pid));
        note(started, "down");
        let down = Served::Ailing { pid, state: "down", reason: "why".into() };
        assert_eq!(served(root.path(), &mount), down);
        note(started + 1, "down");
        assert_eq!(served(root.path(), &mount), Served::Nobody);
    }
}
