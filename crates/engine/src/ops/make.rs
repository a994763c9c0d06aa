//! Making files, directories and links.
//!
//! A call whose answer was lost may have been carried out: what exists on the second try, and looks
//! as the first would have made it, was made by the first.

use std::sync::Arc;
use std::time::SystemTime;

use super::lookup::{Told, tell};
use crate::core::{Core, Op};
use crate::file::{Handle, Hold, stale};
use crate::{Attributes, Fault, FaultKind, Kind, OpenHow, Share};

impl<S: Share> Core<S> {
    /// Makes a file, or opens one that is there, for one more user.
    pub(crate) async fn create(
        self: &Arc<Self>,
        op: Op,
        parent: u64,
        name: &[u8],
        how: OpenHow,
    ) -> Result<(Told, Hold<S>), Fault> {
        let path = self.child_path(parent, name)?;
        let share = &self.share;
        let opened = self.call(op, |unsure| {
            let path = &path;
            async move {
                let opened = share.open(path, how).await;
                match opened {
                    Err(fault) if unsure && how.exclusive && fault.kind == EXISTS => {
                        let how = OpenHow { exclusive: false, ..how };
                        let opened = share.open(path, how).await?;
                        // Whoever else made it has had no time to write anything either.
                        if opened.attributes.size > 0 { Err(fault) } else { Ok(opened) }
                    }
                    other => other,
                }
            }
        });
        let opened = opened.await?;
        let attributes = opened.attributes;
        let handle = Handle::new(self, opened.file, how.write);
        let told = self.made(parent, name, &attributes)?;
        match self.adopt(told.number, handle, &attributes) {
            Some(hold) => Ok((told, hold)),
            None => {
                self.nodes().forget(told.number, 1);
                Err(stale())
            }
        }
    }

    /// Makes a directory.
    pub(crate) async fn make_directory(
        self: &Arc<Self>,
        op: Op,
        parent: u64,
        name: &[u8],
        mode: u32,
    ) -> Result<Told, Fault> {
        let path = self.child_path(parent, name)?;
        let share = &self.share;
        let made = self.call(op, |unsure| {
            let path = &path;
            async move {
                match share.make_directory(path, mode).await {
                    Err(fault) if unsure && fault.kind == EXISTS => {
                        let there = share.stat(path).await?;
                        if there.kind == Kind::Directory { Ok(()) } else { Err(fault) }
                    }
                    other => other,
                }
            }
        });
        made.await?;
        self.made(parent, name, &new_attributes(Kind::Directory, 0, mode, self.abilities.modes))
    }

    /// Makes a symbolic link.
    pub(crate) async fn make_link(
        self: &Arc<Self>,
        op: Op,
        parent: u64,
        name: &[u8],
        target: &[u8],
    ) -> Result<Told, Fault> {
        if !self.abilities.links {
            return Err(FaultKind::Unsupported.into());
        }
        let path = self.child_path(parent, name)?;
        let share = &self.share;
        let made = self.call(op, |unsure| {
            let path = &path;
            async move {
                match share.make_link(path, target).await {
                    Err(fault) if unsure && fault.kind == EXISTS => {
                        match share.read_link(path).await {
                            Ok(there) if there == target => Ok(()),
                            _ => Err(fault),
                        }
                    }
                    other => other,
                }
            }
        });
        made.await?;
        let size = target.len() as u64;
        self.made(parent, name, &new_attributes(Kind::Link, size, 0o777, self.abilities.modes))
    }

    /// Makes another name for a file.
    pub(crate) async fn make_hard_link(
        self: &Arc<Self>,
        op: Op,
        number: u64,
        parent: u64,
        name: &[u8],
    ) -> Result<Told, Fault> {
        if self.nodes().file(number).is_some() {
            self.flush(op, number, false).await?;
        }
        let path = self.nodes().path(number).ok_or_else(stale)?;
        let new = self.child_path(parent, name)?;
        let share = &self.share;
        let made = self.call(op, |unsure| {
            let (path, new) = (&path, &new);
            async move {
                match share.make_hard_link(path, new).await {
                    Err(fault) if unsure && fault.kind == EXISTS => {
                        let (a, b) = (share.stat(path).await?, share.stat(new).await?);
                        if a.id.is_some() && a.id == b.id { Ok(()) } else { Err(fault) }
                    }
                    other => other,
                }
            }
        });
        made.await?;
        let attributes = self.call(op, |_| share.stat(&new)).await?;
        self.made(parent, name, &attributes)
    }

    /// Reads where a link leads.
    pub(crate) async fn read_link(self: &Arc<Self>, op: Op, number: u64) -> Result<Vec<u8>, Fault> {
        let share = &self.share;
        let path = |core: &Self| core.nodes().path(number).ok_or_else(stale);
        let read = self.with_path(op, path, |_, path| async move { share.read_link(&path).await });
        Ok(read.await?.0)
    }

    /// Takes in a name that was just made here.
    fn made(&self, parent: u64, name: &[u8], attributes: &Attributes) -> Result<Told, Fault> {
        let mut nodes = self.nodes();
        nodes.change(parent);
        let asked = nodes.moment();
        let number = nodes.learn(parent, name, *attributes, asked).ok_or_else(stale)?;
        Ok(tell(&mut nodes, number, attributes))
    }
}

const EXISTS: FaultKind = FaultKind::AlreadyExists;

/// What is known of something that was just made, until the server is asked.
fn new_attributes(kind: Kind, size: u64, mode: u32, modes: bool) -> Attributes {
    Attributes {
        kind,
        size,
        modified: SystemTime::now(),
        accessed: None,
        mode: modes.then_some(mode & 0o7777),
        read_only: false,
        id: None,
    }
}
