//! Taking a mount away: politely while nobody uses it, or by force without asking the server.
//!
//! By force means the serving process first: only its end frees callers that wait on a dead
//! server, and a lazy detach alone leaves them stuck (`linux.md` §1.4, measured).

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::mount::UnmountFlags;

use crate::kernel::KernelNote;
use crate::note::{Note, ProcessId};
use crate::place::Place;
use crate::runtime::{Runtime, privileged};
use crate::table::{MountEntry, MountTable};

/// How long the end of a serving process is waited for.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How often, and how long apart, a mount that looks used is looked at.
const INSTANTS: u32 = 10;
const INSTANT: Duration = Duration::from_millis(20);

/// Why a mount is still there.
#[derive(Debug)]
pub enum Busy {
    /// Files on it are open, or it is somebody's current directory.
    InUse,
    /// It could not be unmounted.
    Failed(io::Error),
}

/// Unmounts a mount that nobody uses, and tidies up; one that is used is told so in 0.2 s.
pub fn unmount(runtime: &Runtime, place: &Place, entry: &MountEntry) -> Result<(), Busy> {
    let note = Note::about(runtime, place, entry).filter(|_| entry.is_fuse());
    // Whoever is just starting a program holds a second handle on each open file, for an instant.
    let mut tries = 0;
    while let Err(busy) = detach(&entry.mountpoint, UnmountFlags::NOFOLLOW, "-u") {
        tries += 1;
        if tries == INSTANTS || !matches!(busy, Busy::InUse) {
            return Err(busy);
        }
        std::thread::sleep(INSTANT);
    }
    // One that is still storing what it holds tidies up by itself, and its log tells what became
    // of that.
    if note.as_ref().is_none_or(|note| note.process.wait(LAST_WORDS)) {
        tidy(runtime, place, note.as_ref());
    }
    Ok(())
}

/// Kills the serving process, detaches the mount and tidies up. Never talks to the server.
pub fn unmount_forced(runtime: &Runtime, place: &Place, entry: &MountEntry) -> Result<(), Busy> {
    let note = Note::about(runtime, place, entry).filter(|_| entry.is_fuse());
    match &note {
        Some(note) => {
            note.process.kill(LAST_WORDS);
        }
        // Who serves it is not known: ask the kernel to end the connection.
        None if entry.is_fuse() => abort(entry),
        // The kernel serves it, and ends with MNT_FORCE what waits there.
        None => {}
    }
    let lazily = UnmountFlags::NOFOLLOW | UnmountFlags::DETACH | UnmountFlags::FORCE;
    detach(&entry.mountpoint, lazily, "-uz")?;
    tidy(runtime, place, note.as_ref());
    Ok(())
}

/// Detaches a mount, with the help of `fusermount3` where only root may.
pub(crate) fn detach(dir: &Path, flags: UnmountFlags, option: &str) -> Result<(), Busy> {
    match rustix::mount::unmount(dir, flags) {
        Ok(()) => return Ok(()),
        Err(rustix::io::Errno::BUSY) => return Err(Busy::InUse),
        Err(rustix::io::Errno::PERM) => {}
        Err(error) => return Err(Busy::Failed(error.into())),
    }
    let mut command = Command::new("fusermount3");
    if privileged() {
        command.env_clear().env("PATH", "/usr/bin:/bin");
    }
    let command = command.env("LC_ALL", "C").arg(option).arg("--").arg(dir);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(Busy::Failed)?;
    // It says a line at most, which its pipe holds; only its end is waited for.
    let deadline = Instant::now() + LAST_WORDS;
    while child.try_wait().map_err(Busy::Failed)?.is_none() {
        if Instant::now() >= deadline {
            // Not waited for: what does not answer may not end either.
            let _ = child.kill();
            let text = "fusermount3 does not answer";
            return Err(Busy::Failed(io::Error::new(io::ErrorKind::TimedOut, text)));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().map_err(Busy::Failed)?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    if text.contains("busy") {
        return Err(Busy::InUse);
    }
    Err(Busy::Failed(io::Error::other(text.trim().to_owned())))
}

/// Takes the mount of a place away, if there is one by now, whoever uses it.
pub(crate) fn detach_own(place: &Place, subtype: &str) {
    if MountTable::read(subtype).is_ok_and(|table| table.at(&place.dir).is_some()) {
        let _ = detach(&place.dir, UnmountFlags::NOFOLLOW | UnmountFlags::DETACH, "-uz");
    }
}

/// Ends a FUSE connection through the kernel's control files, where they are mounted.
fn abort(entry: &MountEntry) {
    let _ = std::fs::write(format!("/sys/fs/fuse/connections/{}/abort", entry.device), "1");
}

/// Removes what belongs to a mount that is gone.
fn tidy(runtime: &Runtime, place: &Place, note: Option<&Note>) {
    Note::remove(runtime, place);
    let _ = std::fs::remove_file(log_path(runtime, place));
    let by_kernel = KernelNote::read(runtime, place);
    KernelNote::remove(runtime, place);
    let made_dir = note.map(|note| note.made_dir).or(by_kernel.map(|note| note.made_dir));
    if place.inside || made_dir == Some(true) {
        place.remove(runtime);
    }
}

/// Removes what an end from outside left behind, unless somebody is busy with the place: a cancel
/// tidies up itself, and waits for the end of the very process that would wait here.
pub(crate) fn tidy_after(runtime: &Runtime, place: &Place, subtype: &str, own: ProcessId) {
    let Ok(_held) = crate::lock::lock(runtime, place, Duration::ZERO) else { return };
    let note = Note::read(runtime, place).filter(|note| note.process == own);
    let mounted = MountTable::read(subtype).is_ok_and(|table| table.at(&place.dir).is_some());
    if note.is_some() && !mounted {
        tidy(runtime, place, note.as_ref());
    }
}

/// Returns the log of a place.
pub(crate) fn log_path(runtime: &Runtime, place: &Place) -> std::path::PathBuf {
    runtime.service_dir().join(format!("{}.log", place.key))
}
