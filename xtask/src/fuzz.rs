//! Calling every function with anything, for as long as one likes.

use crate::run::{Done, cargo, run};
use crate::{setup, wine};

/// Runs the fuzzing client on Linux and under Wine for some seconds each, 600 unless said.
pub(crate) fn fuzz(rest: &[String]) -> Done {
    let seconds = match rest {
        [] => "600",
        [flag, seconds] if flag == "--seconds" && seconds.parse::<u32>().is_ok() => seconds,
        _ => return Err("cargo xtask fuzz [--seconds N]".into()),
    };
    setup::require(setup::WINDOWS)?;
    // Other seeds each time; the line of a failure has its own.
    let since = std::time::UNIX_EPOCH.elapsed().map_or(1, |time| time.as_secs());
    for package in ["mpr-conformance", "mpr-conformance-wine"] {
        let mut tests = cargo(&["test", "-p", package, "--test", "runner", "--"]);
        tests.args(["--exact", "it::fuzz::fuzz", "--nocapture"]);
        tests.envs(wine::environment()?);
        tests.env("MPR_FUZZ_SECONDS", seconds).env("MPR_FUZZ_SEED", since.to_string());
        run(&mut tests)?;
    }
    Ok(())
}
