//! Byte-range locks: who holds what here, and what the server holds for all of them together.
//!
//! The server knows one open file and tells other machines apart, not our programs. What they hold
//! among themselves is kept here.

use std::sync::Arc;
use std::time::Duration;

use super::{Handle, OpenFile, stale};
use crate::core::{Core, Op};
use crate::log::log;
use crate::{Fault, FaultKind, LockKind, LockRange, Share};

/// How often a lock is asked for again that somebody else holds.
const AGAIN: Duration = Duration::from_millis(50);

/// A lock that a program holds: from `start`, up to and without `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) owner: u64,
    pub(crate) pid: u32,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) exclusive: bool,
}

impl Held {
    fn meets(&self, start: u64, end: u64) -> bool {
        self.start < end && start < self.end
    }

    fn range(&self) -> LockRange {
        range(self.start, self.end)
    }

    fn kind(&self) -> LockKind {
        if self.exclusive { LockKind::Exclusive } else { LockKind::Shared }
    }
}

fn range(start: u64, end: u64) -> LockRange {
    LockRange { start, len: if end == u64::MAX { u64::MAX } else { end - start } }
}

/// The locks of one file.
#[derive(Debug, Default)]
pub(super) struct Locks(Vec<Held>);

impl Locks {
    /// Returns a lock of somebody else's that keeps one from being had.
    fn conflict(&self, wanted: &Held) -> Option<Held> {
        let against = |held: &&Held| {
            held.owner != wanted.owner
                && held.meets(wanted.start, wanted.end)
                && (held.exclusive || wanted.exclusive)
        };
        self.0.iter().find(against).copied()
    }

    /// Takes what an owner holds of a range away.
    fn remove(&mut self, owner: u64, start: u64, end: u64) {
        let mut left = Vec::with_capacity(self.0.len() + 1);
        for held in self.0.drain(..) {
            if held.owner != owner || !held.meets(start, end) {
                left.push(held);
                continue;
            }
            if held.start < start {
                left.push(Held { end: start, ..held });
            }
            if held.end > end {
                left.push(Held { start: end, ..held });
            }
        }
        self.0 = left;
    }

    /// Gives an owner a lock, in the place of what it held of that range.
    fn insert(&mut self, new: Held) {
        self.remove(new.owner, new.start, new.end);
        self.0.push(new);
    }

    /// Returns the parts of a range that an owner alone holds.
    fn alone(&self, owner: u64, start: u64, end: u64) -> Vec<(u64, u64)> {
        let own = self.0.iter().filter(|held| held.owner == owner && held.meets(start, end));
        let mut parts: Vec<(u64, u64)> =
            own.map(|held| (held.start.max(start), held.end.min(end))).collect();
        for other in self.0.iter().filter(|held| held.owner != owner) {
            let without = |(from, upto): (u64, u64)| {
                let before = (from, upto.min(other.start.max(from)));
                let after = (from.max(other.end.min(upto)), upto);
                if other.meets(from, upto) { vec![before, after] } else { vec![(from, upto)] }
            };
            parts = parts.into_iter().flat_map(without).filter(|(from, to)| from < to).collect();
        }
        parts
    }
}

impl<S: Share> OpenFile<S> {
    /// Tells whether anybody holds anything.
    pub(crate) fn is_locked(&self) -> bool {
        !self.state().locks.0.is_empty()
    }

    /// Tells whether an owner holds anything.
    pub(super) fn holds(&self, owner: u64) -> bool {
        self.state().locks.0.iter().any(|held| held.owner == owner)
    }
}

impl<S: Share> Core<S> {
    /// Returns a lock that keeps another from being had, as far as is known here.
    pub(crate) fn lock_conflict(&self, number: u64, wanted: &Held) -> Option<Held> {
        self.nodes().file(number)?.state().locks.conflict(wanted)
    }

    /// Locks a range for an owner, at once or, with `wait`, when that is possible.
    pub(crate) async fn lock(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        wanted: Held,
        wait: bool,
    ) -> Result<(), Fault> {
        let file = self.nodes().file(number).ok_or_else(stale)?;
        loop {
            match self.try_lock(op, &file, wanted).await {
                Err(fault) if wait && fault.kind == FaultKind::WouldBlock => {
                    op.wait(tokio::time::sleep(AGAIN)).await?;
                }
                other => return other,
            }
        }
    }

