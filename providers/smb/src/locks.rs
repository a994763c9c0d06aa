//! Byte-range locks of one open file.
//!
//! The server's locks are not those of POSIX: they never merge, an exclusive one conflicts with a
//! shared one of the same file, a shared one keeps its own file from writing, and only a lock that
//! was made can be undone, whole. So we keep what this file holds, and turn a POSIX request into
//! unlocks and locks.

use std::sync::Arc;
use std::time::Duration;

use mpr_engine::{Fault, FaultKind, LockKind, LockRange};
use smb2::msg::lock::{LockElement, LockRequest};
use smb2::types::{Command, FileId};
use tokio::sync::{Mutex, oneshot};
use tokio::time::sleep;

use crate::link::{Link, joined};
use crate::status::{fault, was_not_locked};

const SHARED: u32 = 0x1;
const EXCLUSIVE: u32 = 0x2;
const UNLOCK: u32 = 0x4;
const FAIL_IMMEDIATELY: u32 = 0x10;

/// How often, and after which pauses, a lock is asked for again that was lifted.
const TRIES: usize = 40;
const AGAIN: Duration = Duration::from_millis(50);

/// A lock that the server holds for us: from, to (not with it), and whether exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    start: u64,
    end: u64,
    exclusive: bool,
}

/// What an open file holds.
#[derive(Default)]
pub(crate) struct Locks(Arc<Mutex<Vec<Held>>>);

impl Locks {
    /// Locks or unlocks a range, or leaves everything as it is (`WouldBlock`). It runs to its end
    /// even if nobody waits for it any more: what is held must be what we think is held.
    pub(crate) async fn change(
        &self,
        link: Arc<Link>,
        file: FileId,
        range: LockRange,
        kind: LockKind,
    ) -> Result<(), Fault> {
        let held = Arc::clone(&self.0);
        let task = async move {
            let mut held = held.lock().await;
            let plan = plan(&held, range, kind);
            apply(&link, file, &mut held, plan).await
        };
        joined(tokio::spawn(task).await)?
    }

    /// Does something while the shared locks of a range are lifted; they come back even if nobody
    /// waits for it any more.
    pub(crate) async fn without_shared<T>(
        &self,
        link: Arc<Link>,
        file: FileId,
        range: LockRange,
        act: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let held = Arc::clone(&self.0);
        let (lifted, ready) = oneshot::channel();
        let (acting, acted) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let mut held = held.lock().await;
            let locks = shared(&held, range);
            for lock in &locks {
                send(&link, file, &[*lock], |_| UNLOCK).await?;
                held.retain(|other| other != lock);
            }
            let _ = lifted.send(());
            // It is dropped when all is done, or when nobody waits.
            let _ = acted.await;
            take_back(&link, file, &mut held, locks).await
        });
        let result = match ready.await {
            Ok(()) => act.await,
            // The task says why.
            Err(_) => Err(FaultKind::InUse.into()),
        };
        drop(acting);
        joined(task.await)??;
        result
    }
}

/// Returns the shared locks that meet a range.
fn shared(held: &[Held], range: LockRange) -> Vec<Held> {
    let end = range.start.saturating_add(range.len);
    let meets = |lock: &&Held| !lock.exclusive && lock.start < end && range.start < lock.end;
    held.iter().filter(meets).copied().collect()
}

/// Takes lifted locks again. Somebody else may have locked the range meanwhile, for a while.
async fn take_back(
    link: &Link,
    file: FileId,
    held: &mut Vec<Held>,
    locks: Vec<Held>,
) -> Result<(), Fault> {
    if locks.is_empty() {
        return Ok(());
    }
    for _ in 0..TRIES {
        match send(link, file, &locks, |_| FAIL_IMMEDIATELY | SHARED).await {
            Ok(()) => {
                held.extend(locks);
                return Ok(());
            }
            Err(fault) if fault.kind == FaultKind::WouldBlock => sleep(AGAIN).await,
            Err(fault) => return Err(fault),
        }
    }
    Err(Fault::new(FaultKind::InUse, "a lock was lost that was lifted for a write"))
}

/// What has to be undone and what made, for a request.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    undo: Vec<Held>,
    make: Vec<Held>,
}

