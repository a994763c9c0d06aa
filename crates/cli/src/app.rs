//! From the words of a command line to an exit status.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
use mpr_core::Error;
use mpr_host::{Clock, Host};
use mpr_platform::Paths;
use serde_json::Value;

use crate::args::{Command, CommandLine, Common};
use crate::failure::{About, Failure};
use crate::output::{complain, put, put_json, tell};
use crate::story::{Step, Story};
use crate::watch::Watch;
use crate::{command, habits, layout};

/// Runs one command line.
pub(crate) fn run(line: Vec<OsString>) -> ExitCode {
    let line = habits::translate(line);
    let parsed = match CommandLine::try_parse_from(&line) {
        Ok(parsed) => parsed,
        Err(error) => return ExitCode::from(usage(&error, line.iter().any(|it| it == "--json"))),
    };
    let app = App {
        common: parsed.common,
        paths: Paths::current(),
        lists_problems: matches!(parsed.command, Command::Doctor(_)),
        host: OnceCell::new(),
    };
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
        Command::Completions(args) => command::completions::run(&args),
        Command::Demo(args) => command::demo::run(&app, &args),
        Command::Wine(args) => command::wine::run(&app, &args),
    };
    app.finish(result)
}

/// Prints help, or what is wrong with a command line.
fn usage(error: &clap::Error, json: bool) -> u8 {
    if !error.use_stderr() {
        put(&error.to_string());
        return 0;
    }
    let text = error.to_string();
    if json {
        let first = text.lines().next().unwrap_or_default();
        let message = first.strip_prefix("error: ").unwrap_or(first);
        put_json(&Failure::Usage(message.to_owned()).json());
    } else {
        tell(&text);
    }
    crate::failure::USAGE
}

/// What every command works with.
pub(crate) struct App {
    pub(crate) common: Common,
    pub(crate) paths: Paths,
    /// The command shows every problem itself.
    lists_problems: bool,
    host: OnceCell<Host>,
}

/// How a command ends: an exit status, or why it failed.
pub(crate) type Outcome = Result<u8, Failure>;

impl App {
    /// Returns the router and its settings; they are read at the first call.
    pub(crate) fn host(&self) -> &Host {
        self.host.get_or_init(|| {
            let host = Host::open(self.paths.clone(), Clock::Exact);
            if !self.common.quiet && !self.lists_problems {
                let refused = |text: &str| text.starts_with("file refused");
                for problem in host.settings().problems.iter().filter(|it| refused(&it.text)) {
                    complain(&problem.to_string());
                }
            }
            host
        })
    }

    /// Returns the host for work that needs providers; without any, says what was refused.
    pub(crate) fn network(&self) -> Result<&Host, Failure> {
        let host = self.host();
        let settings = host.settings();
        match settings.problems.first() {
            Some(problem) if settings.providers.is_empty() => {
                Err(Failure::Configuration(format!("{problem}; `mpr doctor` lists all problems")))
            }
            _ => Ok(host),
        }
    }

    /// Begins the story of an operation.
    pub(crate) fn story(&self) -> Story {
        Story::new(self.host().exec_reports(), self.watch())
    }

    /// Begins to name whoever is slow, unless nobody wants to know.
    pub(crate) fn watch(&self) -> Watch {
        if self.common.quiet { Watch::off() } else { Watch::new() }
    }

    /// Makes a failure of an error of the router.
    pub(crate) fn failed(&self, error: &Error, about: About<'_>, steps: Vec<Step>) -> Failure {
        Failure::operation(self.host().router(), error, about, steps)
    }

    /// Prints a result as JSON if that is wanted, else as text.
    pub(crate) fn show(&self, json: impl FnOnce() -> Value, text: impl FnOnce() -> String) {
        if self.common.json { put_json(&json()) } else { put(&text()) }
    }

    /// As `show`, for text that only confirms what was done: `--quiet` drops it.
    pub(crate) fn confirm(&self, json: impl FnOnce() -> Value, text: impl FnOnce() -> String) {
        self.show(json, || if self.common.quiet { String::new() } else { text() });
    }

    fn finish(&self, outcome: Outcome) -> ExitCode {
        let failure = match outcome {
            Ok(status) => return ExitCode::from(status),
            Err(failure) => failure,
        };
        if self.common.json {
            put_json(&failure.json());
        } else if failure.names_its_author() {
            // `SMB Network: access denied (5) ...` needs no other name before it.
            tell(&format!("{}\n", failure.message()));
        } else {
            complain(failure.message());
        }
        ExitCode::from(failure.status())
    }
}
