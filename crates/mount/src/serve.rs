//! Starting the process that serves a mount, from the caller's side.
//!
//! The helper program gets its order as one JSON document through a pipe: never an argument or a
//! variable, where others could read the password. It answers in JSON lines through another pipe:
//! `{"pid":N}` when it has left the caller's process group, then `{"ok":true}` when the mount
//! works, or `{"stage":...,"code":...,"text":...}`. Whatever fails, nothing stays behind.

use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mpr_core::WnError;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::mount::UnmountFlags;
use serde_json::{Value, json};
use zeroize::{Zeroize as _, Zeroizing};

use crate::note::{Note, ProcessId};
use crate::place::Place;
use crate::runtime::{Runtime, privileged};
use crate::table::MountTable;
use crate::unmount::{detach, log_path};

/// Longest order; what a pipe holds, so that writing it neither waits nor fails.
pub(crate) const LONGEST_ORDER: usize = 60 * 1024;

/// Variables that a serving process needs; the caller's others are nobody's business there.
const VARIABLES: [&str; 12] = [
    "HOME",
    "LANG",
    "LC_ALL",
    "PATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "USER",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
    "XDG_STATE_HOME",
    "LLVM_PROFILE_FILE",
];

/// What a serving process is told.
#[derive(Debug)]
pub struct Order<'a> {
    /// The helper program.
    pub helper: &'a Path,
    /// The file system's subtype: `mpr-webdav`.
    pub subtype: &'a str,
    /// The source of the mount: the remote name.
    pub source: &'a str,
    /// The user to log in as.
    pub user: Option<&'a str>,
    /// The password; written to the pipe and nowhere else.
    pub password: Option<Secret<'a>>,
    /// What the provider has to say to its own helper.
    pub settings: Value,
    /// How long the helper may take to answer.
    pub limit: Duration,
}

/// A password that does not show itself.
pub struct Secret<'a>(pub &'a str);

impl std::fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Why there is no mount.
#[derive(Debug)]
pub enum Failure {
    /// The serving process says why: the stage it reached, a code and a text.
    Refused {
        /// `resolve`, `connect`, `TLS`, `log in`, `open` or `mount`.
        stage: String,
        /// The code that goes with it.
        code: WnError,
        /// The text for people.
        text: String,
    },
    /// The directory to mount at holds something.
    NotEmpty,
    /// No answer in time.
    TimedOut,
    /// The helper could not be run, or ended without answer.
    Broken(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::DirectoryNotEmpty => Self::NotEmpty,
            io::ErrorKind::TimedOut => Self::TimedOut,
            _ => Self::Broken(error),
        }
    }
}

/// Finds a helper program: in `$MPR_LIBEXEC`, beside the module that holds the function `anchor`,
/// in that directory's `libexec` neighbour, or beside the program that runs.
pub fn helper_program(name: &str, anchor: usize) -> Option<PathBuf> {
    let given = std::env::var_os("MPR_LIBEXEC").filter(|_| !privileged()).map(PathBuf::from);
    let module = module_of(anchor).and_then(|path| path.parent().map(Path::to_path_buf));
    let running = std::env::current_exe().ok().and_then(|path| path.parent().map(Into::into));
    let near = [module, running].into_iter().flatten();
    let near = near.flat_map(|dir: PathBuf| [dir.clone(), dir.join("../libexec/mpr")]);
    given.into_iter().chain(near).map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// Finds the file that the code at an address was loaded from.
fn module_of(address: usize) -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().find_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let within = usize::from_str_radix(start, 16).ok()? <= address
            && address < usize::from_str_radix(end, 16).ok()?;
        within.then(|| rest.find('/').map(|at| PathBuf::from(&rest[at..])))?
    })
}

/// Mounts: makes the directory, starts the serving process and waits for its answer.
///
/// The caller holds the lock of the place.
pub fn serve(runtime: &Runtime, place: &Place, order: &Order<'_>) -> Result<(), Failure> {
    let made_dir = place.create(runtime)?;
    let mut process = None;
    let result = start(runtime, place, order, made_dir, &mut process);
    if result.is_err() {
        if let Some(process) = process {
            process.kill(Duration::from_secs(2));
        }
        if MountTable::read(order.subtype).is_ok_and(|table| table.at(&place.dir).is_some()) {
            let lazily = UnmountFlags::NOFOLLOW | UnmountFlags::DETACH;
            let _ = detach(&place.dir, lazily, "-uz");
        }
        Note::remove(runtime, place);
        let _ = std::fs::remove_file(log_path(runtime, place));
        if made_dir {
            place.remove(runtime);
        }
    }
    result
}

fn start(
    runtime: &Runtime,
    place: &Place,
    order: &Order<'_>,
    made_dir: bool,
    process: &mut Option<ProcessId>,
) -> Result<(), Failure> {
    let deadline = Instant::now() + order.limit;
    let (order_end, mut order_pipe) = io::pipe()?;
    let (mut answers, answer_end) = io::pipe()?;
    // Both ends are ours and the pipe holds it all: no waiting, and no SIGPIPE for a C caller.
    order_pipe.write_all(&document(runtime, place, order, made_dir)?)?;
    drop(order_pipe);

    let log = std::fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(log_path(runtime, place))?;
    let mut command = Command::new(order.helper);
    command.env_clear().current_dir("/");
    command.stdin(order_end).stdout(answer_end).stderr(Stdio::from(log));
    let path = if privileged() { None } else { std::env::var_os("PATH") };
    for name in VARIABLES {
        if let Some(value) = std::env::var_os(name).filter(|_| name != "PATH" && !privileged()) {
            command.env(name, value);
        }
    }
    command.env("PATH", path.unwrap_or_else(|| "/usr/bin:/bin".into()));
    let mut first = command.spawn()?;
    // The command holds the ends that the child got; without it the pipe ends with the child.
    drop(command);
    *process = ProcessId::of(first.id());

    let outcome = listen(&mut answers, deadline, process);
    if outcome.is_err() {
        let _ = first.kill();
    }
    let _ = first.wait();
    outcome
}

