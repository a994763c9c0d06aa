//! The serving process: connect, mount, answer, serve to the end.

use std::future::Future;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use fuser::Session;
use mpr_core::WnError;
use mpr_mount::{
    Action, Health, MountTable, Obstacle, Stage, State, Task, answer_failed, answer_found,
    answer_ready, detach, first_stage, take_task, watch_caller,
};
use serde_json::Value;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tokio::runtime::Runtime;

use crate::core::Core;
use crate::fuse::{FileSystem, mount_config};
use crate::health::Condition;
use crate::log::log;
use crate::{Protocol, Reached, Share, Target};

/// What Wine looks for in every drive when it starts. Of a server that does not answer it would
/// wait for them, whatever the program that is started wants.
const LABELS: &[&str] = &[".windows-label", ".windows-serial"];

/// How long a session that was unmounted may take to end, files being open.
const LINGERING: Duration = Duration::from_secs(2);

/// How long saying goodbye to a server that was only asked may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// How many threads run the tasks of a mount.
const WORKERS: usize = 2;

/// The program that serves a protocol's mounts: `fn main() -> ExitCode { mpr_engine::main::<P>() }`.
///
/// Without argument it starts itself again and ends; the second run takes an order from its
/// standard input and answers in JSON lines (see `mpr_mount::serve`).
pub fn main<P: Protocol>() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => first_stage("serve"),
        Some("serve") => serve::<P>(),
        Some(_) => {
            log(format_args!("this serves a mount; connect with `mpr use S: REMOTE`"));
            ExitCode::from(2)
        }
    }
}

fn serve<P: Protocol>() -> ExitCode {
    detach();
    match run::<P>() {
        Ok(()) => ExitCode::SUCCESS,
        Err(obstacle) => {
            log(format_args!("{obstacle}"));
            answer_failed(obstacle.stage.word(), obstacle.code, &obstacle.text);
            ExitCode::FAILURE
        }
    }
}

fn no_order(what: impl std::fmt::Display) -> Obstacle {
    Obstacle::new(Stage::Mount, WnError::INVALID_PARAMETER, format!("no order: {what}"))
}

/// Says why it cannot be mounted. Not 50: that is how others say that a name is not theirs.
fn refuse(error: &io::Error) -> Obstacle {
    let why = match (error.to_string().trim(), error.kind()) {
        _ if !Path::new("/dev/fuse").exists() => {
            "there is no /dev/fuse; `modprobe fuse`, or give the container that device".into()
        }
        (why, io::ErrorKind::NotFound) => format!("{why}; is fusermount3 there (package fuse3)?"),
        ("", _) => "fusermount3 refused it and did not say why".into(),
        (why, _) => why.to_owned(),
    };
    let text = format!("the mount failed: {why}");
    Obstacle::new(Stage::Mount, WnError::GEN_FAILURE, text)
}

fn run<P: Protocol>() -> Result<(), Obstacle> {
    let task = take_task().map_err(no_order)?;
    // A caller that goes before it got its answer wants nothing left of this.
    watch_caller(&task).map_err(|error| refuse(&error))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(4)
        .enable_all()
        .build()
        .map_err(|error| refuse(&error))?;
    let result = carry_out::<P>(task, &runtime);
    // What still waits for a server that does not answer, or for a name, is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(100));
    result
}

fn carry_out<P: Protocol>(mut task: Task, runtime: &Runtime) -> Result<(), Obstacle> {
    let limit = |key: &str| {
        let millis = task.settings.get(key).and_then(Value::as_u64);
        millis.map(Duration::from_millis).ok_or_else(|| no_order(key))
    };
    let probe_limit = limit("probe-ms")?;
    match task.action {
        Action::Browse => {
            let found = within(runtime, target(&mut task, probe_limit), P::browse)?;
            let told = answer_found(&found).and_then(|()| answer_ready());
            told.map_err(|error| refuse(&error))?;
        }
        Action::Probe => {
            let share = within(runtime, target(&mut task, probe_limit), P::connect)?;
            let told = answer_ready();
            let leaving = async { tokio::time::timeout(GOODBYE, share.leave()).await };
            let _ = runtime.block_on(leaving);
            told.map_err(|error| refuse(&error))?;
        }
        Action::Mount => {
            let io_limit = limit("io-ms")?;
            let share = within(runtime, target(&mut task, probe_limit), P::connect)?;
            serve_mount(task, share, io_limit, runtime)?;
        }
    }
    Ok(())
}

/// Returns what to connect to; the password goes along and nothing of it stays.
fn target(task: &mut Task, limit: Duration) -> Target {
    let mut target = Target::new(task.source.clone(), limit);
    target.user = task.user.clone();
    target.password = task.password.take();
    target.unsaved = task.settings.get("unsaved").and_then(Value::as_str).map(Into::into);
    if let Some(Value::Object(options)) = task.settings.get_mut("options").map(Value::take) {
        target.options = options;
    }
    target
}

