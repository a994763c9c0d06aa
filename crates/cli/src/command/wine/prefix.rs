//! A Wine prefix, and the programs of Wine that work on it.

use std::env;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use mpr_platform::Paths;

use super::exported::Exported;
use super::files::PROGRAM;

/// Where Debian has the loaders of 64-bit and of 32-bit programs; elsewhere they are in the path.
const LOADERS: [&str; 4] = ["/usr/lib/wine/wine64", "wine64", "wine", "/opt/wine-stable/bin/wine"];
const LOADERS_32: [&str; 3] = ["/usr/lib/wine/wine", "wine", "/opt/wine-stable/bin/wine"];

/// How long a program of Wine's may take: the first one starts the prefix.
const LIMIT: Duration = Duration::from_secs(120);

/// A prefix of the user's.
pub(super) struct Prefix {
    folder: PathBuf,
    loader: PathBuf,
    /// Whether all its programs are of 32 bit.
    pub(super) is_32_bit: bool,
}

impl Prefix {
    /// Finds a prefix and Wine; makes neither.
    pub(super) fn find(named: Option<&Path>, user: u32) -> Result<Self, String> {
        let variable = |name| env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
        let home = || variable("HOME").map(|home| home.join(".wine"));
        let folder = named.map(Path::to_owned).or_else(|| variable("WINEPREFIX")).or_else(home);
        let folder = folder.ok_or("no prefix: name one with --prefix")?;
        let folder = fs::canonicalize(&folder)
            .map_err(|error| format!("no prefix at {}: {error}", folder.display()))?;
        if !folder.join("dosdevices").is_dir() || !folder.join("drive_c/windows/system32").is_dir()
        {
            return Err(format!("{} is no Wine prefix; `wineboot` makes one", folder.display()));
        }
        // Wine refuses it too, but only when it is run.
        if fs::metadata(&folder).is_ok_and(|found| found.uid() != user) {
            return Err(format!("{} belongs to another user", folder.display()));
        }
        // The registry says so too, but a prefix that was just made has none before it has ended.
        let is_32_bit = !folder.join("drive_c/windows/syswow64").is_dir();
        let (known, missing): (&[&str], _) = if is_32_bit {
            (&LOADERS_32, "Wine for 32-bit programs is not installed, or not in the path")
        } else {
            (&LOADERS, "Wine is not installed, or not in the path")
        };
        let named = variable("WINELOADER").into_iter();
        let mut loaders = named.chain(known.iter().map(PathBuf::from)).filter_map(executable);
        let loader = loaders.next().ok_or(missing)?;
        Ok(Self { folder, loader, is_32_bit })
    }

    /// Keeps others from changing the prefix as long as the guard lives; the kernel ends it with
    /// the process.
    pub(super) fn lock(&self) -> Result<File, String> {
        let failed = |error| format!("{}: {error}", self.folder.display());
        let folder = File::open(&self.folder).map_err(failed)?;
        folder.try_lock().map_err(|error| match error {
            TryLockError::Error(error) => failed(error),
            TryLockError::WouldBlock => {
                format!("another `mpr wine` works on {}", self.folder.display())
            }
        })?;
        Ok(folder)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs a program of Wine's with Wine's own router; returns whether it succeeded, and what it
    /// printed.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<(bool, String), String> {
        let once = || {
            let mut command = self.command(arguments);
            command.env("WINEDLLOVERRIDES", "mpr=b").env("WINEDEBUG", "-all");
            self.finish(command)
        };
        match once()? {
            // So Wine ends now and then on a busy machine, before the program does anything.
            (false, said) if said.is_empty() => once(),
            ended => Ok(ended),
        }
    }

    /// Reads a key and those in it; none if Wine's `reg` cannot, with what it printed.
    pub(super) fn export(&self, key: &str) -> Result<(Option<Exported>, String), String> {
        let failed = |error: io::Error| format!("a temporary file: {error}");
        let folder = tempfile::tempdir().map_err(failed)?;
        let file = folder.path().join("openmpr.reg");
        let (done, said) = self.run(&["reg", "export", key, &windows_name(&file), "/y"])?;
        let read = || fs::read(&file).map(|bytes| Exported::parse(&bytes)).map_err(failed);
        Ok((if done { Some(read()?) } else { None }, said))
    }

