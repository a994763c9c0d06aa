//! Server programs in the background: started, frozen, killed, started again, and ended with
//! their guard, with every process that they started.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::account;

/// How long a server may take to listen; nothing that works comes near it.
const PATIENCE: Duration = Duration::from_secs(30);

/// What to run; it can be run again.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    program: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    log: PathBuf,
    port: u16,
}

impl Program {
    /// Describes a server that listens at `port` of the loopback interface and writes to `log`.
    pub(crate) fn new(program: &str, port: u16, log: &Path) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            variables: Vec::new(),
            log: log.into(),
            port,
        }
    }

    /// Adds arguments.
    pub(crate) fn args(mut self, arguments: &[&dyn AsRef<OsStr>]) -> Self {
        self.arguments.extend(arguments.iter().map(|it| it.as_ref().to_owned()));
        self
    }

    /// Adds variables of the environment.
    pub(crate) fn envs(mut self, variables: &[(OsString, OsString)]) -> Self {
        self.variables.extend_from_slice(variables);
        self
    }

    fn start(&self) -> io::Result<Child> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = account::command(&self.program);
        command.args(&self.arguments).envs(self.variables.iter().cloned());
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).current_dir("/");
        let mut child = command.process_group(0).spawn()?;
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            if let Some(status) = child.try_wait()? {
                return Err(self.complain(&format!("ended with {status}")));
            }
            if Instant::now() > deadline {
                kill_tree(&mut child);
                return Err(self.complain("does not listen"));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(child)
    }

    fn complain(&self, what: &str) -> io::Error {
        let log = fs::read(&self.log).unwrap_or_default();
        let tail = String::from_utf8_lossy(&log[log.len().saturating_sub(2000)..]).into_owned();
        io::Error::other(format!("{} {what}: {tail}", self.program.display()))
    }
}

/// A running server program; dropping it kills it and all that it started.
#[derive(Debug)]
pub struct Daemon {
    program: Program,
    child: Mutex<Option<Child>>,
}

impl Daemon {
    /// Starts it and waits until it listens.
    pub(crate) fn start(program: Program) -> io::Result<Self> {
        let child = program.start()?;
        Ok(Self { program, child: Mutex::new(Some(child)) })
    }

    /// Returns the address it listens at.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.program.port).into()
    }

    /// Returns its process number and those of all that it started; empty after a kill.
    pub fn processes(&self) -> Vec<i32> {
        let child = self.child.lock().unwrap_or_else(|broken| broken.into_inner());
        child.as_ref().map(tree_of).unwrap_or_default()
    }

    /// Stops all its processes (SIGSTOP): the kernel still accepts, and nobody answers.
    pub fn freeze(&self) {
        // What is started meanwhile is stopped in the next round.
        let mut stopped = Vec::new();
        loop {
            let fresh: Vec<i32> =
                self.processes().into_iter().filter(|pid| !stopped.contains(pid)).collect();
            if fresh.is_empty() {
                return;
            }
            fresh.iter().for_each(|&pid| stop(pid));
            stopped.extend(fresh);
        }
    }

    /// Lets all its processes go on (SIGCONT).
    pub fn thaw(&self) {
        self.processes().into_iter().for_each(|pid| signal(pid, Signal::CONT));
    }

    /// Kills it with all its connections (SIGKILL): from now on connecting is refused.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap_or_else(|broken| broken.into_inner());
        if let Some(mut child) = child.take() {
            kill_tree(&mut child);
        }
    }

    /// Starts it again at the same port, after killing it if it runs.
    pub fn restart(&self) -> io::Result<()> {
        self.kill();
        let child = self.program.start()?;
        *self.child.lock().unwrap_or_else(|broken| broken.into_inner()) = Some(child);
        Ok(())
    }

    /// Kills the processes that serve connections; the one that listens goes on.
    pub fn kill_connections(&self) {
        self.processes().into_iter().skip(1).for_each(|pid| signal(pid, Signal::KILL));
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        // It may have ended just now.
        let _ = kill_process(pid, signal);
    }
}

/// Stops a process, and waits until each of its threads has stopped.
///
/// The signal alone is a request: one thread has to run to take it, and until then the others go
/// on serving.
fn stop(pid: i32) {
    signal(pid, Signal::STOP);
    await_state(pid, &['T', 't', 'Z', 'X']);
}

/// Waits until each thread of a process is in one of these states, or gone.
fn await_state(pid: i32, states: &[char]) {
    let threads = || fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let state = |thread: fs::DirEntry| {
        let stat = fs::read_to_string(thread.path().join("stat")).ok()?;
        stat.rsplit_once(") ")?.1.chars().next()
    };
    let deadline = Instant::now() + PATIENCE;
    while threads().filter_map(state).any(|state| !states.contains(&state))
        && Instant::now() < deadline
    {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn kill_tree(child: &mut Child) {
    // Stopped first, it starts no more.
    stop(i32::try_from(child.id()).unwrap_or(0));
    let tree = tree_of(child);
    tree.iter().rev().for_each(|&pid| signal(pid, Signal::KILL));
    // Each has the socket that listens: until the last has let go of it, who looks whether the next
    // server listens finds this one.
    tree.iter().for_each(|&pid| await_state(pid, &['Z', 'X']));
    let _ = child.wait();
}

/// Returns a process and its descendants, parents first.
///
/// By parent, not by process group: sshd makes a session of each connection.
fn tree_of(child: &Child) -> Vec<i32> {
    let mut tree: Vec<i32> = i32::try_from(child.id()).into_iter().collect();
    let all: Vec<(i32, i32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
            Some((pid, parent))
        })
        .collect();
    let mut at = 0;
    while at < tree.len() {
        let parent = tree[at];
        tree.extend(all.iter().filter(|(_, its)| *its == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    tree
}

/// Returns a port that is free now.
///
/// Below those that the system gives out itself, so that no connection of another test gets it
/// before the server does.
pub fn free_port() -> u16 {
    const FIRST: u16 = 18_000;
    const COUNT: u16 = 14_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id().wrapping_mul(97) % u32::from(COUNT)).unwrap_or(0);
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + start.wrapping_add(step) % COUNT;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Runs a program that prepares a server, as the servers' user, with `input`; returns its output.
pub(crate) fn prepare(
    program: &str,
    arguments: &[&dyn AsRef<OsStr>],
    input: &str,
) -> io::Result<String> {
    use std::io::Write as _;
    let mut command: Command = account::command(Path::new(program));
    command.args(arguments.iter().map(|it| it.as_ref())).current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(io::Error::other(format!("{program} ended with {}: {text}", output.status)))
}
