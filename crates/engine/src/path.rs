//! Paths on a share: relative to what is mounted, in bytes, with `/` between the parts.

use std::fmt;
use std::sync::Arc;

/// A path on a share; the empty one is what is mounted. No part is empty, `.` or `..`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RemotePath(Arc<[u8]>);

impl RemotePath {
    /// Returns the path of what is mounted.
    pub fn root() -> Self {
        Self(Arc::from(&b""[..]))
    }

    /// Returns the path of a name in this directory. The name holds no `/`, as FUSE promises.
    pub fn join(&self, name: &[u8]) -> Self {
        if self.is_root() {
            return Self(name.into());
        }
        Self([&self.0, &b"/"[..], name].concat().into())
    }

    /// Tells whether it is what is mounted.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the parts, the outermost first.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split(|&byte| byte == b'/').filter(|part| !part.is_empty())
    }

    /// Returns the last part; empty for the root.
    pub fn name(&self) -> &[u8] {
        self.0.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
    }

    /// Returns the directory it is in; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        let end = self.0.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
        Some(Self(self.0[..end].into()))
    }

    /// Returns where this leads once `from` is called `to`; `None` if it is elsewhere.
    pub(crate) fn moved(&self, from: &Self, to: &Self) -> Option<Self> {
        let rest = self.0.strip_prefix(&*from.0)?;
        if rest.is_empty() {
            return Some(to.clone());
        }
        let rest = if from.is_root() { rest } else { rest.strip_prefix(b"/")? };
        Some(rest.split(|&byte| byte == b'/').fold(to.clone(), |path, part| path.join(part)))
    }

    /// Returns the whole path, with `/` between the parts.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns it as text, if it is some.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl fmt::Debug for RemotePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart_as_they_were_joined() {
        let root = RemotePath::root();
        assert_eq!((root.name(), root.parent(), root.parts().count()), (&b""[..], None, 0));
        let path = root.join(b"a").join(b"b c");
        assert_eq!(path.as_str(), Some("a/b c"));
        assert_eq!(path.name(), b"b c");
        assert_eq!(path.parent(), Some(root.join(b"a")));
        assert_eq!(root.join(b"a").parent(), Some(root));
        assert_eq!(path.parts().collect::<Vec<_>>(), [&b"a"[..], b"b c"]);
    }

    #[test]
    fn names_move_with_the_directory_above_them() {
        let path = |text: &str| {
            text.split('/').fold(RemotePath::root(), |path, part| path.join(part.as_bytes()))
        };
        for (name, expected) in
            [("a", Some("x/y")), ("a/b/c", Some("x/y/b/c")), ("ab", None), ("b/a", None)]
        {
            let found = path(name).moved(&path("a"), &path("x/y"));
            assert_eq!(found, expected.map(path), "{name}");
        }
    }
}
