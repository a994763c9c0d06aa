//! The command line: options that every command has, and the commands.

use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::command;

/// Connect to network resources through the Multiple Provider Router.
#[derive(Debug, Parser)]
#[command(
    name = "mpr",
    version,
    disable_help_subcommand = true,
    after_help = "Exit status: 0 done, 1 failed, 2 wrong usage, 3 configuration refused; \
                  64 if `restore` restored some but not all. See mpr(1)."
)]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Common {
    /// Print one JSON object instead of text, errors too
    #[arg(long, global = true, display_order = 100)]
    pub(crate) json: bool,
    /// Print results and errors only
    #[arg(long, short, global = true, display_order = 101)]
    pub(crate) quiet: bool,
    /// Never ask for anything
    #[arg(long, global = true, display_order = 102)]
    pub(crate) no_input: bool,
    /// How long connecting and browsing may take: 20, 20s, 2m, 500ms
    #[arg(long, global = true, value_name = "TIME", value_parser = time, display_order = 103)]
    pub(crate) timeout: Option<Duration>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Use(command::r#use::Args),
    Delete(command::delete::Args),
    List(command::list::Args),
    Get(command::get::Args),
    Browse(command::browse::Args),
    Restore(command::restore::Args),
    Explain(command::explain::Args),
    Notifyee(command::notifyee::Args),
    Provider(command::provider::Args),
    Doctor(command::doctor::Args),
    Completions(command::completions::Args),
    Demo(command::demo::Args),
    Wine(command::wine::Args),
}

/// Reads a time; a number alone is seconds.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => mpr_platform::parse_duration(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn times() {
        assert_eq!(time("20"), Ok(Duration::from_secs(20)));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert!(time("soon").is_err());
    }
}
