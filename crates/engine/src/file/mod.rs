//! Open files: one handle on the server for all who have the file open here.
//!
//! A handle that did not survive a broken connection is opened again by name, and refused if the
//! name means another file by now.

mod ahead;
mod behind;
mod flush;
mod handle;
mod locks;
mod read;
mod truncate;
mod write;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

use tokio::sync::Notify;

pub(crate) use handle::{Closing, Handle};
pub(crate) use locks::Held;

use self::ahead::Ahead;
use self::behind::Behind;
use self::locks::Locks;
use crate::core::{Core, Op};
use crate::nodes::Local;
use crate::{Attributes, Fault, FaultKind, OpenHow, RemotePath, Share};

/// How often one operation opens a file again that is lost while the connection holds.
const REOPENED: usize = 5;

/// A file that somebody has open.
pub(crate) struct OpenFile<S: Share> {
    pub(crate) number: u64,
    state: Mutex<State<S>>,
    /// Held by the one who opens it on the server.
    opening: tokio::sync::Mutex<()>,
    /// Held by the one who locks bytes of it.
    locking: tokio::sync::Mutex<()>,
    /// Told whenever something that somebody may wait for has arrived or was stored.
    changed: Notify,
}

struct State<S: Share> {
    handle: Option<Arc<Handle<S>>>,
    users: usize,
    /// Somebody needs to write.
    writable: bool,
    /// What the server numbers it with.
    id: Option<u64>,
    /// Where it ends, as far as known here.
    size: u64,
    /// Size and time of the content that the server told of last.
    content: Option<(u64, SystemTime)>,
    /// When it was written last, while the server may not know.
    written: Option<SystemTime>,
    /// Writes of a spooled file that are under way.
    writing: usize,
    behind: Behind,
    ahead: Ahead,
    /// The last write that failed after its writer went on, and how many did.
    failure: Option<Fault>,
    failures: u64,
    /// How many failures each user was told of, by handle.
    told: HashMap<u64, u64>,
    locks: Locks,
    /// Something was written since the last flush.
    unflushed: bool,
    /// Its hidden name since its own was removed or taken: one that goes with the last user.
    aside: Option<Vec<u8>>,
}

