//! `mpr demo`: a session with real parts, in a root of its own that is taken away afterwards.
//!
//! Two processes: this one makes the root, starts itself anew inside it (`session`) and cleans up
//! when that has ended, however it has ended. Modules read their surroundings from the environment,
//! which has to be there before they are loaded, and a process that is killed cannot clean up.

mod events;
mod server;
mod session;
mod stage;

use std::ffi::OsStr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rustix::process::{Pid, Signal, getpid, kill_process, set_child_subreaper};
use serde_json::json;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::app::{App, Outcome};
use crate::failure::{FAILED, Failure};
use crate::output::{put, put_json};

use self::stage::Stage;

/// Exit status after Ctrl-C, as shells have it.
const INTERRUPTED: u8 = 130;

/// Show a session with a real server, provider and notifyees, and leave nothing behind
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Run in the root that `MPR_ROOT` names
    #[arg(long, hide = true)]
    session: bool,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    if args.session {
        return session::run(app);
    }
    if app.paths.is_privileged() {
        return Err(Failure::Other("not in a set-uid or set-gid program".into()));
    }
    let started = Instant::now();
    let went_wrong = |what: &str| {
        let what = what.to_owned();
        move |error: std::io::Error| Failure::Other(format!("{what}: {error}"))
    };
    let watch = Signals::new([SIGINT, SIGTERM, SIGHUP]).map_err(went_wrong("no signal handler"))?;
    // Processes that serve mounts leave their parents, and come to us: none is left unseen.
    let _ = set_child_subreaper(Some(getpid()));
    let stage = Stage::set(&app.paths)?;
    let mut command = stage.command()?;
    command.arg("demo").arg("--session").stdin(Stdio::null());
    if app.common.json {
        command.arg("--json");
    }
    let mut session = command.spawn().map_err(went_wrong("cannot start the session"))?;
    let interrupted = pass_on(watch, &session);
    let status = session.wait().map_err(went_wrong("lost the session"))?;
    let left = stage.strike();
    let seconds = started.elapsed().as_secs_f64();
    let ok = status.success() && left.is_empty();
    if app.common.json {
        put_json(&json!({ "event": "end", "ok": ok, "left": left, "seconds": seconds }));
    } else if ok {
        put(&format!("\nDone in {seconds:.1} s; nothing is left mounted or registered.\n"));
    }
    if let Some(left) = left.first() {
        return Err(Failure::Other(format!("{left} could not be taken away")));
    }
    Ok(match status.code() {
        _ if interrupted.load(Ordering::Relaxed) => INTERRUPTED,
        Some(0) => 0,
        _ => FAILED,
    })
}

/// Ends the session when this process is asked to end; this one goes on to clean up.
fn pass_on(mut signals: Signals, session: &Child) -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let (told, pid) = (Arc::clone(&interrupted), Pid::from_child(session));
    std::thread::spawn(move || {
        for _ in signals.forever() {
            // Once: afterwards the number may be somebody else's.
            if !told.swap(true, Ordering::Relaxed) {
                let _ = kill_process(pid, Signal::TERM);
            }
        }
    });
    interrupted
}

/// Runs a program that has nothing to say.
fn silently(program: impl AsRef<OsStr>, args: &[&OsStr]) -> bool {
    let mut command = Command::new(program);
    let command = command.args(args).stdin(Stdio::null());
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
