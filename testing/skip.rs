//! How a test says that it cannot run here; included by the tests of several crates.

/// Says why a test is skipped, on its line and in the file that `MPR_SKIPS` names.
pub(crate) fn skip(test: &str, why: &str) {
    use std::io::Write as _;

    eprintln!("skipped {test}: {why}");
    let Some(file) = std::env::var_os("MPR_SKIPS") else { return };
    let file = std::fs::OpenOptions::new().append(true).create(true).open(file);
    let line = format!("{test}: {why}\n");
    // A test that cannot even say so must not look as if it had run.
    file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the file of MPR_SKIPS");
}