impl<S: Share> OpenFile<S> {
    fn new(number: u64) -> Self {
        let state = State {
            handle: None,
            users: 0,
            writable: false,
            id: None,
            size: 0,
            content: None,
            written: None,
            writing: 0,
            behind: Behind::default(),
            ahead: Ahead::default(),
            failure: None,
            failures: 0,
            told: HashMap::new(),
            locks: Locks::default(),
            unflushed: false,
            aside: None,
        };
        Self {
            number,
            state: Mutex::new(state),
            opening: tokio::sync::Mutex::new(()),
            locking: tokio::sync::Mutex::new(()),
            changed: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the handle that is open on the server, if it will do.
    fn current(&self, write: bool) -> Option<Arc<Handle<S>>> {
        self.state().handle.clone().filter(|handle| handle.write || !write)
    }

    /// Tells whether anybody has it open.
    pub(crate) fn in_use(&self) -> bool {
        self.state().users > 0
    }

    /// Tells whether it is open for writing on the server.
    pub(crate) fn is_writable(&self) -> bool {
        self.current(true).is_some()
    }

    /// Gives it a hidden name, now that its own means something else.
    pub(crate) fn set_aside(&self, name: &[u8]) {
        self.state().aside = Some(name.to_vec());
    }

    /// Returns its hidden name.
    pub(crate) fn aside(&self) -> Option<Vec<u8>> {
        self.state().aside.clone()
    }

    /// Tells whether it keeps its content without a name.
    pub(crate) fn outlives_its_name(&self, share: &S) -> bool {
        match self.current(false) {
            Some(handle) => share.outlives_its_name(handle.file()),
            None => share.abilities().unlink_open,
        }
    }

    /// Tells the share its new name.
    pub(crate) fn renamed(&self, share: &S, path: &RemotePath) {
        if let Some(handle) = self.current(false) {
            share.renamed(handle.file(), path);
        }
    }

    fn take_handle(&self, handle: Arc<Handle<S>>, attributes: &Attributes) {
        let mut state = self.state();
        state.writable |= handle.write;
        if state.id.is_none() {
            state.id = attributes.id;
        }
        state.handle = Some(handle);
        drop(state);
        self.saw(attributes);
    }

    /// Forgets a handle that the server does not know any more.
    fn lose(&self, lost: &Arc<Handle<S>>) {
        self.state().handle.take_if(|handle| Arc::ptr_eq(handle, lost));
    }
}

impl<S: Share> Local for OpenFile<S> {
    fn local(&self) -> Option<(u64, SystemTime)> {
        let state = self.state();
        state.written.map(|written| (state.size, written))
    }

    fn saw(&self, attributes: &Attributes) {
        let mut state = self.state();
        if state.written.is_some() {
            return;
        }
        let content = Some((attributes.size, attributes.modified));
        if state.content != content {
            // What was fetched ahead may be from before.
            state.ahead.clear();
        }
        (state.content, state.size) = (content, attributes.size);
    }
}

/// Keeps a file open here; dropping it lets go.
pub(crate) struct Hold<S: Share> {
    core: Arc<Core<S>>,
    pub(crate) file: Arc<OpenFile<S>>,
}

impl<S: Share> Hold<S> {
    /// Leaves the file open for a handle until [`Core::close`].
    pub(crate) fn keep(self, handle: u64) {
        // One more user, and the one that goes with `self` goes.
        let mut state = self.file.state();
        state.users += 1;
        let failures = state.failures;
        state.told.insert(handle, failures);
    }
}

impl<S: Share> Drop for Hold<S> {
    fn drop(&mut self) {
        self.core.release(&self.file);
    }
}

impl<S: Share> Core<S> {
    /// Holds the file of a node open here, whether or not it is open on the server.
    pub(crate) fn hold(self: &Arc<Self>, number: u64) -> Option<Hold<S>> {
        let mut nodes = self.nodes();
        let file = nodes.file_or(number, || OpenFile::new(number))?;
        // Counted under the table's lock: it is let go of there.
        file.state().users += 1;
        Some(Hold { core: Arc::clone(self), file })
    }

    /// Opens a file for one more user.
    pub(crate) async fn open(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        write: bool,
        truncate: bool,
    ) -> Result<(Hold<S>, Attributes), Fault> {
        let hold = self.hold(number).ok_or_else(stale)?;
        let handle = hold.file.current(write);
        let attributes = if let (Some(_), false) = (handle, truncate) {
            self.attributes(op, number).await?.0
        } else if truncate && hold.file.state().handle.is_some() {
            self.set_len(op, number, 0, true).await?;
            self.attributes(op, number).await?.0
        } else {
            self.open_handle(op, &hold.file, write, truncate).await?.1
        };
        Ok((hold, attributes))
    }

    /// Takes in a file that was just made and opened on the server.
    pub(crate) fn adopt(
        self: &Arc<Self>,
        number: u64,
        opened: Handle<S>,
        attributes: &Attributes,
    ) -> Option<Hold<S>> {
        let hold = self.hold(number)?;
        hold.file.take_handle(Arc::new(opened), attributes);
        Some(hold)
    }

    /// Closes a handle that was kept.
    pub(crate) fn close(self: &Arc<Self>, number: u64, handle: u64) {
        let file = self.nodes().file(number);
        if let Some(file) = file {
            file.state().told.remove(&handle);
            self.release(&file);
        }
    }

    /// Lets go of a file; the last user takes what is open on the server along, once that has all.
    pub(crate) fn release(self: &Arc<Self>, file: &Arc<OpenFile<S>>) {
        let mut nodes = self.nodes();
        {
            let mut state = file.state();
            state.users = state.users.saturating_sub(1);
            if state.users > 0 {
                return;
            }
            if !state.behind.is_empty() {
                // What was written to a mapping after the last close, say.
                state.users = 1;
                drop(state);
                let (core, file) = (Arc::clone(self), Arc::clone(file));
                self.runtime.spawn(async move {
                    let drained = core.drain(core.op(), &file, None).await;
                    if let Err(fault) = drained {
                        file.give_up(&fault);
                    }
                    core.release(&file);
                });
                return;
            }
        }
        let ours = nodes.file(file.number).is_some_and(|known| Arc::ptr_eq(&known, file));
        if ours {
            nodes.take_file(file.number);
        }
        drop(nodes);
        let (handle, aside) = {
            let mut state = file.state();
            (state.handle.take(), state.aside.take())
        };
        if let Some(name) = aside {
            let core = Arc::clone(self);
            self.runtime.spawn(async move { core.remove_aside(handle, &name).await });
        }
    }

    /// Lets go of a file for all its users: the mount ends.
    pub(crate) fn release_all(self: &Arc<Self>, file: &Arc<OpenFile<S>>) {
        file.give_up(&FaultKind::TimedOut.into());
        file.state().users = 1;
        self.release(file);
    }

    /// Returns where a file is on the server.
    pub(crate) fn place(&self, file: &OpenFile<S>) -> Option<RemotePath> {
        match file.aside() {
            Some(name) => self.aside.path(&name),
            None => self.nodes().path(file.number),
        }
    }

    /// Returns a handle on the server's side, opened (again) if need be.
    async fn acquire(
        self: &Arc<Self>,
        op: Op,
        file: &Arc<OpenFile<S>>,
        write: bool,
    ) -> Result<Arc<Handle<S>>, Fault> {
        match file.current(write) {
            Some(handle) => Ok(handle),
            None => Ok(self.open_handle(op, file, write, false).await?.0),
        }
    }

    async fn open_handle(
        self: &Arc<Self>,
        op: Op,
        file: &Arc<OpenFile<S>>,
        write: bool,
        truncate: bool,
    ) -> Result<(Arc<Handle<S>>, Attributes), Fault> {
        let _turn = op.wait(file.opening.lock()).await?;
        if let Some(handle) = file.current(write).filter(|_| !truncate) {
            let attributes = self.call(op, |_| self.share.attributes(handle.file())).await?;
            return Ok((handle, attributes));
        }
        let (write, id) = {
            let state = file.state();
            (write || state.writable, state.id)
        };
        let how = OpenHow { write, create: false, exclusive: false, truncate, mode: 0 };
        let mut asked = self.nodes().moment();
        let opened = loop {
            let path = self.place(file).ok_or_else(stale)?;
            match self.call(op, |_| self.share.open(&path, how)).await {
                Err(fault) if fault.kind == FaultKind::NotFound => {
                    // It may have been renamed while the server looked for it.
                    let mut nodes = self.nodes();
                    if !nodes.moved_since(asked) {
                        nodes.change(file.number);
                        return Err(fault);
                    }
                    asked = nodes.moment();
                }
                other => break other?,
            }
        };
        let attributes = opened.attributes;
        let handle = Arc::new(Handle::new(self, opened.file, write));
        if matches!((id, attributes.id), (Some(a), Some(b)) if a != b) {
            return Err(FaultKind::Changed.into());
        }
        let old = file.current(false);
        self.move_locks(op, file, old, &handle).await;
        file.take_handle(Arc::clone(&handle), &attributes);
        let mut nodes = self.nodes();
        nodes.refresh(file.number, attributes, asked);
        Ok((handle, attributes))
    }

    /// Makes a call on an open file, which is opened again if the server has lost it: as often as
    /// the connection breaks within the operation's time.
    pub(crate) async fn with_handle<T, F>(
        self: &Arc<Self>,
        op: Op,
        file: &Arc<OpenFile<S>>,
        write: bool,
        ask: impl Fn(Arc<Handle<S>>) -> F,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let mut in_vain = 0;
        loop {
            let connection = self.health.generation();
            let handle = self.acquire(op, file, write).await?;
            let moved = || self.share.moved(handle.file());
            let spooled = self.abilities.spooled;
            let moved: Option<&(dyn Fn() -> u64 + Send + Sync)> =
                if spooled { Some(&moved) } else { None };
            match self.call_while(op, |_| ask(Arc::clone(&handle)), moved).await {
                Err(fault) if fault.kind == FaultKind::HandleLost => {
                    file.lose(&handle);
                    let broken = self.health.generation() != connection;
                    in_vain = if broken { 0 } else { in_vain + 1 };
                    if in_vain == REOPENED {
                        return Err(Fault::new(
                            FaultKind::Lost,
                            "the file is lost again and again",
                        ));
                    }
                    if Instant::now() >= op.deadline {
                        return Err(Fault::new(FaultKind::TimedOut, "the connection breaks often"));
                    }
                }
                other => return other,
            }
        }
    }
}

/// A file whose name is gone, on a server that knows it by name only.
pub(crate) fn stale() -> Fault {
    Fault::new(FaultKind::NoName, "the file has no name any more")
}
