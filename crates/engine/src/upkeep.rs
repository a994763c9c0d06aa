//! What a mount does by itself, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use crate::Share;
use crate::core::{Core, Op};
use crate::log::log;

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

    /// Gives the server everything it does not have, until the time is up.
    pub(crate) async fn store_all(self: &Arc<Self>, limit: Duration) {
        let op = Op::new(limit);
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
            match tokio::time::timeout_at(op.deadline.into(), task).await {
                Ok(Ok(Ok(()))) => {}
                Ok(Ok(Err(fault))) => log(format_args!("file {number} was not stored: {fault}")),
                _ => log(format_args!("file {number} was not stored in time")),
            }
        }
    }

    /// Ends: stores everything, and closes what is open on the server.
    pub(crate) async fn end(self: &Arc<Self>, limit: Duration) {
        self.store_all(limit).await;
        // Not in the loop's head: the table would stay locked to its end.
        let files = self.nodes().files();
        for (_, file) in files {
            self.release_all(&file);
        }
        self.closing.settle().await;
    }
}
