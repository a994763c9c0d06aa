//! Reading directories out of a listing.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;
use std::time::Duration;

use fuser::{FileType, Generation, INodeNo, ReplyDirectory, ReplyDirectoryPlus};

use super::{attr, kind};
use crate::core::Core;
use crate::listing::Listing;
use crate::nodes::FRESH;
use crate::{Fault, Share};

/// A number of no meaning, for who reads names only: the kernel wants one.
const SOME_NUMBER: INodeNo = INodeNo(u64::MAX);

/// Answers with names only.
pub(super) fn names<S: Share>(
    core: &Arc<Core<S>>,
    number: u64,
    offset: u64,
    mut reply: ReplyDirectory,
    listing: Result<Arc<Listing>, Fault>,
) {
    let listing = match listing {
        Ok(listing) => listing,
        Err(fault) => return reply.error(crate::errno::errno(&fault)),
    };
    let nodes = core.nodes();
    for at in offset..listing.entries.len() as u64 + 2 {
        let full = match index(at) {
            None => {
                let (number, name) = dots(at, number, nodes.parent(number));
                reply.add(INodeNo(number), at + 1, FileType::Directory, name)
            }
            Some(index) => {
                let entry = &listing.entries[index];
                let number = nodes.find(number, &entry.name).map_or(SOME_NUMBER, INodeNo);
                let name = OsStr::from_bytes(&entry.name);
                reply.add(number, at + 1, kind(entry.attributes.kind), name)
            }
        };
        if full {
            break;
        }
    }
    drop(nodes);
    reply.ok();
}

/// Answers with names and attributes, and counts what the kernel learns of.
pub(super) fn names_and_attributes<S: Share>(
    core: &Arc<Core<S>>,
    owner: (u32, u32),
    number: u64,
    offset: u64,
    mut reply: ReplyDirectoryPlus,
    listing: Result<Arc<Listing>, Fault>,
) {
    let listing = match listing {
        Ok(listing) => listing,
        Err(fault) => return reply.error(crate::errno::errno(&fault)),
    };
    let mut nodes = core.nodes();
    // What the server said a while ago is believed for the rest of its time only.
    let left = FRESH.saturating_sub(listing.age());
    let own = nodes.known(number).map(|(attributes, _)| attributes);
    for at in offset..listing.entries.len() as u64 + 2 {
        let Some(index) = index(at) else {
            let (number, name) = dots(at, number, nodes.parent(number));
            let Some(attributes) = own else { break };
            let attr = attr(owner, number, &attributes);
            let (number, zero) = (INodeNo(number), Duration::ZERO);
            if reply.add(number, at + 1, OsStr::new(name), &zero, &attr, Generation(0)) {
                break;
            }
            continue;
        };
        let entry = &listing.entries[index];
        let learned = nodes.learn(number, &entry.name, entry.attributes, listing.asked);
        // Names have changed here since: the entry is what it was, but nothing follows from it.
        let known = learned.or_else(|| nodes.find(number, &entry.name));
        let (child, attributes, validity) = match known {
            Some(child) => {
                let (attributes, validity) =
                    nodes.known(child).unwrap_or((entry.attributes, Duration::ZERO));
                (child, attributes, validity.min(if learned.is_some() { left } else { validity }))
            }
            None => continue,
        };
        let attr = attr(owner, child, &attributes);
        let name = OsStr::from_bytes(&entry.name);
        if reply.add(INodeNo(child), at + 1, name, &validity, &attr, Generation(0)) {
            nodes.sweep(child);
            break;
        }
        nodes.count(child);
    }
    drop(nodes);
    reply.ok();
}

/// Returns which entry stands at an offset; the first two are the directory and its parent.
fn index(at: u64) -> Option<usize> {
    usize::try_from(at.checked_sub(2)?).ok()
}

fn dots(at: u64, number: u64, parent: u64) -> (u64, &'static str) {
    if at == 0 { (number, ".") } else { (parent, "..") }
}
