//! Many requests under way at once over one pair of streams.
//!
//! A caller may stop waiting at any time. Its request's number and its place among those under
//! way come back when the late answer does, so what a dead server leaves unanswered is bounded.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use mpr_engine::{Fault, FaultKind};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::incoming::Incoming;
use super::{Fields, Packet, RawAttributes, RemoteHandle, kind};

/// Most requests without an answer.
const UNDER_WAY: usize = 256;

/// Most pieces that are given to the system in one write.
const PIECES: usize = 32;

/// Data below this size is copied out of the block that it came in, which would stay otherwise.
const SMALL: usize = 4096;

/// What a server answers.
#[derive(Debug)]
pub(crate) enum Reply {
    Status {
        code: u32,
        text: String,
    },
    Handle(RemoteHandle),
    Data(Bytes),
    /// The entries, after their number.
    Names {
        count: u32,
        fields: Fields,
    },
    Attributes(RawAttributes),
    Extended(Fields),
}

/// Extensions that a server offers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extensions {
    pub(crate) limits: bool,
    pub(crate) posix_rename: bool,
    pub(crate) hard_link: bool,
    pub(crate) fsync: bool,
    pub(crate) statvfs: bool,
    pub(crate) lsetstat: bool,
}

struct Slot {
    answer: oneshot::Sender<Result<Reply, Fault>>,
    _place: OwnedSemaphorePermit,
}

#[derive(Default)]
struct Slots {
    waiting: HashMap<u32, Slot>,
    last_id: u32,
    ended: bool,
}

/// A conversation with a server.
pub(crate) struct Session {
    outgoing: mpsc::UnboundedSender<[Bytes; 2]>,
    slots: Mutex<Slots>,
    places: Arc<Semaphore>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("ended", &self.ended()).finish_non_exhaustive()
    }
}

/// The tasks behind a session; it ends with them.
#[derive(Debug)]
pub(crate) struct Tasks {
    session: Arc<Session>,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        self.session.end();
    }
}

/// An answer that is to come.
#[derive(Debug)]
pub(crate) struct Pending(oneshot::Receiver<Result<Reply, Fault>>);

impl Future for Pending {
    type Output = Result<Reply, Fault>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.0).poll(context);
        answer.map(|answer| answer.unwrap_or_else(|_| Err(lost())))
    }
}

impl Session {
    /// Greets the server and starts the tasks that move packets.
    pub(crate) async fn start<R, W>(
        input: R,
        mut output: W,
    ) -> std::io::Result<Option<(Arc<Self>, Extensions, Tasks)>>
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
    {
        let mut incoming = Incoming::new(input);
        // INIT has the version where others have their number.
        output.write_all(&Packet::new(kind::INIT, 3).finish(0)).await?;
        let Some(hello) = incoming.next().await? else { return Ok(None) };
        let mut fields = Fields(hello);
        let extensions = read_hello(&mut fields)
            .map_err(|fault| std::io::Error::new(std::io::ErrorKind::InvalidData, fault.text))?;
        let (outgoing, queue) = mpsc::unbounded_channel();
        let session = Arc::new(Self {
            outgoing,
            slots: Mutex::default(),
            places: Arc::new(Semaphore::new(UNDER_WAY)),
        });
        let tasks = [
            tokio::spawn(receive(incoming, Arc::clone(&session))),
            tokio::spawn(transmit(output, queue, Arc::clone(&session))),
        ];
        let tasks = Tasks { session: Arc::clone(&session), tasks };
        Ok(Some((session, extensions, tasks)))
    }

    /// Sends a request; its answer is waited for apart, so that several can be under way.
    pub(crate) async fn send(
        &self,
        kind: u8,
        fill: impl FnOnce(&mut Packet) + Send,
    ) -> Result<Pending, Fault> {
        self.send_with(kind, fill, Bytes::new()).await
    }

