//! A root with the sample modules in it, the program, and the comparison with expected text.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use serde_json::Value;
use tempfile::TempDir;

/// A root of its own, with one provider and one notifyee.
pub(crate) struct Bench {
    root: TempDir,
}

/// What a run of the program printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The program at a terminal.
pub(crate) struct AtTerminal {
    pub(crate) child: Child,
    /// What is written here is typed, and what is shown can be read.
    pub(crate) keyboard: File,
    screen: File,
}

impl AtTerminal {
    /// Tells whether what is typed is shown.
    pub(crate) fn shows(&self) -> bool {
        tcgetattr(&self.screen).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Waits until it asks for a password.
    pub(crate) fn await_question(&mut self) {
        while self.shows() {
            assert_eq!(self.child.try_wait().unwrap(), None, "it asks");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Bench {
    /// Makes a root with the sample provider and notifyee.
    pub(crate) fn new() -> Self {
        let bench = Self::empty();
        let text = format!(
            "[network-provider]\norder = [\"sample\"]\n\n[notifyees]\n10-rust = \"{}\"\n\n\
             [providers.sample]\nname = \"Sample Network\"\npath = \"{}\"\n",
            module("libnotify_sample.so").display(),
            module("libprovider_sample.so").display(),
        );
        bench.write("etc/mpr/mpr.toml", &text);
        bench
    }

    /// Makes a root without configuration.
    pub(crate) fn empty() -> Self {
        Self { root: tempfile::Builder::new().prefix("mpr-test.").tempdir().unwrap() }
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// Writes a file below the root.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Runs the program at a terminal of its own.
    pub(crate) fn at_terminal(&self, args: &[&str]) -> AtTerminal {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let screen = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let plain = self.command(args);
        // It asks the terminal of its session, so it has to have one.
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(plain.get_program()).args(plain.get_args());
        for (name, value) in plain.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let end = || Stdio::from(screen.try_clone().unwrap());
        let child = command.stdin(end()).stdout(end()).stderr(end()).spawn().unwrap();
        AtTerminal { child, keyboard: keyboard.into(), screen }
    }

    /// Returns the program, pointed at this root.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mpr"));
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| name.to_string_lossy().starts_with("MPR_")) {
            command.env_remove(name);
        }
        command.args(args).env("MPR_ROOT", self.root.path()).stdin(Stdio::null());
        command
    }

    pub(crate) fn mpr(&self, args: &[&str]) -> Ran {
        Ran::of(&mut self.command(args))
    }

    /// Runs the program with text on its standard input.
    pub(crate) fn mpr_fed(&self, args: &[&str], text: &str) -> Ran {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may have ended without reading, and that may be right.
        let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
        Ran::from(child.wait_with_output().unwrap())
    }

    /// Runs commands one after the other, as a session that people would see.
    pub(crate) fn session(&self, lines: &[&[&str]]) -> String {
        let mut text = String::new();
        for line in lines {
            let ran = self.mpr(line);
            writeln!(text, "$ mpr {}", line.join(" ")).unwrap();
            text += &ran.out;
            text += &ran.err.lines().map(|line| format!("! {line}\n")).collect::<String>();
            writeln!(text, "[{}]\n", ran.status).unwrap();
        }
        self.plain(&text)
    }

    /// Takes out of a text what differs from run to run: paths, times, and widths that follow.
    pub(crate) fn plain(&self, text: &str) -> String {
        let root = self.root.path().to_str().unwrap();
        let modules = module("").display().to_string();
        let text = text.replace(root, "ROOT").replace(modules.trim_end_matches('/'), "MODULES");
        let mut plain = String::new();
        for line in text.lines() {
            let machine = ["  /dev/fuse ", "  fusermount3 ", "  modules and helpers "];
            if machine.iter().any(|start| line.starts_with(start)) {
                continue;
            }
            let indent = line.len() - line.trim_start().len();
            let words: Vec<_> =
                line.trim().split("  ").map(str::trim).filter(|it| !it.is_empty()).collect();
            let words = words.into_iter().map(|it| if is_time(it) { "TIME" } else { it });
            let words: Vec<_> = words.collect();
            writeln!(plain, "{}{}", &line[..indent], words.join("  ")).unwrap();
        }
        plain
    }

    /// Runs the program with `--json`, which prints one object on one line and nothing else.
    pub(crate) fn json(&self, args: &[&str]) -> (i32, Value) {
        let all: Vec<_> = args.iter().copied().chain(["--json"]).collect();
        let ran = self.mpr(&all);
        assert_eq!(ran.out.lines().count(), 1, "{args:?}: {ran:?}");
        let value: Value = serde_json::from_str(&ran.out).expect("JSON");
        assert!(value.get("ok").is_some_and(Value::is_boolean), "{args:?}: {value}");
        (ran.status, value)
    }
}

impl Ran {
    fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }
}

impl From<std::process::Output> for Ran {
    fn from(output: std::process::Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let status = output.status.code().expect("an exit status");
        Self { status, out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Tells whether a cell is a duration: `14 us`, `1.2 ms`.
fn is_time(cell: &str) -> bool {
    let Some((number, unit)) = cell.split_once(' ') else { return false };
    number.parse::<f64>().is_ok() && ["us", "ms", "s"].contains(&unit)
}

/// Compares a text with a file in `expected/`.
pub(crate) fn expect(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(expected, text, "not as in {}; UPDATE_EXPECTED=1 writes it", path.display());
}

/// Returns the file of a sample module, built beside this test.
pub(crate) fn module(name: &str) -> PathBuf {
    static DIR: OnceLock<PathBuf> = OnceLock::new();
    DIR.get_or_init(|| build(&["provider_sample", "notify_sample"])).join(name)
}

/// Builds packages of this workspace as the program was built; returns where they are.
pub(crate) fn build(packages: &[&str]) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_mpr")).canonicalize().unwrap();
    let dir = program.parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--target-dir"]).arg(dir.parent().unwrap());
    cargo.args(packages.iter().flat_map(|package| ["-p", package]));
    if dir.ends_with("release") {
        cargo.arg("--release");
    }
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    assert!(cargo.status().unwrap().success(), "{packages:?} are built");
    dir.to_owned()
}
