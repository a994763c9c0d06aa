//! What all operations of a mount share: the share itself, deadlines, repeating, reconnecting.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout, timeout_at};

use crate::aside::Aside;
use crate::file::{Closing, OpenFile};
use crate::health::Health;
use crate::log::log;
use crate::nodes::Nodes;
use crate::space::SpaceCache;
use crate::{Abilities, Fault, FaultKind, Share};

/// How well a whole transfer must go on to be waited for: bytes in a second.
const GOING_WELL: u64 = 64 * 1024;

/// How long one attempt to connect anew may take: short ones, so that a server that is back is
/// found soon, and at times a long one for a server that is far away.
const SHORT_ATTEMPT: Duration = Duration::from_millis(2500);
const LONG_ATTEMPT: Duration = Duration::from_secs(10);

/// Longest pause between two attempts, and where the server does not let the user in.
const PAUSE: Duration = Duration::from_millis(500);
const LOGIN_PAUSE: Duration = Duration::from_secs(30);

/// One operation that somebody waits for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Op {
    /// When it is answered at the latest.
    pub(crate) deadline: Instant,
}

impl Op {
    /// Begins an operation.
    pub(crate) fn new(limit: Duration) -> Self {
        Self { deadline: Instant::now() + limit }
    }

    /// Waits for something local, no longer than the operation may take.
    pub(crate) async fn wait<T>(self, future: impl Future<Output = T>) -> Result<T, Fault> {
        let waited = timeout_at(self.deadline.into(), future).await;
        waited.map_err(|_| FaultKind::TimedOut.into())
    }
}

/// A mount, from the engine's side.
pub(crate) struct Core<S: Share> {
    pub(crate) share: Arc<S>,
    pub(crate) abilities: Abilities,
    pub(crate) limit: Duration,
    pub(crate) health: Health,
    pub(crate) space: SpaceCache,
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) closing: Closing,
    pub(crate) aside: Aside,
    nodes: Mutex<Nodes<OpenFile<S>>>,
    looking: AtomicBool,
    /// When the mount has ended at the latest, once it is ending.
    pub(crate) last_moment: OnceLock<Instant>,
}

impl<S: Share> Core<S> {
    /// Starts with a connected share; no operation takes longer than `limit`.
    pub(crate) fn new(share: S, limit: Duration, runtime: tokio::runtime::Handle) -> Arc<Self> {
        let abilities = share.abilities();
        Arc::new(Self {
            share: Arc::new(share),
            abilities,
            limit,
            health: Health::new(limit),
            space: SpaceCache::default(),
            runtime,
            closing: Closing::default(),
            aside: Aside::default(),
            nodes: Mutex::new(Nodes::new(abilities.ignores_case)),
            looking: AtomicBool::new(false),
            last_moment: OnceLock::new(),
        })
    }

    /// Begins an operation.
    pub(crate) fn op(&self) -> Op {
        Op::new(self.limit)
    }

    /// Returns the inode table; never held while anything is waited for.
    pub(crate) fn nodes(&self) -> MutexGuard<'_, Nodes<OpenFile<S>>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the share, again after a broken connection, until the operation's time is up.
    ///
    /// `ask` is told whether an earlier call, whose answer was lost, may have been carried out.
    pub(crate) async fn call<T, F>(
        self: &Arc<Self>,
        op: Op,
        mut ask: impl FnMut(bool) -> F,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        self.call_while(op, &mut ask, None).await
    }

    /// As [`Core::call`]; while `moved` grows well, the operation's time is not up.
    pub(crate) async fn call_while<T, F>(
        self: &Arc<Self>,
        op: Op,
        mut ask: impl FnMut(bool) -> F,
        moved: Option<&(dyn Fn() -> u64 + Send + Sync)>,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let mut op = op;
        let mut unsure = false;
        loop {
            let generation = self.health.ready(op.deadline).await?;
            let fault = match self.attempt(&mut op, generation, ask(unsure), moved).await {
                Ok(answer) => return Ok(answer),
                Err(fault) if !fault.kind.breaks() => return Err(fault),
                Err(fault) => fault,
            };
            if Instant::now() >= op.deadline {
                return Err(fault);
            }
            unsure |= fault.kind.unsure();
            // The share says that it is broken, or another connection took its place meanwhile.
            self.report(generation, fault.kind, Instant::now());
        }
    }

