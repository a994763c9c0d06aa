//! Restoring remembered connections side by side, so that it takes as long as the slowest (§6).

use std::sync::Arc;

use mpr_core::{Error, RememberedConnection, Router, Trace};

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
    let restore = &restore;
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            entries.into_iter().map(|entry| scope.spawn(move || restore(entry))).collect();
        threads
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(restored) => restored,
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}
