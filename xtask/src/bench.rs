//! The router beside direct provider calls, as a table in docs/.

use std::fmt::Write as _;
use std::fs;

use crate::run::{Done, at, cargo, output, root};
use crate::setup;

const METHOD: &str = "\
# Benchmarks

Written by `cargo xtask bench`. The router's C functions beside the same provider and notifyee calls made directly through
function pointers, in one process, in alternating blocks (41 of each); figures are medians over the blocks, *spread* is from the
10th to the 90th percentile of the router's. Providers and notifyees are C modules that do next to nothing
(`crates/capi/benches/modules`), so that what is left is the router's own cost. Compare ratios, not nanoseconds: the
machine is shared. *Direct* makes every call that the router makes: who owns the device, connect, who owns it, disconnect.

";

const BARS: &str = "
## Against the bars (design §8)

- A pair at most 2.0 times the direct calls, and each notifyee at most 2.0: **not met**: see the ratios above. The direct calls are a
  few dozen instructions each. Beside them the router makes private copies of every name (P1, U23), asks who owns the device, notes
  who said what and when, and survives a panic. No part of it stands out in a profile (`perf record` of the benchmark's program); the
  largest is a tenth. In time it is a fifth of a microsecond for a pair with one provider; a connection to a server takes milliseconds.
- *GetConnection, miss* reads the profile, since a device may be remembered: that is nearly all of its time.
";

/// Runs the benchmark and writes `docs/benchmarks.md`.
pub(crate) fn bench() -> Done {
    setup::require(setup::DEMO)?;
    let lines = output(&mut cargo(&["bench", "--quiet", "-p", "mpr-capi", "--bench", "router"]))?;
    let mut text = METHOD.to_owned();
    for (number, line) in lines.lines().filter(|line| line.contains('\t')).enumerate() {
        let cells = line.replace('\t', " | ");
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {cells} |");
        if number == 0 {
            text.push_str("|---|---|---|---|---|---|---|\n");
        }
        println!("{line}");
    }
    text.push_str(BARS);
    let file = root().join("docs/benchmarks.md");
    at(&file, fs::write(&file, text))
}
