//! One connection to a share: a session and a tree, and requests on it.
//!
//! Every request runs in a task of its own. Who waits for it may go away at any moment; a request
//! that was dropped half-way would give credits back that the server has spent, or leave a gap in
//! the numbers of messages, or a file open that nobody knows of.

use std::sync::Arc;

use mpr_engine::{Fault, FaultKind};
use smb2::Frame;
use smb2::client::connection::{CompoundOp, Connection};
use smb2::msg::close::CloseRequest;
use smb2::msg::create::{CreateRequest, CreateResponse};
use smb2::pack::{Pack, ReadCursor, Unpack as _};
use smb2::types::status::NtStatus;
use smb2::types::{Command, CreditCharge, FileId, TreeId};
use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinHandle};

use crate::status::{fault, fault_of};

/// Bytes that one credit pays for (MS-SMB2 3.1.5.2).
pub(crate) const CREDIT: usize = 65_536;

/// A step of a compound request, and how many bytes go either way.
pub(crate) struct Step {
    command: Command,
    body: Box<dyn Pack>,
    charge: CreditCharge,
}

impl Step {
    /// Makes a step that moves up to so many bytes.
    pub(crate) fn new(command: Command, body: impl Pack + 'static, bytes: usize) -> Self {
        Self { command, body: Box::new(body), charge: charge(bytes) }
    }
}

/// An open connection to a share.
pub(crate) struct Link {
    pub(crate) connection: Connection,
    pub(crate) tree: TreeId,
    /// Most bytes of one READ, WRITE and QUERY.
    pub(crate) limits: Limits,
}

/// What the server takes in one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) read: usize,
    pub(crate) write: usize,
    pub(crate) query: usize,
}

/// What came of a file that was opened, asked and closed in one round trip.
pub(crate) struct Done {
    /// The answer to CREATE.
    pub(crate) created: CreateResponse,
    /// The answers to the steps, each a failure of its own.
    pub(crate) answers: Vec<Result<Frame, Fault>>,
}

impl Link {
    /// Tells whether it has ended.
    pub(crate) fn is_dead(&self) -> bool {
        self.connection.is_disconnected()
    }

    /// Sends one request and waits for its answer, whatever that is.
    pub(crate) async fn call(
        &self,
        command: Command,
        body: impl Pack + 'static,
        bytes: usize,
    ) -> Result<Frame, Fault> {
        joined(self.start(command, body, bytes).await)?
    }

    /// Sends one request; its answer may be waited for later.
    pub(crate) fn start(
        &self,
        command: Command,
        body: impl Pack + 'static,
        bytes: usize,
    ) -> JoinHandle<Result<Frame, Fault>> {
        let (connection, tree) = (self.connection.clone(), self.tree);
        tokio::spawn(async move {
            // A connection that has ended refuses by itself.
            let answer = connection.execute_with_credits(command, &body, Some(tree), charge(bytes));
            answer.await.map_err(|error| fault_of(&error))
        })
    }

    /// Sends one request made up as a step.
    pub(crate) async fn step(&self, step: Step) -> Result<Frame, Fault> {
        let (connection, tree) = (self.connection.clone(), self.tree);
        let request = async move {
            let body = step.body.as_ref();
            let answer =
                connection.execute_with_credits(step.command, body, Some(tree), step.charge);
            answer.await.map_err(|error| fault_of(&error))
        };
        check(joined(tokio::spawn(request).await)??)
    }

    /// Sends one request, and makes a fault of an answer that is a failure.
    pub(crate) async fn ask(
        &self,
        command: Command,
        body: impl Pack + 'static,
        bytes: usize,
    ) -> Result<Frame, Fault> {
        check(self.call(command, body, bytes).await?)
    }

