//! `mpr completions SHELL`: what a shell needs to complete our command line.

use clap_complete::Shell;

use crate::app::Outcome;
use crate::output::put;

/// Print the completions of a shell
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

/// Runs the command; `line` is the whole command line's definition.
pub(crate) fn run(args: &Args, line: &mut clap::Command) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, line, "mpr", &mut text);
    put(&String::from_utf8_lossy(&text));
    Ok(0)
}
