//! Listing directories: one question for all names and their attributes.

use std::sync::Arc;

use crate::core::{Core, Op};
use crate::file::stale;
use crate::listing::Listing;
use crate::{Fault, FaultKind, Share};

impl<S: Share> Core<S> {
    /// Returns what a directory holds; asks the server unless somebody just did.
    pub(crate) async fn list(self: &Arc<Self>, op: Op, number: u64) -> Result<Arc<Listing>, Fault> {
        if let Some(listing) = self.nodes().listing(number) {
            return Ok(listing);
        }
        let share = &self.share;
        let path = |core: &Self| core.nodes().path(number).ok_or_else(stale);
        let answer = self.with_path(op, path, |_, path| async move { share.list(&path).await });
        match answer.await {
            Ok((entries, asked)) => {
                let hidden = |name: &[u8]| self.aside.hides(name);
                let listing = Arc::new(Listing::new(entries, asked, hidden));
                self.nodes().keep_listing(number, &listing);
                Ok(listing)
            }
            Err(fault) => {
                if matches!(fault.kind, FaultKind::NotFound | FaultKind::NotADirectory) {
                    self.nodes().lose(number);
                }
                Err(fault)
            }
        }
    }
}
