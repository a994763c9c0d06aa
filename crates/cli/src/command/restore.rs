//! `mpr restore [LOCAL..]`: connects what is remembered, side by side; nobody is notified.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use mpr_core::{DecidedBy, Error, RememberedConnection, Router, WideString, WnError};
use mpr_platform::Paths;
use serde_json::{Value, json};

use crate::app::{App, Outcome, time};
use crate::failure::{About, FAILED, Failure, wants_login};
use crate::mounts::{self, Served};
use crate::names::{directory, is_local};
use crate::output::{self, put, put_json};
use crate::password;
use crate::story::{Step, Story, steps_json, steps_text};
use crate::table::clean;
use crate::watch::Watch;

/// Exit status if some entries were restored and some not, as `mount -a` has it.
const SOME: u8 = 64;
/// The first wait before another attempt, and the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(8));

/// Connect what is remembered
///
/// Entries are restored at the same time, so it takes as long as the slowest. Nobody is notified.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The local names to restore; all if none is given
    locals: Vec<String>,
    /// Try again for so long while the network is not up
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "0")]
    wait: Duration,
    /// Let providers ask questions
    #[arg(long)]
    interactive: bool,
    /// Show what each provider said, and how long it took
    #[arg(long)]
    explain: bool,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let entries = entries(app, args)?;
    if entries.is_empty() {
        app.confirm(
            || json!({ "ok": true, "restored": 0, "failed": 0, "connections": [] }),
            || "nothing is remembered\n".into(),
        );
        return Ok(0);
    }
    app.network()?;
    let end = Instant::now() + args.wait;
    let (results, locked) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let host = app.host();
    let (router, reports) = (&**host.router(), host.exec_reports());
    let (quiet, json) = (app.common.quiet, app.common.json);
    let tell = |done: &Done<'_>| {
        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
        if json {
            results.push(done.json());
        } else {
            done.print(args.explain, quiet);
        }
        done.result.is_ok()
    };
    let paths = &app.paths;
    let can_ask = !app.common.no_input && password::can_ask();
    // One thread for each entry and not `restore_all`: the back-off of one must not wait for
    // another that hangs.
    let restored = std::thread::scope(|scope| {
        let threads: Vec<_> = entries
            .iter()
            .map(|entry| {
                let (tell, locked) = (&tell, &locked);
                scope.spawn(move || {
                    let watch = if quiet { Watch::off() } else { Watch::new() };
                    let mut story = Story::new(reports, watch);
                    let result = restore(router, entry, args.interactive, end, &mut story);
                    let dead = matches!(result, Ok(Way::Already)) && is_dead(paths, entry);
                    let result = if dead { Err(WnError::ALREADY_ASSIGNED.into()) } else { result };
                    let done = Done {
                        router,
                        entry,
                        result,
                        steps: story.into_steps(),
                        asked: false,
                        dead,
                    };
                    if can_ask && done.locked_by().is_some() {
                        locked.lock().unwrap_or_else(PoisonError::into_inner).push(done);
                        return false;
                    }
                    tell(&done)
                })
            })
            .collect();
        let done = threads.into_iter().map(|thread| thread.join().unwrap_or(false));
        done.filter(|ok| *ok).count()
    });
    // One question at a time, when nobody else prints any more.
    let mut locked = locked.into_inner().unwrap_or_else(PoisonError::into_inner);
    locked.sort_by(|a, b| a.entry.local.units().cmp(b.entry.local.units()));
    let unlocked =
        locked.into_iter().map(|done| done.unlocked(app.story())).filter(|done| tell(done));
    let restored = restored + unlocked.count();
    let failed = entries.len() - restored;
    if json {
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_by_key(|it: &Value| it["local"].to_string());
        put_json(&json!({
            "ok": failed == 0,
            "restored": restored,
            "failed": failed,
            "connections": results,
        }));
    }
    Ok(match (restored, failed) {
        (_, 0) => 0,
        (0, _) => FAILED,
        _ => SOME,
    })
}

/// Picks the entries that are wanted; each name given must be remembered.
fn entries(app: &App, args: &Args) -> Result<Vec<RememberedConnection>, Failure> {
    let router = app.host().router();
    let all =
        router.remembered().map_err(|error| app.failed(&error, About::default(), Vec::new()))?;
    if args.locals.is_empty() {
        return Ok(all);
    }
    let mut wanted: Vec<RememberedConnection> = Vec::new();
    for name in &args.locals {
        if !is_local(name) {
            let text = format!("{} is no local name: S:, LPT1 or an absolute path", clean(name));
            return Err(Failure::Usage(text));
        }
        let local = WideString::from(name.as_str());
        let found = router.profile().get(local.as_wide());
        let found = found.map_err(|code| {
            app.failed(&Error::profile(code), About { name, ..About::default() }, Vec::new())
        })?;
        let Some(entry) = found else {
            return Err(Failure::Other(format!("{} is not remembered", clean(name))));
        };
        if wanted.iter().all(|known| known.local != entry.local) {
            wanted.push(entry);
        }
    }
    Ok(wanted)
}

/// How an entry came to be connected.
#[derive(Clone, Copy)]
enum Way {
    /// By this provider, now.
    Restored(usize),
    /// It was already.
    Already,
}

