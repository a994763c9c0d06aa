//! Root, server and prefix of one test.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mpr_conformance_wine::{Prefix, Router, dll, program, source, windows_path};
use mpr_testkit::{Options, WebDavServer};
use tempfile::TempDir;

static ONE: Mutex<()> = Mutex::new(());

/// Longest that something which must happen soon may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that a test needs, for one test at a time.
pub struct Stage {
    usr: PathBuf,
    prefix: Prefix,
    root: TempDir,
    server: WebDavServer,
    path: String,
    dlls: String,
    _process: MutexGuard<'static, ()>,
    _others: File,
}

impl Stage {
    /// Sets the stage; `None` if nothing was built, and the test is to be skipped.
    pub fn set(login: Option<(&str, &str)>) -> Option<Self> {
        let windows = mpr_conformance_wine::stage()?;
        let usr = PathBuf::from(env::var_os("MPR_STAGE")?);
        let process = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        // Not the prefix of the other tests, whose registry they clear.
        let folder = PathBuf::from(env::var_os("MPR_WINE_PREFIX")?).with_file_name("wine-drives");
        let others = File::create(folder.with_extension("lock")).unwrap();
        others.lock().unwrap();
        let prefix = Prefix::at(&folder);
        let root = tempfile::tempdir().unwrap();
        let login = login.map(|(user, password)| (user.to_owned(), password.to_owned()));
        let share = root.path().join("share");
        fs::create_dir(&share).unwrap();
        fs::write(share.join("welcome.txt"), "on the server").unwrap();
        let directory = Some(share);
        let server = WebDavServer::start(Options { directory, login, ..Options::default() });
        let server = server.unwrap();
        let path = "/usr/bin:/bin".to_owned();
        let dlls = windows.parent().unwrap().to_str().unwrap().to_owned();
        let stage =
            Self { usr, prefix, root, server, path, dlls, _process: process, _others: others };
        stage.write_settings();
        stage.install();
        Some(stage)
    }

    fn write_settings(&self) {
        let root = self.root.path();
        let libraries = root.join("usr/lib/mpr");
        fs::create_dir_all(root.join("etc/mpr")).unwrap();
        fs::create_dir_all(&libraries).unwrap();
        let mut text = "[network-provider]\norder = [\"smb\", \"webdav\", \"sftp\"]\n".to_owned();
        for (key, name) in [("smb", "SMB"), ("webdav", "WebDAV"), ("sftp", "SFTP")] {
            let provider = format!("provider_{key}.so");
            for file in [&provider, &format!("mpr-serve-{key}")] {
                fs::copy(self.usr.join("lib/mpr").join(file), libraries.join(file)).unwrap();
            }
            let path = libraries.join(provider);
            text += &format!(
                "[providers.{key}]\nname = \"{name} Network\"\npath = \"{}\"\n",
                path.display()
            );
        }
        fs::write(root.join("etc/mpr/mpr.toml"), text).unwrap();
    }

    /// Puts a folder first where native programs are looked for.
    pub fn path(&mut self, folder: &Path) {
        self.path = format!("{}:{}", folder.display(), self.path);
    }

    /// Returns the address of the server.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns the server, to make it fail.
    pub fn server(&self) -> &WebDavServer {
        &self.server
    }

    /// Returns a file on the server.
    pub fn on_server(&self, name: &str) -> PathBuf {
        self.root.path().join("share").join(name)
    }

    /// Returns the prefix's folder.
    pub fn prefix(&self) -> &Path {
        self.prefix.folder()
    }

    /// Ends all that runs in the prefix.
    pub fn end(&self) {
        self.prefix.end();
    }

