//! What is known of a file, and changing it.

use std::sync::Arc;
use std::time::Duration;

use crate::core::{Core, Op};
use crate::file::{OpenFile, stale};
use crate::nodes::ROOT;
use crate::{Attributes, Change, Fault, FaultKind, Share};

impl<S: Share> Core<S> {
    /// Returns what is known of a node without asking the server; `None` if it must be asked.
    pub(crate) fn recall_attributes(
        self: &Arc<Self>,
        number: u64,
    ) -> Option<(Attributes, Duration)> {
        let known = self.nodes().believed(number);
        if known.is_some() || number != ROOT {
            return known;
        }
        // The root is what everybody looks at, a dead server or not.
        let core = Arc::clone(self);
        self.runtime.spawn(async move {
            let _ = core.attributes(core.op(), ROOT).await;
        });
        self.nodes().known(ROOT).map(|(attributes, _)| (attributes, Duration::from_millis(200)))
    }

    /// Asks for the attributes of a node.
    pub(crate) async fn attributes(
        self: &Arc<Self>,
        op: Op,
        number: u64,
    ) -> Result<(Attributes, Duration), Fault> {
        let hold = {
            let open = self.nodes().file(number).is_some();
            if open { self.hold(number) } else { None }
        };
        let asked = self.nodes().moment();
        let answer = match &hold {
            Some(hold) => {
                let ask = self.with_handle(op, &hold.file, false, |handle| {
                    let share = Arc::clone(&self.share);
                    async move { share.attributes(handle.file()).await }
                });
                ask.await.map(|attributes| (attributes, asked))
            }
            None => {
                let share = &self.share;
                let path = |core: &Self| core.nodes().path(number).ok_or_else(stale);
                self.with_path(op, path, |_, path| async move { share.stat(&path).await }).await
            }
        };
        let mut nodes = self.nodes();
        match answer {
            Ok((attributes, asked)) => {
                nodes.refresh(number, attributes, asked);
                let (known, validity) = nodes.known(number).ok_or_else(stale)?;
                // Something else has the name by now.
                if known.kind != attributes.kind {
                    nodes.lose(number);
                    return Err(stale());
                }
                Ok((known, validity))
            }
            Err(fault) if fault.kind == FaultKind::NotFound => {
                nodes.lose(number);
                Err(fault)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Changes attributes of a node.
    pub(crate) async fn change(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        change: Change,
    ) -> Result<(), Fault> {
        let file = self.nodes().file(number);
        if file.is_some() {
            // What is written later would change the times again.
            self.flush(op, number, false).await?;
        }
        let share = &self.share;
        let place = |file: &OpenFile<S>| self.place(file);
        let path = |core: &Self| match &file {
            Some(file) => core.place(file).ok_or_else(stale),
            None => core.nodes().path(number).ok_or_else(stale),
        };
        let open = file.as_ref().map(|file| (file, file.is_writable()));
        if let Some((file, write)) = open.filter(|(file, write)| *write || place(file).is_none()) {
            let ask = self.with_handle(op, file, write, |handle| async move {
                let path = place(file);
                share.change_open(handle.file(), path.as_ref(), change).await
            });
            ask.await?;
        } else {
            self.with_path(op, path, |_, path| async move { share.change(&path, change).await })
                .await?;
        }
        let modes = self.abilities.modes;
        self.nodes().amend(number, |attributes| {
            if let Some(mode) = change.mode {
                attributes.read_only = mode & 0o200 == 0 && !modes;
                attributes.mode = attributes.mode.map(|_| mode);
            }
            attributes.modified = change.modified.unwrap_or(attributes.modified);
            attributes.accessed = change.accessed.or(attributes.accessed);
        });
        Ok(())
    }
}