    /// Opens a file, does the steps with it (which name it [`FileId::SENTINEL`]) and leaves it
    /// open, in one round trip.
    pub(crate) async fn open(
        self: &Arc<Self>,
        create: CreateRequest,
        steps: Vec<Step>,
    ) -> Result<(OpenFile, Done), Fault> {
        let link = Arc::clone(self);
        let task = async move {
            let done = link.compound(create, steps).await?;
            Ok((OpenFile::new(link, done.created.file_id), done))
        };
        joined(tokio::spawn(task).await)?
    }

    /// Opens a file, does the steps and closes it, in one round trip.
    pub(crate) async fn once(
        self: &Arc<Self>,
        create: CreateRequest,
        mut steps: Vec<Step>,
    ) -> Result<Done, Fault> {
        let close = CloseRequest { flags: 0, file_id: FileId::SENTINEL };
        steps.push(Step::new(Command::Close, close, 0));
        let link = Arc::clone(self);
        let task = async move {
            let mut done = link.compound(create, steps).await?;
            // A server may skip the rest of a chain after a failure; then the file is open still.
            if !matches!(done.answers.pop(), Some(Ok(_))) {
                OpenFile::new(link, done.created.file_id).close().await;
            }
            Ok(done)
        };
        joined(tokio::spawn(task).await)?
    }

    async fn compound(&self, create: CreateRequest, steps: Vec<Step>) -> Result<Done, Fault> {
        let tree = Some(self.tree);
        let mut chain = vec![CompoundOp::new(Command::Create, &create, tree)];
        chain.extend(steps.iter().map(|step| CompoundOp {
            command: step.command,
            body: step.body.as_ref(),
            tree_id: tree,
            credit_charge: step.charge,
        }));
        let answers = self.connection.execute_compound(&chain).await;
        let answers = answers.map_err(|error| fault_of(&error))?.into_iter();
        let mut answers =
            answers.map(|answer| answer.map_err(|error| fault_of(&error)).and_then(check));
        let first = answers.next().ok_or(FaultKind::Nonsense)??;
        let created = CreateResponse::unpack(&mut ReadCursor::new(&first.body))
            .map_err(|error| fault_of(&error))?;
        Ok(Done { created, answers: answers.collect() })
    }

    /// Returns how many bytes one message may move now: half of the window that the server lets
    /// grow no further, so that one request never waits for all others to end.
    pub(crate) fn affordable(&self, wanted: usize) -> usize {
        match self.connection.credit_ceiling() {
            Some(ceiling) => wanted.min((usize::from(ceiling) / 2).max(1) * CREDIT),
            None => wanted,
        }
    }
}

/// An open file on the server; dropping it closes it there, as long as there is a runtime.
pub(crate) struct OpenFile {
    pub(crate) link: Arc<Link>,
    pub(crate) id: FileId,
    open: bool,
}

impl OpenFile {
    fn new(link: Arc<Link>, id: FileId) -> Self {
        Self { link, id, open: true }
    }

    /// Closes it.
    pub(crate) async fn close(mut self) {
        self.open = false;
        let request = CloseRequest { flags: 0, file_id: self.id };
        // Nobody can do anything about a close that fails.
        let _ = self.link.call(Command::Close, request, 0).await;
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        if !self.open || self.link.is_dead() {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            let rest = Self { link: Arc::clone(&self.link), id: self.id, open: false };
            runtime.spawn(rest.close());
        }
    }
}

/// Makes a fault of an answer that is a failure. A buffer too small for all of it is none.
pub(crate) fn check(frame: Frame) -> Result<Frame, Fault> {
    let status = frame.header.status;
    match status.is_success() || status == NtStatus::BUFFER_OVERFLOW {
        true => Ok(frame),
        false => Err(fault(status)),
    }
}

fn charge(bytes: usize) -> CreditCharge {
    CreditCharge(u16::try_from(bytes.div_ceil(CREDIT)).unwrap_or(u16::MAX).max(1))
}

/// A task ends early only with the runtime, or by a panic: its request is lost either way.
pub(crate) fn joined<T>(result: Result<T, JoinError>) -> Result<T, Fault> {
    result.map_err(|error| Fault::new(FaultKind::Lost, error.to_string()))
}
