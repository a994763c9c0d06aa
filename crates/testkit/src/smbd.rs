//! Samba's smbd, private: own port, own state, one user with a password, guests where allowed.

use std::fmt::Write as _;
use std::io;

use tempfile::TempDir;

use crate::account::{self, Export};
use crate::daemon::{Daemon, Program, free_port, prepare};

/// A running smbd.
#[derive(Debug)]
pub struct Smbd {
    daemon: Daemon,
    state: TempDir,
}

impl Smbd {
    /// The password of its one user.
    pub const PASSWORD: &'static str = "s\u{e4}cret \"\\";

    /// Returns the user it knows: the account it runs as, since an ordinary user becomes no other.
    pub fn user() -> String {
        account::server_user()
    }

    /// Starts it with these shares.
    pub fn start(exports: &[Export]) -> io::Result<Self> {
        Self::start_with(exports, "", &[])
    }

    /// Starts it with more lines in `[global]` and more environment.
    pub fn start_with(
        exports: &[Export],
        global: &str,
        variables: &[(std::ffi::OsString, std::ffi::OsString)],
    ) -> io::Result<Self> {
        let state = account::state_dir()?;
        let port = free_port();
        let configuration = state.path().join("smb.conf");
        account::write(&configuration, &text(&state, port, exports, global))?;
        let twice = format!("{0}\n{0}\n", Self::PASSWORD);
        let conf = configuration.as_path();
        prepare("pdbedit", &[&"-s", &conf, &"-a", &"-t", &"-u", &Self::user()], &twice)?;
        let log = state.path().join("output");
        account::write(&log, "")?;
        // One that no directory of PATH has for ordinary users.
        let program = Program::new("/usr/sbin/smbd", port, &log)
            .args(&[&"-F", &"--no-process-group", &"-s", &conf])
            .envs(variables);
        Ok(Self { daemon: Daemon::start(program)?, state })
    }

    /// Returns the process to be frozen, killed and started again.
    pub fn daemon(&self) -> &Daemon {
        &self.daemon
    }

    /// Returns the UNC name of a share.
    pub fn unc(&self, share: &str) -> String {
        format!(r"\\127.0.0.1@{}\{share}", self.daemon.address().port())
    }

    /// Returns what smbd logged, for a test that fails.
    pub fn log(&self) -> String {
        let read = |name: &str| std::fs::read(self.state.path().join(name)).unwrap_or_default();
        String::from_utf8_lossy(&[read("log"), read("output")].concat()).into_owned()
    }
}

fn text(state: &TempDir, port: u16, exports: &[Export], global: &str) -> String {
    let (dir, user) = (state.path().display(), account::server_user());
    let mut text = format!(
        "[global]
 server role = standalone server
 workgroup = TEST
 netbios name = TESTKIT
 interfaces = 127.0.0.1
 bind interfaces only = yes
 smb ports = {port}
 disable netbios = yes
 private dir = {dir}/state
 lock directory = {dir}/state
 state directory = {dir}/state
 cache directory = {dir}/state
 pid directory = {dir}/state
 ncalrpc dir = {dir}/state/ncalrpc
 passdb backend = tdbsam:{dir}/passdb.tdb
 map to guest = Bad User
 guest account = {user}
 load printers = no
 printing = bsd
 printcap name = /dev/null
 disable spoolss = yes
 logging = file
 log file = {dir}/log
 {global}
"
    );
    let yes = |yes| if yes { "yes" } else { "no" };
    for export in exports {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "[{}]
 path = {}
 read only = {}
 guest ok = {}
 strict sync = no
 {}
",
            export.name,
            export.path.display(),
            yes(export.read_only),
            yes(export.guest),
            if export.forbidden { "valid users = root" } else { "" },
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn smbclient(samba: &Smbd, share: &str, login: &str, order: &str) -> std::process::Output {
        let port = samba.daemon().address().port().to_string();
        let mut command = Command::new("timeout");
        command.args(["20", "smbclient", "-p", &port, "-U", login]);
        command.args([&format!("//127.0.0.1/{share}"), "-c", order]).output().unwrap()
    }

    #[test]
    fn it_serves_freezes_and_starts_again() {
        if !crate::have("/usr/sbin/smbd", "samba") || !crate::have("smbclient", "samba") {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        account::give(dir.path()).unwrap();
        let exports = [
            Export::new("share", dir.path()),
            Export::new("fixed", dir.path()).read_only(),
            Export::new("open", dir.path()).guest(),
        ];
        let samba = Smbd::start(&exports).unwrap();
        let login = format!("{}%{}", Smbd::user(), Smbd::PASSWORD);
        let put = "put /etc/hostname x";
        let done = smbclient(&samba, "share", &login, put);
        assert!(done.status.success(), "{done:?} {}", samba.log());
        assert!(dir.path().join("x").exists());
        assert!(
            !smbclient(&samba, "share", &format!("{}%wrong", Smbd::user()), "ls").status.success()
        );
        assert!(!smbclient(&samba, "fixed", &login, put).status.success());
        assert!(smbclient(&samba, "open", "stranger%", put).status.success());
        let address = samba.daemon().address();
        samba.daemon().kill();
        assert!(std::net::TcpStream::connect(address).is_err());
        samba.daemon().restart().unwrap();
        assert!(smbclient(&samba, "share", &login, "ls").status.success());
    }
}