    /// Tells whether programs from a system folder get a router that is not Wine's own; `None` if
    /// Wine cannot run those.
    pub(super) fn loads_native(&self, folder: &str) -> Result<Option<bool>, String> {
        let windows = self.folder.join("drive_c/windows");
        if !windows.join(folder).join(PROGRAM).exists() {
            return Ok(None);
        }
        let program = format!(r"C:\windows\{folder}\{PROGRAM}");
        let mut command = self.command(&[&program, "mpr.dll,OpenMPR"]);
        command.env("WINEDEBUG", "-all,+loaddll").env_remove("WINEDLLOVERRIDES");
        if let Some(overrides) = env::var_os("WINEDLLOVERRIDES") {
            command.env("WINEDLLOVERRIDES", overrides);
        }
        let (_, said) = self.finish(command)?;
        let loaded = || said.lines().filter(|line| line.contains("Loaded "));
        // Whatever runs loads it, and can do nothing without.
        let runs = loaded().any(|line| line.contains("kernel32.dll"));
        let line = loaded().find(|line| line.contains("mpr.dll"));
        Ok(runs.then(|| line.is_some_and(|line| line.trim_end().ends_with(": native"))))
    }

    /// Lists what is connected for programs of this prefix, by where its links lead.
    pub(super) fn connected(&self, paths: &Paths) -> Vec<String> {
        let mut mounts = paths.runtime_dir().as_os_str().to_owned();
        mounts.push(mpr_wine::DIRECTORY_SUFFIX);
        let mounts = PathBuf::from(mounts);
        let links = fs::read_dir(self.folder.join("dosdevices")).into_iter().flatten().flatten();
        let ours = links.filter_map(|link| fs::read_link(link.path()).ok());
        let ours = ours.filter(|to| to.starts_with(&mounts));
        let mounted = crate::mounts::ours();
        ours.filter(|to| mounted.iter().any(|it| it.path == *to))
            .map(|to| to.display().to_string())
            .collect()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.loader);
        // Without a display: no window may wait for an answer.
        command.args(arguments).env("WINEPREFIX", &self.folder).env_remove("DISPLAY");
        command.env_remove("WAYLAND_DISPLAY").stdin(Stdio::null());
        command
    }

    /// Runs to the end, with output in a file: services that start with the program hold it too.
    fn finish(&self, mut command: Command) -> Result<(bool, String), String> {
        let failed = |error| format!("{} cannot be run: {error}", self.loader.display());
        let mut output = tempfile::tempfile().map_err(failed)?;
        let copy = |file: &File| file.try_clone().map(Stdio::from);
        command.stdout(copy(&output).map_err(failed)?).stderr(copy(&output).map_err(failed)?);
        let mut child = command.spawn().map_err(failed)?;
        let end = Instant::now() + LIMIT;
        let status = loop {
            match child.try_wait().map_err(failed)? {
                Some(status) => break status,
                None if Instant::now() >= end => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!("Wine did not answer within {} s", LIMIT.as_secs()));
                }
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        let mut bytes = Vec::new();
        output.rewind().map_err(failed)?;
        output.read_to_end(&mut bytes).map_err(failed)?;
        Ok((status.success(), String::from_utf8_lossy(&bytes).replace('\r', "")))
    }
}

/// Returns the name of a file that every program of Wine's understands, whatever drives there are.
pub(super) fn windows_name(file: &Path) -> String {
    format!(r"\\?\unix{}", file.display()).replace('/', "\\")
}

/// Finds a program by its path, or in the path.
fn executable(name: PathBuf) -> Option<PathBuf> {
    if name.is_absolute() {
        return name.is_file().then_some(name);
    }
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(&name)).find(|it| it.is_file())
}
