//! Changing where a file ends, and files that lost their name while they were open.

use std::sync::Arc;

use crate::core::{Core, Op};
use crate::file::{Handle, stale};
use crate::{Fault, FaultKind, Share};

impl<S: Share> Core<S> {
    /// Cuts or extends a file; the server has the result, unless somebody who has a spooled file
    /// open will flush it.
    pub(crate) async fn set_len(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        len: u64,
        open: bool,
    ) -> Result<(), Fault> {
        let hold = self.hold(number).ok_or_else(stale)?;
        let file = &hold.file;
        self.drain(op, file, None).await?;
        file.state().ahead.clear();
        let cut = self.with_handle(op, file, true, |handle| {
            let share = Arc::clone(&self.share);
            async move { share.set_len(handle.file(), len).await }
        });
        cut.await?;
        {
            let mut state = file.state();
            (state.size, state.unflushed) = (len, true);
            // What was fetched meanwhile may be from before.
            state.ahead.clear();
        }
        if self.abilities.spooled && !open {
            self.flush(op, number, false).await?;
        }
        self.nodes().amend(number, |attributes| attributes.size = len);
        Ok(())
    }

    /// Removes a file that lost its name while it was open, once it is closed.
    pub(crate) async fn remove_aside(
        self: &Arc<Self>,
        handle: Option<Arc<Handle<S>>>,
        name: &[u8],
    ) {
        drop(handle);
        self.closing.settle().await;
        let op = self.op();
        while let Some(path) = self.aside.path(name) {
            match self.call(op, |_| self.share.remove_file(&path)).await {
                // A directory above it was renamed meanwhile.
                Err(fault)
                    if fault.kind == FaultKind::NotFound
                        && self.aside.path(name).as_ref() != Some(&path) => {}
                Err(fault) if fault.kind != FaultKind::NotFound => {
                    crate::log::log(format_args!("{path:?} is left: {fault}"));
                    break;
                }
                _ => break,
            }
        }
        self.aside.forget(name);
    }
}
