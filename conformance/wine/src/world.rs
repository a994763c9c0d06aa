//! A world for one test: registry, modules, a log, programs.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::prefix::{Prefix, Router, finish, run, windows_path};
use crate::registry::Registry;
use crate::{build, stage};

static ONE: Mutex<()> = Mutex::new(());

/// The prefix, for one test at a time; its registry says nothing of the router at first.
#[derive(Debug)]
pub struct World {
    prefix: Prefix,
    folder: PathBuf,
    order: Vec<String>,
    /// Changes that are not made yet.
    changes: Registry,
    variables: Vec<(String, String)>,
    _process: MutexGuard<'static, ()>,
    _others: File,
}

/// A program that ended.
#[derive(Debug)]
pub struct Ran {
    /// Exit status; `None` after a signal.
    pub status: Option<i32>,
    /// What it printed, with plain line ends.
    pub stdout: String,
    /// What it printed about failures.
    pub stderr: String,
}

impl World {
    /// Takes the prefix, and clears it; `None` if no stage is there, and the test is to be skipped.
    pub fn new() -> Option<Self> {
        let stage = stage()?;
        let process = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let others = File::create(stage.join("lock")).expect("the stage is ours");
        others.lock().expect("the stage is on a disk with locks");
        let prefix = Prefix::prepared();
        let folder = stage.join("world");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("cwd")).expect("the stage is ours");
        let mut changes = Registry::new();
        changes.clear();
        let known = fs::read_to_string(prefix.folder().join(SERVICES)).unwrap_or_default();
        for key in known.lines() {
            changes.remove_service(key);
        }
        Some(Self {
            prefix,
            folder,
            order: Vec::new(),
            changes,
            variables: Vec::new(),
            _process: process,
            _others: others,
        })
    }

    /// Returns the prefix.
    pub fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    /// Returns a place in this world's folder.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Sets a variable for the programs of this world.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Returns changes of the registry that are made before the next program runs.
    pub fn registry(&mut self) -> &mut Registry {
        &mut self.changes
    }

    /// Puts a copy of a DLL into the world, under a name of its own.
    pub fn install(&self, name: &str, module: &Path) -> PathBuf {
        let to = self.path(&format!("{name}.dll"));
        fs::copy(module, &to).expect("modules are built");
        to
    }

    /// Installs `modules/SOURCE.c` as a provider, last in the order; name, key and file are the
    /// same.
    pub fn provider(&mut self, name: &str, source: &str) -> &mut Self {
        let file = self.install(name, &build::module(source));
        self.order.push(name.to_owned());
        let order = self.order.join(",");
        self.changes.provider(name, name, &windows_path(&file)).order(&order);
        self
    }

    /// Installs `modules/SOURCE.c` as a notifyee.
    pub fn notifyee(&mut self, name: &str, source: &str) -> &mut Self {
        let file = self.install(name, &build::module(source));
        self.changes.notifyee(name, &windows_path(&file));
        self
    }

    /// Runs `clients/NAME.c` to its end, with our router.
    pub fn run(&mut self, client: &str, arguments: &[&str]) -> Ran {
        self.run_with(Router::Ours, client, arguments)
    }

    /// Runs `clients/NAME.c` to its end.
    pub fn run_with(&mut self, router: Router, client: &str, arguments: &[&str]) -> Ran {
        self.run_file(router, &build::own_client(client), arguments)
    }

    /// Runs a program to its end. Our `mpr.dll` must lie beside it, which it does in the stage.
    pub fn run_file(&mut self, router: Router, program: &Path, arguments: &[&str]) -> Ran {
        Ran::from(finish(&mut self.command(router, program, arguments)))
    }

    /// Runs one of Wine's own programs. Ours is put into the system's folder for as long: these
    /// programs have no folder where it could lie beside them.
    pub fn run_system(&mut self, router: Router, program: &str, arguments: &[&str]) -> Ran {
        let place = self.prefix.folder().join("drive_c/windows/system32/mpr.dll");
        let kept = fs::read(&place).expect("a prefix has one");
        let ours = stage().expect("who runs has a stage").join("mpr.dll");
        if router == Router::Ours {
            fs::copy(ours, &place).expect("the prefix is ours");
        }
        let mut command = self.command(router, Path::new(program), arguments);
        let ran = Ran::from(finish(&mut command));
        fs::write(place, kept).expect("the prefix is ours");
        ran
    }

    /// Returns the command that runs a program in this world, whose changes are made.
    pub(crate) fn command(
        &mut self,
        router: Router,
        program: &Path,
        arguments: &[&str],
    ) -> Command {
        self.write();
        // Wine finds its own by their names.
        let file = program.is_absolute().then(|| windows_path(program));
        let file = file.map_or_else(|| program.as_os_str().to_owned(), Into::into);
        let mut command = self.prefix.command(file, router);
        command
            .args(arguments)
            .env("MPR_ROOT", windows_path(&self.folder))
            .env("CONFORMANCE_LOG", windows_path(&self.path("log")))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.path("cwd"));
        command
    }

    /// Makes another folder the one of log, modules and current directory.
    pub(crate) fn enter(&mut self, folder: &Path) {
        folder.clone_into(&mut self.folder);
    }

    /// Makes the changes of the registry.
    pub fn write(&mut self) {
        let changes = std::mem::take(&mut self.changes);
        let services = changes.services();
        let file = changes.file();
        if file == Registry::new().file() {
            return;
        }
        self.note_services(&services);
        let path = self.path("changes.reg");
        fs::write(&path, file).expect("the folder is ours");
        let path = windows_path(&path);
        run(self.prefix.command("reg", Router::BuiltIn).args(["import", &path]));
    }

    /// Returns what `reg query` says of a key and those in it, trimmed lines; empty if there is no
    /// such key.
    pub fn query(&mut self, key: &str) -> Vec<String> {
        self.write();
        let mut query = self.prefix.command("reg", Router::BuiltIn);
        let output = finish(query.args(["query", key, "/s"]));
        if !output.status.success() {
            return Vec::new();
        }
        let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
        text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    }

    /// Returns what modules logged, by lines.
    pub fn log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        log.lines().map(|line| line.trim_end().to_owned()).collect()
    }

    /// Forgets the log.
    pub fn clear_log(&self) {
        let _ = fs::remove_file(self.path("log"));
    }

    /// Remembers which services the tests made, for the world that clears up after this one.
    fn note_services(&self, services: &[String]) {
        let file = self.prefix.folder().join(SERVICES);
        let mut known = fs::read_to_string(&file).unwrap_or_default();
        for key in services {
            if !known.lines().any(|line| line == key) {
                known.push_str(key);
                known.push('\n');
            }
        }
        fs::write(file, known).expect("the prefix is ours");
    }
}

/// The file in the prefix that lists the services the tests made.
const SERVICES: &str = "mpr-services";

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\r', "");
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        Self { status: output.status.code(), stdout, stderr }
    }
}

impl Ran {
    /// Returns what it printed, by lines, after checking that it ended well.
    pub fn lines(&self) -> Vec<&str> {
        assert_eq!(self.status, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout.lines().collect()
    }
}
