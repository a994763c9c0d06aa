//! What programs do with names and attributes, as calls of the share.

mod attributes;
mod directory;
mod lookup;
mod make;
mod remove;
mod rename;

use std::sync::Arc;

pub(crate) use lookup::Told;

use crate::core::{Core, Op};
use crate::file::stale;
use crate::nodes::Moment;
use crate::{Fault, FaultKind, RemotePath, Share};

/// Longest name in bytes; `statfs` says so.
const LONGEST_NAME: usize = 255;

/// How often an operation whose path was renamed under it is tried again.
const RENAMED: usize = 4;

impl<S: Share> Core<S> {
    /// Returns the path of a name in a directory; names that were put aside are nobody's.
    fn child_path(&self, parent: u64, name: &[u8]) -> Result<RemotePath, Fault> {
        if self.aside.hides(name) {
            return Err(FaultKind::NotFound.into());
        }
        // Where case does not matter characters count, and the server counts them.
        if name.len() > LONGEST_NAME && !self.abilities.ignores_case {
            return Err(FaultKind::NameTooLong.into());
        }
        self.nodes().child_path(parent, name).ok_or_else(stale)
    }

    /// Makes a call with a path, again if that was renamed meanwhile. Returns with the answer the
    /// moment at which the question was asked.
    async fn with_path<T, F>(
        self: &Arc<Self>,
        op: Op,
        path: impl Fn(&Self) -> Result<RemotePath, Fault>,
        ask: impl Fn(bool, RemotePath) -> F,
    ) -> Result<(T, Moment), Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let mut tries = 0;
        loop {
            let asked = self.nodes().moment();
            let found = path(self)?;
            let answer = self.call(op, |unsure| ask(unsure, found.clone())).await;
            tries += 1;
            match answer {
                Ok(answer) => return Ok((answer, asked)),
                Err(fault)
                    if fault.kind == FaultKind::NotFound
                        && tries < RENAMED
                        && self.nodes().moved_since(asked) => {}
                Err(fault) => return Err(fault),
            }
        }
    }
}
