//! Operations on names: ask, list, change, remove, rename.

use std::sync::Arc;

use mpr_engine::{Attributes, Change, Entry, Fault, FaultKind, Space};
use smb2::Frame;
use smb2::types::flags::FileAttributes;
use smb2::types::status::NtStatus;
use smb2::types::{Command, FileId};

use crate::facts::{Facts, entries};
use crate::link::{Done, Link, Step, check, joined};
use crate::requests;
use crate::wire::{QueryNames, output, u32_at, u64_at};

/// Asks about one name.
pub(crate) async fn stat(link: &Arc<Link>, path: String) -> Result<Attributes, Fault> {
    facts(link, path).await.map(|facts| facts.attributes())
}

async fn facts(link: &Arc<Link>, path: String) -> Result<Facts, Fault> {
    let steps = vec![requests::ask_all(FileId::SENTINEL)];
    let done = link.once(requests::look(path.clone()), steps).await?;
    let mut facts = told(&done, 0);
    if facts.is_riddle() {
        let steps = vec![requests::ask_tag(FileId::SENTINEL)];
        let done = link.once(requests::look(path), steps).await?;
        facts.tag = answer(&done, 0).and_then(output).and_then(|data| u32_at(data, 4));
    }
    Ok(facts)
}

/// Takes what a step told about a file, or else what its opening told.
pub(crate) fn told(done: &Done, step: usize) -> Facts {
    let all = answer(done, step).and_then(output).and_then(Facts::all);
    all.unwrap_or_else(|| Facts::created(&done.created))
}

fn answer(done: &Done, step: usize) -> Option<&[u8]> {
    done.answers.get(step)?.as_ref().ok().map(|frame: &Frame| frame.body.as_slice())
}

/// Lists a directory. The next buffer is under way while this one is read.
pub(crate) async fn list(link: &Arc<Link>, path: String) -> Result<Vec<Entry>, Fault> {
    let length = link.affordable(link.limits.query);
    let ask = |file| QueryNames { file, length: length as u32 };
    let first = Step::new(Command::QueryDirectory, ask(FileId::SENTINEL), length);
    let (directory, done) = link.open(requests::open_directory(path), vec![first]).await?;
    let mut found = Vec::new();
    let mut answer = done.answers.into_iter().next().unwrap_or(Err(FaultKind::Nonsense.into()));
    loop {
        let frame = answer?;
        if frame.header.status == NtStatus::NO_MORE_FILES {
            break;
        }
        let frame = check(frame)?;
        let next = link.start(Command::QueryDirectory, ask(directory.id), length);
        let read = output(&frame.body).and_then(|data| entries(data, &mut found));
        read.ok_or_else(|| Fault::new(FaultKind::Nonsense, "a listing that makes no sense"))?;
        answer = joined(next.await)?;
    }
    directory.close().await;
    Ok(found)
}

/// Changes times, and the attribute that says that a file can only be read.
pub(crate) async fn change(link: &Arc<Link>, path: String, change: Change) -> Result<(), Fault> {
    let mut bits = None;
    if let Some(mode) = change.mode {
        let facts = facts(link, path.clone()).await?;
        let read_only = match mode & 0o200 == 0 {
            true => facts.bits | FileAttributes::READONLY,
            false => facts.bits & !FileAttributes::READONLY,
        };
        if !facts.is_directory() && read_only != facts.bits {
            bits = Some(read_only & FileAttributes::SETTABLE);
        }
    }
    if bits.is_none() && change.accessed.is_none() && change.modified.is_none() {
        return Ok(());
    }
    let step = requests::set_basic(FileId::SENTINEL, change.accessed, change.modified, bits);
    all_done(link.once(requests::touch(path), vec![step]).await?)
}

/// Removes a file or link, or an empty directory. A file that can only be read goes too: whether
/// its directory may be written decides that here.
pub(crate) async fn remove(link: &Arc<Link>, path: String, directory: bool) -> Result<(), Fault> {
    let try_it = || async {
        let request = requests::open_to_remove(path.clone(), Some(directory));
        all_done(link.once(request, vec![requests::set_delete()]).await?)
    };
    match try_it().await {
        Err(fault) if fault.kind == FaultKind::Denied && !directory => {
            let facts = facts(link, path.clone()).await.map_err(|_| fault.clone())?;
            if facts.bits & FileAttributes::READONLY == 0 {
                return Err(fault);
            }
            let writable = facts.bits & FileAttributes::SETTABLE & !FileAttributes::READONLY;
            set_bits(link, &path, writable).await.map_err(|_| fault)?;
            let removed = try_it().await;
            if removed.is_err() {
                // Best left as it was found.
                let _ = set_bits(link, &path, facts.bits & FileAttributes::SETTABLE).await;
            }
            removed
        }
        other => other,
    }
}

async fn set_bits(link: &Arc<Link>, path: &str, bits: u32) -> Result<(), Fault> {
    let step = requests::set_basic(FileId::SENTINEL, None, None, Some(bits));
    all_done(link.once(requests::touch(path.to_owned()), vec![step]).await?)
}

/// Renames a file or directory.
pub(crate) async fn rename(
    link: &Arc<Link>,
    from: String,
    to: String,
    replace: bool,
) -> Result<(), Fault> {
    let try_it = || async {
        let request = requests::open_to_remove(from.clone(), None);
        all_done(link.once(request, vec![requests::set_name(&to, replace)]).await?)
    };
    let refusal = match try_it().await {
        Err(fault)
            if replace && matches!(fault.kind, FaultKind::Denied | FaultKind::AlreadyExists) =>
        {
            fault
        }
        other => return other,
    };
    // The server replaces neither directories nor files that can only be read; people do.
    let Ok(target) = facts(link, to.clone()).await else { return Err(refusal) };
    let source = facts(link, from.clone()).await?;
    match (source.is_directory(), target.is_directory()) {
        (true, false) => Err(FaultKind::NotADirectory.into()),
        (false, true) => Err(FaultKind::IsADirectory.into()),
        (true, true) => {
            remove(link, to.clone(), true).await?;
            try_it().await
        }
        (false, false) if target.bits & FileAttributes::READONLY != 0 => {
            let bits = target.bits & FileAttributes::SETTABLE;
            set_bits(link, &to, bits & !FileAttributes::READONLY).await?;
            let renamed = try_it().await;
            if renamed.is_err() {
                let _ = set_bits(link, &to, bits).await;
            }
            renamed
        }
        (false, false) => Err(refusal),
    }
}

/// Asks how much there is on the share's file system.
pub(crate) async fn space(link: &Arc<Link>, path: String) -> Result<Space, Fault> {
    let mut done = link.once(requests::look(path), vec![requests::ask_space()]).await?;
    let frame = done.answers.pop().unwrap_or(Err(FaultKind::Nonsense.into()))?;
    let read = |data: &[u8]| {
        let unit = u64::from(u32_at(data, 24)?) * u64::from(u32_at(data, 28)?);
        let (total, free) = (u64_at(data, 0)?, u64_at(data, 8)?);
        Some(Space { total: total.saturating_mul(unit), free: free.saturating_mul(unit) })
    };
    output(&frame.body).and_then(read).ok_or_else(|| FaultKind::Nonsense.into())
}

/// Fails with the first step that failed.
pub(crate) fn all_done(done: Done) -> Result<(), Fault> {
    done.answers.into_iter().try_for_each(|answer| answer.map(drop))
}
