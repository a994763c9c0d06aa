//! Restoring remembered connections side by side, so that it takes as long as the slowest (§6).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mpr_core::{Availability, Error, RememberedConnection, Router, Trace};

/// Most connections that are restored at the same time.
const MOST_THREADS: usize = 32;
/// How long a provider may take to start that does not know (`npapi.md` §2.2).
const UNKNOWN_START: Duration = Duration::from_secs(60);

/// Waits for the providers that are starting, as long as the slowest says it takes.
///
/// `restore_timeout` replaces the time of those who do not know, and is the least that is waited
/// in all (`RestoreTimeout`). Nobody starting: no waiting.
pub fn await_providers(router: &Router, restore_timeout: Option<Duration>) {
    let pending = |limit: &mut Option<Duration>| {
        for provider in router.providers() {
            let Availability::Pending(says) = provider.availability() else { continue };
            let unknown = restore_timeout.unwrap_or(UNKNOWN_START);
            let takes = says.map_or(unknown, |millis| Duration::from_millis(millis.into()));
            *limit = Some(limit.map_or(takes, |limit| limit.max(takes)));
        }
    };
    let mut limit = None;
    pending(&mut limit);
    let Some(limit) = limit else { return };
    let limit = limit.max(restore_timeout.unwrap_or_default());
    let began = Instant::now();
    while began.elapsed() < limit {
        let mut still = None;
        pending(&mut still);
        if still.is_none() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What became of one remembered connection.
#[derive(Debug)]
pub struct Restored {
    /// The entry.
    pub entry: RememberedConnection,
    /// The place of the provider that connected it, or why it is not connected.
    pub result: Result<usize, Error>,
}

/// Restores the given entries at the same time, and reports them in their order.
///
/// `trace` and `done` are called on the restoring threads, one pair for each entry.
/// `interactive`: providers may ask the user. Nobody is notified (U10).
pub fn restore_all<T: Trace>(
    router: &Arc<Router>,
    entries: Vec<RememberedConnection>,
    interactive: bool,
    trace: impl Fn(&RememberedConnection) -> T + Sync,
    done: impl Fn(&Restored, T) + Sync,
) -> Vec<Restored> {
    let restore = |entry: RememberedConnection| {
        let mut steps = trace(&entry);
        let local = entry.local.as_wide();
        let result = router.restore_connection(local, interactive, &mut steps);
        let restored = Restored { entry, result };
        done(&restored, steps);
        restored
    };
    // A bounded number of threads, each taking the next entry; what no thread can be had for, the
    // caller's own does.
    let count = entries.len();
    let queue = Mutex::new(entries.into_iter().enumerate());
    let results = Mutex::new(Vec::with_capacity(count));
    let work = || {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((place, entry)) = next else { return };
            let restored = restore(entry);
            results.lock().unwrap_or_else(PoisonError::into_inner).push((place, restored));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..count.min(MOST_THREADS) {
            let _ = std::thread::Builder::new().spawn_scoped(scope, work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, restored)| restored).collect()
}
