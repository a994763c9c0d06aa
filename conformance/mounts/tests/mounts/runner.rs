//! Runs cases: lanes side by side, in a lane one case after the other.
//!
//! A lane is a server with either the cases that share a mount of it, or those that break it. A
//! case that takes too long is freed by ending its mounts: it fails, and its lane goes on.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::sync::{Condvar, Mutex};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use mpr_mount_conformance::{BACKENDS, Backend, Stage, abort_below};

use crate::bench::{Setting, Shared};
use crate::{cases, faults, skip, user};

/// Longest time for a case. A slow machine needs a tenth of it.
const LIMIT: Duration = Duration::from_secs(180);

/// How many cases run at once; most of them wait most of the time.
const AT_ONCE: usize = 4;

/// What became of the cases.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: Vec<String>,
}

/// What a thread that runs a case leaves for its lane.
#[derive(Default)]
struct Traces {
    /// Its last words.
    said: HashMap<ThreadId, String>,
    /// Roots of its worlds.
    worlds: HashMap<ThreadId, Vec<PathBuf>>,
}

static TRACES: Mutex<Option<Traces>> = Mutex::new(None);
static RUNNING: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

fn traces<T>(look: impl FnOnce(&mut Traces) -> T) -> T {
    let mut traces = TRACES.lock().unwrap_or_else(|broken| broken.into_inner());
    look(traces.get_or_insert_default())
}

/// Notes a world of the case that this thread runs, to be ended if the case takes too long.
pub(crate) fn note_world(root: &Path) {
    let own = std::thread::current().id();
    traces(|traces| traces.worlds.entry(own).or_default().push(root.into()));
}

pub(crate) fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let filters: Vec<String> =
        arguments.iter().filter(|it| !it.starts_with('-')).cloned().collect();
    let run = Run { user: user::word(), filters };
    if arguments.iter().any(|it| it == "--list") {
        for lane in BACKENDS.iter().flat_map(|backend| run.lanes(backend)) {
            lane.wanted.iter().for_each(|case| println!("{}: test", run.name(&lane, case)));
        }
        return ExitCode::SUCCESS;
    }
    let setting = match user::stage().map_or_else(Stage::find, Ok) {
        Ok(stage) => Setting { stage, small: user::small() },
        Err(why) => {
            skip::skip("mounts", &why);
            return ExitCode::SUCCESS;
        }
    };
    let start = Instant::now();
    let tally = Mutex::new(Tally::default());
    if user::is_outer() {
        std::thread::scope(|scope| {
            let (run, setting, tally) = (&run, &setting, &tally);
            for user in ["root", "user"] {
                scope.spawn(move || {
                    if let Err(why) = user::run_inside(user, setting, &run.filters, tally) {
                        tally.lock().unwrap().failed.push(why);
                    }
                });
            }
        });
    } else {
        if let Some(why) = user::cannot_mount() {
            skip::skip(&format!("mounts/{}", run.user), &why);
            return ExitCode::SUCCESS;
        }
        run.all(&setting, &tally);
    }
    let tally = tally.into_inner().unwrap();
    report(&tally, start.elapsed())
}

