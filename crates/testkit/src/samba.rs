//! A Samba server of its own for a test: private state in a directory that goes with it, on a
//! free port of the loopback interface, serving real directories.
//!
//! smbd wants to be root, and the accounts it knows are the system's: [`USER`] is root, [`OTHER`]
//! an account that owns nothing.

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

/// A user who may do everything, and the password.
pub const USER: (&str, &str) = ("mpr", "Open sesame 1");
/// A user who owns nothing, and the password.
pub const OTHER: (&str, &str) = ("alice", "Looking glass 2");

/// Longest wait for the server to start or end; it takes a fraction of a second.
const PATIENCE: Duration = Duration::from_secs(30);

const SMBD: &str = "/usr/sbin/smbd";

/// What a server shall be like.
#[derive(Clone, Debug, Default)]
pub struct SambaOptions {
    global: Vec<String>,
    shares: Vec<(String, Option<PathBuf>, Vec<String>)>,
}

impl SambaOptions {
    /// Adds a line to the `[global]` section: `server min protocol = SMB3`.
    pub fn global(mut self, line: &str) -> Self {
        self.global.push(line.to_owned());
        self
    }

    /// Adds a share that can be written, in a directory of the server's own.
    pub fn share(self, name: &str) -> Self {
        self.share_with(name, &[])
    }

    /// Adds such a share with further lines: `read only = yes`.
    pub fn share_with(mut self, name: &str, lines: &[&str]) -> Self {
        let lines = lines.iter().map(|&line| line.to_owned()).collect();
        self.shares.push((name.to_owned(), None, lines));
        self
    }

    /// Adds a share of a directory that exists.
    pub fn share_of(mut self, name: &str, path: &Path) -> Self {
        self.shares.push((name.to_owned(), Some(path.to_owned()), Vec::new()));
        self
    }

    /// Starts the server and waits until it listens.
    pub fn start(self) -> std::io::Result<Samba> {
        Samba::new(self)
    }
}

/// A running Samba server. It ends when it is dropped.
#[derive(Debug)]
pub struct Samba {
    dir: tempfile::TempDir,
    options: SambaOptions,
    port: u16,
    server: Option<Child>,
}

