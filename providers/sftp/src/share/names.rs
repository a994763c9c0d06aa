//! What is done by name: making, removing, renaming, changing.

use mpr_engine::{Change, Fault, FaultKind, Kind, Space};

use super::directory;
use super::file::parent;
use super::refusal::{done, is_vague, kind_of, name_or, refuse, space_or};
use crate::link::{Link, one_name};
use crate::sftp::{Packet, Reply, SetAttributes, kind, seconds};

/// What a server says of the file system that a name is on.
pub(super) struct Volume {
    pub(super) space: Space,
    pub(super) read_only: bool,
}

/// Sends a request of one or two names.
async fn ask(link: &Link, kind: u8, names: &[&[u8]]) -> Result<Reply, Fault> {
    let fill = |packet: &mut Packet| {
        for name in names {
            packet.text(name);
        }
    };
    link.session().ask(kind, fill).await
}

pub(super) async fn make_directory(link: &Link, path: &[u8], mode: u32) -> Result<(), Fault> {
    let fill = |packet: &mut Packet| {
        packet.text(path);
        SetAttributes { mode: Some(mode), ..SetAttributes::default() }.write(packet);
    };
    made(link, path, done(link.session().ask(kind::MKDIR, fill).await?)).await
}

/// Finds out why something could not be made.
async fn made(link: &Link, path: &[u8], result: Result<(), Fault>) -> Result<(), Fault> {
    match result {
        Err(fault) if is_vague(&fault) => Err(match kind_of(link, path).await {
            Some(_) => FaultKind::AlreadyExists.into(),
            None => space_or(link, parent(path), fault).await,
        }),
        Err(fault) => Err(name_or(path, fault)),
        Ok(()) => Ok(()),
    }
}

pub(super) async fn remove_file(link: &Link, path: &[u8]) -> Result<(), Fault> {
    match done(ask(link, kind::REMOVE, &[path]).await?) {
        Err(fault) if is_vague(&fault) => Err(match kind_of(link, path).await {
            Some(Kind::Directory) => FaultKind::IsADirectory.into(),
            _ => space_or(link, parent(path), fault).await,
        }),
        result => result,
    }
}

pub(super) async fn remove_directory(link: &Link, path: &[u8]) -> Result<(), Fault> {
    let Err(fault) = done(ask(link, kind::RMDIR, &[path]).await?) else { return Ok(()) };
    Err(match kind_of(link, path).await {
        Some(Kind::Directory) if is_vague(&fault) => full(link, path, fault).await,
        Some(Kind::Directory) | None => fault,
        // On the wire this is "no such file".
        Some(_) => FaultKind::NotADirectory.into(),
    })
}

/// Returns that a directory is not empty, if so.
async fn full(link: &Link, path: &[u8], fault: Fault) -> Fault {
    match directory::list(link.session(), path).await {
        Ok(entries) if !entries.is_empty() => FaultKind::NotEmpty.into(),
        _ => space_or(link, parent(path), fault).await,
    }
}

pub(super) async fn rename(
    link: &Link,
    from: &[u8],
    to: &[u8],
    replace: bool,
) -> Result<(), Fault> {
    let result = match (replace, link.extensions.posix_rename) {
        (true, true) => {
            let name: &[u8] = b"posix-rename@openssh.com";
            done(ask(link, kind::EXTENDED, &[name, from, to]).await?)
        }
        (true, false) => rename_over(link, from, to).await,
        // The plain request never replaces.
        (false, _) => done(ask(link, kind::RENAME, &[from, to]).await?),
    };
    let Err(fault) = result else { return Ok(()) };
    let (source, target) = (kind_of(link, from).await, kind_of(link, to).await);
    Err(match (source, target) {
        (None, _) => fault,
        (Some(_), Some(_)) if !replace => FaultKind::AlreadyExists.into(),
        (Some(Kind::Directory), Some(Kind::Directory)) if is_vague(&fault) => {
            full(link, to, fault).await
        }
        (Some(Kind::Directory), Some(Kind::Directory) | None) => name_or(to, fault),
        (Some(Kind::Directory), Some(_)) => FaultKind::NotADirectory.into(),
        (Some(_), Some(Kind::Directory)) => FaultKind::IsADirectory.into(),
        _ if is_vague(&fault) => space_or(link, parent(to), fault).await,
        _ => name_or(to, fault),
    })
}

