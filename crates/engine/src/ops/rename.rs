//! Renaming, over an existing file or an empty directory unless it says otherwise.

use std::sync::Arc;

use crate::core::{Core, Op};
use crate::{Fault, FaultKind, Share};

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
        let share = &self.share;
        let renamed = self.call(op, |unsure| {
            let (source, target) = (&source, &target);
            async move {
                match share.rename(source, target, replace).await {
                    // The first try, whose answer was lost, has done it.
                    Err(fault) if unsure && fault.kind == FaultKind::NotFound => {
                        share.stat(target).await.map(drop).map_err(|_| fault)
                    }
                    other => other,
                }
            }
        });
        renamed.await?;
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
}
