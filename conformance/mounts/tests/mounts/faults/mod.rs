//! What goes wrong, while something is under way: a table of all cases.
//!
//! Each has a server and a world of its own, and asserts what the caller saw, that it was bounded,
//! that nothing acknowledged is lost, that the mount recovers by itself, and that nothing stays.

mod connecting;
mod denied;
mod line;
mod server;
mod serving;
mod workload;

use mpr_mount_conformance::Backend;

use crate::bench::Setting;

/// A case that breaks its server or its mount.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Tells whether a server can be broken so.
    pub(crate) fits: fn(&Backend) -> bool,
    pub(crate) run: fn(&Setting, &'static Backend),
}

const fn any(name: &'static str, run: fn(&Setting, &'static Backend)) -> Case {
    Case { name, fits: |_| true, run }
}

/// For servers that are programs, with more than one export.
const fn program(name: &'static str, run: fn(&Setting, &'static Backend)) -> Case {
    Case { name, fits: |backend| backend.exports, run }
}

/// All of them.
pub(crate) const CASES: &[Case] = &[
    any("server_frozen", server::frozen),
    any("server_killed_and_restarted", server::killed_and_restarted),
    any("server_gone", server::gone),
    any("line_reset", line::reset),
    any("line_slow", line::slow),
    any("line_cut", line::cut),
    any("line_refused", line::refused),
    program("disk_full", denied::disk_full),
    program("quota", denied::quota),
    program("read_only", denied::read_only),
    program("permission_removed", denied::permission_removed),
    any("share_removed", denied::share_removed),
    any("serving_process_killed", serving::killed),
    Case {
        name: "password_stays_nowhere",
        fits: |backend| backend.traits.password,
        run: serving::password_stays_nowhere,
    },
    // Once for each server will do.
    Case {
        name: "a_gigabyte_in_little_memory",
        fits: |backend| backend.exports && crate::user::word() == "root",
        run: serving::a_gigabyte_in_little_memory,
    },
    any("force_frees_who_waits", serving::force_frees_who_waits),
    any("connecting_to_a_frozen_server", connecting::frozen),
    any("failures_told_apart", connecting::failures_told_apart),
    program("ten_connections_one_dead", connecting::ten_connections_one_dead),
];
