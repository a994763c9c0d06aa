//! Every test, on a machine that may be fresh.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::run::{Done, at, cargo, target};
use crate::{check, setup, stage, wine};

/// Installs, checks, stages and tests; `rest` goes to cargo test.
pub(crate) fn test(rest: &[String]) -> Done {
    setup::setup()?;
    check::check()?;
    let usr = stage::stage(stage::Profile::Dev)?;
    let skips = target().join("skipped-tests.txt");
    at(&skips, fs::write(&skips, ""))?;
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast"]);
    tests.args(rest).env("MPR_STAGE", &usr).env("MPR_SKIPS", &skips).stdout(Stdio::piped());
    tests.envs(wine::environment()?);
    let failed = |error| format!("cannot run cargo test: {error}");
    let mut child = tests.spawn().map_err(failed)?;
    let (mut passed, mut broken) = (0, 0);
    for line in child.stdout.take().into_iter().flat_map(|output| BufReader::new(output).lines()) {
        let line = line.map_err(failed)?;
        println!("{line}");
        passed += count(&line, " passed");
        broken += count(&line, " failed");
    }
    let status = child.wait().map_err(failed)?;
    let skipped = at(&skips, fs::read_to_string(&skips))?;
    for line in skipped.lines() {
        println!("skipped: {line}");
    }
    println!("{passed} passed, {broken} failed, {} skipped", skipped.lines().count());
    if status.success() { Ok(()) } else { Err(format!("cargo test ended with {status}")) }
}

/// Reads the number before a word in a binary's `test result:` line; 0 in any other line.
fn count(line: &str, word: &str) -> u32 {
    let Some(result) = line.strip_prefix("test result:") else { return 0 };
    let before = result.split(word).next().filter(|before| before.len() < result.len());
    before.and_then(|before| before.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn results_are_counted() {
        let line = "test result: ok. 94 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out";
        assert_eq!((count(line, " passed"), count(line, " failed")), (94, 3));
        assert_eq!(count("94 passed", " passed"), 0);
    }
}
