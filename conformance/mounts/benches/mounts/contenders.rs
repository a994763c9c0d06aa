//! Who mounts: ours and the tools that people use today.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mpr_mount_conformance::{World, run};
use mpr_testkit::{Apache, Smbd};

use crate::scene::{Protocol, Scene};

/// Marks the processes of a peer's mount.
const MARK: &str = "MPR_BENCH_MARK";

/// Longest time for a mount.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Ours,
    Rclone,
    Sshfs,
    Davfs2,
    Gvfs,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Contender {
    pub(crate) protocol: Protocol,
    pub(crate) tool: Tool,
}

/// Returns who can mount by a protocol.
pub(crate) fn of(protocol: Protocol) -> Vec<Contender> {
    let tools: &[Tool] = match protocol {
        Protocol::Smb => &[Tool::Ours, Tool::Rclone, Tool::Gvfs],
        Protocol::WebDav => &[Tool::Ours, Tool::Rclone, Tool::Davfs2, Tool::Gvfs],
        Protocol::Sftp => &[Tool::Ours, Tool::Rclone, Tool::Sshfs, Tool::Gvfs],
    };
    tools.iter().map(|&tool| Contender { protocol, tool }).collect()
}

impl Contender {
    /// Returns what the table calls it.
    pub(crate) fn name(&self) -> String {
        let tool = match self.tool {
            Tool::Ours => "**OpenMPR**",
            Tool::Rclone => "rclone",
            Tool::Sshfs => "sshfs",
            Tool::Davfs2 => "davfs2",
            Tool::Gvfs => "gvfs",
        };
        format!("{}: {tool}", self.protocol.name())
    }
}

/// A mount, whoever made it; dropping it ends it whatever its state.
pub(crate) struct Mounted {
    /// The directory of the share.
    pub(crate) dir: PathBuf,
    /// From the command to the first listing.
    pub(crate) took: Duration,
    folder: tempfile::TempDir,
    mark: String,
    world: Option<World>,
    child: Option<Child>,
}