    /// Makes one call on one connection.
    async fn attempt<T>(
        self: &Arc<Self>,
        op: &mut Op,
        generation: u64,
        call: impl Future<Output = Result<T, Fault>>,
        moved: Option<&(dyn Fn() -> u64 + Send + Sync)>,
    ) -> Result<T, Fault> {
        let mut call = pin!(call);
        let mut replaced = pin!(self.health.replaced(generation));
        let mut either = pin!(poll_fn(|context| {
            if let Poll::Ready(answer) = call.as_mut().poll(context) {
                return Poll::Ready(answer);
            }
            // A call that belongs to an earlier connection may never be answered.
            replaced.as_mut().poll(context).map(|()| Err(FaultKind::Lost.into()))
        }));
        let mut seen = (Instant::now(), moved.map_or(0, |moved| moved()));
        let mut silent_since = seen.0;
        let patience = self.patience();
        loop {
            let look = (seen.0 + patience).min(op.deadline);
            if let Ok(answer) = timeout_at(look.into(), &mut either).await {
                return answer;
            }
            let now = Instant::now();
            if let Some(moved) = moved {
                let bytes = moved();
                let expected = GOING_WELL.saturating_mul((now - seen.0).as_millis() as u64) / 1000;
                if bytes.saturating_sub(seen.1) >= expected.max(1) {
                    op.deadline = op.deadline.max(now + self.limit);
                    silent_since = now;
                }
                seen.1 = bytes;
            }
            seen.0 = now;
            self.look(generation, silent_since);
            if now >= op.deadline {
                return Err(Fault::new(FaultKind::TimedOut, "no answer in time"));
            }
        }
    }

    /// How long a call goes on before it is found out whether the server answers at all.
    fn patience(&self) -> Duration {
        (self.limit / 4).clamp(Duration::from_millis(100), Duration::from_secs(4))
    }

    /// Finds out, in the background, whether the server answers, which has owed an answer since
    /// then; connects anew if not.
    fn look(self: &Arc<Self>, generation: u64, since: Instant) {
        if self.looking.swap(true, Ordering::AcqRel) {
            return;
        }
        let core = Arc::clone(self);
        self.runtime.spawn(async move {
            let answer = timeout(core.patience(), core.share.ping()).await;
            core.looking.store(false, Ordering::Release);
            match answer {
                Ok(Err(fault)) if fault.kind.breaks() => {
                    core.report(generation, fault.kind, since);
                }
                Err(_) => core.report(generation, FaultKind::TimedOut, since),
                Ok(_) => core.health.heard(),
            }
        });
    }

    /// Takes note of a broken connection, and starts making another.
    fn report(self: &Arc<Self>, generation: u64, kind: FaultKind, since: Instant) {
        // One that was just made and is broken already is not made anew in a tight loop.
        let young = self.health.age() < Duration::from_millis(200);
        if self.health.broken(generation, kind, since) {
            log(format_args!("the connection is broken: {kind:?}"));
            let core = Arc::clone(self);
            self.runtime.spawn(async move { core.reconnect(young).await });
        }
    }

    async fn reconnect(self: Arc<Self>, young: bool) {
        let mut pause = Duration::from_millis(if young { 100 } else { 10 });
        if young {
            sleep(pause).await;
        }
        for number in 1_u32.. {
            let limit = if number.is_multiple_of(3) { LONG_ATTEMPT } else { SHORT_ATTEMPT };
            let fault = match timeout(limit, self.share.reconnect()).await {
                Ok(Ok(())) => break,
                Ok(Err(fault)) => fault,
                Err(_) => FaultKind::TimedOut.into(),
            };
            if number == 1 {
                log(format_args!("connecting anew failed, trying on: {fault}"));
            }
            self.health.still_broken(fault.kind);
            sleep(pause).await;
            let most = if fault.kind == FaultKind::LoggedOut { LOGIN_PAUSE } else { PAUSE };
            pause = (pause * 2).min(most);
        }
        log(format_args!("connected anew"));
        self.health.renewed();
    }
}

impl<S: Share> std::fmt::Debug for Core<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("health", &self.health).finish_non_exhaustive()
    }
}
