//! A handle that is open on the server; dropped, it is closed in the background.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use crate::Share;
use crate::core::Core;

/// How long the server has to close a file, and how long that is waited for.
const CLOSE: Duration = Duration::from_secs(5);

/// An open file of the share's.
pub(crate) struct Handle<S: Share> {
    /// `None` only while it is dropped.
    file: Option<S::File>,
    pub(crate) write: bool,
    core: Arc<Core<S>>,
}

impl<S: Share> Handle<S> {
    pub(crate) fn new(core: &Arc<Core<S>>, file: S::File, write: bool) -> Self {
        Self { file: Some(file), write, core: Arc::clone(core) }
    }

    /// Returns the share's file.
    #[allow(clippy::expect_used, reason = "it is taken by `drop` alone")]
    pub(crate) fn file(&self) -> &S::File {
        self.file.as_ref().expect("an open handle has a file")
    }
}

impl<S: Share> Drop for Handle<S> {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            let core = Arc::clone(&self.core);
            core.closing.begin();
            let runtime = core.runtime.clone();
            runtime.spawn(async move {
                let _ = timeout(CLOSE, core.share.close(file)).await;
                core.closing.end();
            });
        }
    }
}

/// Files that are being closed: until the server has closed them it may refuse to remove them.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    count: AtomicUsize,
    ended: Notify,
}

impl Closing {
    fn begin(&self) {
        self.count.fetch_add(1, Ordering::AcqRel);
    }

    fn end(&self) {
        if self.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.ended.notify_waiters();
        }
    }

    /// Waits until all are closed; each has its limit.
    pub(crate) async fn settle(&self) {
        let settled = async {
            loop {
                let ended = self.ended.notified();
                if self.count.load(Ordering::Acquire) == 0 {
                    return;
                }
                ended.await;
            }
        };
        let _ = timeout(CLOSE, settled).await;
    }
}
