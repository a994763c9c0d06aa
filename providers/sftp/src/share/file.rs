//! Open files.

use std::sync::Arc;

use bytes::Bytes;
use mpr_engine::{Attributes, Change, Fault, FaultKind, Kind, OpenHow, Opened};

use super::refusal::{self, done, is_vague, name_or, refuse};
use crate::link::Link;
use crate::sftp::{
    Packet, RawAttributes, RemoteHandle, Reply, Session, SetAttributes, kind, seconds, status,
};

const READ: u32 = 0x01;
const WRITE: u32 = 0x02;
const CREATE: u32 = 0x08;
const TRUNCATE: u32 = 0x10;
const EXCLUSIVE: u32 = 0x20;

/// A file that is open on a server.
#[derive(Debug)]
pub struct SftpFile {
    handle: RemoteHandle,
    path: Vec<u8>,
}

impl SftpFile {
    pub(super) async fn open(
        link: &Link,
        path: &[u8],
        how: OpenHow,
        readable: bool,
    ) -> Result<Opened<Self>, Fault> {
        let flag = |set: bool, flag: u32| if set { flag } else { 0 };
        let flags = flag(readable, READ)
            | flag(how.write, WRITE)
            | flag(how.create, CREATE)
            | flag(how.truncate, TRUNCATE)
            | flag(how.create && how.exclusive, EXCLUSIVE);
        let mode = how.create.then_some(how.mode);
        let fill = |packet: &mut Packet| {
            packet.text(path).u32(flags);
            SetAttributes { mode, ..SetAttributes::default() }.write(packet);
        };
        let handle = match link.session().ask(kind::OPEN, fill).await? {
            Reply::Handle(handle) => handle,
            other => return Err(why_not(link, path, how, refuse(other)).await),
        };
        let file = Self { handle, path: path.to_vec() };
        let attributes = file.attributes().await?;
        // Some servers open a directory and then let nobody read it.
        match attributes.kind {
            Kind::Directory => Err(FaultKind::IsADirectory.into()),
            _ => Ok(Opened { file, attributes }),
        }
    }

    pub(super) fn session(&self) -> &Arc<Session> {
        self.handle.session()
    }

    /// Returns the path that it was opened by.
    pub(super) fn path(&self) -> &[u8] {
        &self.path
    }

    pub(super) async fn attributes(&self) -> Result<Attributes, Fault> {
        Ok(self.raw().await?.attributes(b""))
    }

    async fn raw(&self) -> Result<RawAttributes, Fault> {
        let fill = |packet: &mut Packet| {
            packet.text(self.handle.bytes());
        };
        match self.session().ask(kind::FSTAT, fill).await? {
            Reply::Attributes(raw) => Ok(raw),
            other => Err(refuse(other)),
        }
    }

    /// Reads; the protocol promises all that was asked for, up to the end of the file.
    pub(super) async fn read(&self, offset: u64, len: usize) -> Result<Bytes, Fault> {
        let wanted = u32::try_from(len).unwrap_or(u32::MAX);
        let fill = |packet: &mut Packet| {
            packet.text(self.handle.bytes()).u64(offset).u32(wanted);
        };
        match self.session().ask(kind::READ, fill).await? {
            Reply::Data(data) if data.len() <= len => Ok(data),
            Reply::Status { code: status::EOF, .. } => Ok(Bytes::new()),
            other => Err(refuse(other)),
        }
    }

    pub(super) async fn write(&self, offset: u64, data: Bytes) -> Result<(), Fault> {
        let length = u32::try_from(data.len()).map_err(|_| Fault::from(FaultKind::TooLarge))?;
        let fill = |packet: &mut Packet| {
            packet.text(self.handle.bytes()).u64(offset).u32(length);
        };
        done(self.session().send_with(kind::WRITE, fill, data).await?.await?)
    }

    pub(super) async fn set_len(&self, len: u64) -> Result<(), Fault> {
        self.set(SetAttributes { size: Some(len), ..SetAttributes::default() }).await
    }

    /// Changes it without a name.
    pub(super) async fn change(&self, change: Change) -> Result<(), Fault> {
        let mut to = SetAttributes { mode: change.mode, ..SetAttributes::default() };
        if change.modified.is_some() || change.accessed.is_some() {
            // The protocol sets both times at once: the other one is what it was.
            let before = match (change.modified, change.accessed) {
                (Some(_), Some(_)) => None,
                _ => self.raw().await?.times,
            };
            let before = before.unwrap_or_default();
            let accessed = change.accessed.map_or(before.0, seconds);
            to.times = Some((accessed, change.modified.map_or(before.1, seconds)));
        }
        self.set(to).await
    }

    async fn set(&self, to: SetAttributes) -> Result<(), Fault> {
        let fill = |packet: &mut Packet| {
            packet.text(self.handle.bytes());
            to.write(packet);
        };
        done(self.session().ask(kind::FSETSTAT, fill).await?)
    }

    pub(super) async fn sync(&self) -> Result<(), Fault> {
        let fill = |packet: &mut Packet| {
            packet.text(b"fsync@openssh.com").text(self.handle.bytes());
        };
        done(self.session().ask(kind::EXTENDED, fill).await?)
    }

    pub(super) async fn close(self) -> Result<(), Fault> {
        self.handle.close().await
    }
}

async fn why_not(link: &Link, path: &[u8], how: OpenHow, fault: Fault) -> Fault {
    if !is_vague(&fault) {
        return name_or(path, fault);
    }
    match refusal::kind_of(link, path).await {
        Some(_) if how.create && how.exclusive => FaultKind::AlreadyExists.into(),
        Some(Kind::Directory) => FaultKind::IsADirectory.into(),
        _ if how.write => refusal::space_or(link, parent(path), fault).await,
        _ => fault,
    }
}

/// Returns the directory of a server's path.
pub(super) fn parent(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&byte| byte == b'/') {
        None | Some(0) => b"/",
        Some(end) => &path[..end],
    }
}