    /// Sends a request that ends with data, whose length `fill` has written.
    pub(crate) async fn send_with(
        &self,
        kind: u8,
        fill: impl FnOnce(&mut Packet) + Send,
        data: Bytes,
    ) -> Result<Pending, Fault> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| lost())?;
        let (answer, pending) = oneshot::channel();
        let mut slots = self.slots();
        if slots.ended {
            return Err(lost());
        }
        let id = slots.next_id();
        let mut packet = Packet::new(kind, id);
        fill(&mut packet);
        slots.waiting.insert(id, Slot { answer, _place: place });
        // Queued under the lock, so that requests go out in the order of their numbers.
        let _ = self.outgoing.send([packet.finish(data.len()), data]);
        Ok(Pending(pending))
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn ask(
        &self,
        kind: u8,
        fill: impl FnOnce(&mut Packet) + Send,
    ) -> Result<Reply, Fault> {
        self.send(kind, fill).await?.await
    }

    /// Closes a handle without waiting for what the server says to that.
    pub(crate) fn close_unheard(&self, handle: &[u8]) {
        let mut slots = self.slots();
        let mut packet = Packet::new(kind::CLOSE, slots.next_id());
        packet.text(handle);
        let _ = self.outgoing.send([packet.finish(0), Bytes::new()]);
    }

    /// Tells whether it is over.
    pub(crate) fn ended(&self) -> bool {
        self.slots().ended
    }

    /// Ends it: whoever waits is told that the connection is lost.
    fn end(&self) {
        let mut slots = self.slots();
        slots.ended = true;
        let waiting = std::mem::take(&mut slots.waiting);
        drop(slots);
        drop(waiting);
        self.places.close();
    }

    fn deliver(self: &Arc<Self>, packet: Bytes) -> Result<(), Fault> {
        let mut fields = Fields(packet);
        let kind = fields.u8()?;
        let id = fields.u32()?;
        let slot = self.slots().waiting.remove(&id);
        let reply = self.parse(kind, fields);
        let broken = reply.is_err();
        match slot {
            // Nobody may be there any more. A handle closes itself then.
            Some(slot) => drop(slot.answer.send(reply)),
            None => drop(reply),
        }
        if broken { Err(FaultKind::Nonsense.into()) } else { Ok(()) }
    }

    fn parse(self: &Arc<Self>, kind: u8, mut fields: Fields) -> Result<Reply, Fault> {
        Ok(match kind {
            kind::STATUS => {
                let code = fields.u32()?;
                // Version 3 has a text, but not every server does.
                let text = fields.text().unwrap_or_default();
                Reply::Status { code, text: String::from_utf8_lossy(&text).into_owned() }
            }
            kind::HANDLE => {
                // Copied: it would hold the block that it came in.
                let bytes = Bytes::copy_from_slice(&fields.text()?);
                Reply::Handle(RemoteHandle::new(Arc::clone(self), bytes))
            }
            kind::DATA => {
                let data = fields.text()?;
                let small = data.len() < SMALL;
                Reply::Data(if small { Bytes::copy_from_slice(&data) } else { data })
            }
            kind::NAME => Reply::Names { count: fields.u32()?, fields },
            kind::ATTRS => Reply::Attributes(RawAttributes::read(&mut fields)?),
            kind::EXTENDED_REPLY => Reply::Extended(fields),
            other => {
                let text = format!("the server answers with a packet of type {other}");
                return Err(Fault::new(FaultKind::Nonsense, text));
            }
        })
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    fn next_id(&mut self) -> u32 {
        loop {
            self.last_id = self.last_id.wrapping_add(1);
            if !self.waiting.contains_key(&self.last_id) {
                return self.last_id;
            }
        }
    }
}

fn lost() -> Fault {
    Fault::new(FaultKind::Lost, "the connection to the server is lost")
}

fn read_hello(fields: &mut Fields) -> Result<Extensions, Fault> {
    let (kind, version) = (fields.u8()?, fields.u32()?);
    if kind != kind::VERSION || version != 3 {
        let text = format!("the server speaks version {version} of SFTP, not 3");
        return Err(Fault::new(FaultKind::Nonsense, text));
    }
    let mut known = Extensions::default();
    while !fields.is_empty() {
        let (name, version) = (fields.text()?, fields.text()?);
        match (&*name, &*version) {
            (b"limits@openssh.com", b"1") => known.limits = true,
            (b"posix-rename@openssh.com", b"1") => known.posix_rename = true,
            (b"hardlink@openssh.com", b"1") => known.hard_link = true,
            (b"fsync@openssh.com", b"1") => known.fsync = true,
            (b"statvfs@openssh.com", b"2") => known.statvfs = true,
            (b"lsetstat@openssh.com", b"1") => known.lsetstat = true,
            _ => {}
        }
    }
    Ok(known)
}

async fn receive<R: AsyncRead + Unpin>(mut incoming: Incoming<R>, session: Arc<Session>) {
    while let Ok(Some(packet)) = incoming.next().await {
        if session.deliver(packet).is_err() {
            break;
        }
    }
    session.end();
}

async fn transmit<W: AsyncWrite + Unpin>(
    mut output: W,
    mut queue: mpsc::UnboundedReceiver<[Bytes; 2]>,
    session: Arc<Session>,
) {
    let mut packets = Vec::with_capacity(PIECES / 2);
    let mut pieces = std::collections::VecDeque::with_capacity(PIECES);
    while queue.recv_many(&mut packets, PIECES / 2).await > 0 {
        pieces.extend(packets.drain(..).flatten().filter(|piece| !piece.is_empty()));
        if write_pieces(&mut output, &mut pieces).await.is_err() {
            break;
        }
    }
    session.end();
}

async fn write_pieces<W: AsyncWrite + Unpin>(
    output: &mut W,
    pieces: &mut std::collections::VecDeque<Bytes>,
) -> std::io::Result<()> {
    while !pieces.is_empty() {
        let mut slices = [std::io::IoSlice::new(&[]); PIECES];
        for (slice, piece) in slices.iter_mut().zip(pieces.iter()) {
            *slice = std::io::IoSlice::new(piece);
        }
        let mut written = output.write_vectored(&slices[..pieces.len().min(PIECES)]).await?;
        if written == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        while let Some(piece) = pieces.front_mut() {
            if piece.len() > written {
                piece.advance(written);
                break;
            }
            written -= piece.len();
            pieces.pop_front();
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
