//! The serving process: probe, mount, answer, serve to the end.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use fuser::Session;
use mpr_core::WnError;
use mpr_mount::{
    Action, Found, FoundKind, Task, answer_failed, answer_found, answer_ready, detach, take_task,
    watch_caller,
};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::dav::{Client, Credentials, Op};
use crate::fs::{Engine, FileSystem, mount_config};
use crate::log::log;
use crate::probe::{judge, probe};
use crate::remote::Remote;

/// How long a process that was asked to end goes on storing what was written.
const LAST_OFFER: Duration = Duration::from_secs(20);

/// Serves the mount that standard input describes, until it is unmounted.
pub fn serve() -> ExitCode {
    detach();
    let task = match take_task() {
        Ok(task) => task,
        Err(error) => {
            answer_failed("mount", WnError::INVALID_PARAMETER, &format!("no order: {error}"));
            return ExitCode::FAILURE;
        }
    };
    match run(task) {
        Ok(()) => ExitCode::SUCCESS,
        Err((stage, code, text)) => {
            answer_failed(&stage, code, &text);
            ExitCode::FAILURE
        }
    }
}

type Refusal = (String, WnError, String);

fn refuse(error: &io::Error) -> Refusal {
    let code = match error.kind() {
        io::ErrorKind::NotFound => WnError::NOT_SUPPORTED,
        _ => WnError::GEN_FAILURE,
    };
    ("mount".into(), code, format!("the mount failed: {}", error.to_string().trim()))
}

fn run(mut task: Task) -> Result<(), Refusal> {
    let no_order = || ("mount".to_owned(), WnError::INVALID_PARAMETER, "no order".to_owned());
    let remote = Remote::parse_str(&task.source).ok_or_else(no_order)?;
    let limit = |key: &str| {
        let millis = task.settings.get(key).and_then(serde_json::Value::as_u64);
        millis.map(Duration::from_millis).ok_or_else(no_order)
    };
    let (probe_limit, io_limit) = (limit("probe-ms")?, limit("io-ms")?);
    let password = task.password.take();
    let named = task.user.is_some() || password.is_some();
    let credentials = named.then(|| Credentials {
        user: task.user.clone().unwrap_or_default(),
        password: password.unwrap_or_default(),
    });
    watch_caller(&task).map_err(|error| refuse(&error))?;
    let client = Client::new(&remote, credentials.as_ref());
    probe(&remote, credentials.as_ref(), &client, probe_limit)
        .map_err(|obstacle| (obstacle.stage.to_string(), obstacle.code, obstacle.text))?;
    match task.action {
        Action::Mount => {}
        Action::Probe => return answer_ready().map_err(|error| refuse(&error)),
        Action::Browse => {
            let found = members(&remote, credentials.as_ref(), &client, probe_limit)?;
            let answered = answer_found(&found).and_then(|()| answer_ready());
            return answered.map_err(|error| refuse(&error));
        }
    }
    drop(credentials);

    let unsaved = task.settings.get("unsaved").and_then(serde_json::Value::as_str);
    let unsaved = unsaved.map(PathBuf::from);
    let engine = Arc::new(Engine::new(client, &remote, io_limit, unsaved));
    let session = mount(&task, &engine).map_err(|error| refuse(&error))?;
    let settled = task.write_note().and_then(|()| answer_ready());
    if settled.is_err() {
        // Nobody listens any more: leave nothing.
        drop(session);
        task.tidy();
        return settled.map_err(|error| refuse(&error));
    }
    let (over, ended) = mpsc::channel::<()>();
    let task = Arc::new(task);
    heed_signals(&task, engine, ended);
    if let Err(error) = session.run() {
        log(format_args!("the session ended: {error}"));
    }
    task.tidy();
    drop(over);
    Ok(())
}

/// Lists a collection that was found to be one.
fn members(
    remote: &Remote,
    credentials: Option<&Credentials>,
    client: &Client,
    limit: Duration,
) -> Result<Vec<Found>, Refusal> {
    let listed = client.list(&Op::new(limit), &(remote.wire_path() + "/"));
    let entries = listed.map_err(|error| {
        let obstacle = judge(remote, credentials, &error);
        (obstacle.stage.to_string(), obstacle.code, obstacle.text)
    })?;
    let found = |mut entry: crate::dav::Entry| {
        let kind = if entry.collection { FoundKind::Directory } else { FoundKind::File };
        let name = String::from_utf8(entry.path.pop()?).ok()?;
        Some(Found { name, kind, comment: None })
    };
    Ok(entries.into_iter().filter_map(found).collect())
}

/// Mounts, so that the mount table shows the remote name as it is.
fn mount(task: &Task, engine: &Arc<Engine>) -> io::Result<Session<FileSystem>> {
    let owner = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    // fusermount3, which mounts for all but root, takes one level of backslashes away.
    let escaped = task.source.replace('\\', r"\\").replace(',', r"\,");
    let mut spellings = [&task.source, &escaped];
    if owner.0 != 0 {
        spellings.reverse();
    }
    let mut last = io::Error::other("the mount table does not show the remote name");
    for source in spellings {
        let file_system = FileSystem::new(Arc::clone(engine), owner);
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

/// Ends in order when asked to: store what was written, unmount, and go even if files are open.
fn heed_signals(task: &Arc<Task>, engine: Arc<Engine>, ended: mpsc::Receiver<()>) {
    let Ok(mut signals) = Signals::new([SIGTERM, SIGINT, SIGHUP]) else { return };
    let task = Arc::clone(task);
    let heed = move || {
        // A terminal that closes is not ours; only orders to end count.
        if signals.forever().any(|signal| signal != SIGHUP) {
            engine.store_all(LAST_OFFER);
            task.unmount(true);
            if ended.recv_timeout(Duration::from_secs(2)) == Err(mpsc::RecvTimeoutError::Timeout) {
                engine.store_all(Duration::from_secs(2));
                engine.rescue_all();
                task.tidy();
                std::process::exit(0);
            }
        }
    };
    let _ = std::thread::Builder::new().name("signals".into()).spawn(heed);
}
