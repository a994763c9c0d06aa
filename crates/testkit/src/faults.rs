//! Switches that make a server misbehave while it runs.

use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;

/// What is wrong with a server; nothing at first.
#[derive(Debug)]
pub struct Faults {
    frozen: watch::Sender<bool>,
    delay: AtomicU64,
    put_status: AtomicU16,
    readonly: AtomicBool,
    requests: AtomicUsize,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            frozen: watch::Sender::new(false),
            delay: AtomicU64::new(0),
            put_status: AtomicU16::new(0),
            readonly: AtomicBool::new(false),
            requests: AtomicUsize::new(0),
        }
    }
}

impl Faults {
    /// Stops answering, or goes on: connections are accepted and requests read, as by a server
    /// that was sent SIGSTOP.
    pub fn freeze(&self, frozen: bool) {
        self.frozen.send_replace(frozen);
    }

    /// Answers so much later.
    pub fn delay(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.delay.store(millis, Ordering::Relaxed);
    }

    /// Answers every PUT with this status (507: disk full), or serves it again with `None`.
    pub fn refuse_put(&self, status: Option<u16>) {
        self.put_status.store(status.unwrap_or(0), Ordering::Relaxed);
    }

    /// Answers everything that would change something with 403.
    pub fn readonly(&self, readonly: bool) {
        self.readonly.store(readonly, Ordering::Relaxed);
    }

    /// Returns how many requests have arrived.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// Waits as the faults say, and returns the status to refuse with, if any.
    pub(crate) async fn meet(&self, method: &str) -> Option<u16> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let delay = self.delay.load(Ordering::Relaxed);
        if delay > 0 {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.frozen.subscribe().wait_for(|frozen| !frozen).await;
        let put_status = self.put_status.load(Ordering::Relaxed);
        if method == "PUT" && put_status != 0 {
            return Some(put_status);
        }
        let reads = matches!(method, "GET" | "HEAD" | "OPTIONS" | "PROPFIND");
        (self.readonly.load(Ordering::Relaxed) && !reads).then_some(403)
    }
}
