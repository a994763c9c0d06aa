//! Removing files and directories.

use std::sync::Arc;
use std::time::Duration;

use crate::core::{Core, Op};
use crate::{Fault, FaultKind, RemotePath, Share};

/// How long the removal of a directory waits for what is hidden in it.
const HIDDEN: Duration = Duration::from_secs(1);

impl<S: Share> Core<S> {
    /// Removes a file or link; who has it open keeps it.
    pub(crate) async fn unlink(
        self: &Arc<Self>,
        op: Op,
        parent: u64,
        name: &[u8],
    ) -> Result<(), Fault> {
        let path = self.child_path(parent, name)?;
        if !self.put_aside(op, parent, name, &path).await? {
            let share = &self.share;
            let removed = self.call(op, |unsure| {
                let path = &path;
                async move { forgive(unsure, share.remove_file(path).await) }
            });
            removed.await?;
            self.nodes().remove_name(parent, name);
        }
        Ok(())
    }

    /// Removes an empty directory.
    pub(crate) async fn remove_directory(
        self: &Arc<Self>,
        op: Op,
        parent: u64,
        name: &[u8],
    ) -> Result<(), Fault> {
        let path = self.child_path(parent, name)?;
        self.settle_closing(op).await?;
        // A file that was just removed may be still there, hidden, until the kernel says that
        // nobody has it open any more.
        let _ = tokio::time::timeout(HIDDEN, self.aside.settle(Some(&path))).await;
        let share = &self.share;
        let removed = self.call(op, |unsure| {
            let path = &path;
            async move { forgive(unsure, share.remove_directory(path).await) }
        });
        removed.await?;
        self.nodes().remove_name(parent, name);
        Ok(())
    }

    /// Gives an open file that is about to lose its name another one, where the server cannot keep
    /// it without. True if that was needed: then the old name is free.
    pub(super) async fn put_aside(
        self: &Arc<Self>,
        op: Op,
        parent: u64,
        name: &[u8],
        path: &RemotePath,
    ) -> Result<bool, Fault> {
        self.settle_closing(op).await?;
        let open = {
            let nodes = self.nodes();
            nodes.find(parent, name).and_then(|number| nodes.file(number))
        };
        let Some(file) = open.filter(|file| file.in_use()) else { return Ok(false) };
        let Some(directory) = path.parent().filter(|_| !file.outlives_its_name(&self.share)) else {
            return Ok(false);
        };
        let hold = self.hold(file.number);
        let new = self.aside.invent(&directory);
        let share = &self.share;
        let renamed = self.call(op, |unsure| {
            let new = &new;
            async move { forgive(unsure, share.rename(path, new, false).await) }
        });
        if let Err(fault) = renamed.await {
            self.aside.forget(new.name());
            // What keeps content by itself does so then, at the price of fetching it.
            let can = self.abilities.unlink_open && !fault.kind.breaks();
            return if can { Ok(false) } else { Err(fault) };
        }
        file.renamed(&self.share, &new);
        file.set_aside(new.name());
        self.nodes().remove_name(parent, name);
        drop(hold);
        Ok(true)
    }

    /// Waits for files that are being closed: the server would refuse to remove them.
    async fn settle_closing(&self, op: Op) -> Result<(), Fault> {
        if self.abilities.unlink_open { Ok(()) } else { op.wait(self.closing.settle()).await }
    }
}

/// What is missing on the second try was removed by the first, whose answer was lost.
fn forgive(unsure: bool, result: Result<(), Fault>) -> Result<(), Fault> {
    match result {
        Err(fault) if unsure && fault.kind == FaultKind::NotFound => Ok(()),
        other => other,
    }
}