fn report(tally: &Tally, took: Duration) -> ExitCode {
    let mark = if tally.failed.is_empty() { "ok" } else { "FAILED" };
    if !tally.failed.is_empty() {
        println!("\nfailures:");
        tally.failed.iter().for_each(|name| println!("    {name}"));
    }
    println!(
        "\ntest result: {mark}. {} passed; {} failed; 0 ignored; 0 measured; 0 filtered out; \
         finished in {:.2}s\n",
        tally.passed,
        tally.failed.len(),
        took.as_secs_f64()
    );
    if tally.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What is to be run, as whom.
struct Run {
    user: &'static str,
    filters: Vec<String>,
}

/// Cases of a server that run one after the other.
struct Lane {
    backend: &'static Backend,
    /// They break what they use, so each has its own.
    breaking: bool,
    wanted: Vec<&'static str>,
}

impl Run {
    /// Runs all lanes side by side.
    fn all(&self, setting: &Setting, tally: &Mutex<Tally>) {
        std::panic::set_hook(Box::new(|info| {
            let own = std::thread::current().id();
            traces(|traces| {
                traces.said.entry(own).or_insert_with(|| info.to_string());
            });
        }));
        std::thread::scope(|scope| {
            for backend in BACKENDS.iter().filter(|backend| self.can(setting, backend)) {
                for lane in self.lanes(backend) {
                    scope.spawn(move || self.lane(setting, &lane, tally));
                }
            }
        });
    }

    fn name(&self, lane: &Lane, case: &str) -> String {
        format!("{}/{}/{case}", lane.backend.name, self.user)
    }

    /// Tells whether a server's cases can run; if not, says why.
    fn can(&self, setting: &Setting, backend: &'static Backend) -> bool {
        let wanted = self.lanes(backend).iter().any(|lane| !lane.wanted.is_empty());
        let test = format!("{}/{}", backend.name, self.user);
        if wanted && !setting.stage.has(backend.provider) {
            skip::skip(&test, &format!("no {} provider is staged", backend.provider));
            return false;
        }
        if let Some(missing) = backend.needs.filter(|it| wanted && !Path::new(it).exists()) {
            skip::skip(&test, &format!("there is no {missing}: cargo xtask setup"));
            return false;
        }
        wanted
    }

    fn lanes(&self, backend: &'static Backend) -> [Lane; 2] {
        [false, true].map(|breaking| {
            let mut lane = Lane { backend, breaking, wanted: Vec::new() };
            let all: Vec<&'static str> = if breaking {
                let fit = faults::CASES.iter().filter(|case| (case.fits)(backend));
                fit.map(|case| case.name).collect()
            } else {
                cases::CASES.iter().map(|(name, _)| *name).collect()
            };
            let wanted = |case: &&str| {
                let name = self.name(&lane, case);
                self.filters.is_empty() || self.filters.iter().any(|it| name.contains(it))
            };
            lane.wanted = all.into_iter().filter(wanted).collect();
            lane
        })
    }

    fn lane(&self, setting: &Setting, lane: &Lane, tally: &Mutex<Tally>) {
        let mut shared = None;
        for case in &lane.wanted {
            let name = self.name(lane, case);
            let _permit = permit();
            let start = Instant::now();
            let failed = if lane.breaking {
                let it = faults::CASES.iter().find(|it| it.name == *case).unwrap();
                bounded(|| (it.run)(setting, lane.backend)).err()
            } else {
                self.share(setting, lane, case, &mut shared)
            };
            let took = start.elapsed().as_secs_f64();
            let mut tally = tally.lock().unwrap();
            match failed {
                None => {
                    println!("test {name} ... ok ({took:.1} s)");
                    tally.passed += 1;
                }
                Some(why) => {
                    println!("test {name} ... FAILED ({took:.1} s)\n{}", indented(&why));
                    tally.failed.push(name);
                }
            }
        }
        if let Some(shared) = shared
            && let Err(why) = bounded(|| Shared::finish(shared))
        {
            let name = format!("{}/{}/nothing stays", lane.backend.name, self.user);
            println!("test {name} ... FAILED\n{}", indented(&why));
            tally.lock().unwrap().failed.push(name);
        }
    }

    /// Runs a case on the mount that the lane's cases share; returns why it failed.
    fn share(
        &self,
        setting: &Setting,
        lane: &Lane,
        case: &str,
        shared: &mut Option<Shared>,
    ) -> Option<String> {
        if shared.is_none() {
            match bounded(|| Shared::new(setting, lane.backend)) {
                Ok(made) => *shared = Some(made),
                Err(why) => return Some(why),
            }
        }
        let bench = shared.as_ref()?;
        let (_, act) = cases::CASES.iter().find(|(name, _)| *name == case)?;
        let result = bounded(|| {
            note_world(bench.bench.world.path());
            act(&bench.mount(case));
        });
        let why = result.err()?;
        let logs = format!("{}{}", bench.bench.world.logs(), tail(&bench.bench.server.log()));
        // What failed may have broken the mount; the next case gets another.
        *shared = None;
        Some(format!("{why}\n{logs}"))
    }
}

fn tail(text: &str) -> &str {
    let mut start = text.len().saturating_sub(1500);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("    {line}\n"));
    lines.collect()
}

/// Runs something in a thread of its own; if it takes too long, ends the mounts of its worlds.
fn bounded<T: Send>(act: impl FnOnce() -> T + Send) -> Result<T, String> {
    let (ended, end) = channel();
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let result = catch_unwind(AssertUnwindSafe(act));
            let _ = ended.send(());
            result
        });
        let id = thread.thread().id();
        let hung = end.recv_timeout(LIMIT).is_err();
        if hung {
            let worlds = traces(|traces| traces.worlds.get(&id).cloned().unwrap_or_default());
            worlds.iter().for_each(|root| abort_below(root));
        }
        let result = thread.join().unwrap_or_else(Err);
        let said = traces(|traces| {
            traces.worlds.remove(&id);
            traces.said.remove(&id)
        });
        let said = said.unwrap_or_default();
        match result {
            Ok(_) if hung => Err(format!("took more than {LIMIT:?}, until its mounts were ended")),
            Ok(value) => Ok(value),
            Err(_) if hung => Err(format!("took more than {LIMIT:?}, then: {said}")),
            Err(_) => Err(said),
        }
    })
}

/// Leave to run a case; given back when it is dropped.
struct Permit;

fn permit() -> Permit {
    let running = RUNNING.0.lock().unwrap();
    *RUNNING.1.wait_while(running, |running| *running >= AT_ONCE).unwrap() += 1;
    Permit
}

impl Drop for Permit {
    fn drop(&mut self) {
        *RUNNING.0.lock().unwrap() -= 1;
        RUNNING.1.notify_one();
    }
}