    async fn try_lock(
        self: &Arc<Self>,
        op: Op,
        file: &Arc<OpenFile<S>>,
        wanted: Held,
    ) -> Result<(), Fault> {
        let _turn = op.wait(file.locking.lock()).await?;
        if file.state().locks.conflict(&wanted).is_some() {
            return Err(FaultKind::WouldBlock.into());
        }
        self.lock_on_server(op, file, wanted.range(), wanted.kind()).await?;
        file.state().locks.insert(wanted);
        Ok(())
    }

    /// Lets go of what an owner holds of a range.
    pub(crate) async fn unlock(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        owner: u64,
        start: u64,
        end: u64,
    ) -> Result<(), Fault> {
        let Some(file) = self.nodes().file(number) else { return Ok(()) };
        if !file.holds(owner) {
            return Ok(());
        }
        let _turn = op.wait(file.locking.lock()).await?;
        let parts = file.state().locks.alone(owner, start, end);
        // Gone here whatever the server says: it lets go of all when the file is closed.
        file.state().locks.remove(owner, start, end);
        for (start, end) in parts {
            self.lock_on_server(op, &file, range(start, end), LockKind::Unlock).await?;
        }
        Ok(())
    }

    async fn lock_on_server(
        self: &Arc<Self>,
        op: Op,
        file: &Arc<OpenFile<S>>,
        range: LockRange,
        kind: LockKind,
    ) -> Result<(), Fault> {
        let locked = self.with_handle(op, file, false, |handle| {
            let share = Arc::clone(&self.share);
            async move { share.lock(handle.file(), range, kind).await }
        });
        locked.await
    }

    /// Takes the locks of a file along to another handle of it. What somebody else has taken
    /// meanwhile is lost, and who held it is told at its next write or `fsync`.
    pub(super) async fn move_locks(
        self: &Arc<Self>,
        op: Op,
        file: &Arc<OpenFile<S>>,
        old: Option<Arc<Handle<S>>>,
        new: &Arc<Handle<S>>,
    ) {
        let held = file.state().locks.0.clone();
        if held.is_empty() {
            return;
        }
        if let Some(old) = old {
            let everything = range(0, u64::MAX);
            let freed = self.share.lock(old.file(), everything, LockKind::Unlock);
            let _ = op.wait(freed).await;
        }
        for lock in held {
            let again = self.share.lock(new.file(), lock.range(), lock.kind());
            let fault = match op.wait(again).await {
                Ok(Ok(())) => continue,
                Ok(Err(fault)) | Err(fault) => fault,
            };
            log(format_args!("a lock was lost with the connection: {fault}"));
            let mut state = file.state();
            state.locks.remove(lock.owner, lock.start, lock.end);
            state.failure = Some(Fault::new(FaultKind::HandleLost, "a lock was lost"));
            state.failures += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(owner: u64, start: u64, end: u64, exclusive: bool) -> Held {
        Held { owner, pid: 1, start, end, exclusive }
    }

    #[test]
    fn owners_conflict_with_others_only() {
        let mut locks = Locks::default();
        locks.insert(held(1, 0, 10, true));
        assert!(locks.conflict(&held(2, 9, 20, false)).is_some());
        assert!(locks.conflict(&held(2, 10, 20, true)).is_none());
        assert!(locks.conflict(&held(1, 0, 20, true)).is_none());
        locks.insert(held(1, 0, 10, false));
        assert!(locks.conflict(&held(2, 0, 10, false)).is_none());
    }

    #[test]
    fn parts_are_taken_out_of_the_middle() {
        let mut locks = Locks::default();
        locks.insert(held(1, 0, u64::MAX, false));
        locks.remove(1, 10, 20);
        assert_eq!(locks.0, [held(1, 0, 10, false), held(1, 20, u64::MAX, false)]);
        locks.insert(held(2, 5, 30, false));
        assert_eq!(locks.alone(1, 0, 40), [(0, 5), (30, 40)]);
        assert_eq!(locks.alone(2, 0, 40), [(10, 20)]);
    }
}
