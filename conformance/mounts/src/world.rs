//! A private world for the staged `mpr`: settings, modules, mounts, and proof that nothing stays.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::mount::UnmountFlags;
use serde_json::Value;
use tempfile::TempDir;

use crate::bounded::{Outcome, run_with};
use crate::server::Variables;

/// Long enough for anything that works.
const LONG: Duration = Duration::from_secs(60);

/// The staged programs and modules, where this user may load them from.
#[derive(Debug)]
pub struct Stage {
    mpr: PathBuf,
    lib: PathBuf,
    _copy: Option<TempDir>,
}

impl Stage {
    /// Finds what `cargo xtask stage` made; says what is missing.
    pub fn find() -> Result<Self, String> {
        let given = std::env::var_os("MPR_STAGE").map(PathBuf::from);
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let target = program.ancestors().find(|it| it.join("CACHEDIR.TAG").exists());
        let staged = given.or_else(|| target.map(|target| target.join("stage/usr")));
        let staged = staged.ok_or("no target folder")?;
        let (mpr, lib) = (staged.join("bin/mpr"), staged.join("lib/mpr"));
        if !mpr.exists() {
            return Err(format!("no mpr in {}: cargo xtask stage", staged.display()));
        }
        // A module counts only if nobody else could have written it; those of a working copy may
        // lie where that is not so.
        let copy = tempfile::tempdir().map_err(|error| error.to_string())?;
        let files = fs::read_dir(&lib).map_err(|error| error.to_string())?.flatten();
        // Folders are for Windows programs.
        let files = files.map(|entry| entry.path()).filter(|path| path.is_file());
        for file in files.chain([mpr]) {
            let name = file.file_name().unwrap_or_default();
            let copied = fs::copy(&file, copy.path().join(name));
            copied.map_err(|error| format!("{}: {error}", file.display()))?;
        }
        let lib = copy.path().to_path_buf();
        Ok(Self { mpr: lib.join("mpr"), lib, _copy: Some(copy) })
    }

    /// Returns the folder of the programs, for another user to copy.
    pub fn folder(&self) -> &Path {
        &self.lib
    }

    /// Uses programs in this folder.
    pub fn at(folder: &Path) -> Self {
        Self { mpr: folder.join("mpr"), lib: folder.into(), _copy: None }
    }

    /// Tells whether a provider is there, with the program that serves its mounts.
    pub fn has(&self, provider: &str) -> bool {
        let parts = [format!("provider_{provider}.so"), format!("mpr-serve-{provider}")];
        parts.iter().all(|part| self.lib.join(part).exists())
    }
}

/// Why a connection was not made.
#[derive(Debug)]
pub struct Refusal {
    /// The exit status.
    pub status: Option<i32>,
    /// The WNet code.
    pub code: u64,
    /// What the command printed.
    pub text: String,
    /// How long it took.
    pub took: Duration,
}

/// A connection: where it is.
#[derive(Clone, Debug)]
pub struct Mounted {
    /// Its drive.
    pub local: String,
    /// Its directory.
    pub dir: PathBuf,
}

/// What `MPR_ROOT` names. Dropping it ends its mounts whatever their state.
#[derive(Debug)]
pub struct World {
    root: TempDir,
    mpr: PathBuf,
    variables: Vec<(OsString, OsString)>,
    /// Serving processes that were there once.
    known: Mutex<Vec<i32>>,
}

