//! An open file.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use mpr_engine::{Attributes, Fault, FaultKind, LockKind, LockRange, OpenHow, Opened};
use smb2::msg::flush::FlushRequest;
use smb2::msg::read::ReadRequest;
use smb2::types::status::NtStatus;
use smb2::types::{Command, FileId};

use crate::facts::Facts;
use crate::link::{Link, OpenFile};
use crate::locks::Locks;
use crate::names::told;
use crate::requests;
use crate::status::fault;
use crate::wire::{WriteBytes, output, read_data, written};

/// A file that is open on the server, until it is dropped.
pub struct SmbFile {
    open: OpenFile,
    locks: Locks,
}

impl SmbFile {
    /// Opens a file; asks and, if wanted, empties it in the same round trip.
    pub(crate) async fn open(
        link: &Arc<Link>,
        path: String,
        how: OpenHow,
    ) -> Result<Opened<Self>, Fault> {
        let mut steps = Vec::new();
        if how.truncate {
            steps.push(requests::set_len(FileId::SENTINEL, 0));
        }
        steps.push(requests::ask_all(FileId::SENTINEL));
        let (open, done) = link.open(requests::open(path, how), steps).await?;
        let last = done.answers.len() - 1;
        let mut facts = told(&done, last);
        if let [Err(fault), _] = &done.answers[..] {
            return Err(fault.clone());
        }
        if how.truncate {
            facts.size = 0;
        }
        let file = Self { open, locks: Locks::default() };
        Ok(Opened { file, attributes: facts.attributes() })
    }

    /// Returns the connection that it is open on.
    pub(crate) fn link(&self) -> &Arc<Link> {
        &self.open.link
    }

    /// Asks about it.
    pub(crate) async fn attributes(&self) -> Result<Attributes, Fault> {
        let frame = self.link().step(requests::ask_all(self.open.id)).await?;
        let facts = output(&frame.body).and_then(Facts::all);
        facts.map(|facts| facts.attributes()).ok_or_else(|| FaultKind::Nonsense.into())
    }

    /// Reads; fewer bytes only at the end.
    pub(crate) async fn read(&self, offset: u64, len: usize) -> Result<Bytes, Fault> {
        let piece = self.link().affordable(len);
        let first = self.read_once(offset, len.min(piece)).await?;
        if first.len() == len || first.len() < len.min(piece) {
            return Ok(first);
        }
        // Only where the server's window is too small for the whole.
        let mut all = first.to_vec();
        while all.len() < len {
            let want = (len - all.len()).min(piece);
            let more = self.read_once(offset + all.len() as u64, want).await?;
            all.extend_from_slice(&more);
            if more.len() < want {
                break;
            }
        }
        Ok(all.into())
    }

    async fn read_once(&self, offset: u64, len: usize) -> Result<Bytes, Fault> {
        let request = ReadRequest {
            padding: 0x50,
            flags: 0,
            length: len as u32,
            offset,
            file_id: self.open.id,
            minimum_count: 0,
            channel: 0,
            remaining_bytes: 0,
            read_channel_info: Vec::new(),
        };
        let frame = self.link().call(Command::Read, request, len).await?;
        match frame.header.status {
            NtStatus::SUCCESS => read_data(frame.body).ok_or_else(|| FaultKind::Nonsense.into()),
            NtStatus::END_OF_FILE => Ok(Bytes::new()),
            status => Err(fault(status)),
        }
    }

    /// Writes all of it, whatever shared locks this file holds.
    pub(crate) async fn write(&self, offset: u64, data: Bytes) -> Result<(), Fault> {
        match self.write_all(offset, data.clone()).await {
            Err(fault) if fault.kind == FaultKind::InUse => {
                let range = LockRange { start: offset, len: data.len() as u64 };
                let again = self.write_all(offset, data);
                let link = Arc::clone(self.link());
                self.locks.without_shared(link, self.open.id, range, again).await
            }
            result => result,
        }
    }

    async fn write_all(&self, mut offset: u64, mut data: Bytes) -> Result<(), Fault> {
        while !data.is_empty() {
            let len = data.len().min(self.link().limits.write);
            let piece = data.slice(..len.min(self.link().affordable(len)));
            let len = piece.len();
            let request = WriteBytes { file: self.open.id, offset, data: piece };
            let frame = self.link().ask(Command::Write, request, len).await?;
            let count = written(&frame.body).filter(|count| (1..=len).contains(count));
            let count = count.ok_or(FaultKind::Nonsense)?;
            data = data.slice(count..);
            offset += count as u64;
        }
        Ok(())
    }

    /// Cuts or extends it.
    pub(crate) async fn set_len(&self, len: u64) -> Result<(), Fault> {
        self.link().step(requests::set_len(self.open.id, len)).await.map(drop)
    }

    /// Sets times; closing it leaves them alone then.
    pub(crate) async fn set_times(
        &self,
        accessed: Option<SystemTime>,
        modified: Option<SystemTime>,
    ) -> Result<(), Fault> {
        let step = requests::set_basic(self.open.id, accessed, modified, None);
        self.link().step(step).await.map(drop)
    }

    /// Returns once the server's disk has it.
    pub(crate) async fn sync(&self) -> Result<(), Fault> {
        let request = FlushRequest { file_id: self.open.id };
        self.link().ask(Command::Flush, request, 0).await.map(drop)
    }

    /// Locks or unlocks bytes of it.
    pub(crate) async fn lock(&self, range: LockRange, kind: LockKind) -> Result<(), Fault> {
        self.locks.change(Arc::clone(self.link()), self.open.id, range, kind).await
    }

    /// Closes it.
    pub(crate) async fn close(self) {
        self.open.close().await;
    }
}