/// Replaces in two steps, where a server cannot in one: for a moment there is neither file.
async fn rename_over(link: &Link, from: &[u8], to: &[u8]) -> Result<(), Fault> {
    let first = done(ask(link, kind::RENAME, &[from, to]).await?);
    if first.is_ok() || kind_of(link, from).await.is_none() {
        return first;
    }
    match kind_of(link, to).await {
        None => return first,
        Some(Kind::Directory) => done(ask(link, kind::RMDIR, &[to]).await?)?,
        Some(_) => done(ask(link, kind::REMOVE, &[to]).await?)?,
    }
    done(ask(link, kind::RENAME, &[from, to]).await?)
}

pub(super) async fn change(link: &Link, path: &[u8], change: Change) -> Result<(), Fault> {
    if change.mode.is_some() {
        // Nobody changes the mode of a link: the caller has followed it already.
        let mode = SetAttributes { mode: change.mode, ..SetAttributes::default() };
        set(link, path, mode, false).await?;
    }
    if change.modified.is_none() && change.accessed.is_none() {
        return Ok(());
    }
    let raw = match (change.modified, change.accessed, link.extensions.lsetstat) {
        (Some(_), Some(_), true) => None,
        // The protocol sets both times at once: the other one is what it was.
        _ => Some(link.stat(kind::LSTAT, path).await?),
    };
    if !link.extensions.lsetstat && raw.is_some_and(|raw| raw.kind(b"") == Kind::Link) {
        // It would be its target's.
        return Ok(());
    }
    let before = raw.and_then(|raw| raw.times).unwrap_or_default();
    let accessed = change.accessed.map_or(before.0, seconds);
    let modified = change.modified.map_or(before.1, seconds);
    let times = SetAttributes { times: Some((accessed, modified)), ..SetAttributes::default() };
    set(link, path, times, link.extensions.lsetstat).await
}

async fn set(link: &Link, path: &[u8], to: SetAttributes, own: bool) -> Result<(), Fault> {
    let fill = |packet: &mut Packet| {
        if own {
            packet.text(b"lsetstat@openssh.com");
        }
        packet.text(path);
        to.write(packet);
    };
    let how = if own { kind::EXTENDED } else { kind::SETSTAT };
    match done(link.session().ask(how, fill).await?) {
        Err(fault) if is_vague(&fault) => Err(space_or(link, path, fault).await),
        result => result,
    }
}

pub(super) async fn make_link(link: &Link, path: &[u8], target: &[u8]) -> Result<(), Fault> {
    // OpenSSH took the arguments the other way round than the draft, and all others followed.
    let result = done(ask(link, kind::SYMLINK, &[target, path]).await?);
    made(link, path, result).await
}

pub(super) async fn read_link(link: &Link, path: &[u8]) -> Result<Vec<u8>, Fault> {
    one_name(ask(link, kind::READLINK, &[path]).await?).map(|name| name.to_vec())
}

pub(super) async fn make_hard_link(link: &Link, path: &[u8], new: &[u8]) -> Result<(), Fault> {
    if !link.extensions.hard_link {
        return Err(FaultKind::Unsupported.into());
    }
    let name: &[u8] = b"hardlink@openssh.com";
    let result = done(ask(link, kind::EXTENDED, &[name, path, new]).await?);
    made(link, new, result).await
}

pub(super) async fn space(link: &Link, path: &[u8]) -> Result<Space, Fault> {
    volume(link, path).await.map(|volume| volume.space)
}

pub(super) async fn volume(link: &Link, path: &[u8]) -> Result<Volume, Fault> {
    if !link.extensions.statvfs {
        return Err(FaultKind::Unsupported.into());
    }
    let name: &[u8] = b"statvfs@openssh.com";
    match ask(link, kind::EXTENDED, &[name, path]).await? {
        Reply::Extended(mut fields) => {
            let (_block, unit) = (fields.u64()?, fields.u64()?);
            let (blocks, _free, available) = (fields.u64()?, fields.u64()?, fields.u64()?);
            let (_files, _unused, _usable) = (fields.u64()?, fields.u64()?, fields.u64()?);
            let (_id, flags) = (fields.u64()?, fields.u64()?);
            let bytes = |blocks: u64| blocks.saturating_mul(unit);
            let space = Space { total: bytes(blocks), free: bytes(available) };
            Ok(Volume { space, read_only: flags & 1 != 0 })
        }
        other => Err(refuse(other)),
    }
}
