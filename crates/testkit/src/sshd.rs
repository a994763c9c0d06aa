//! OpenSSH's sshd, private: SFTP only, own port and keys, one key that is let in.
//!
//! It runs as an ordinary user and lets in nobody else than that user, whose files it serves; so
//! it needs no root, no PAM and no system-wide directory. A second port serves for reading only.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::account;
use crate::daemon::{Daemon, Program, free_port, prepare};

/// A running sshd.
#[derive(Debug)]
pub struct Sshd {
    daemon: Daemon,
    read_only_port: u16,
    state: TempDir,
    client: TempDir,
}

impl Sshd {
    /// Starts it.
    pub fn start() -> io::Result<Self> {
        Self::start_with(&[])
    }

    /// Starts it with more environment.
    pub fn start_with(variables: &[(OsString, OsString)]) -> io::Result<Self> {
        let (state, client) = (account::state_dir()?, tempfile::tempdir()?);
        let (port, read_only_port) = (free_port(), free_port());
        let dir = state.path();
        let make: [&dyn AsRef<std::ffi::OsStr>; 7] =
            [&"-q", &"-t", &"ed25519", &"-N", &"", &"-f", &dir.join("host")];
        prepare("ssh-keygen", &make, "")?;
        let key = client.path().join("key");
        for name in ["key", "other-key"] {
            let mut command = Command::new("ssh-keygen");
            command.args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"]);
            let made = command.arg(client.path().join(name)).stdin(Stdio::null()).status()?;
            if !made.success() {
                return Err(io::Error::other("ssh-keygen makes no key"));
            }
        }
        account::write(&dir.join("keys"), &fs::read_to_string(key.with_extension("pub"))?)?;
        let configuration = dir.join("sshd_config");
        let shown = dir.display();
        let text = format!(
            "ListenAddress 127.0.0.1:{port}\nListenAddress 127.0.0.1:{read_only_port}\n\
             HostKey {shown}/host\nAuthorizedKeysFile {shown}/keys\nPidFile none\n\
             UsePAM yes\nStrictModes no\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nMaxStartups 100\nMaxSessions 100\n\
             UseDNS no\nPrintMotd no\nLogLevel VERBOSE\nSubsystem sftp internal-sftp\n\
             Match LocalPort {read_only_port}\n  ForceCommand internal-sftp -R\n"
        );
        account::write(&configuration, &text)?;
        let log = dir.join("output");
        account::write(&log, "")?;
        let mut program = Program::new("/usr/sbin/sshd", port, &log)
            .args(&[&"-D", &"-e", &"-f", &configuration])
            .envs(variables);
        if !variables.is_empty() {
            // It clears its environment; run anew for each connection, it would know nothing of it.
            program = program.args(&[&"-r"]);
        }
        let daemon = Daemon::start(program)?;
        let sshd = Self { daemon, read_only_port, state, client };
        sshd.write_client()?;
        Ok(sshd)
    }

    /// Writes what a client needs: a configuration, and an `ssh` that uses it.
    ///
    /// The host has one name at all ports, so that a proxy's is its too.
    fn write_client(&self) -> io::Result<()> {
        let dir = self.client.path();
        let host = fs::read_to_string(self.state.path().join("host.pub"))?;
        let host = host.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let known = format!("testkit {host}\n");
        fs::write(dir.join("known_hosts"), known)?;
        let shown = dir.display();
        let text = format!(
            "IdentityFile {shown}/key\nIdentitiesOnly yes\nIdentityAgent none\n\
             UserKnownHostsFile {shown}/known_hosts\nGlobalKnownHostsFile /dev/null\n\
             StrictHostKeyChecking yes\nHostKeyAlias testkit\n"
        );
        fs::write(dir.join("config"), text)?;
        fs::create_dir(dir.join("bin"))?;
        for program in ["ssh", "sftp"] {
            let path = dir.join("bin").join(program);
            let script = format!("#!/bin/sh\nexec /usr/bin/{program} -F '{shown}/config' \"$@\"\n");
            write_program(&path, &script)?;
        }
        Ok(())
    }

    /// Lets in another key than the client's from now on, or the client's again.
    pub fn change_locks(&self, changed: bool) -> io::Result<()> {
        let name = if changed { "other-key.pub" } else { "key.pub" };
        let key = fs::read_to_string(self.client.path().join(name))?;
        account::write(&self.state.path().join("keys"), &key)
    }

    /// Returns the process to be frozen, killed and started again.
    pub fn daemon(&self) -> &Daemon {
        &self.daemon
    }

    /// Returns the port where files can only be read.
    pub fn read_only_port(&self) -> u16 {
        self.read_only_port
    }

    /// Returns the directory of an `ssh` that knows host and key; it goes first in `PATH`.
    pub fn bin(&self) -> PathBuf {
        self.client.path().join("bin")
    }

    /// Returns the client's configuration, for `ssh -F`.
    pub fn client_config(&self) -> PathBuf {
        self.client.path().join("config")
    }

    /// Returns the URL of a directory of this machine.
    pub fn url(&self, path: &Path) -> String {
        url(self.daemon.address().port(), path)
    }

    /// Returns the URL of a directory where it can only be read.
    pub fn read_only_url(&self, path: &Path) -> String {
        url(self.read_only_port, path)
    }

    /// Returns what sshd logged, for a test that fails.
    pub fn log(&self) -> String {
        fs::read_to_string(self.state.path().join("output")).unwrap_or_default()
    }
}

fn url(port: u16, path: &Path) -> String {
    format!("sftp://{}@127.0.0.1:{port}{}/", account::server_user(), path.display())
}

/// Writes a script by another process: a descriptor open for writing here could be inherited by a
/// program that another thread starts just then, and such a file cannot be run.
fn write_program(path: &Path, text: &str) -> io::Result<()> {
    let mut command = Command::new("sh");
    command.args(["-c", "printf %s \"$1\" > \"$2\"", "sh", text]).arg(path);
    if !command.status()?.success() {
        return Err(io::Error::other("sh writes no file"));
    }
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sftp(sshd: &Sshd, port: u16, order: &str) -> bool {
        let mut command = Command::new("timeout");
        command.args(["20", "sftp", "-b", "-", "-P", &port.to_string(), "-F"]);
        command.arg(sshd.client_config()).arg(format!("{}@127.0.0.1", account::server_user()));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        io::Write::write_all(&mut child.stdin.take().unwrap(), order.as_bytes()).unwrap();
        child.wait().unwrap().success()
    }

    #[test]
    fn it_lets_in_one_key_and_starts_again() {
        if !crate::have("/usr/sbin/sshd", "sshd") || !crate::have("sftp", "sshd") {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        account::give(dir.path()).unwrap();
        let sshd = Sshd::start().unwrap();
        let port = sshd.daemon().address().port();
        let put = |name: &str| format!("put /etc/hostname {}\n", dir.path().join(name).display());
        assert!(sftp(&sshd, port, &put("a")), "{}", sshd.log());
        assert!(dir.path().join("a").exists());
        assert!(!sftp(&sshd, sshd.read_only_port(), &put("b")));
        sshd.change_locks(true).unwrap();
        assert!(!sftp(&sshd, port, "pwd\n"));
        sshd.change_locks(false).unwrap();
        sshd.daemon().restart().unwrap();
        assert!(sftp(&sshd, port, "pwd\n"));
    }
}
