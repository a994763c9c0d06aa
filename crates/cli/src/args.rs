//! From the words of a command line to an exit status.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::app::{App, Common};
use crate::failure::Failure;
use crate::interrupt;
use crate::output::{put, put_json, tell};
use crate::{command, habits, layout};

/// Runs one command line.
pub(crate) fn run(line: Vec<OsString>) -> ExitCode {
    let line = habits::translate(line);
    let parsed = match CommandLine::try_parse_from(&line) {
        Ok(parsed) => parsed,
        Err(error) => return ExitCode::from(usage(&error, line.iter().any(|it| it == "--json"))),
    };
    let app = App::new(parsed.common, matches!(parsed.command, Command::Doctor(_)));
    let told = layout::Told {
        timeout: app.common.timeout,
        connects: matches!(parsed.command, Command::Use(_)),
        kernel: matches!(&parsed.command, Command::Use(args) if args.kernel),
    };
    if let Err(error) = layout::tell_providers(&line, &told) {
        return app.finish(Err(Failure::Other(format!("cannot start anew: {error}"))));
    }
    let result = match parsed.command {
        Command::Use(args) => command::r#use::run(&app, &args),
        Command::Delete(args) => command::delete::run(&app, &args),
        Command::List(args) => command::list::run(&app, &args),
        Command::Get(args) => command::get::run(&app, &args),
        Command::Browse(args) => command::browse::run(&app, &args),
        Command::Restore(args) => command::restore::run(&app, &args),
        Command::Explain(args) => command::explain::run(&app, &args),
        Command::Notifyee(args) => command::notifyee::run(&app, args),
        Command::Provider(args) => command::provider::run(&app, args),
        Command::Doctor(args) => command::doctor::run(&app, &args),
        Command::Completions(args) => command::completions::run(&args, &mut CommandLine::command()),
        Command::Demo(args) => command::demo::run(&app, &args),
        Command::Wine(args) => command::wine::run(&app, &args),
    };
    let status = app.finish(result);
    interrupt::end();
    status
}

/// Prints help, or what is wrong with a command line.
fn usage(error: &clap::Error, json: bool) -> u8 {
    if !error.use_stderr() {
        put(&error.to_string());
        return 0;
    }
    let text = error.to_string();
    if json {
        // All of the first paragraph: what is missing is named on lines of its own.
        let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
        let message = lines.collect::<Vec<_>>().join(" ");
        let message = message.strip_prefix("error: ").unwrap_or(&message);
        put_json(&Failure::Usage(message.to_owned()).json());
    } else {
        tell(&text);
    }
    crate::failure::USAGE
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        CommandLine::command().debug_assert();
    }
}
