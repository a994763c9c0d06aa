//! What can go wrong with a server, on demand.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mpr_engine::{Fault, FaultKind};
use tokio::sync::watch;

/// The faults of one server; all off at first.
#[derive(Debug)]
pub(crate) struct Faults {
    silent: watch::Sender<bool>,
    /// Nobody listens: connecting anew is refused.
    away: AtomicBool,
    /// Counts connections; calls on an earlier one are lost.
    connection: AtomicU64,
    /// Whether there is a connection.
    cut: AtomicBool,
    lost_answers: AtomicUsize,
    /// As many of a kind of call.
    lossy: Mutex<HashMap<&'static str, usize>>,
    delay: Mutex<Duration>,
    refusals: Mutex<HashMap<&'static str, FaultKind>>,
    /// Refused as many times only.
    refused_soon: Mutex<HashMap<&'static str, (FaultKind, usize)>>,
    /// Calls that are never answered, while all others are.
    unanswered: Mutex<HashSet<&'static str>>,
    calls: Mutex<HashMap<&'static str, usize>>,
    forgets_handles: AtomicBool,
    /// Files that are open.
    pub(crate) open: AtomicUsize,
    guards_directories: AtomicBool,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            silent: watch::Sender::new(false),
            away: AtomicBool::new(false),
            connection: AtomicU64::new(0),
            cut: AtomicBool::new(false),
            lost_answers: AtomicUsize::new(0),
            lossy: Mutex::default(),
            delay: Mutex::default(),
            refusals: Mutex::default(),
            refused_soon: Mutex::default(),
            unanswered: Mutex::default(),
            calls: Mutex::default(),
            forgets_handles: AtomicBool::new(true),
            open: AtomicUsize::new(0),
            guards_directories: AtomicBool::new(false),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[allow(dead_code, reason = "each user needs some of them")]
impl Faults {
    /// Makes the server fall silent, or speak again.
    pub(crate) fn silence(&self, on: bool) {
        self.silent.send_replace(on);
    }

    /// Ends the connection; the server can be reached again.
    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }

    /// Ends the connection and keeps others from being made, until it is back.
    pub(crate) fn go_away(&self, on: bool) {
        self.away.store(on, Ordering::SeqCst);
        if on {
            self.cut();
        }
    }

    /// Carries out the next calls, but loses the connection instead of their answers.
    pub(crate) fn lose_answers(&self, count: usize) {
        self.lost_answers.store(count, Ordering::SeqCst);
    }

    /// As [`Faults::lose_answers`], of one kind of call.
    pub(crate) fn lose_answers_to(&self, call: &'static str, count: usize) {
        lock(&self.lossy).insert(call, count);
    }

    /// Delays each call.
    pub(crate) fn delay(&self, delay: Duration) {
        *lock(&self.delay) = delay;
    }

    /// Refuses a kind of call.
    pub(crate) fn refuse(&self, call: &'static str, kind: Option<FaultKind>) {
        let mut refusals = lock(&self.refusals);
        match kind {
            Some(kind) => refusals.insert(call, kind),
            None => refusals.remove(call),
        };
    }

    /// Refuses the next calls of a kind.
    pub(crate) fn refuse_next(&self, call: &'static str, kind: FaultKind, count: usize) {
        lock(&self.refused_soon).insert(call, (kind, count));
    }

    /// Never answers a kind of call, from now on.
    pub(crate) fn leave_unanswered(&self, call: &'static str) {
        lock(&self.unanswered).insert(call);
    }

    /// Refuses to rename directories while files are open, as Windows does.
    pub(crate) fn guard_directories(&self) {
        self.guards_directories.store(true, Ordering::SeqCst);
    }

    /// Tells whether a directory may be renamed.
    pub(crate) fn let_directories_move(&self) -> bool {
        !self.guards_directories.load(Ordering::SeqCst) || self.open.load(Ordering::SeqCst) == 0
    }

    /// Returns how often a kind of call was made.
    pub(crate) fn calls(&self, call: &'static str) -> usize {
        lock(&self.calls).get(call).copied().unwrap_or_default()
    }

    /// Returns the number of the connection.
    pub(crate) fn connection(&self) -> u64 {
        self.connection.load(Ordering::SeqCst)
    }

    /// Tells whether files opened on an earlier connection are lost.
    pub(crate) fn forgets_handles(&self) -> bool {
        self.forgets_handles.load(Ordering::SeqCst)
    }

    /// Comes before a call.
    pub(crate) async fn before(&self, call: &'static str) -> Result<(), Fault> {
        *lock(&self.calls).entry(call).or_default() += 1;
        let connection = self.connection();
        self.speaking().await;
        let unanswered = lock(&self.unanswered).contains(call);
        if unanswered {
            std::future::pending::<()>().await;
        }
        let delay = *lock(&self.delay);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        if self.cut.load(Ordering::SeqCst) || connection != self.connection() {
            return Err(Fault::new(FaultKind::Lost, "the connection was cut"));
        }
        let soon = lock(&self.refused_soon).get_mut(call).and_then(|(kind, count)| {
            *count = count.checked_sub(1)?;
            Some(*kind)
        });
        match soon.or_else(|| lock(&self.refusals).get(call).copied()) {
            Some(kind) => Err(Fault::new(kind, "refused on demand")),
            None => Ok(()),
        }
    }

    /// Comes after a call: its answer may be lost.
    pub(crate) fn after<T>(
        &self,
        call: &'static str,
        answer: Result<T, Fault>,
    ) -> Result<T, Fault> {
        let lose = |left: usize| left.checked_sub(1);
        let lossy = {
            let mut lossy = lock(&self.lossy);
            let left = lossy.get(call).copied().and_then(lose);
            left.map(|left| lossy.insert(call, left)).is_some()
        };
        if lossy || self.lost_answers.fetch_update(Ordering::SeqCst, Ordering::SeqCst, lose).is_ok()
        {
            self.cut();
            return Err(Fault::new(FaultKind::Lost, "the answer was lost"));
        }
        answer
    }

    async fn speaking(&self) {
        let mut silent = self.silent.subscribe();
        let _ = silent.wait_for(|silent| !silent).await;
    }

    /// Connects anew.
    pub(crate) async fn reconnect(&self) -> Result<(), Fault> {
        *lock(&self.calls).entry("reconnect").or_default() += 1;
        if self.away.load(Ordering::SeqCst) {
            return Err(Fault::new(FaultKind::Unreachable, "nobody listens"));
        }
        self.speaking().await;
        self.connection.fetch_add(1, Ordering::SeqCst);
        self.cut.store(false, Ordering::SeqCst);
        Ok(())
    }
}
