//! What a mount does by itself, and how it ends.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::timeout_at;

use crate::Share;
use crate::core::{Core, Op};
use crate::log::log;

/// How long the end of a mount may take in all, and what its last two steps keep of that: closing
/// and removing what is open on the server, and saying goodbye.
const LAST: Duration = Duration::from_secs(20);
const CLOSING: Duration = Duration::from_secs(3);
const GOODBYE: Duration = Duration::from_secs(2);

/// How often what nobody may believe any more is let go of.
const CLEANING: Duration = Duration::from_secs(3);

impl<S: Share> Core<S> {
    /// Lets go of what is out of date, now and then.
    pub(crate) async fn keep_house(self: Arc<Self>) {
        let core = Arc::downgrade(&self);
        drop(self);
        loop {
            tokio::time::sleep(CLEANING).await;
            let Some(core) = core.upgrade() else { return };
            core.nodes().drop_stale_listings();
        }
    }

    /// Returns when the mount has ended at the latest; its end begins with the first question.
    pub(crate) fn last_moment(&self) -> Instant {
        *self.last_moment.get_or_init(|| Instant::now() + LAST)
    }

    /// Gives the server everything it does not have, as long as the end of the mount allows.
    pub(crate) async fn store_all(self: &Arc<Self>) {
        if self.abilities.spooled {
            // A spool stores what it holds when it leaves, and keeps what the server will not take.
            return;
        }
        let op = Op { deadline: self.last_moment() - CLOSING - GOODBYE };
        let files = self.nodes().files();
        let mut tasks = Vec::new();
        for (number, _) in files {
            let core = Arc::clone(self);
            tasks.push((
                number,
                self.runtime.spawn(async move { core.flush(op, number, false).await }),
            ));
        }
        for (number, task) in tasks {
            match timeout_at(op.deadline.into(), task).await {
                Ok(Ok(Ok(()))) => {}
                Ok(Ok(Err(fault))) => log(format_args!("file {number} was not stored: {fault}")),
                _ => log(format_args!("file {number} was not stored in time")),
            }
        }
    }

    /// Ends: stores everything, closes what is open on the server, removes what is hidden there.
    ///
    /// With [`Core::leave`] all steps share one limit; what one leaves of its part is the next one's.
    pub(crate) async fn end(self: &Arc<Self>) {
        self.store_all().await;
        // Not in the loop's head: the table would stay locked to its end.
        let files = self.nodes().files();
        for (_, file) in files {
            self.release_all(&file);
        }
        let closed = async {
            self.closing.settle().await;
            self.aside.settle(None).await;
        };
        let _ = timeout_at((self.last_moment() - GOODBYE).into(), closed).await;
    }

    /// Says goodbye to the server; a spool offers what it would not take before.
    pub(crate) async fn leave(&self) {
        let _ = timeout_at(self.last_moment().into(), self.share.leave()).await;
    }
}
