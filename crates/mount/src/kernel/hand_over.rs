//! Handing a resource over to the kernel: run the helper, and see that the mount is there.

use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use mpr_core::WnError;
use rustix::mount::UnmountFlags;

use super::{KernelMount, KernelNote, KernelSystem, credentials, run};
use crate::note::Note;
use crate::place::Place;
use crate::runtime::Runtime;
use crate::serve::Failure;
use crate::stage::Stage;
use crate::table::{MountEntry, MountTable};

/// As whom to mount; nobody in particular without a user.
pub(crate) struct Login<'a> {
    pub(crate) user: Option<&'a str>,
    pub(crate) password: Option<&'a str>,
}

/// Mounts, until the deadline; the caller holds the lock of the place and knows that the server
/// answers. Whatever fails, nothing stays behind.
pub(crate) fn hand_over(
    runtime: &Runtime,
    place: &Place,
    remote: &str,
    (system, helper): (&KernelSystem, &Path),
    mount: &KernelMount,
    login: &Login<'_>,
    deadline: Instant,
) -> Result<(), Failure> {
    let made_dir = place.create(runtime)?;
    // One of an earlier mount here would be taken for this one's.
    Note::remove(runtime, place);
    let done = run_helper(system, helper, place, mount, login, deadline).and_then(|()| {
        let mounted = kernel_mount_at(place, system)?;
        let text = format!("{} reports success, but nothing is mounted", system.helper);
        let mounted = mounted.ok_or_else(|| refused(WnError::UNEXP_NET_ERR, &text))?;
        let user = login.user.map(str::to_owned);
        let mounted = (&mounted).into();
        let note = KernelNote { mounted, remote: remote.to_owned(), user, made_dir };
        Ok(note.write(runtime, place)?)
    });
    if done.is_err() {
        if matches!(kernel_mount_at(place, system), Ok(Some(_))) {
            let flags = UnmountFlags::NOFOLLOW | UnmountFlags::DETACH | UnmountFlags::FORCE;
            let _ = rustix::mount::unmount(&place.dir, flags);
        }
        KernelNote::remove(runtime, place);
        if made_dir {
            place.remove(runtime);
        }
    }
    done
}

fn run_helper(
    system: &KernelSystem,
    helper: &Path,
    place: &Place,
    mount: &KernelMount,
    login: &Login<'_>,
    deadline: Instant,
) -> Result<(), Failure> {
    let mut options: Vec<&str> = vec!["rw", "nosuid", "nodev", "_netdev"];
    options.extend(mount.options.iter().map(String::as_str));
    let named = format!("credentials={}", credentials::PATH);
    let file = match login.user.filter(|_| system.logs_in) {
        Some(user) => {
            options.push(&named);
            let written = credentials::write(user, login.password.unwrap_or_default());
            let file = written.map_err(|error| match error.kind() {
                io::ErrorKind::InvalidInput => {
                    let text = "a line break in it cannot be told to the helper";
                    refused(WnError::INVALID_PASSWORD, text)
                }
                _ => error.into(),
            })?;
            Some(file)
        }
        None => {
            options.extend(system.logs_in.then_some("guest"));
            None
        }
    };
    let mut command = Command::new(helper);
    command.arg(&mount.source).arg(&place.dir).arg("-o").arg(options.join(","));
    let name = system.helper;
    match run::run(&mut command, file, deadline) {
        Ok(ended) if ended.success => Ok(()),
        Ok(ended) if ended.text.is_empty() => {
            Err(refused(WnError::UNEXP_NET_ERR, &format!("{name} failed and says nothing")))
        }
        Ok(ended) => {
            let code = match code_of(&ended.text) {
                // Who gives no password must not be asked for one.
                WnError::ACCESS_DENIED if !system.logs_in => WnError::NETWORK_ACCESS_DENIED,
                code => code,
            };
            Err(refused(code, &format!("{name}: {}", ended.text)))
        }
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            Err(refused(WnError::TIMEOUT, &format!("{name} did not end in time")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Finds the mount of this type that is visible at a place, whoever made it.
fn kernel_mount_at(place: &Place, system: &KernelSystem) -> io::Result<Option<MountEntry>> {
    Ok(MountTable::of_types(system.types)?.at(&place.dir).cloned())
}

fn refused(code: WnError, text: &str) -> Failure {
    Failure::Refused { stage: Stage::Mount.word().to_owned(), code, text: text.to_owned() }
}

/// Guesses the code from what a helper says; the causes that matter were told apart before.
fn code_of(text: &str) -> WnError {
    let text = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match () {
        () if says(&["permission denied", "access denied"]) => WnError::ACCESS_DENIED,
        () if says(&["no such file", "no such device or address"]) => WnError::BAD_NET_NAME,
        () if says(&["timed out"]) => WnError::TIMEOUT,
        () => WnError::UNEXP_NET_ERR,
    }
}
