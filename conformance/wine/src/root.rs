//! The world of the tests that Linux has too: `mpr-conformance`'s `Root`, in the registry.
//!
//! The same functions with the same promises, so that one source of tests is compiled for both.

use std::cell::{Cell, RefCell};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::build::{self, Form};
use crate::prefix::{Router, windows_path};
use crate::registry::Registry;
use crate::running::Running;
use crate::world::{Ran, World};

/// The letter that is chosen first: Z: is the root of the file system.
pub const LAST_LETTER: &str = "Y:";

/// A name with characters that `A` functions can say here.
pub const NON_ASCII: &str = "\u{dc}bung-\u{e9}\u{f1}";

/// A private world for one test: settings, modules, a log.
///
/// Several may live in one thread; the registry is the one's that ran something last.
#[derive(Debug)]
pub struct Root {
    world: Rc<Shared>,
    number: u32,
    folder: PathBuf,
    settings: RefCell<Settings>,
    /// What `remember` was given and not written yet.
    pending: RefCell<Option<String>>,
    /// What `remember` was given, and the registry when it had been written.
    remembered: RefCell<Option<(String, Vec<String>)>>,
    router: Cell<Router>,
}

#[derive(Debug, Default)]
struct Settings {
    order: Vec<String>,
    registry: Registry,
    changed: bool,
}

/// The prefix, and whose settings are in its registry.
#[derive(Debug)]
struct Shared {
    world: RefCell<World>,
    current: Cell<u32>,
}

thread_local! {
    static SHARED: RefCell<Weak<Shared>> = const { RefCell::new(Weak::new()) };
}

fn shared() -> Rc<Shared> {
    SHARED.with_borrow_mut(|known| {
        known.upgrade().unwrap_or_else(|| {
            let world = World::new().expect("this test is built with a stage only");
            let made = Rc::new(Shared { world: RefCell::new(world), current: Cell::new(0) });
            *known = Rc::downgrade(&made);
            made
        })
    })
}

impl Default for Root {
    fn default() -> Self {
        Self::new()
    }
}

