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
    /// What is taken of an upload of unknown length: all, with `usize::MAX`.
    chunked_limit: AtomicUsize,
    chunked_status: AtomicU16,
    requests: AtomicUsize,
    reads: AtomicUsize,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            frozen: watch::Sender::new(false),
            delay: AtomicU64::new(0),
            put_status: AtomicU16::new(0),
            readonly: AtomicBool::new(false),
            chunked_limit: AtomicUsize::new(usize::MAX),
            chunked_status: AtomicU16::new(0),
            reads: AtomicUsize::new(0),
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

    /// Takes so many bytes of a PUT of unknown length and answers with this status then, the rest
    /// being still under way (411 after none: a length is wanted).
    pub fn refuse_chunked_put(&self, after: usize, status: u16) {
        self.chunked_status.store(status, Ordering::Relaxed);
        self.chunked_limit.store(after, Ordering::Relaxed);
    }

    /// Returns how much of an upload of unknown length is taken, and what is said then; `None`
    /// takes it all.
    pub(crate) fn chunked_put(&self) -> Option<(usize, u16)> {
        let limit = self.chunked_limit.load(Ordering::Relaxed);
        (limit < usize::MAX).then(|| (limit, self.chunked_status.load(Ordering::Relaxed)))
    }

    /// Returns how many requests for content have arrived.
    pub fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }

    /// Returns how many requests have arrived.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// Waits as the faults say, and returns the status to refuse with, if any.
    pub(crate) async fn meet(&self, method: &str) -> Option<u16> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if method == "GET" {
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
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