impl World {
    /// Makes a world with one provider.
    pub fn new(stage: &Stage, provider: &str, variables: &Variables) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("mpr-world-{number}-");
        let root = tempfile::Builder::new().prefix(&prefix).tempdir().unwrap();
        for dir in ["etc/mpr", "config/mpr", "cache"] {
            fs::create_dir_all(root.path().join(dir)).unwrap();
        }
        let module = stage.lib.join(format!("provider_{provider}.so"));
        let settings = format!(
            "[network-provider]\norder = [{provider:?}]\n\n[providers.{provider}]\n\
             name = \"{provider} network\"\npath = {module:?}\n"
        );
        fs::write(root.path().join("etc/mpr/mpr.toml"), settings).unwrap();
        let mut variables = variables.to_vec();
        variables.push(("MPR_ROOT".into(), root.path().into()));
        variables.push(("MPR_LIBEXEC".into(), stage.lib.clone().into()));
        variables.push(("XDG_CACHE_HOME".into(), root.path().join("cache").into()));
        Self { root, mpr: stage.mpr.clone(), variables, known: Mutex::default() }
    }

    /// Returns the root.
    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// Returns a `mpr` of this world.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.mpr);
        command.args(arguments).envs(self.variables.iter().cloned()).current_dir("/");
        command
    }

    /// Runs a `mpr`.
    pub fn mpr(&self, arguments: &[&str]) -> Outcome {
        run_with(&mut self.command(arguments), LONG, "")
    }

    /// Connects, and proves that it is a mount.
    pub fn connect(
        &self,
        local: &str,
        remote: &str,
        login: Option<&(String, String)>,
    ) -> Result<Mounted, Refusal> {
        self.connect_with(local, remote, login, &[])
    }

    /// Connects with more arguments.
    pub fn connect_with(
        &self,
        local: &str,
        remote: &str,
        login: Option<&(String, String)>,
        more: &[&str],
    ) -> Result<Mounted, Refusal> {
        let mut command = self.command(&["use", local, remote, "--no-input", "--json"]);
        let mut input = String::new();
        if let Some((user, password)) = login {
            command.args(["--user", user, "--password-stdin"]);
            input = format!("{password}\n");
        }
        let outcome = run_with(command.args(more), LONG, &input);
        if !outcome.good() {
            let value: Value = serde_json::from_str(&outcome.stdout).unwrap_or_default();
            let code = find_code(&value);
            let text = format!("{}{}", outcome.stdout, outcome.stderr);
            let status = outcome.status.and_then(|status| status.code());
            return Err(Refusal { status, code, text, took: outcome.took });
        }
        let asked = self.mpr(&["get", local, "--path"]).wanted("mpr get --path");
        let dir = PathBuf::from(asked.trim_end());
        assert!(self.mounts().iter().any(|(it, _)| *it == dir), "{dir:?} is no mount");
        self.known.lock().unwrap().extend(noted(self.root.path()));
        Ok(Mounted { local: local.to_owned(), dir })
    }

    /// Disconnects.
    pub fn delete(&self, local: &str, force: bool) -> Outcome {
        let force: &[&str] = if force { &["--force"] } else { &[] };
        self.mpr(&[&["delete", local, "--json"], force].concat())
    }

    /// Returns the mounts below the root, each with the number of its FUSE connection.
    pub fn mounts(&self) -> Vec<(PathBuf, String)> {
        mounts_below(self.root.path())
    }

    /// Returns the serving processes that run.
    pub fn processes(&self) -> Vec<i32> {
        let mut all = processes_below(self.root.path());
        all.extend(self.known.lock().unwrap().iter().filter(|&&pid| serves(pid)));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Frees whoever waits for a mount of this world, and ends the mounts.
    pub fn abort(&self) {
        abort_below(self.root.path());
    }

    /// Returns what is left of mounts that should be gone: mounts, processes, files.
    pub fn left(&self) -> Vec<String> {
        let mut left: Vec<String> =
            self.mounts().into_iter().map(|(dir, _)| format!("mount {}", dir.display())).collect();
        left.extend(self.processes().into_iter().map(|pid| format!("process {pid}")));
        let run = self.root.path().join("run/mpr");
        for dir in [run.clone(), run.join(".serve")] {
            let names = fs::read_dir(dir).into_iter().flatten().flatten();
            let names = names.map(|entry| entry.path());
            let files = names.filter(|path| !path.ends_with(".serve"));
            left.extend(files.map(|path| format!("file {}", path.display())));
        }
        left
    }

    /// Fails unless nothing is left within a moment: a process that ends by itself tidies up last.
    #[track_caller]
    pub fn assert_nothing_left(&self) {
        let end = Instant::now() + Duration::from_secs(10);
        while !self.left().is_empty() {
            assert!(Instant::now() < end, "left behind: {:?}", self.left());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Returns the logs of the serving processes, for a test that fails.
    pub fn logs(&self) -> String {
        let dir = self.root.path().join("run/mpr/.serve");
        let files = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
        let logs = files.filter(|path| path.extension().is_some_and(|it| it == "log"));
        logs.filter_map(|path| fs::read_to_string(path).ok()).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.abort();
        if !self.mounts().is_empty() {
            // A mount that would not go is not emptied with the folder.
            self.root.disable_cleanup(true);
        }
    }
}

fn mounts_below(root: &Path) -> Vec<(PathBuf, String)> {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let entries = table.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(2);
        let device = fields.next()?.strip_prefix("0:")?.to_owned();
        let dir = PathBuf::from(fields.nth(1)?);
        dir.starts_with(root).then_some((dir, device))
    });
    entries.collect()
}

/// Returns the processes that serve mounts of a world, as their notes and their logs tell: only
/// root may look at the open files of a process that knows a password.
fn processes_below(root: &Path) -> Vec<i32> {
    let processes = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let log = fs::read_link(entry.path().join("fd/2")).ok()?;
        log.starts_with(root).then_some(pid)
    });
    processes.chain(noted(root)).filter(|&pid| serves(pid)).collect()
}

fn noted(root: &Path) -> Vec<i32> {
    let notes = fs::read_dir(root.join("run/mpr/.serve")).into_iter().flatten().flatten();
    let pids = notes.filter_map(|note| {
        let value: Value = serde_json::from_slice(&fs::read(note.path()).ok()?).ok()?;
        i32::try_from(value.get("pid")?.as_i64()?).ok()
    });
    pids.collect()
}

fn serves(pid: i32) -> bool {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let ended = fs::read_to_string(format!("/proc/{pid}/stat"));
    name.starts_with("mpr-serve") && ended.is_ok_and(|stat| !stat.contains(") Z "))
}

/// Frees whoever waits for a mount of the world with this root, and ends the mounts.
pub fn abort_below(root: &Path) {
    for pid in processes_below(root).into_iter().filter_map(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    for (dir, device) in mounts_below(root) {
        let _ = fs::write(format!("/sys/fs/fuse/connections/{device}/abort"), "1");
        let flags = UnmountFlags::DETACH | UnmountFlags::FORCE;
        if rustix::mount::unmount(&dir, flags).is_err() {
            let mut command = Command::new("fusermount3");
            run_with(command.arg("-uz").arg(&dir), Duration::from_secs(5), "");
        }
    }
}

/// Finds the WNet code in an answer of `mpr`, wherever it is.
fn find_code(value: &Value) -> u64 {
    match value {
        Value::Object(map) => {
            let own = map.get("code").and_then(Value::as_u64);
            own.or_else(|| map.values().map(find_code).find(|&code| code != 0)).unwrap_or(0)
        }
        _ => 0,
    }
}