/// Reads answer lines until the last word or the deadline.
fn listen(
    answers: &mut io::PipeReader,
    deadline: Instant,
    process: &mut Option<ProcessId>,
) -> Result<(), Failure> {
    let mut text = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        while let Some(end) = text.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = text.drain(..=end).collect();
            let value: Value = serde_json::from_slice(&line).map_err(io::Error::from)?;
            if let Some(pid) = value.get("pid").and_then(Value::as_u64) {
                *process = u32::try_from(pid).ok().and_then(ProcessId::of);
            } else {
                return last_word(&value);
            }
        }
        if text.len() > LONGEST_ORDER {
            return Err(io::Error::from(io::ErrorKind::InvalidData).into());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        let mut polled = [PollFd::new(answers, PollFlags::IN)];
        match rustix::event::poll(&mut polled, Some(&timeout)) {
            Ok(0) => return Err(Failure::TimedOut),
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(io::Error::from(error).into()),
            Ok(_) => {}
        }
        match answers.read(&mut chunk)? {
            0 => {
                let text = "the serving process ended without an answer";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, text).into());
            }
            count => text.extend_from_slice(&chunk[..count]),
        }
    }
}

fn last_word(value: &Value) -> Result<(), Failure> {
    if value.get("ok").and_then(Value::as_bool) == Some(true) {
        return Ok(());
    }
    let text = |key| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let code = value.get("code").and_then(Value::as_u64).and_then(|code| u32::try_from(code).ok());
    let code = code.and_then(WnError::new).unwrap_or(WnError::UNEXP_NET_ERR);
    Err(Failure::Refused { stage: text("stage"), code, text: text("text") })
}

/// Writes the order as JSON; the password last and straight into memory that is wiped.
fn document(
    runtime: &Runtime,
    place: &Place,
    order: &Order<'_>,
    made_dir: bool,
) -> io::Result<Zeroizing<Vec<u8>>> {
    let open = json!({
        "runtime": runtime.to_value(),
        "place": {
            "dir": utf8(&place.dir)?,
            "key": place.key,
            "inside": place.inside,
        },
        "made_dir": made_dir,
        "subtype": order.subtype,
        "source": order.source,
        "user": order.user,
        "settings": order.settings,
    });
    let mut text = Zeroizing::new(Vec::with_capacity(LONGEST_ORDER));
    serde_json::to_writer(&mut *text, &open)?;
    if let Some(Secret(password)) = order.password {
        text.pop();
        text.extend_from_slice(b",\"password\":");
        // `text` has room for the longest password there can be, so it is never copied away.
        if text.len() + password.len() * 6 + 3 > LONGEST_ORDER {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        serde_json::to_writer(&mut *text, password)?;
        text.push(b'}');
    }
    if text.len() > LONGEST_ORDER {
        text.zeroize();
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(text)
}

fn utf8(path: &Path) -> io::Result<&str> {
    path.to_str().ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Another process writes the script: an open descriptor here could be inherited by a child
    /// of another test just then, and a file open for writing cannot be run.
    fn script(root: &Path, text: &str) -> PathBuf {
        let path = root.join("helper");
        let write = r#"printf '#!/bin/sh\n%s\n' "$1" > "$2" && chmod 755 "$2""#;
        let mut command = Command::new("sh");
        assert!(command.args(["-c", write, "sh", text]).arg(&path).status().unwrap().success());
        path
    }

    fn run(text: &str, limit: Duration) -> (Result<(), Failure>, tempfile::TempDir) {
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        let place = Place::deviceless(&runtime, "host", "share");
        let helper = script(root.path(), text);
        let order = Order {
            helper: &helper,
            subtype: "mpr-test",
            source: "x",
            user: Some("alice"),
            password: Some(Secret("p\"ss")),
            settings: json!({}),
            limit,
        };
        let result = serve(&runtime, &place, &order);
        assert!(!place.dir.exists() || result.is_ok());
        (result, root)
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn the_order_arrives_and_the_answer_counts() {
        let check = r#"grep -q '"password":"p\\"ss"}$' && echo '{"pid":1}' && echo '{"ok":true}'"#;
        assert!(run(check, LONG).0.is_ok());
        let refusal = r#"echo '{"stage":"log in","code":86,"text":"wrong password"}'"#;
        let (Err(Failure::Refused { stage, code, text }), _) = run(refusal, LONG) else {
            panic!("not refused")
        };
        assert_eq!((stage.as_str(), code), ("log in", WnError::INVALID_PASSWORD));
        assert_eq!(text, "wrong password");
    }

    #[test]
    fn silence_and_death_are_failures() {
        assert!(matches!(run("exit 3", LONG).0, Err(Failure::Broken(_))));
        assert!(matches!(run("echo nonsense", LONG).0, Err(Failure::Broken(_))));
        let (result, root) = run("exec sleep 1000", Duration::from_millis(20));
        assert!(matches!(result, Err(Failure::TimedOut)));
        let left = std::fs::read_dir(root.path().join("run/mpr/.serve")).unwrap().count();
        assert_eq!(left, 0);
    }

    #[test]
    fn the_own_file_is_found() {
        let found = module_of(the_own_file_is_found as *const () as usize).unwrap();
        assert_eq!(found, std::env::current_exe().unwrap());
    }
}
