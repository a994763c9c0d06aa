//! Looking up names, from memory where that is fresh.

use std::sync::Arc;
use std::time::Duration;

use crate::core::{Core, Op};
use crate::file::OpenFile;
use crate::nodes::{FRESH, Nodes};
use crate::{Attributes, Fault, FaultKind, Share};

/// How often a name is asked for again that changed while the server answered.
const CHANGED: usize = 3;

/// A node that the kernel is told of: already counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    pub(crate) number: u64,
    pub(crate) attributes: Attributes,
    pub(crate) validity: Duration,
}

impl<S: Share> Core<S> {
    /// Looks a name up without asking the server; `None` if it must be asked.
    pub(crate) fn recall(&self, parent: u64, name: &[u8]) -> Option<Result<Told, Fault>> {
        let mut nodes = self.nodes();
        if let Some(number) = nodes.find(parent, name)
            && let Some((attributes, validity)) = nodes.believed(number)
        {
            nodes.count(number);
            return Some(Ok(Told { number, attributes, validity }));
        }
        let listing = nodes.listing(parent)?;
        match listing.find(name) {
            Some(entry) => {
                let number = nodes.learn(parent, name, entry.attributes, listing.asked)?;
                let left = FRESH.saturating_sub(listing.age());
                let (attributes, validity) = nodes.believed(number)?;
                nodes.count(number);
                Some(Ok(Told { number, attributes, validity: validity.min(left) }))
            }
            None if self.abilities.ignores_case => None,
            None => Some(Err(FaultKind::NotFound.into())),
        }
    }

    /// Looks a name up on the server.
    pub(crate) async fn look_up(
        self: &Arc<Self>,
        op: Op,
        parent: u64,
        name: &[u8],
    ) -> Result<Told, Fault> {
        for _ in 0..CHANGED {
            let share = &self.share;
            let asked = self.nodes().moment();
            let answer = self
                .with_path(
                    op,
                    |core| core.child_path(parent, name),
                    |_, path| async move { share.stat(&path).await },
                )
                .await;
            let mut nodes = self.nodes();
            match answer {
                Ok((attributes, asked)) => {
                    if let Some(number) = nodes.learn(parent, name, attributes, asked) {
                        return Ok(tell(&mut nodes, number, &attributes));
                    }
                }
                Err(fault) => {
                    let gone = matches!(fault.kind, FaultKind::NotFound | FaultKind::NotADirectory);
                    if gone && nodes.changed_since(parent, asked) {
                        continue;
                    }
                    if gone && let Some(number) = nodes.find(parent, name) {
                        nodes.lose(number);
                    }
                    return Err(fault);
                }
            }
        }
        // Names change faster than the server answers: what is known here is the latest.
        let mut nodes = self.nodes();
        let number = nodes.find(parent, name).ok_or(FaultKind::NotFound)?;
        let (attributes, _) = nodes.known(number).ok_or(FaultKind::NotFound)?;
        nodes.count(number);
        Ok(Told { number, attributes, validity: Duration::ZERO })
    }
}

/// Counts a node that the kernel is about to be told of, with what is known best of it.
pub(super) fn tell<S: Share>(
    nodes: &mut Nodes<OpenFile<S>>,
    number: u64,
    attributes: &Attributes,
) -> Told {
    nodes.count(number);
    let (attributes, validity) = nodes.known(number).unwrap_or((*attributes, Duration::ZERO));
    Told { number, attributes, validity }
}