/// Restores one entry, again and again while the network is not up and there is time.
fn restore(
    router: &Router,
    entry: &RememberedConnection,
    interactive: bool,
    end: Instant,
    story: &mut Story,
) -> Result<Way, Error> {
    let local = entry.local.as_wide();
    let mut pause = BACK_OFF.0;
    loop {
        let error = match router.restore_connection(local, interactive, story) {
            Ok(provider) => return Ok(Way::Restored(provider)),
            Err(error) => error,
        };
        if error.code == WnError::ALREADY_ASSIGNED {
            let there = router.connection(local, story).is_ok_and(|it| {
                let same = |provider| {
                    router.same_resource(provider, it.remote.as_wide(), entry.remote.as_wide())
                };
                it.provider.is_some_and(same)
            });
            return if there { Ok(Way::Already) } else { Err(error) };
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || !network_is_down(error.code) {
            return Err(error);
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(BACK_OFF.1);
    }
}

/// Tells whether what is connected there is a mount that nobody serves any more.
fn is_dead(paths: &Paths, entry: &RememberedConnection) -> bool {
    let place = directory(paths, entry.local.as_wide());
    place.and_then(|place| mounts::found(paths.runtime_dir(), &place)) == Some(Served::Nobody)
}

/// Tells whether a code says that there is no way to the server yet.
fn network_is_down(code: WnError) -> bool {
    const NETWORK_UNREACHABLE: u32 = 1231;
    const HOST_UNREACHABLE: u32 = 1232;

    matches!(
        code,
        WnError::REM_NOT_LIST
            | WnError::BAD_NET_PATH
            | WnError::NETNAME_DELETED
            | WnError::BUSY
            | WnError::NO_NET_OR_BAD_PATH
            | WnError::NO_NETWORK
            | WnError::TIMEOUT
    ) || matches!(code.code(), NETWORK_UNREACHABLE | HOST_UNREACHABLE)
}

/// What became of one entry.
struct Done<'a> {
    router: &'a Router,
    entry: &'a RememberedConnection,
    result: Result<Way, Error>,
    steps: Vec<Step>,
    /// Whether somebody typed a password.
    asked: bool,
    /// Whether it is connected already, by a process that is gone.
    dead: bool,
}

impl Done<'_> {
    /// Returns the provider that refused it for want of a password.
    fn locked_by(&self) -> Option<usize> {
        match &self.result {
            Err(error @ Error { by: DecidedBy::Provider(index), .. }) if wants_login(error) => {
                Some(*index)
            }
            _ => None,
        }
    }

    /// Asks for the password, and tries again with it; the refusal stands if nobody types one.
    fn unlocked(mut self, mut story: Story) -> Self {
        let (entry, user) = (self.entry, self.user());
        let secret = password::ask(&entry.remote.to_string_lossy(), user.as_deref());
        if let (Some(provider), Ok(secret)) = (self.locked_by(), secret) {
            let (local, password) = (entry.local.as_wide(), secret.password());
            let result = self.router.restore_with_password(local, provider, password, &mut story);
            self.result = result.map(Way::Restored);
            self.steps = story.into_steps();
            self.asked = true;
        }
        self
    }

    fn user(&self) -> Option<String> {
        Some(self.entry.user.to_string_lossy()).filter(|user| !user.is_empty())
    }

    fn failure(&self, error: &Error) -> Failure {
        let remote = self.entry.remote.to_string_lossy();
        let user = self.user();
        let about = About { name: &remote, user: user.as_deref(), hint: self.hint(error) };
        Failure::operation(self.router, error, about, self.steps.clone())
    }

    fn hint(&self, error: &Error) -> Option<&'static str> {
        if self.dead {
            return Some(
                "the process that served it is gone; take that away with `mpr delete --force --keep`",
            );
        }
        (wants_login(error) && !self.asked)
            .then_some("run `mpr restore` at a terminal, which asks for the password")
    }

    fn print(&self, explain: bool, quiet: bool) {
        let local = clean(&self.entry.local.to_string_lossy());
        let remote = clean(&self.entry.remote.to_string_lossy());
        let story = if explain { steps_text(&self.steps) } else { String::new() };
        match &self.result {
            Err(error) => {
                put(&story);
                output::tell(&format!("{local} not restored: {}\n", self.failure(error).message()));
            }
            Ok(_) if quiet => put(&story),
            Ok(Way::Already) => put(&format!("{story}{local} was connected to {remote} already\n")),
            Ok(Way::Restored(provider)) => {
                let provider = clean(&self.router.providers()[*provider].name().to_string());
                put(&format!("{story}{local} is connected to {remote} by {provider}\n"));
            }
        }
    }

    fn json(&self) -> Value {
        let (mut object, state, provider) = match &self.result {
            Err(error) => (self.failure(error).json(), "failed", None),
            Ok(Way::Already) => (json!({ "ok": true }), "already-connected", None),
            Ok(Way::Restored(at)) => (json!({ "ok": true }), "restored", Some(*at)),
        };
        object["local"] = self.entry.local.to_string_lossy().into();
        object["remote"] = self.entry.remote.to_string_lossy().into();
        object["state"] = state.into();
        let provider = provider.map(|at| self.router.providers()[at].name().to_string());
        object["provider"] =
            provider.unwrap_or_else(|| self.entry.provider.to_string_lossy()).into();
        object["trace"] = steps_json(&self.steps);
        object
    }
}
