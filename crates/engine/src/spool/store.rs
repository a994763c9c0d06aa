//! What a protocol of whole objects supplies: [`ObjectStore`].
//!
//! Every call may be dropped half-way, like those of a [`Share`](crate::Share). A store just does
//! what it is told, once; what is kept here, shown and offered again is the spool's business.

use std::future::Future;
use std::time::SystemTime;

use bytes::Bytes;

use super::upload::Upload;
use crate::{Attributes, Entry, Fault, FaultKind, RemotePath, Space};

/// What tells one state of an object from the next, as far as a server says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The entity tag, as the server spells it.
    pub tag: Option<String>,
    /// When it changed last.
    pub modified: Option<SystemTime>,
    /// Its length.
    pub size: Option<u64>,
}

impl Version {
    /// Tells whether both may be one state: nothing that both know differs.
    ///
    /// Tags decide where both have one. A weak tag that becomes a strong one, as a server's do when
    /// a file has rested for a second, is the same.
    pub fn same(&self, other: &Self) -> bool {
        let differ =
            |a: Option<&str>, b: Option<&str>| matches!((a, b), (Some(a), Some(b)) if a != b);
        let (own, their) = (self.tag.as_deref().map(plain), other.tag.as_deref().map(plain));
        if own.is_some() && their.is_some() {
            return !differ(own, their);
        }
        let size = matches!((self.size, other.size), (Some(a), Some(b)) if a != b);
        let time = matches!((self.modified, other.modified), (Some(a), Some(b)) if a != b);
        !size && !time
    }
}

/// A tag without the mark of weak ones.
fn plain(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// What a server says about one object or directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What is known of it.
    pub attributes: Attributes,
    /// Which state that is.
    pub version: Version,
}

/// What must hold for an object to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    None,
    /// There is none of that name; else `AlreadyExists`.
    Missing,
    /// It is in this state still; else `Changed`.
    Unchanged(Version),
}

/// An object, or a part of one, as it begins to arrive.
#[derive(Debug)]
pub struct Reading<B> {
    /// The content.
    pub body: B,
    /// Where the content starts: at 0 if the server sends only whole objects.
    pub start: u64,
    /// Where it ends, if the server said so.
    pub end: Option<u64>,
    /// The length of the whole object, if the server said so.
    pub total: Option<u64>,
    /// Which state of the object it is of.
    pub version: Version,
}

/// Content as it arrives. Dropping it ends the transfer.
pub trait Body: Send + 'static {
    /// Returns the next bytes; `None` at the end. Dropping the future loses nothing.
    fn chunk(&mut self) -> impl Future<Output = Result<Option<Bytes>, Fault>> + Send;
}

/// A server of whole objects.
pub trait ObjectStore: Send + Sync + 'static {
    /// Content on its way from the server.
    type Body: Body;

    /// Asks about one name.
    fn stat(&self, path: &RemotePath) -> impl Future<Output = Result<Object, Fault>> + Send;

    /// Lists a directory.
    fn list(&self, path: &RemotePath) -> impl Future<Output = Result<Vec<Entry>, Fault>> + Send;

    /// Reads from `start`, up to `end` (not included) or the end; `None` if it starts beyond it.
    fn read(
        &self,
        path: &RemotePath,
        start: u64,
        end: Option<u64>,
    ) -> impl Future<Output = Result<Option<Reading<Self::Body>>, Fault>> + Send;

    /// Stores an object, and tells its new state where the server says that at once.
    ///
    /// Dropping the future ends the transfer so that a server can tell it from a complete one.
    /// `Unsupported` for an upload of unknown length means that the server takes none.
    fn put(
        &self,
        path: &RemotePath,
        upload: &Upload,
        condition: &Condition,
    ) -> impl Future<Output = Result<Version, Fault>> + Send;

    /// Sets when an object changed last; `Unsupported` where a server does not keep that.
    fn set_modified(
        &self,
        path: &RemotePath,
        time: SystemTime,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Makes a directory.
    fn make_directory(&self, path: &RemotePath) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Removes an object.
    fn remove_file(&self, path: &RemotePath) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Removes a directory that is certainly empty, else `NotEmpty`.
    fn remove_directory(&self, path: &RemotePath)
    -> impl Future<Output = Result<(), Fault>> + Send;

    /// Renames an object, or a directory; over an existing object only with `replace`, else
    /// `AlreadyExists`.
    fn rename(
        &self,
        from: &RemotePath,
        to: &RemotePath,
        directory: bool,
        replace: bool,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Asks how much there is; `Unsupported` where nobody knows.
    fn space(&self) -> impl Future<Output = Result<Space, Fault>> + Send {
        async { Err(FaultKind::Unsupported.into()) }
    }

    /// Finds out whether the server answers.
    fn ping(&self) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Connects and logs in anew.
    fn reconnect(&self) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Says goodbye.
    fn leave(&self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn states_are_told_apart_by_what_both_answers_know() {
        let tagged = |tag: &str| Version { tag: Some(tag.into()), ..Version::default() };
        let time = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        let plain = |size, seconds| Version { tag: None, size, modified: time(seconds) };
        assert!(tagged("\"a\"").same(&tagged("W/\"a\"")));
        assert!(!tagged("\"a\"").same(&tagged("\"b\"")));
        assert!(plain(Some(1), 1).same(&plain(None, 1)));
        assert!(!plain(Some(1), 1).same(&plain(Some(2), 1)));
        assert!(!plain(Some(1), 1).same(&plain(Some(1), 2)));
        assert!(Version::default().same(&plain(Some(1), 1)), "nothing is known");
        let both = Version { size: Some(1), ..tagged("\"a\"") };
        assert!(both.same(&Version { size: Some(2), ..tagged("\"a\"") }), "the tag decides");
    }
}
