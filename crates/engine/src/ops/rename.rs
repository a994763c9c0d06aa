//! Renaming, over an existing file or an empty directory unless it says otherwise.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::core::{Core, Op};
use crate::{Fault, FaultKind, RemotePath, Share};

/// How many milliseconds are waited before a directory is renamed again whose open files we have
/// let go of: who looks at a file there has it open, too, for a moment.
const PAUSES: [u64; 5] = [0, 30, 100, 300, 600];

impl<S: Share> Core<S> {
    /// Renames.
    pub(crate) async fn rename(
        self: &Arc<Self>,
        op: Op,
        from: (u64, &[u8]),
        to: (u64, &[u8]),
        replace: bool,
    ) -> Result<(), Fault> {
        let (source, target) = (self.child_path(from.0, from.1)?, self.child_path(to.0, to.1)?);
        if source == target {
            return Ok(());
        }
        let same = {
            let nodes = self.nodes();
            let (moving, there) = (nodes.find(from.0, from.1), nodes.find(to.0, to.1));
            if let Some(moving) = moving
                && nodes.is_within(to.0, moving)
            {
                return Err(FaultKind::BadName.into());
            }
            moving.is_some() && moving == there
        };
        if replace && !same {
            self.put_aside(op, to.0, to.1, &target).await?;
        }
        let mut pauses = PAUSES.iter();
        while let Err(fault) = self.ask_rename(op, &source, &target, replace).await {
            let refused = matches!(fault.kind, FaultKind::Denied | FaultKind::InUse);
            if !refused || !self.let_go_below(op, from, &source).await? {
                return Err(fault);
            }
            // Once without a pause: mostly it was we who had something open.
            let Some(pause) = pauses.next() else { return Err(fault) };
            op.wait(sleep(Duration::from_millis(*pause))).await?;
        }
        self.aside.renamed(&source, &target);
        let moved = {
            let mut nodes = self.nodes();
            nodes.rename(from, to);
            let number = nodes.find(to.0, to.1);
            let files = nodes.files();
            let moved = |number: u64| {
                files
                    .into_iter()
                    .filter(|(open, _)| nodes.is_within(*open, number))
                    .filter_map(|(open, file)| Some((nodes.path(open)?, file)))
                    .collect()
            };
            let moved: Vec<_> = number.map(moved).unwrap_or_default();
            moved
        };
        for (path, file) in moved {
            file.renamed(&self.share, &path);
        }
        Ok(())
    }

    async fn ask_rename(
        self: &Arc<Self>,
        op: Op,
        source: &RemotePath,
        target: &RemotePath,
        replace: bool,
    ) -> Result<(), Fault> {
        let share = &self.share;
        let renamed = self.call(op, |unsure| async move {
            match share.rename(source, target, replace).await {
                // The first try, whose answer was lost, has done it.
                Err(fault) if unsure && fault.kind == FaultKind::NotFound => {
                    share.stat(target).await.map(drop).map_err(|_| fault)
                }
                other => other,
            }
        });
        renamed.await
    }

    /// Closes on the server what is open below a directory, where that keeps it from being renamed;
    /// it is opened again by its new name. False if nothing is, or if a lock would be let go of.
    async fn let_go_below(
        self: &Arc<Self>,
        op: Op,
        from: (u64, &[u8]),
        source: &RemotePath,
    ) -> Result<bool, Fault> {
        if self.abilities.unlink_open {
            return Ok(false);
        }
        let below: Vec<_> = {
            let nodes = self.nodes();
            let moving = nodes.find(from.0, from.1);
            let files = nodes.files().into_iter();
            files
                .filter(|(number, file)| {
                    let hidden = file.aside().and_then(|name| self.aside.path(&name));
                    *number != moving.unwrap_or_default()
                        && match hidden {
                            Some(path) => path.moved(source, source).is_some(),
                            None => moving.is_some_and(|moving| nodes.is_within(*number, moving)),
                        }
                })
                .map(|(_, file)| file)
                .collect()
        };
        if below.is_empty() || below.iter().any(|file| file.is_locked()) {
            return Ok(false);
        }
        for file in below {
            self.store_and_let_go(op, &file).await?;
        }
        op.wait(self.closing.settle()).await?;
        Ok(true)
    }
}
