//! The one prefix: Wine's idea of a Windows machine.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, process};

/// Wine's loader for 64-bit programs. Run directly: the wrapper of another package prints notices.
const LOADER: &str = "/usr/lib/wine/wine64";
const SERVER: &str = "/usr/lib/wine/wineserver";
/// Written when a prefix is whole; one without it was given up half-way, and is made again.
const READY: &str = "mpr-ready";
/// Seconds that making a prefix may take on a busy machine.
const LIMIT: &str = "300";

/// Whose `mpr.dll` a program gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Router {
    /// The one beside the program.
    Ours,
    /// Wine's own.
    BuiltIn,
}

impl Router {
    fn overrides(self) -> &'static str {
        match self {
            // Not "n,b": ours must be used or the program must fail.
            Self::Ours => "mpr=n",
            Self::BuiltIn => "mpr=b",
        }
    }
}

/// A prefix that is ready.
#[derive(Clone, Debug)]
pub struct Prefix(PathBuf);

impl Prefix {
    /// Finds the prefix of all tests, and makes it if it is not there; not from two processes at
    /// once ([`World`](crate::World) has the lock for that).
    pub fn prepared() -> Self {
        let folder = env::var_os("MPR_WINE_PREFIX").expect("run `cargo xtask wine`");
        Self::at(Path::new(&folder))
    }

    /// Makes a prefix in a folder, if there is no whole one.
    pub fn at(folder: &Path) -> Self {
        let prefix = Self(folder.to_owned());
        if !folder.join(READY).exists() {
            repeated(|| prefix.make());
        }
        prefix
    }

    /// Makes the prefix from nothing: what a failed attempt left has no kernel32.dll, and starts
    /// no program.
    fn make(&self) -> Result<(), String> {
        self.end();
        let _ = fs::remove_dir_all(&self.0);
        fs::create_dir_all(&self.0).expect("the folder is ours");
        // No downloads of other parts of Windows, and no window.
        let mut boot = self.wine(LIMIT);
        once(boot.args(["wineboot", "-i"]).env("WINEDLLOVERRIDES", "mscoree,mshtml="))?;
        let graphics = ["reg", "add", r"HKCU\Software\Wine\Drivers", "/v", "Graphics"];
        once(self.wine(LIMIT).args(graphics).args(["/d", "null", "/f"]))?;
        self.end();
        fs::write(self.0.join(READY), "").expect("the folder is ours");
        Ok(())
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// Returns a command that runs a program of Wine's (`reg`), or a file, with a time limit.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>, router: Router) -> Command {
        let mut command = self.wine("120");
        command.arg(program).env("WINEDLLOVERRIDES", router.overrides());
        command
    }

    /// Ends every process of this prefix, and waits until what they wrote is on the disk.
    pub fn end(&self) {
        for argument in ["-k", "-w"] {
            let mut server = Command::new(SERVER);
            // It says so if nothing ran.
            let _ = server.arg(argument).env("WINEPREFIX", &self.0).stderr(Stdio::null()).status();
        }
    }

    fn wine(&self, limit: &str) -> Command {
        let mut command = Command::new("timeout");
        command.args(["-s", "KILL", limit, LOADER]);
        // A world of its own: nothing of the caller's session counts.
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", &self.0)
            .env("LANG", "C.UTF-8")
            .env("WINEPREFIX", &self.0)
            .env("WINEARCH", "win64")
            .env("WINEDEBUG", "-all")
            .stdin(Stdio::null());
        command
    }
}

/// Returns a file's name as programs under Wine see it.
pub fn windows_path(file: &Path) -> String {
    let file = file.to_str().expect("test files have plain names");
    format!("Z:{}", file.replace('/', "\\"))
}

/// What Wine says if it could not start a program: now and then for no reason that is known, or
/// because its server was just ending, so that the program's first thread has no number yet.
const NOT_STARTED: [&str; 3] =
    ["Application could not be started", "wine client error:0:", "could not load kernel32.dll"];

/// How often a program is started that Wine did not start.
pub(crate) const STARTS: usize = 3;

/// Tells whether Wine started the program that left this. If it did not, nothing of it has run, so
/// running it again repeats nothing.
pub(crate) fn was_started(output: &Output) -> bool {
    let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    // On a busy machine Wine also ends with 1 and not a word, which no program of the tests does.
    let silent = output.status.code() == Some(1) && said.iter().all(|text| text.is_empty());
    !silent && !NOT_STARTED.iter().any(|words| said.iter().any(|text| text.contains(words)))
}

/// Runs a program to its end and takes what it printed; one that Wine did not start is started again.
pub fn finish(command: &mut Command) -> Output {
    let mut started = 0;
    loop {
        let (mut child, sink) = start(command);
        let status = child.wait().unwrap_or_else(|why| panic!("{command:?}: {why}"));
        let output = sink.output(status);
        started += 1;
        if started == STARTS || was_started(&output) {
            return output;
        }
    }
}

/// Where a program prints to: files.
///
/// The services of a prefix start with the first program and have its output too, so that a pipe
/// ends seconds after the program.
#[derive(Debug)]
pub(crate) struct Sink {
    out: PathBuf,
    err: PathBuf,
}

/// Starts a program.
pub(crate) fn start(command: &mut Command) -> (Child, Sink) {
    static TURN: AtomicU32 = AtomicU32::new(0);
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    let file = |kind| env::temp_dir().join(format!("mpr-wine-{}-{turn}.{kind}", process::id()));
    let sink = Sink { out: file("out"), err: file("err") };
    let create = |path| Stdio::from(File::create(path).expect("there is room for temporary files"));
    command.stdout(create(&sink.out)).stderr(create(&sink.err));
    let child = command.spawn().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    (child, sink)
}

impl Sink {
    /// Takes what was printed.
    pub(crate) fn output(&self, status: ExitStatus) -> Output {
        let take = |path| {
            let taken = fs::read(path).expect("just written");
            let _ = fs::remove_file(path);
            taken
        };
        Output { status, stdout: take(&self.out), stderr: take(&self.err) }
    }
}

/// Runs a program that prepares something, and can be run again.
pub(crate) fn run(command: &mut Command) {
    repeated(|| once(command));
}

/// Prepares something, in more than one attempt if need be: on a busy machine Wine's own programs
/// now and then fail without a word. Panics with what every attempt said.
fn repeated(mut attempt: impl FnMut() -> Result<(), String>) {
    let mut told = String::new();
    for turn in 1..=STARTS {
        match attempt() {
            Ok(()) => return,
            Err(why) => told += &format!("attempt {turn}: {why}\n"),
        }
    }
    panic!("{told}");
}

fn once(command: &mut Command) -> Result<(), String> {
    let output = finish(command);
    if output.status.success() {
        return Ok(());
    }
    let [told, said] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    Err(format!("{command:?}: {}\n{told}{said}", output.status))
}