    /// Returns `mpr` for this root and prefix, ready to be run.
    pub fn mpr_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.usr.join("bin/mpr"));
        command.args(arguments).env("MPR_ROOT", self.root.path());
        command.env("MPR_LIBEXEC", self.usr.join("lib/mpr")).env("WINEPREFIX", self.prefix());
        command.env("HOME", self.prefix()).env_remove("WINEDLLOVERRIDES");
        command.stdin(Stdio::null());
        command
    }

    /// Runs `mpr` for this root and prefix; returns whether it succeeded, and what it printed.
    pub fn mpr(&self, arguments: &[&str]) -> (bool, String) {
        let output = self.mpr_command(arguments).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }

    /// Runs `mpr wine install`.
    pub fn install(&self) {
        let (installed, said) = self.mpr(&["wine", "install", "--dll", &self.dlls]);
        assert!(installed, "{said}");
    }

    /// Runs `mpr wine uninstall`; returns what it said.
    pub fn uninstall(&self) -> String {
        let (done, said) = self.mpr(&["wine", "uninstall"]);
        assert!(done, "{said}");
        said
    }

    /// Returns the folder of the DLLs that are installed.
    pub fn dlls(&self) -> &str {
        &self.dlls
    }

    /// Runs `reg` of Wine's.
    pub fn reg(&self, arguments: &[&str]) -> String {
        let mut command = self.prefix.command("reg", Router::BuiltIn);
        command.args(arguments);
        self.finish(command)
    }

    /// Runs `reg` of Wine's, whatever comes of it.
    pub fn try_reg(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = self.prefix.command("reg", Router::BuiltIn);
        command.args(arguments);
        self.end_of(command)
    }

    /// Returns what the registry says of a key and those in it; nothing if there is no such key.
    pub fn query(&self, key: &str) -> String {
        let (found, said) = self.try_reg(&["query", key, "/s"]);
        if found { said } else { String::new() }
    }

    /// Registers the C module that notes what it is told, after forgetting earlier notes.
    pub fn notifyee(&self) {
        let file = dll(&own("modules/notify.c"), "drive_notify", &[]);
        let key = r"HKLM\System\CurrentControlSet\Control\NetworkProvider\Notifyees";
        let path = windows_path(&file);
        self.reg(&["add", key, "/v", "drive", "/t", "REG_SZ", "/d", &path, "/f"]);
    }

    /// Takes the notes of the C module.
    pub fn told(&self) -> Vec<String> {
        let text = fs::read_to_string(self.root.path().join("told")).unwrap_or_default();
        text.lines().map(|line| line.trim_end().to_owned()).collect()
    }

    /// Returns the Windows program, ready to be run.
    pub fn program(&self, words: &[&str]) -> Command {
        self.client("drive", &["-municode"], words)
    }

    /// Returns `clients/NAME.c` as a Windows program, ready to be run.
    pub fn client(&self, name: &str, flags: &[&str], words: &[&str]) -> Command {
        let built = program(&own(&format!("clients/{name}.c")), name, flags);
        // Away from the stage, where there is an mpr.dll beside it.
        let file = self.root.path().join(format!("{name}.exe"));
        fs::copy(built, &file).unwrap();
        self.windows(&windows_path(&file), words)
    }

    /// Returns a Windows program, ready to be run: a file, or one of the prefix by its name.
    pub fn windows(&self, program: &str, words: &[&str]) -> Command {
        let mut command = self.prefix.command(program, Router::Ours);
        // What `mpr wine install` wrote is to count.
        command.env_remove("WINEDLLOVERRIDES").env("MPR_ROOT", self.root.path()).args(words);
        command.env("PATH", &self.path);
        command.env("DRIVE_LOG", windows_path(&self.root.path().join("told")));
        command
    }

    /// Runs the Windows program; returns what it printed, by lines.
    pub fn run(&self, words: &[&str]) -> Vec<String> {
        self.lines(self.program(words))
    }

    /// Runs a program to its end; returns what it printed, by lines.
    pub fn lines(&self, command: Command) -> Vec<String> {
        let said = self.finish(command);
        said.lines().map(|line| line.trim_end().to_owned()).collect()
    }

    /// Returns `clients/NAME.c` as a native program with `libmpr.so`, ready to be run.
    pub fn native(&self, name: &str, words: &[&str]) -> Command {
        let (file, library) = (self.root.path().join(name), self.usr.join("lib"));
        let mut compiler = Command::new("gcc");
        compiler.args(["-O1", "-Wall", "-Werror", "-I"]).arg(source("../../include"));
        compiler.arg(own(&format!("clients/{name}.c"))).arg("-o").arg(&file);
        compiler.arg("-L").arg(&library).arg("-lmpr");
        assert!(compiler.status().unwrap().success());
        let mut command = Command::new(file);
        command.args(words).env("MPR_ROOT", self.root.path()).env("LD_LIBRARY_PATH", library);
        command
    }

    fn finish(&self, command: Command) -> String {
        let what = format!("{command:?}");
        let (succeeded, said) = self.end_of(command);
        assert!(succeeded, "{what} failed:\n{said}");
        said
    }

    fn end_of(&self, mut command: Command) -> (bool, String) {
        let output = mpr_conformance_wine::finish(&mut command);
        let said = String::from_utf8_lossy(&output.stdout).replace('\r', "");
        (output.status.success(), said)
    }

    /// Lists what is left of connections: mounts, letters, links, files and processes.
    pub fn left(&self) -> Vec<String> {
        let root = self.root.path().to_str().unwrap();
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let mounts = mounts.lines().filter(|line| line.contains(root)).map(str::to_owned);
        let known = ["c:", "z:"];
        let links = names(&self.prefix().join("dosdevices")).into_iter();
        let links = links.filter(|it| !known.contains(&it.as_str()) && !it.starts_with("com"));
        let run = self.root.path().join("run");
        let inside = names(&run).into_iter().filter(|it| it != "mpr");
        // A lock and a log stay where a native caller was killed; they are used again.
        let stays = |name: &str| name.ends_with(".lock") || name.ends_with(".log");
        let serving = names(&run.join("mpr/.serve")).into_iter().filter(|it| !stays(it));
        let files = names(&self.prefix().join("drive_c/windows/temp")).into_iter();
        let files = files.filter(|it| it.starts_with("mpr-"));
        let processes = self.bridges().into_iter().map(|pid| format!("process {pid}"));
        mounts.chain(links).chain(inside).chain(serving).chain(files).chain(processes).collect()
    }

    /// Waits until nothing is left; returns what stays.
    pub fn left_in_the_end(&self) -> Vec<String> {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = self.left();
            if left.is_empty() || Instant::now() >= end {
                return left;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Returns the native programs that work for this stage.
    pub fn bridges(&self) -> Vec<u32> {
        let root = format!("MPR_ROOT={}", self.root.path().display());
        let is_it = |pid: &u32| {
            let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            let variables = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let mut variables = variables.split(|&byte| byte == 0);
            name.starts_with("mpr-wine-bridge".get(..15).unwrap())
                && variables.any(|it| it == root.as_bytes())
        };
        names(Path::new("/proc")).iter().filter_map(|it| it.parse().ok()).filter(is_it).collect()
    }

    /// Waits for a native program to be at work.
    pub fn bridge(&self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(&pid) = self.bridges().first() {
                return pid;
            }
            assert!(Instant::now() < end, "no bridge was started");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A test that failed may have left a connection, on which the root could not be removed.
        for letter in ["X:", "Y:"] {
            let mut command = self.program(&["force", letter]);
            let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        }
    }
}

/// Returns the name of a WebDAV server's root as Windows spells it.
pub fn unc(url: &str) -> String {
    let host = url.strip_prefix("http://").unwrap().trim_end_matches('/').replace(':', "@");
    format!(r"\\{host}\DavWWWRoot")
}

fn own(path: &str) -> PathBuf {
    source("../drive").join(path)
}

/// Returns the names in a folder; none if there is no such.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