impl Mounted {
    /// Mounts, and lists for the first time.
    pub(crate) fn new(scene: &Scene, contender: &Contender) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("mpr-peer-").tempdir().unwrap();
        let mark = folder.path().display().to_string();
        let dir = folder.path().join("mnt");
        fs::create_dir(&dir).unwrap();
        let protocol = contender.protocol;
        let world =
            (contender.tool == Tool::Ours).then(|| scene.world(protocol, Duration::from_secs(5)));
        let mut mounted = Self { dir, took: Duration::ZERO, folder, mark, world, child: None };
        mounted.prepare(scene, contender)?;
        let start = Instant::now();
        mounted.start(scene, contender)?;
        let mut list = Command::new("ls");
        list.arg(&mounted.dir);
        loop {
            let outcome = run(&mut list, PATIENCE);
            if outcome.good() && outcome.stdout.contains("large") {
                break;
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("no listing: {outcome:?} {}", mounted.said()));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        mounted.took = start.elapsed();
        Ok(mounted)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn said(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    fn write_secret(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// Writes configurations.
    fn prepare(&self, scene: &Scene, contender: &Contender) -> Result<(), String> {
        let protocol = contender.protocol;
        let port = scene.port(protocol);
        let (user, password) = scene.login(protocol).unwrap_or_default();
        match contender.tool {
            Tool::Rclone => {
                let mut obscure = Command::new("rclone");
                obscure.args(["obscure", "-"]);
                let hidden = mpr_mount_conformance::run_with(&mut obscure, PATIENCE, &password);
                let hidden = hidden.stdout.trim().to_owned();
                let text = match protocol {
                    Protocol::Smb => format!(
                        "[r]\ntype = smb\nhost = 127.0.0.1\nport = {port}\nuser = {user}\n\
                         pass = {hidden}\n"
                    ),
                    Protocol::WebDav => format!(
                        "[r]\ntype = webdav\nurl = {}\nvendor = other\nuser = {user}\n\
                         pass = {hidden}\n",
                        scene.apache.url("rw")
                    ),
                    Protocol::Sftp => format!(
                        "[r]\ntype = sftp\nhost = 127.0.0.1\nport = {port}\nuser = {}\n\
                         key_file = {}\n",
                        mpr_testkit::server_user(),
                        scene.sshd.client_config().with_file_name("key").display()
                    ),
                };
                self.write_secret("rclone.conf", &text);
            }
            Tool::Davfs2 => {
                let url = scene.apache.url("rw");
                let escaped = password.replace('\\', "\\\\").replace('"', "\\\"");
                let secrets =
                    self.write_secret("secrets", &format!("{url} {user} \"{escaped}\"\n"));
                // Smaller buffers than 64 cannot list on this kernel.
                let text = format!(
                    "secrets {}\nask_auth 0\nuse_locks 0\nbuf_size 64\ncache_dir {}\n",
                    secrets.display(),
                    self.path("cache").display()
                );
                let cache = self.path("cache");
                fs::create_dir(&cache).unwrap();
                // It is davfs2's user by then, below a directory that only root may pass.
                let open = |mode| fs::Permissions::from_mode(mode);
                fs::set_permissions(&cache, open(0o777)).unwrap();
                fs::set_permissions(self.folder.path(), open(0o755)).unwrap();
                self.write_secret("davfs2.conf", &text);
            }
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, scene: &Scene, contender: &Contender) -> Result<(), String> {
        let protocol = contender.protocol;
        let port = scene.port(protocol);
        let folder = self.folder.path().to_path_buf();
        let mut command = match contender.tool {
            Tool::Ours => {
                let world = self.world.as_ref().unwrap();
                let remote = scene.remote(protocol, port, "rw");
                let login = scene.login(protocol);
                let made = world.connect("S:", &remote, login.as_ref());
                self.dir = made.map_err(|refusal| refusal.text)?.dir;
                return Ok(());
            }
            Tool::Rclone => {
                let share = match protocol {
                    Protocol::Smb => "r:rw".to_owned(),
                    Protocol::WebDav => "r:".to_owned(),
                    Protocol::Sftp => format!("r:{}", scene.share().display()),
                };
                let mut command = Command::new("rclone");
                command.args(["mount", &share]).arg(&self.dir).arg("--config");
                command.arg(folder.join("rclone.conf")).env("XDG_CACHE_HOME", folder.join("cache"));
                command
            }
            Tool::Sshfs => {
                let mut command = Command::new("sshfs");
                let user = mpr_testkit::server_user();
                command.args(["-f", "-p", &port.to_string(), "-F"]);
                command.arg(scene.sshd.client_config());
                command.arg(format!("{user}@127.0.0.1:{}", scene.share().display()));
                command.arg(&self.dir);
                command
            }
            Tool::Davfs2 => {
                let mut command = Command::new("mount.davfs");
                command.arg("-o").arg(format!("conf={}", folder.join("davfs2.conf").display()));
                command.arg(scene.apache.url("rw")).arg(&self.dir);
                command
            }
            Tool::Gvfs => self.gvfs(scene, protocol, port),
        };
        let log = fs::File::create(self.path("log")).unwrap();
        command.env(MARK, &self.mark).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().map_err(|error| format!("{contender:?}: {error}"))?;
        self.child = Some(child);
        Ok(())
    }

    fn gvfs(&mut self, scene: &Scene, protocol: Protocol, port: u16) -> Command {
        let (url, answers, name) = match protocol {
            Protocol::Smb => (
                format!("smb://127.0.0.1:{port}/rw"),
                format!("{}\nTEST\n{}\n", Smbd::user(), Smbd::PASSWORD),
                "smb-share:port=PORT,server=127.0.0.1,share=rw",
            ),
            Protocol::WebDav => (
                format!("dav://127.0.0.1:{port}/rw/"),
                format!("{}\n{}\n", Apache::USER, Apache::PASSWORD),
                "dav:host=127.0.0.1,port=PORT,ssl=false,prefix=%2Frw",
            ),
            Protocol::Sftp => (
                format!("sftp://{}@127.0.0.1:{port}/", mpr_testkit::server_user()),
                String::new(),
                "sftp:host=127.0.0.1,port=PORT,user=nobody",
            ),
        };
        let below = if protocol == Protocol::Sftp { scene.share() } else { PathBuf::new() };
        let root = self.dir.join(name.replace("PORT", &port.to_string()));
        let below = below.strip_prefix("/").unwrap_or(&below).to_path_buf();
        let mountpoint = std::mem::replace(&mut self.dir, root.join(below));
        let answers = self.write_secret("answers", &answers);
        let script = "/usr/libexec/gvfsd --no-fuse & /usr/libexec/gvfsd-fuse \"$1\" -f &
            gio mount \"$2\" < \"$3\"; wait";
        let mut command = Command::new("dbus-run-session");
        command.args(["--", "sh", "-c", script, "sh"]).arg(mountpoint).arg(url).arg(answers);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let first = scene.sshd.bin().into_os_string();
        command.env("PATH", [first, path].join(":".as_ref()));
        command.env("XDG_RUNTIME_DIR", self.folder.path()).env("HOME", self.folder.path());
        command.env("GIO_USE_VOLUME_MONITOR", "unix");
        command
    }

    /// Returns the processes that serve it.
    fn processes(&self) -> Vec<i32> {
        let mut found = self.world.as_ref().map(World::processes).unwrap_or_default();
        let all: Vec<(i32, i32)> = processes();
        if self.world.is_none() {
            let wanted = format!("{MARK}={}", self.mark);
            found.extend(all.iter().map(|(pid, _)| *pid).filter(|pid| {
                let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
                environment.split(|byte| *byte == 0).any(|it| it == wanted.as_bytes())
            }));
        }
        let mut at = 0;
        while at < found.len() {
            let parent = found[at];
            let children = all.iter().filter(|(pid, its)| *its == parent && !found.contains(pid));
            let children: Vec<i32> = children.map(|(pid, _)| *pid).collect();
            found.extend(children);
            at += 1;
        }
        found
    }

    /// Returns their resident memory, in MB.
    pub(crate) fn memory(&self) -> f64 {
        let pages = self.processes().into_iter().filter_map(|pid| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        });
        pages.sum::<f64>() * 1024.0 / 1e6
    }
}

fn processes() -> Vec<(i32, i32)> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let parents = entries.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
        Some((pid, parent))
    });
    parents.collect()
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Some(world) = &self.world {
            let outcome = world.delete("S:", false);
            if outcome.good() {
                return;
            }
            return world.abort();
        }
        abort_below(self.folder.path());
        for pid in self.processes().into_iter().filter_map(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Ends peers' mounts: their FUSE connections first, since nobody waits for them then.
fn abort_below(folder: &Path) {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap();
    for line in table.lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        if !Path::new(fields[4]).starts_with(folder) {
            continue;
        }
        let mut polite = Command::new("umount");
        if !run(polite.arg(fields[4]), Duration::from_secs(10)).good() {
            let device = fields[2].strip_prefix("0:").unwrap_or_default();
            let _ = fs::write(format!("/sys/fs/fuse/connections/{device}/abort"), "1");
            let mut lazy = Command::new("umount");
            run(lazy.arg("-l").arg(fields[4]), Duration::from_secs(10));
        }
    }
}
