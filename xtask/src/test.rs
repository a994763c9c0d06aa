//! Every test, on a machine that may be fresh.

use std::fs;

use crate::run::{Done, at, cargo, run, target};
use crate::{check, setup, stage};

/// Installs, checks, stages and tests; `rest` goes to cargo test.
pub(crate) fn test(rest: &[String]) -> Done {
    setup::setup()?;
    check::check()?;
    let usr = stage::stage(stage::Profile::Dev)?;
    let skips = target().join("skipped-tests.txt");
    at(&skips, fs::write(&skips, ""))?;
    let tested = run(cargo(&["test", "--workspace", "--no-fail-fast"])
        .args(rest)
        .env("MPR_STAGE", &usr)
        .env("MPR_SKIPS", &skips));
    let skipped = at(&skips, fs::read_to_string(&skips))?;
    for line in skipped.lines() {
        println!("skipped: {line}");
    }
    println!("skipped tests: {}", skipped.lines().count());
    tested
}