fn plan(held: &[Held], range: LockRange, kind: LockKind) -> Plan {
    let end = range.start.saturating_add(range.len);
    let wanted = match kind {
        LockKind::Unlock => None,
        kind => {
            Some(Held { start: range.start, end, exclusive: matches!(kind, LockKind::Exclusive) })
        }
    };
    let undo: Vec<Held> =
        held.iter().copied().filter(|lock| lock.start < end && range.start < lock.end).collect();
    let enough = |lock: &Held| {
        wanted.is_some_and(|wanted| {
            lock.exclusive == wanted.exclusive
                && lock.start <= wanted.start
                && wanted.end <= lock.end
        })
    };
    if undo.iter().any(enough) || (wanted.is_none() && undo.is_empty()) {
        return Plan::default();
    }
    let mut make: Vec<Held> = wanted.into_iter().collect();
    for lock in &undo {
        if lock.start < range.start {
            make.push(Held { end: range.start, ..*lock });
        }
        if end < lock.end {
            make.push(Held { start: end, ..*lock });
        }
    }
    Plan { undo, make }
}

async fn apply(link: &Link, file: FileId, held: &mut Vec<Held>, plan: Plan) -> Result<(), Fault> {
    for lock in &plan.undo {
        send(link, file, &[*lock], |_| UNLOCK).await?;
        held.retain(|other| other != lock);
    }
    if plan.make.is_empty() {
        return Ok(());
    }
    // The server makes all of them or none.
    let kind = |lock: &Held| FAIL_IMMEDIATELY | if lock.exclusive { EXCLUSIVE } else { SHARED };
    match send(link, file, &plan.make, kind).await {
        Ok(()) => {
            held.extend(plan.make);
            Ok(())
        }
        Err(refusal) => {
            if !plan.undo.is_empty() && send(link, file, &plan.undo, kind).await.is_ok() {
                held.extend(plan.undo);
            }
            Err(refusal)
        }
    }
}

async fn send(
    link: &Link,
    file: FileId,
    locks: &[Held],
    flags: impl Fn(&Held) -> u32,
) -> Result<(), Fault> {
    let element = |lock: &Held| LockElement {
        offset: lock.start,
        length: lock.end - lock.start,
        flags: flags(lock),
    };
    let unlocks = locks.iter().all(|lock| flags(lock) == UNLOCK);
    let locks = locks.iter().map(element).collect();
    let request = LockRequest { lock_sequence: 0, file_id: file, locks };
    let status = link.call(Command::Lock, request, 0).await?.header.status;
    if status.is_success() || (unlocks && was_not_locked(status)) {
        return Ok(());
    }
    let fault = fault(status);
    match fault.kind {
        FaultKind::InUse => Err(Fault::new(FaultKind::WouldBlock, fault.text)),
        _ => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(start: u64, end: u64, exclusive: bool) -> Held {
        Held { start, end, exclusive }
    }

    fn range(start: u64, len: u64) -> LockRange {
        LockRange { start, len }
    }

    #[test]
    fn only_shared_locks_that_meet_a_write_are_lifted() {
        let held = [lock(0, 10, false), lock(10, 20, true), lock(15, u64::MAX, false)];
        assert_eq!(shared(&held, range(5, 10)), [held[0]]);
        assert_eq!(shared(&held, range(12, 100)), [held[2]]);
        assert_eq!(shared(&held, range(10, 5)), []);
    }

    #[test]
    fn locks_become_what_posix_says() {
        let free: &[Held] = &[];
        let fresh = plan(free, range(10, 5), LockKind::Exclusive);
        assert_eq!(fresh, Plan { undo: vec![], make: vec![lock(10, 15, true)] });
        assert_eq!(plan(free, range(10, 5), LockKind::Unlock), Plan::default());
        let held = [lock(0, 100, false)];
        // What is held already is not asked for.
        assert_eq!(plan(&held, range(10, 5), LockKind::Shared), Plan::default());
        // A part of a lock changes kind, or goes.
        let rest = [lock(0, 10, false), lock(15, 100, false)];
        let change = plan(&held, range(10, 5), LockKind::Exclusive);
        assert_eq!(change.undo, held);
        assert_eq!(change.make, [&[lock(10, 15, true)], &rest[..]].concat());
        assert_eq!(plan(&held, range(10, 5), LockKind::Unlock).make, rest);
        // To the end of whatever comes.
        let all = plan(&held, range(50, u64::MAX), LockKind::Unlock);
        assert_eq!(all.make, [lock(0, 50, false)]);
        assert_eq!(plan(&held, range(100, 1), LockKind::Unlock), Plan::default());
    }
}
