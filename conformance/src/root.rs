//! A private world for one test: settings, modules, a log.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::build;
use crate::client::{Ran, Running};

/// The letter that is chosen first.
pub const LAST_LETTER: &str = "Z:";

/// A name with characters that `A` functions can say here.
pub const NON_ASCII: &str = "\u{dc}bung-\u{65e5}\u{672c}-\u{1f600}";

/// What `MPR_ROOT` names; it is removed when it is dropped.
#[derive(Debug)]
pub struct Root {
    folder: TempDir,
    order: Vec<String>,
    providers: String,
    notifyees: String,
}

impl Default for Root {
    fn default() -> Self {
        Self::new()
    }
}

impl Root {
    /// Makes an empty world: nothing is registered.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("mpr-conformance-").tempdir();
        let folder = folder.expect("there is room for temporary files");
        for path in ["etc/mpr", "config/mpr", "usr/lib/mpr", "cwd"] {
            fs::create_dir_all(folder.path().join(path)).expect("the folder is ours");
        }
        Self { folder, order: Vec::new(), providers: String::new(), notifyees: String::new() }
    }

    /// Makes a world with one scripted provider, `P`, that takes every `\\srv\` name.
    pub fn with_provider() -> Self {
        let mut root = Self::new();
        root.provider("P", "provider_script", "");
        root
    }

    /// Returns a place in this world.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Returns the folder itself.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the file of a module.
    pub fn module_file(&self, name: &str) -> PathBuf {
        self.path(&format!("usr/lib/mpr/{name}.so"))
    }

    /// Puts a module's own copy of `modules/SOURCE.c`, and its script, into the world.
    pub fn install(&self, name: &str, source: &str, script: &str) -> PathBuf {
        self.install_file(name, &build::module(source), script)
    }

    /// Puts a copy of a built module, and its script, into the world.
    pub fn install_file(&self, name: &str, module: &Path, script: &str) -> PathBuf {
        let to = self.module_file(name);
        fs::copy(module, &to).expect("modules are built");
        self.script(name, script);
        to
    }

    /// Changes a module's script.
    pub fn script(&self, name: &str, script: &str) {
        let file = self.path(&format!("usr/lib/mpr/{name}.script"));
        fs::write(file, script).expect("the folder is ours");
    }

    /// Installs and registers a provider; name, key and file are the same.
    pub fn provider(&mut self, name: &str, source: &str, script: &str) -> &mut Self {
        self.install(name, source, script);
        let path = format!("%MPR_LIB%/{name}.so");
        self.register_provider(name, &path, "")
    }

    /// Registers a provider, last in the order; `more` is more TOML for its table.
    pub fn register_provider(&mut self, name: &str, path: &str, more: &str) -> &mut Self {
        self.order.push(format!("{name:?}"));
        let _ = writeln!(
            self.providers,
            "[providers.{name:?}]\nname = {name:?}\npath = {path:?}\n{more}"
        );
        self
    }

    /// Registers a provider's file under a key and another name, last in the order.
    pub fn register_provider_file(&mut self, key: &str, name: &str, file: &Path) -> &mut Self {
        self.order.push(format!("{key:?}"));
        let _ = writeln!(self.providers, "[providers.{key:?}]\nname = {name:?}\npath = {file:?}\n");
        self
    }

    /// Installs and registers a notifyee.
    pub fn notifyee(&mut self, name: &str, script: &str) -> &mut Self {
        self.install(name, "notify_script", script);
        self.register_notifyee(name, &format!("%MPR_LIB%/{name}.so"))
    }

    /// Registers a notifyee.
    pub fn register_notifyee(&mut self, name: &str, path: &str) -> &mut Self {
        let _ = writeln!(self.notifyees, "{name:?} = {path:?}");
        self
    }

    /// Returns the settings as TOML.
    pub fn settings(&self) -> String {
        let (order, providers, notifyees) =
            (self.order.join(", "), &self.providers, &self.notifyees);
        format!("[network-provider]\norder = [{order}]\n{providers}\n[notifyees]\n{notifyees}")
    }

    /// Writes the settings.
    pub fn write(&self) -> &Self {
        fs::write(self.path("etc/mpr/mpr.toml"), self.settings()).expect("the folder is ours");
        self
    }

    /// Writes the settings and runs commands of `clients/says.c` in the `W` form.
    pub fn says(&self, commands: &[&str]) -> Ran {
        self.write().run(&build::client("says", build::Form::W), commands)
    }

    /// Writes the settings and runs commands of `clients/says.c` in the `A` form.
    pub fn says_a(&self, commands: &[&str]) -> Ran {
        self.write().run(&build::client("says", build::Form::A), commands)
    }

    /// Runs a client to its end.
    pub fn run(&self, client: &Path, arguments: &[&str]) -> Ran {
        Running::start(self.folder.path(), client, arguments).finish()
    }

    /// Starts a client.
    pub fn start(&self, client: &Path, arguments: &[&str]) -> Running {
        Running::start(self.folder.path(), client, arguments)
    }

    /// Returns what modules logged, all fields.
    pub fn whole_log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// Returns what modules logged: the story of each call.
    pub fn log(&self) -> Vec<String> {
        let story = |line: String| line.split(" | ").next().unwrap_or_default().to_owned();
        self.whole_log().into_iter().map(story).collect()
    }

    /// Returns the lines that notifyees wrote.
    pub fn notified(&self) -> Vec<String> {
        let told = |line: &String| line.starts_with("pre ") || line.starts_with("post ");
        self.log().into_iter().filter(told).collect()
    }

    /// Forgets the log.
    pub fn clear_log(&self) {
        let _ = fs::remove_file(self.path("log"));
    }

    /// Returns the remembered connections, as they are kept.
    pub fn profile(&self) -> String {
        fs::read_to_string(self.path("config/mpr/network.toml")).unwrap_or_default()
    }

    /// Writes the remembered connections.
    pub fn remember(&self, profile: &str) {
        fs::write(self.path("config/mpr/network.toml"), profile).expect("the folder is ours");
    }
}
