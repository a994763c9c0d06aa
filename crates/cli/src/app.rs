//! What every command works with: the router, the options that all have, and how to say things.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use mpr_core::{Error, Note};
use mpr_host::{Clock, Host, ModuleState};
use mpr_platform::Paths;
use serde_json::Value;

use crate::failure::{About, Failure};
use crate::output::{complain, put, put_json, tell};
use crate::story::{Step, Story};
use crate::table::clean;
use crate::watch::Watch;

/// What every command works with.
pub(crate) struct App {
    pub(crate) common: Common,
    pub(crate) paths: Paths,
    /// The command shows every problem itself.
    lists_problems: bool,
    host: OnceCell<Host>,
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
    #[arg(long, global = true, value_name = "TIME", value_parser = limit, display_order = 103)]
    pub(crate) timeout: Option<Duration>,
}

/// How a command ends: an exit status, or why it failed.
pub(crate) type Outcome = Result<u8, Failure>;

impl App {
    /// Makes what a command works with; nothing is read yet.
    pub(crate) fn new(common: Common, lists_problems: bool) -> Self {
        Self { common, paths: Paths::current(), lists_problems, host: OnceCell::new() }
    }

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

    /// Says which notifyees were left out because they cannot be loaded or run: whoever was to guard
    /// an operation did not, and that is not told on request only (D8).
    pub(crate) fn tell_left_out(&self, steps: &[Step]) {
        let skipped: BTreeMap<&str, &Step> = steps
            .iter()
            .filter(|step| step.kind == "notifyee" && step.note == Note::Skipped)
            .filter_map(|step| Some((step.name.as_deref()?, step)))
            .collect();
        if self.common.quiet || skipped.is_empty() {
            return;
        }
        let modules = self.host().check_modules();
        for (name, step) in skipped {
            // One that has only the other function is left out too, as it wants to be.
            let failed = modules.iter().find_map(|it| match &it.state {
                ModuleState::Failed(error) if it.name == name => Some(error.to_string()),
                _ => None,
            });
            if let Some(why) = failed.or(step.reason().map(str::to_owned)) {
                complain(&format!("notifyee {} is left out: {}", clean(name), clean(&why)));
            }
        }
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

    /// Says how a command ended, and turns that into an exit status.
    pub(crate) fn finish(&self, outcome: Outcome) -> ExitCode {
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

/// Reads a time; a number alone is seconds.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => mpr_platform::parse_duration(text),
    }
}

/// Reads a time that is not none.
pub(crate) fn limit(text: &str) -> Result<Duration, String> {
    time(text).and_then(|time| match time.is_zero() {
        true => Err("nothing is done in no time".into()),
        false => Ok(time),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(time("20"), Ok(Duration::from_secs(20)));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert!(time("soon").is_err() && time("0").is_ok() && limit("0s").is_err());
    }
}