impl Samba {
    /// Tells why there can be no server here; `None` if there can be.
    pub fn missing() -> Option<&'static str> {
        if !Path::new(SMBD).exists() {
            Some("there is no smbd: cargo xtask setup")
        } else if !rustix::process::geteuid().is_root() {
            Some("smbd wants to be root")
        } else {
            None
        }
    }

    fn new(options: SambaOptions) -> std::io::Result<Self> {
        let dir = tempfile::Builder::new().prefix("mpr-samba").tempdir()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut samba = Self { dir, options, port, server: None };
        std::fs::create_dir(samba.dir.path().join("state"))?;
        std::fs::create_dir(samba.dir.path().join("shares"))?;
        // Whoever is mapped to another account must reach the shares too.
        open_to_all(samba.dir.path())?;
        open_to_all(&samba.dir.path().join("shares"))?;
        std::fs::write(samba.dir.path().join("users"), "root = mpr\ngames = alice\n")?;
        samba.configure()?;
        for (account, password) in [("root", USER.1), ("games", OTHER.1)] {
            samba.add_user(account, password)?;
        }
        samba.start_again()?;
        Ok(samba)
    }

    fn add_user(&self, account: &str, password: &str) -> std::io::Result<()> {
        let mut child = Command::new("/usr/bin/smbpasswd")
            .arg("-c")
            .arg(self.config())
            .args(["-s", "-a", account])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            write!(stdin, "{password}\n{password}\n")?;
        }
        match child.wait()?.success() {
            true => Ok(()),
            false => Err(std::io::Error::other("smbpasswd failed")),
        }
    }

    /// Returns what smbd logged.
    pub fn log(&self) -> String {
        let log = std::fs::read(self.dir.path().join("state/out")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("smb.conf")
    }

    /// Writes the configuration, and the directories of shares that have none yet.
    fn configure(&self) -> std::io::Result<()> {
        let state = self.dir.path().join("state");
        let state = state.display();
        let mut text = format!(
            "[global]\nserver role = standalone server\nworkgroup = MPRTEST\n\
             netbios name = mprtest\ninterfaces = 127.0.0.1\nbind interfaces only = yes\n\
             smb ports = {port}\ndisable netbios = yes\ndisable spoolss = yes\n\
             load printers = no\nprinting = bsd\nprintcap name = /dev/null\n\
             private dir = {state}\nstate directory = {state}\nlock directory = {state}\n\
             cache directory = {state}\npid directory = {state}\n\
             ncalrpc dir = {state}/ncalrpc\nlog file = {state}/log\nlog level = 1\n\
             passdb backend = tdbsam:{state}/passdb.tdb\nusername map = {users}\n\
             server min protocol = SMB2\nstrict sync = yes\n",
            port = self.port,
            users = self.dir.path().join("users").display(),
        );
        for line in &self.options.global {
            text += &format!("{line}\n");
        }
        for (name, path, lines) in &self.options.shares {
            let path = path.clone().unwrap_or_else(|| self.path(name));
            if !path.exists() {
                std::fs::create_dir(&path)?;
                open_to_all(&path)?;
            }
            text += &format!("[{name}]\npath = {}\nread only = no\n", path.display());
            for line in lines {
                text += &format!("{line}\n");
            }
        }
        std::fs::write(self.config(), text)
    }

    /// Returns the port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the directory behind a share that has one of the server's own.
    pub fn path(&self, share: &str) -> PathBuf {
        self.dir.path().join("shares").join(share)
    }

    /// Returns the name of a share: `smb://127.0.0.1:1445/team`.
    pub fn url(&self, share: &str) -> String {
        format!("smb://127.0.0.1:{}/{share}", self.port)
    }

    /// Returns the same as Windows spells it: `\\127.0.0.1@1445\team`.
    pub fn unc(&self, share: &str) -> String {
        format!(r"\\127.0.0.1@{}\{share}", self.port)
    }

    /// Stops answering, or goes on; connections are accepted all the same.
    pub fn freeze(&self, frozen: bool) {
        self.signal(if frozen { Signal::STOP } else { Signal::CONT });
    }

    /// Ends at once, as by a crash; [`Self::start_again`] brings it back on the same port.
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        if let Some(mut server) = self.server.take() {
            let _ = server.wait();
        }
    }

    /// Starts it again after [`Self::kill`], and waits until it listens.
    pub fn start_again(&mut self) -> std::io::Result<()> {
        let log = std::fs::File::create(self.dir.path().join("state/out"))?;
        let server = Command::new(SMBD)
            .args(["-F", "--no-process-group", "--debug-stdout", "-s"])
            .arg(self.config())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        self.server = Some(server);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect_timeout(&address, PATIENCE).is_err() {
            let ended = self
                .server
                .as_mut()
                .is_none_or(|server| server.try_wait().map_or(true, |status| status.is_some()));
            if ended || Instant::now() > end {
                let out = std::fs::read_to_string(self.dir.path().join("state/out"));
                let text = format!("smbd does not listen: {}", out.unwrap_or_default());
                return Err(std::io::Error::other(text));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// Changes what it is like: takes effect for new connections with [`Self::kill`] and
    /// [`Self::start_again`].
    pub fn reconfigure(&mut self, options: SambaOptions) -> std::io::Result<()> {
        self.options = options;
        self.configure()
    }

    /// Tells its processes to end all connections to a share, and forgets it.
    pub fn remove_share(&mut self, share: &str) -> std::io::Result<()> {
        self.options.shares.retain(|(name, _, _)| name != share);
        self.configure()?;
        self.control(&["smbd", "reload-config"])?;
        self.control(&["smbd", "close-share", share])
    }

    fn control(&self, words: &[&str]) -> std::io::Result<()> {
        let status = Command::new("/usr/bin/smbcontrol")
            .arg("-s")
            .arg(self.config())
            .args(words)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        match status.success() {
            true => Ok(()),
            false => Err(std::io::Error::other(format!("smbcontrol {words:?} failed"))),
        }
    }

    fn signal(&self, signal: Signal) {
        let id = self.server.as_ref().and_then(|server| i32::try_from(server.id()).ok());
        if let Some(group) = id.and_then(Pid::from_raw) {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Samba {
    fn drop(&mut self) {
        self.kill();
    }
}

fn open_to_all(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777))
}
