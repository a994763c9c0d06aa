//! Apache's mod_dav, private: a WebDAV server by others, with ETags, locks and Digest log-in.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io;

use tempfile::TempDir;

use crate::account::{self, Export};
use crate::daemon::{Daemon, Program, free_port, prepare};

const MODULES: [&str; 11] = [
    "mpm_event",
    "authn_core",
    "authn_file",
    "authz_core",
    "authz_user",
    "auth_digest",
    "auth_basic",
    "alias",
    "dav",
    "dav_fs",
    "setenvif",
];

/// How clients log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// The password as it is.
    Basic,
    /// A hash of the password and the request.
    Digest,
}

/// A running apache2.
#[derive(Debug)]
pub struct Apache {
    daemon: Daemon,
    state: TempDir,
}

impl Apache {
    /// The user it knows.
    pub const USER: &'static str = "alice";
    /// That user's password; a `htdigest` file holds only its hash.
    pub const PASSWORD: &'static str = "s3cret \"\\";

    /// Starts it with these directories.
    pub fn start(exports: &[Export], login: Login) -> io::Result<Self> {
        Self::start_with(exports, login, &[])
    }

    /// Starts it with more environment.
    pub fn start_with(
        exports: &[Export],
        login: Login,
        variables: &[(OsString, OsString)],
    ) -> io::Result<Self> {
        let state = account::state_dir()?;
        let dir = state.path();
        let port = free_port();
        let configuration = dir.join("apache.conf");
        account::write(&configuration, &text(&state, port, exports, login))?;
        std::fs::create_dir(dir.join("empty"))?;
        account::give(&dir.join("empty"))?;
        let passwords = dir.join("passwords");
        match login {
            Login::Basic => {
                let make: [&dyn AsRef<std::ffi::OsStr>; 3] = [&"-ci", &passwords, &Self::USER];
                prepare("htpasswd", &make, Self::PASSWORD)?;
            }
            // htdigest asks on a terminal only; the file is a line of a known form.
            Login::Digest => {
                let secret = format!("{}:testkit:{}", Self::USER, Self::PASSWORD);
                let sum = prepare("md5sum", &[], &secret)?;
                let hash = sum.split(' ').next().unwrap_or_default();
                account::write(&passwords, &format!("{}:testkit:{hash}\n", Self::USER))?;
            }
        }
        let log = dir.join("output");
        account::write(&log, "")?;
        let program = Program::new("/usr/sbin/apache2", port, &log)
            .args(&[&"-DFOREGROUND", &"-f", &configuration])
            .envs(variables);
        Ok(Self { daemon: Daemon::start(program)?, state })
    }

    /// Returns the process to be frozen, killed and started again.
    pub fn daemon(&self) -> &Daemon {
        &self.daemon
    }

    /// Returns the URL of a directory.
    pub fn url(&self, name: &str) -> String {
        format!("http://{}/{name}/", self.daemon.address())
    }

    /// Returns what Apache logged, for a test that fails.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.state.path().join("errors")).unwrap_or_default()
    }
}

fn text(state: &TempDir, port: u16, exports: &[Export], login: Login) -> String {
    let dir = state.path().display();
    let mut text = String::new();
    for module in MODULES {
        // Writing to a string cannot fail.
        let file = format!("/usr/lib/apache2/modules/mod_{module}.so");
        let _ = writeln!(text, "LoadModule {module}_module {file}");
    }
    let _ = write!(
        text,
        "ServerRoot {dir}
ServerName 127.0.0.1
DocumentRoot {dir}/empty
Listen 127.0.0.1:{port}
PidFile {dir}/pid
ErrorLog {dir}/errors
LogLevel info
Mutex file:{dir} default
DavLockDB {dir}/locks
DefaultRuntimeDir {dir}
StartServers 1
ServerLimit 2
ThreadsPerChild 32
MinSpareThreads 1
MaxSpareThreads 64
KeepAlive On
KeepAliveTimeout 30
MaxKeepAliveRequests 0
LimitXMLRequestBody 0
LimitRequestBody 0
FileETag MTime Size INode
<Directory />
  Require all denied
</Directory>
<Directory {dir}/empty>
  Require all granted
</Directory>
"
    );
    for Export { name, path, read_only, guest, forbidden } in exports {
        let word = match login {
            Login::Basic => "Basic\n  AuthBasicProvider file",
            Login::Digest => "Digest\n  AuthDigestProvider file\n  AuthDigestDomain /",
        };
        let user = format!(
            "AuthType {word}\n  AuthName testkit\n  AuthUserFile {dir}/passwords\n  Require valid-user"
        );
        let who = match (guest, forbidden) {
            (_, true) => "Require all denied",
            (true, _) => "Require all granted",
            _ => &user,
        };
        let path = path.display();
        let _ = write!(
            text,
            "Alias /{name} {path}
<Directory {path}>
  DAV On
  DavDepthInfinity Off
  AllowOverride None
</Directory>
<Location /{name}>
  {who}
</Location>
"
        );
        if *read_only {
            let _ = write!(
                text,
                "<Location /{name}>
  <LimitExcept GET HEAD OPTIONS PROPFIND>
    Require all denied
  </LimitExcept>
</Location>
"
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn status(login: &str, arguments: &[&str]) -> String {
        let mut command = Command::new("curl");
        command.args(["-s", "-m", "20", "--anyauth", "-o", "/dev/null", "-w", "%{http_code}"]);
        let output = command.args(["-u", login]).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    #[test]
    fn it_serves_and_asks_who_is_there() {
        if !crate::have("/usr/sbin/apache2", "apache") || !crate::have("curl", "apache") {
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        account::give(dir.path()).unwrap();
        let exports =
            [Export::new("dav", dir.path()), Export::new("fixed", dir.path()).read_only()];
        let login = format!("{}:{}", Apache::USER, Apache::PASSWORD);
        for kind in [Login::Basic, Login::Digest] {
            let apache = Apache::start(&exports, kind).unwrap();
            let new = ["-T", "/etc/hostname", &format!("{}{kind:?}", apache.url("dav"))];
            assert_eq!(status(&login, &new), "201", "{}", apache.log());
            assert_eq!(status("alice:wrong", &new), "401");
            let fixed = ["-T", "/etc/hostname", &format!("{}f", apache.url("fixed"))];
            assert_eq!(status(&login, &fixed), "403");
            let list = ["-X", "PROPFIND", "-H", "Depth: 1", &apache.url("fixed")];
            assert_eq!(status(&login, &list), "207");
            apache.daemon().restart().unwrap();
            assert_eq!(status(&login, &new), "204");
        }
    }
}
