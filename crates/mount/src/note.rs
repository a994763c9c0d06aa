//! The note beside a mount: which process serves it, and for which user.
//!
//! It also tells how the mount is, so that nobody has to touch it to know. A convenience, never a record: a note counts only while the mount is in the mount table, and
//! its process only while the process of that number was started when the note says.

use std::io::{self, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal};
use serde_json::{Value, json};

use crate::place::Place;
use crate::runtime::Runtime;
use crate::table::MountEntry;

/// A process, told apart from a later one with the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessId {
    /// The process number.
    pub pid: u32,
    /// When it was started, in ticks since boot.
    pub started: u64,
}

impl ProcessId {
    /// Looks up when a process was started; `None` if there is no such process.
    pub fn of(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses may hold anything; the fields follow its last parenthesis.
        let fields = stat.rsplit_once(") ")?.1;
        // A process that has ended and waits for its parent serves nothing.
        if fields.starts_with(['Z', 'X']) {
            return None;
        }
        let started = fields.split(' ').nth(19)?.parse().ok()?;
        Some(Self { pid, started })
    }

    /// Returns a handle on it, if it is still the same process.
    fn open(self) -> Option<OwnedFd> {
        let pid = Pid::from_raw(i32::try_from(self.pid).ok()?)?;
        let handle = rustix::process::pidfd_open(pid, PidfdFlags::empty()).ok()?;
        (Self::of(self.pid) == Some(self)).then_some(handle)
    }

    /// Kills it, and what it started, and waits a little for its end; tells whether it is gone.
    pub fn kill(self, wait: Duration) -> bool {
        let Some(handle) = self.open() else { return true };
        // A serving process leads a group of its own; nobody else's can have its number now.
        if let Some(group) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) {
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
        let _ = rustix::process::pidfd_send_signal(&handle, Signal::KILL);
        ended(&handle, wait)
    }

    /// Waits for its end, at most so long; tells whether it is gone.
    pub fn wait(self, wait: Duration) -> bool {
        self.open().is_none_or(|handle| ended(&handle, wait))
    }
}

fn ended(handle: &OwnedFd, wait: Duration) -> bool {
    let timeout = Timespec {
        tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(wait.subsec_nanos()),
    };
    let mut polled = [PollFd::new(handle, PollFlags::IN)];
    matches!(rustix::event::poll(&mut polled, Some(&timeout)), Ok(1))
}

/// Whether a mount can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The server answers.
    Up,
    /// The connection is lost; it is being made anew.
    Reconnecting,
    /// The server is gone or refuses; every now and then it is asked again.
    Down,
}

impl State {
    /// Returns the word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Reconnecting => "reconnecting",
            Self::Down => "down",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::Up, Self::Reconnecting, Self::Down].into_iter().find(|state| state.word() == word)
    }
}

/// How a mount is, as its serving process sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether it can be used.
    pub state: State,
    /// Since when, in seconds since 1970.
    pub since: u64,
    /// Why it is not up; for people, without secrets.
    pub reason: String,
}

impl Health {
    /// Says what holds from now on.
    pub fn now(state: State, reason: impl Into<String>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { state, since: now.as_secs(), reason: reason.into() }
    }

    /// Says that it is up from now on.
    pub fn up() -> Self {
        Self::now(State::Up, "")
    }

    /// Reads it from a note; one that says nothing is about a mount that is up.
    fn from_value(note: &Value) -> Self {
        let text = |key| note.get(key).and_then(Value::as_str);
        Self {
            state: text("state").and_then(State::of).unwrap_or(State::Up),
            since: note.get("since").and_then(Value::as_u64).unwrap_or_default(),
            reason: text("reason").unwrap_or_default().to_owned(),
        }
    }
}

/// What a serving process writes down about its mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The directory it serves.
    pub mountpoint: PathBuf,
    /// The remote name, as in the mount table.
    pub source: String,
    /// The serving process.
    pub process: ProcessId,
    /// The user it logged in as, if any.
    pub user: Option<String>,
    /// Whether the directory was made for the mount and goes with it.
    pub made_dir: bool,
    /// How the mount is.
    pub health: Health,
}

impl Note {
    fn path(runtime: &Runtime, place: &Place) -> PathBuf {
        runtime.service_dir().join(format!("{}.json", place.key))
    }

