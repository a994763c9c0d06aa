//! The serving process, from its own side: leave the caller, take the order, answer, tidy up.
//!
//! The helper program runs twice. Its first run closes what a careless caller leaked into it and
//! starts the second, which belongs to nobody: a caller that stays is left without a zombie, and
//! one that ends takes nothing along.

use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use mpr_core::WnError;
use rustix::mount::UnmountFlags;
use rustix::process::DumpableBehavior;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::note::{Health, Note, ProcessId};
use crate::order::{Action, LONGEST_ORDER};
use crate::place::Place;
use crate::runtime::Runtime;
use crate::table::MountTable;
use crate::unmount::{Busy, detach as detach_mount, tidy_after};

/// What a serving process is to do.
pub struct Task {
    /// To mount, or only to look.
    pub action: Action,
    /// The runtime directory of the user.
    pub runtime: Runtime,
    /// Where to mount; nowhere, with empty names, unless that is asked for.
    pub place: Place,
    /// The subtype of the file system.
    pub subtype: String,
    /// The source of the mount.
    pub source: String,
    /// The user to log in as.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Zeroizing<String>>,
    /// What the provider says to its own helper.
    pub settings: Value,
    /// Whether the directory was made for this mount and goes with it.
    pub made_dir: bool,
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").field("source", &self.source).finish_non_exhaustive()
    }
}

/// What the C library's allocator is told, for a process that moves much and keeps little; only the
/// environment can tell it.
///
/// One arena: buffers that one thread frees are used again by the other, not kept for it. Buffers
/// come from one heap whose top goes back to the system once it is larger than what is under way,
/// so nothing small may stay above them: small pieces are not put by for later.
pub const ALLOCATION: [(&str, &str); 4] = [
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "8388608"),
    ("MALLOC_TRIM_THRESHOLD_", "4194304"),
    ("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0"),
];

/// Runs the first of the two runs: starts this program again with `argument` and returns.
pub fn first_stage(argument: &str) -> ExitCode {
    close_leaked();
    let started = std::env::current_exe().and_then(|program| {
        let child = Command::new(program).arg(argument).envs(ALLOCATION).spawn()?;
        writeln!(io::stdout(), "{}", json!({ "pid": child.id() }))
    });
    if started.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Closes every descriptor but the standard ones.
fn close_leaked() {
    let Ok(entries) = std::fs::read_dir("/proc/self/fd") else { return };
    let open: Vec<i32> =
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    for descriptor in open.into_iter().filter(|&descriptor| descriptor > 2) {
        let _ = nix::unistd::close(descriptor);
    }
}

/// Leaves the caller's session and keeps others from reading this process's memory.
pub fn detach() {
    let _ = rustix::process::setsid();
    let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let _ = std::env::set_current_dir("/");
}

/// Reads the order from standard input.
pub fn take_task() -> io::Result<Task> {
    let mut text = Zeroizing::new(Vec::with_capacity(LONGEST_ORDER + 1));
    io::stdin().lock().take(LONGEST_ORDER as u64 + 1).read_to_end(&mut text)?;
    let mut value: Value = serde_json::from_slice(&text)?;
    let password = match value.get_mut("password").map(Value::take) {
        Some(Value::String(password)) => Some(Zeroizing::new(password)),
        _ => None,
    };
    parse(&value, password).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

fn parse(value: &Value, password: Option<Zeroizing<String>>) -> Option<Task> {
    let action = Action::of(value.get("action")?.as_str()?)?;
    let place = match (value.get("place")?, action) {
        (Value::Null, Action::Probe | Action::Browse) => {
            Place { dir: PathBuf::new(), key: String::new(), inside: false }
        }
        (place, _) => Place {
            dir: place.get("dir")?.as_str()?.into(),
            key: place.get("key")?.as_str()?.into(),
            inside: place.get("inside")?.as_bool()?,
        },
    };
    Some(Task {
        action,
        runtime: Runtime::from_value(value.get("runtime")?)?,
        place,
        subtype: value.get("subtype")?.as_str()?.into(),
        source: value.get("source")?.as_str()?.into(),
        user: value.get("user").and_then(Value::as_str).map(Into::into),
        password,
        settings: value.get("settings").cloned().unwrap_or_default(),
        made_dir: value.get("made_dir")?.as_bool()?,
    })
}

impl Task {
    /// Writes the note about the mount that this process now serves, in good health.
    pub fn write_note(&self) -> io::Result<()> {
        self.write_health(&Health::up())
    }

    /// Writes the note anew: how the mount is now.
    pub fn write_health(&self, health: &Health) -> io::Result<()> {
        let process = ProcessId::of(std::process::id()).ok_or(io::ErrorKind::NotFound)?;
        Note {
            mountpoint: self.place.dir.clone(),
            source: self.source.clone(),
            process,
            user: self.user.clone(),
            made_dir: self.made_dir,
            health: health.clone(),
        }
        .write(&self.runtime, &self.place)
    }

    /// Tells what the mount table says this process's mount comes from.
    pub fn mounted_source(&self) -> Option<String> {
        let table = MountTable::read(&self.subtype).ok()?;
        table.at(&self.place.dir).map(|entry| entry.source.clone())
    }

    /// Takes the own mount away; lazily if it is in use and that was asked for.
    pub fn unmount(&self, lazily: bool) -> bool {
        match detach_mount(&self.place.dir, UnmountFlags::NOFOLLOW, "-u") {
            Ok(()) => true,
            Err(Busy::InUse) if lazily => {
                let flags = UnmountFlags::NOFOLLOW | UnmountFlags::DETACH;
                detach_mount(&self.place.dir, flags, "-uz").is_ok()
            }
            Err(_) => false,
        }
    }

    /// Removes note, log and directory after an end that nobody asked this library for.
    pub fn tidy(&self) {
        if let Some(own) = ProcessId::of(std::process::id()) {
            tidy_after(&self.runtime, &self.place, &self.subtype, own);
        }
    }
}

/// Says that the mount works, or that all was said that was asked for, and lets go of the
/// caller's pipes. An error means nobody listens.
pub fn answer_ready() -> io::Result<()> {
    let _settled = crate::watch::settle();
    let mut out = io::stdout();
    writeln!(out, "{}", json!({ "ok": true }))?;
    out.flush()?;
    let null = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    Ok(())
}

/// Says why there is no mount.
pub fn answer_failed(stage: &str, code: WnError, text: &str) {
    let line = json!({ "stage": stage, "code": code.code(), "text": text });
    let mut out = io::stdout();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

impl Runtime {
    pub(crate) fn to_value(&self) -> Value {
        json!({
            "dir": self.dir().to_string_lossy(),
            "uid": self.uid(),
            "root": self.root().map(|root| root.to_string_lossy()),
        })
    }

    fn from_value(value: &Value) -> Option<Self> {
        let uid = u32::try_from(value.get("uid")?.as_u64()?).ok()?;
        let dir = PathBuf::from(value.get("dir")?.as_str()?);
        let root = value.get("root").and_then(Value::as_str).map(PathBuf::from);
        Some(Self::from_parts(dir, uid, root))
    }
}
