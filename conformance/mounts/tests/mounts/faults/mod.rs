//! What goes wrong, while something is under way: a table of all cases.

use mpr_mount_conformance::Backend;

use crate::bench::Setting;

/// A case that breaks its server or its mount.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Tells whether a server can be broken so.
    pub(crate) fits: fn(&Backend) -> bool,
    pub(crate) run: fn(&Setting, &'static Backend),
}

/// All of them.
pub(crate) const CASES: &[Case] = &[];