impl Root {
    /// Makes an empty world: nothing is registered.
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let world = shared();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let stage = crate::stage().expect("this test is built with a stage only");
        let folder = stage.join(format!("world/{number}"));
        fs::create_dir_all(folder.join("cwd")).expect("the stage is ours");
        Self {
            world,
            number,
            folder,
            settings: RefCell::default(),
            pending: RefCell::default(),
            remembered: RefCell::default(),
            router: Cell::new(Router::Ours),
        }
    }

    /// Makes a world with one scripted provider, `P`, that takes every `\\srv\` name.
    pub fn with_provider() -> Self {
        let mut root = Self::new();
        root.provider("P", "provider_script", "");
        root
    }

    /// Chooses the router of the programs that run from now on.
    pub fn with_router(&self, router: Router) -> &Self {
        self.router.set(router);
        self
    }

    /// Returns the router of the programs that run.
    pub fn router(&self) -> Router {
        self.router.get()
    }

    /// Returns a place in this world.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Returns the folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the file of a module.
    pub fn module_file(&self, name: &str) -> PathBuf {
        self.path(&format!("{name}.dll"))
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
        fs::write(self.path(&format!("{name}.script")), script).expect("the folder is ours");
    }

    /// Installs and registers a provider; name, key and file are the same.
    pub fn provider(&mut self, name: &str, source: &str, script: &str) -> &mut Self {
        self.add_provider(name, source, script);
        self
    }

    /// Installs and registers a provider.
    pub fn add_provider(&self, name: &str, source: &str, script: &str) {
        let file = self.install(name, source, script);
        self.register(name, name, &windows_path(&file));
    }

    /// Registers a provider, last in the order; `more` may be `class = N`.
    pub fn register_provider(&mut self, name: &str, path: &str, more: &str) -> &mut Self {
        let path = self.registered(path);
        self.register(name, name, &path);
        if let Some(class) = more.trim().strip_prefix("class = ") {
            let class = class.parse().expect("a number");
            self.add_registry(|registry| {
                registry.number(&Registry::service_key(name), "Class", class);
            });
        }
        self
    }

    /// Registers a provider's file under a key and another name, last in the order.
    pub fn register_provider_file(&mut self, key: &str, name: &str, file: &Path) -> &mut Self {
        self.register(key, name, &windows_path(file));
        self
    }

    fn register(&self, key: &str, name: &str, path: &str) {
        let mut settings = self.settings.borrow_mut();
        settings.order.push(key.to_owned());
        let order = settings.order.join(",");
        settings.registry.provider(key, name, path).order(&order);
        settings.changed = true;
    }

    /// Installs and registers a notifyee.
    pub fn notifyee(&mut self, name: &str, script: &str) -> &mut Self {
        self.add_notifyee(name, script);
        self
    }

    /// Installs and registers a notifyee.
    pub fn add_notifyee(&self, name: &str, script: &str) {
        let file = windows_path(&self.install(name, "notify_script", script));
        self.add_registry(|registry| {
            registry.notifyee(name, &file);
        });
    }

    /// Registers a notifyee.
    pub fn register_notifyee(&mut self, name: &str, path: &str) -> &mut Self {
        let path = self.registered(path);
        self.add_registry(|registry| {
            registry.notifyee(name, &path);
        });
        self
    }

    /// Turns a path as Linux registers it, `%MPR_LIB%/NAME.so`, into one of here.
    fn registered(&self, path: &str) -> String {
        let name = path.strip_prefix("%MPR_LIB%/").and_then(|rest| rest.strip_suffix(".so"));
        name.map_or_else(
            || windows_path(Path::new(path)),
            |name| windows_path(&self.module_file(name)),
        )
    }

    /// Adds changes of the registry, which are made with the settings.
    pub fn add_registry(&self, change: impl FnOnce(&mut Registry)) {
        let mut settings = self.settings.borrow_mut();
        settings.changed = true;
        change(&mut settings.registry);
    }

    /// Writes the settings.
    pub fn write(&self) -> &Self {
        let mut world = self.world.world.borrow_mut();
        world.enter(&self.folder);
        let mut settings = self.settings.borrow_mut();
        if self.world.current.replace(self.number) != self.number {
            world.registry().clear();
            settings.changed = true;
        }
        if std::mem::take(&mut settings.changed) {
            world.registry().add(&settings.registry);
        }
        if let Some(text) = self.pending.borrow_mut().take() {
            remember(world.registry(), &text);
            let written = world.query(NETWORK);
            *self.remembered.borrow_mut() = Some((text, written));
        }
        world.write();
        drop(world);
        self
    }

    /// Writes the settings and runs commands of `clients/says.c` in the `W` form.
    pub fn says(&self, commands: &[&str]) -> Ran {
        self.write().run(&build::client("says", Form::W), commands)
    }

    /// Writes the settings and runs commands of `clients/says.c` in the `A` form.
    pub fn says_a(&self, commands: &[&str]) -> Ran {
        self.write().run(&build::client("says", Form::A), commands)
    }

    /// Runs a client to its end; a crash fails the test.
    pub fn run(&self, client: &Path, arguments: &[&str]) -> Ran {
        self.start(client, arguments).finish()
    }

    /// Runs a client to its end, whatever that is.
    pub fn try_run(&self, client: &Path, arguments: &[&str]) -> Ran {
        self.write();
        self.world.world.borrow_mut().run_file(self.router.get(), client, arguments)
    }

    /// Runs one of Wine's own programs, with a copy of our `mpr.dll` in the system's folder.
    pub fn run_system(&self, program: &str, arguments: &[&str]) -> Ran {
        self.write();
        let mut world = self.world.world.borrow_mut();
        world.run_system(self.router.get(), program, arguments)
    }

    /// Starts a client.
    pub fn start(&self, client: &Path, arguments: &[&str]) -> Running {
        self.write();
        let mut world = self.world.world.borrow_mut();
        Running::start(world.command(self.router.get(), client, arguments))
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

    /// Returns the remembered connections: the text they were made of if nothing has changed them,
    /// else what the registry says.
    pub fn profile(&self) -> String {
        let found = self.query(NETWORK);
        match &*self.remembered.borrow() {
            Some((text, written)) if *written == found => text.clone(),
            _ => found.join("\n"),
        }
    }

    /// Writes the remembered connections.
    pub fn remember(&self, profile: &str) {
        *self.pending.borrow_mut() = Some(profile.to_owned());
    }

    /// Returns what a key and the keys in it hold, trimmed lines.
    pub fn query(&self, key: &str) -> Vec<String> {
        self.world.world.borrow_mut().query(key)
    }
}

const NETWORK: &str = r"HKEY_CURRENT_USER\Network";

/// Writes entries that are given as the profile file of Linux has them.
fn remember(registry: &mut Registry, text: &str) {
    registry.remove(NETWORK);
    let mut key = String::new();
    for line in text.lines() {
        if let Some(device) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            key = Registry::remembered_key(device);
            continue;
        }
        let (name, value) = line.split_once(" = ").expect("name = value");
        let name: String = name.split('-').map(capital).collect();
        match value.trim_matches(['\'', '"']) {
            text if text.len() < value.len() => registry.text(&key, &name, text),
            number => {
                let hex = number.strip_prefix("0x").map(|hex| u32::from_str_radix(hex, 16));
                let number = hex.unwrap_or_else(|| number.parse()).expect("a number");
                registry.number(&key, &name, number)
            }
        };
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
