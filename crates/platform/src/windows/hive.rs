//! What the rules need of a registry: keys with values, and nothing of how they are reached.

use mpr_core::WideString;

/// A value as the rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// `REG_SZ`.
    Text(WideString),
    /// `REG_EXPAND_SZ`, not yet expanded.
    Expandable(WideString),
    /// `REG_DWORD`.
    Number(u32),
    /// `REG_BINARY`.
    Binary(Vec<u8>),
    /// Another type, or a number of the wrong size.
    Other,
}

impl Value {
    /// Returns the number, if it is one.
    pub(super) fn number(&self) -> Option<u32> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }
}

/// One of the two trees that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tree {
    /// `HKEY_LOCAL_MACHINE`.
    Machine,
    /// `HKEY_CURRENT_USER`.
    User,
}

/// The values of one key, in any order.
pub(super) type Values = Vec<(String, Value)>;

/// Why something could not be read or written: the system's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure(pub(super) u32);

/// Keys and values. Names of both are case-insensitive; a part of a path ends at a backslash.
pub(super) trait Hive {
    /// Returns all values of a key; `None` if there is no such key.
    fn values(&self, tree: Tree, key: &str) -> Result<Option<Values>, Failure>;

    /// Returns the names of the keys below a key; none if there is no such key.
    fn children(&self, tree: Tree, key: &str) -> Result<Vec<String>, Failure>;

    /// Tells whether values could be written below a key, which need not exist yet.
    fn check_writable(&self, tree: Tree, key: &str) -> Result<(), Failure>;

    /// Writes values of a key, which is made if need be, in the order given; `None` removes one.
    fn write(&self, tree: Tree, key: &str, values: &[(&str, Option<Value>)])
    -> Result<(), Failure>;

    /// Removes a key and all below it; tells whether there was one.
    fn remove(&self, tree: Tree, key: &str) -> Result<bool, Failure>;
}

/// Finds a value by its name.
pub(super) fn find<'a>(values: &'a Values, name: &str) -> Option<&'a Value> {
    values.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