    /// Writes the note, readable by its user only.
    pub fn write(&self, runtime: &Runtime, place: &Place) -> io::Result<()> {
        let text = json!({
            "mountpoint": self.mountpoint.to_string_lossy(),
            "source": self.source,
            "pid": self.process.pid,
            "started": self.process.started,
            "user": self.user,
            "made_dir": self.made_dir,
            "state": self.health.state.word(),
            "since": self.health.since,
            "reason": self.health.reason,
        });
        let path = Self::path(runtime, place);
        let fresh = path.with_extension("new");
        let _ = std::fs::remove_file(&fresh);
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        let written = file.write_all(text.to_string().as_bytes());
        let settled = written.and_then(|()| std::fs::rename(&fresh, path));
        if settled.is_err() {
            let _ = std::fs::remove_file(fresh);
        }
        settled
    }

    /// Reads the note of a place, whatever it is worth.
    pub fn read(runtime: &Runtime, place: &Place) -> Option<Self> {
        let text = std::fs::read(Self::path(runtime, place)).ok()?;
        let value: Value = serde_json::from_slice(&text).ok()?;
        Some(Self {
            mountpoint: value.get("mountpoint")?.as_str()?.into(),
            source: value.get("source")?.as_str()?.into(),
            process: ProcessId {
                pid: u32::try_from(value.get("pid")?.as_u64()?).ok()?,
                started: value.get("started")?.as_u64()?,
            },
            user: value.get("user").and_then(Value::as_str).map(Into::into),
            made_dir: value.get("made_dir").and_then(Value::as_bool).unwrap_or(false),
            health: Health::from_value(&value),
        })
    }

    /// Reads the note of a mount; `None` unless it is about this very mount.
    pub fn about(runtime: &Runtime, place: &Place, entry: &MountEntry) -> Option<Self> {
        Self::read(runtime, place)
            .filter(|note| note.mountpoint == entry.mountpoint && note.source == entry.source)
    }

    /// Removes the note of a place.
    pub fn remove(runtime: &Runtime, place: &Place) {
        let _ = std::fs::remove_file(Self::path(runtime, place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_believed_only_about_its_mount() {
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        runtime.create().unwrap();
        let place = Place::deviceless(&runtime, "h", "s");
        let process = ProcessId::of(std::process::id()).unwrap();
        let note = Note {
            mountpoint: "/x".into(),
            source: "https://h/s".into(),
            process,
            user: Some("alice".into()),
            made_dir: true,
            health: Health::now(State::Down, "no answer"),
        };
        note.write(&runtime, &place).unwrap();
        assert_eq!(Note::read(&runtime, &place), Some(note.clone()));
        let mut entry = MountEntry {
            mountpoint: "/x".into(),
            source: "https://h/s".into(),
            fstype: "fuse.mpr-webdav".into(),
            user: None,
            device: 1,
        };
        assert_eq!(Note::about(&runtime, &place, &entry), Some(note));
        entry.source = "https://h/t".into();
        assert_eq!(Note::about(&runtime, &place, &entry), None);
    }

    #[test]
    fn a_note_that_cannot_be_written_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        runtime.create().unwrap();
        let place = Place::deviceless(&runtime, "h", "s");
        let note = Note {
            mountpoint: "/x".into(),
            source: "https://h/s".into(),
            process: ProcessId { pid: 1, started: 0 },
            user: None,
            made_dir: true,
            health: Health::up(),
        };
        // In the place of the note is something that no file can take the place of.
        let taken = runtime.service_dir().join(format!("{}.json", place.key));
        std::fs::create_dir(&taken).unwrap();
        assert!(note.write(&runtime, &place).is_err());
        let left: Vec<_> = std::fs::read_dir(runtime.service_dir()).unwrap().flatten().collect();
        assert_eq!(left.iter().map(std::fs::DirEntry::path).collect::<Vec<_>>(), [taken]);
    }

    #[test]
    fn another_process_with_the_same_number_is_left_alone() {
        let mut child =
            std::process::Command::new("cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let real = ProcessId::of(child.id()).unwrap();
        let stale = ProcessId { started: real.started + 1, ..real };
        assert!(stale.kill(Duration::ZERO), "the process of the note is gone");
        assert_eq!(child.try_wait().unwrap(), None, "and the one of today lives");
        assert!(real.kill(Duration::from_secs(60)));
        child.wait().unwrap();
    }
}
