//! What programs rely on, looked at from both sides: a table of all cases.

mod content;
mod directories;
mod metadata;
mod names;
mod programs;
mod random;
mod sharing;

use crate::bench::Mount;

/// A case, with its name.
type Case = (&'static str, fn(&Mount<'_>));

/// All of them; each gets a directory of its own, named like the case.
pub(crate) const CASES: &[Case] = &[
    ("both_ways", content::both_ways),
    ("append", content::append),
    ("exclusive", content::exclusive),
    ("truncate", content::truncate),
    ("holes_and_backwards", content::holes_and_backwards),
    ("beyond_four_gib", content::beyond_four_gib),
    ("memory_maps", content::memory_maps),
    ("synchronised", content::synchronised),
    ("megabytes", content::megabytes),
    ("two_handles", content::two_handles),
    ("rename_over", directories::rename_over),
    ("rename_directory", directories::rename_directory),
    ("rename_open", directories::rename_open),
    ("unlink_open", directories::unlink_open),
    ("change_without_name", directories::change_without_name),
    ("refusals", directories::refusals),
    ("deep_tree", directories::deep_tree),
    ("ten_thousand", directories::ten_thousand),
    ("list_while_changing", directories::list_while_changing),
    ("odd_names", names::odd_names),
    ("longest_names", names::longest_names),
    ("times", metadata::times),
    ("modes", metadata::modes),
    ("links", metadata::links),
    ("space", metadata::space),
    ("git", programs::git),
    ("sqlite", programs::sqlite),
    ("sqlite_wal", programs::sqlite_wal),
    ("locks", programs::locks),
    ("writes_under_locks", programs::writes_under_locks),
    ("tar", programs::tar),
    ("copies", programs::copies),
    ("editor", programs::editor),
    ("random_workload", random::random_workload),
    ("changes_show", sharing::changes_show),
    ("hidden_changes_show", sharing::hidden_changes_show),
    ("exclusive_between_mounts", sharing::exclusive_between_mounts),
    ("conflict", sharing::conflict),
];
