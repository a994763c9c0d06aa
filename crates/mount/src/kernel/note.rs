//! The note about a mount that the kernel serves: that it is ours, and by which name.
//!
//! The mount table knows such a mount by the server's and share's names alone, like one that an
//! administrator made. A note counts only while the mount table says what the note says.

use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::place::Place;
use crate::runtime::Runtime;
use crate::table::MountEntry;

const EXTENSION: &str = "kernel";

/// What is known of a mount beside what the kernel tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KernelNote {
    /// The mount, as the mount table shows it.
    pub(crate) mounted: Mounted,
    /// The remote name that was connected.
    pub(crate) remote: String,
    /// The user it logged in as, if any.
    pub(crate) user: Option<String>,
    /// Whether the directory was made for the mount and goes with it.
    pub(crate) made_dir: bool,
}

/// What tells a mount of the kernel's from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mounted {
    pub(crate) mountpoint: PathBuf,
    pub(crate) source: String,
    pub(crate) fstype: String,
    pub(crate) device: u32,
}

impl From<&MountEntry> for Mounted {
    fn from(entry: &MountEntry) -> Self {
        Self {
            mountpoint: entry.mountpoint.clone(),
            source: entry.source.clone(),
            fstype: entry.fstype.clone(),
            device: entry.device,
        }
    }
}

impl KernelNote {
    fn path(runtime: &Runtime, place: &Place) -> PathBuf {
        runtime.service_dir().join(format!("{}.{EXTENSION}", place.key))
    }

    /// Writes the note, readable by its user only.
    pub(crate) fn write(&self, runtime: &Runtime, place: &Place) -> io::Result<()> {
        let text = json!({
            "mountpoint": self.mounted.mountpoint.to_string_lossy(),
            "mounted": self.mounted.source,
            "fstype": self.mounted.fstype,
            "device": self.mounted.device,
            "source": self.remote,
            "user": self.user,
            "made_dir": self.made_dir,
        });
        let path = Self::path(runtime, place);
        let fresh = path.with_added_extension("new");
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
    pub(crate) fn read(runtime: &Runtime, place: &Place) -> Option<Self> {
        parse(&std::fs::read(Self::path(runtime, place)).ok()?)
    }

    /// Reads all notes of a user, whatever they are worth.
    pub(crate) fn all(runtime: &Runtime) -> Vec<Self> {
        let Ok(entries) = std::fs::read_dir(runtime.service_dir()) else { return Vec::new() };
        let paths = entries.flatten().map(|entry| entry.path());
        let notes = paths.filter(|path| path.extension().is_some_and(|end| end == EXTENSION));
        notes.filter_map(|path| parse(&std::fs::read(path).ok()?)).collect()
    }

    /// Removes the note of a place.
    pub(crate) fn remove(runtime: &Runtime, place: &Place) {
        let _ = std::fs::remove_file(Self::path(runtime, place));
    }
}

fn parse(text: &[u8]) -> Option<KernelNote> {
    let value: Value = serde_json::from_slice(text).ok()?;
    let text = |key| value.get(key).and_then(Value::as_str);
    Some(KernelNote {
        mounted: Mounted {
            mountpoint: text("mountpoint")?.into(),
            source: text("mounted")?.into(),
            fstype: text("fstype")?.into(),
            device: u32::try_from(value.get("device")?.as_u64()?).ok()?,
        },
        remote: text("source")?.into(),
        user: text("user").map(Into::into),
        made_dir: value.get("made_dir").and_then(Value::as_bool).unwrap_or(false),
    })
}