/// Runs an attempt to its end or its limit, and then says how far it got.
fn within<T, F>(
    runtime: &Runtime,
    target: Target,
    attempt: impl FnOnce(Target) -> F,
) -> Result<T, Obstacle>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Obstacle>> + Send,
{
    let (limit, reached) = (target.limit, target.reached.clone());
    let attempt = attempt(target);
    runtime.block_on(async {
        let outcome = tokio::time::timeout(limit, attempt).await;
        outcome.unwrap_or_else(|_| Err(out_of_time(&reached, limit)))
    })
}

fn out_of_time(reached: &Reached, limit: Duration) -> Obstacle {
    let stage = reached.get();
    let code = match stage {
        Stage::Resolve => WnError::BAD_NET_PATH,
        _ => WnError::TIMEOUT,
    };
    let text = format!("no answer within {:.1} s", limit.as_secs_f64());
    Obstacle::new(stage, code, text)
}

fn serve_mount<S: Share>(
    task: Task,
    share: S,
    io_limit: Duration,
    runtime: &Runtime,
) -> Result<(), Obstacle> {
    let core = Core::new(share, io_limit, runtime.handle().clone());
    let session = mount(&task, &core).map_err(|error| refuse(&error))?;
    read_ahead_more(&task);
    let settled = task.write_note().and_then(|()| answer_ready());
    if let Err(error) = settled {
        // Nobody listens any more: leave nothing.
        drop(session);
        task.tidy();
        return Err(refuse(&error));
    }
    let (over, ended) = mpsc::channel::<()>();
    let task = Arc::new(task);
    heed_signals(&task, &core, ended);
    runtime.spawn(tell_health(Arc::clone(&task), Arc::clone(&core)));
    runtime.spawn(Arc::clone(&core).keep_house());
    if let Err(error) = session.run() {
        log(format_args!("the session ended: {error}"));
    }
    drop(over);
    runtime.block_on(core.end());
    task.tidy();
    runtime.block_on(core.leave());
    Ok(())
}

/// Mounts, so that the mount table shows the remote name as it is.
fn mount<S: Share>(task: &Task, core: &Arc<Core<S>>) -> io::Result<Session<FileSystem<S>>> {
    let owner = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    // fusermount3, which mounts for all but root, takes one level of backslashes away.
    let escaped = task.source.replace('\\', r"\\").replace(',', r"\,");
    let mut spellings = [&task.source, &escaped];
    if owner.0 != 0 {
        spellings.reverse();
    }
    let mut last = io::Error::other("the mount table does not show the remote name");
    for source in spellings {
        let is_for_wine = task.settings.get("wine") == Some(&Value::Bool(true));
        let hidden = if is_for_wine { LABELS } else { &[] };
        let file_system = FileSystem::new(Arc::clone(core), owner).hiding(hidden);
        match Session::new(file_system, &task.place.dir, &mount_config(source, &task.subtype)) {
            // Ended here, a session with another name is unmounted.
            Ok(session) if task.mounted_source().as_ref() == Some(&task.source) => {
                return Ok(session);
            }
            Ok(_) => {}
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Lets the kernel ask for as much at a time as it may; without root it stays at 128 KiB.
fn read_ahead_more(task: &Task) {
    let Ok(table) = MountTable::read(&task.subtype) else { return };
    let Some(entry) = table.at(&task.place.dir) else { return };
    let _ = std::fs::write(format!("/sys/class/bdi/0:{}/read_ahead_kb", entry.device), "1024");
}

/// Ends in order when asked to: store what was written, unmount, and go even if files are open.
fn heed_signals<S: Share>(task: &Arc<Task>, core: &Arc<Core<S>>, ended: mpsc::Receiver<()>) {
    let Ok(mut signals) = Signals::new([SIGTERM, SIGINT, SIGHUP]) else { return };
    let (task, core) = (Arc::clone(task), Arc::clone(core));
    let heed = move || {
        // A terminal that closes is not ours; only orders to end count.
        if signals.forever().any(|signal| signal != SIGHUP) {
            core.runtime.block_on(core.store_all());
            task.unmount(true);
            if ended.recv_timeout(LINGERING) == Err(mpsc::RecvTimeoutError::Timeout) {
                core.runtime.block_on(core.end());
                core.runtime.block_on(core.leave());
                task.tidy();
                std::process::exit(0);
            }
        }
    };
    let _ = std::thread::Builder::new().name("signals".into()).spawn(heed);
}

/// Writes into the note how the mount does, whenever that changes.
async fn tell_health<S: Share>(task: Arc<Task>, core: Arc<Core<S>>) {
    let mut state = core.health.watch();
    let mut told = Condition::Up;
    loop {
        // What is broken for long is down; nobody says so.
        let changed = tokio::time::timeout(Duration::from_secs(1), state.changed()).await;
        if let Ok(Err(_)) = changed {
            return;
        }
        let (condition, reason) = (core.health.condition(), core.health.reason());
        if condition == told {
            continue;
        }
        told = condition;
        let state = match condition {
            Condition::Up => State::Up,
            Condition::Reconnecting => State::Reconnecting,
            Condition::Down => State::Down,
        };
        let health = Health::now(state, reason);
        let task = Arc::clone(&task);
        let written = tokio::task::spawn_blocking(move || task.write_health(&health)).await;
        if let Ok(Err(error)) = written {
            log(format_args!("the note could not be written: {error}"));
        }
    }
}
