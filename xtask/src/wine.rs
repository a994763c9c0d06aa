//! The tests of `mpr.dll` under Wine, and what they need beside it.

use std::path::PathBuf;

use crate::run::{Done, cargo, root, run, target};
use crate::{setup, stage, windows, windows_check};

/// Builds both DLLs and the modules, and checks the DLLs.
pub(crate) fn dll() -> Done {
    windows_check::check()?;
    windows::stage().map(drop)
}

/// Builds, and runs the tests under Wine; `rest` goes to cargo test.
pub(crate) fn wine(rest: &[String]) -> Done {
    setup::require(setup::WINDOWS)?;
    let mut tests = cargo(&["test", "-p", "mpr-conformance-wine", "-p", "mpr-conformance-drive"]);
    tests.env("MPR_STAGE", stage::stage(stage::Profile::Dev)?);
    for (name, value) in environment()? {
        tests.env(name, value);
    }
    run(tests.args(rest))
}

/// Builds what the tests use, and returns the variables that tell them where it is: the folder
/// with `x86_64/mpr.dll`, and the one prefix of all tests, which the first of them makes.
pub(crate) fn environment() -> Done<[(&'static str, PathBuf); 2]> {
    let stage = windows::stage()?;
    Ok([("MPR_WINDOWS_STAGE", stage), ("MPR_WINE_PREFIX", target().join("wine-prefix"))])
}

/// Times `mpr.dll` beside Wine's own router, and writes `docs/benchmarks-wine.md`.
pub(crate) fn bench() -> Done {
    setup::require(setup::WINDOWS)?;
    let mut tests = cargo(&["test", "-p", "mpr-conformance-wine", "--test", "runner", "--"]);
    tests.args(["--exact", "it::bench::bench_wine", "--ignored"]).envs(environment()?);
    run(tests.env("MPR_BENCH_WINE", root().join("docs/benchmarks-wine.md")))
}
