//! The servers that the suite knows, behind one interface: a table entry each.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use mpr_testkit::{Apache, Daemon, Export, Login, Options, Smbd, Sshd, WebDavServer};

use crate::traits::{self, Traits};

/// A server that runs.
pub trait Server: Send + Sync {
    /// Returns where it listens.
    fn address(&self) -> SocketAddr;

    /// Returns the remote name of an export, reached at an address: its own or a proxy's.
    fn remote(&self, address: SocketAddr, export: &str) -> String;

    /// Returns user and password, where there is one.
    fn login(&self) -> Option<(String, String)>;

    /// Stops answering, while connections are still accepted.
    fn freeze(&self);

    /// Answers again.
    fn thaw(&self);

    /// Ends at once, with all connections.
    fn kill(&self);

    /// Runs again, at the same address.
    fn restart(&self);

    /// Returns variables that a client needs.
    fn variables(&self) -> Vec<(OsString, OsString)> {
        Vec::new()
    }

    /// Returns its log, for a test that fails.
    fn log(&self) -> String {
        String::new()
    }
}

/// The directories behind a server: `rw`, `ro` (for reading only), `open` (without password),
/// `forbidden` (to all) and `full` (small, if it can be).
#[derive(Debug)]
pub struct Ground {
    folder: tempfile::TempDir,
    small: Option<PathBuf>,
}

impl Ground {
    /// Makes the directories; `small` is a small file system for `full`.
    pub fn new(small: Option<PathBuf>) -> Self {
        let folder = tempfile::Builder::new().prefix("mpr-ground-").tempdir().unwrap();
        mpr_testkit::give(folder.path()).unwrap();
        for name in ["rw", "ro", "open", "forbidden"] {
            fs::create_dir(folder.path().join(name)).unwrap();
            mpr_testkit::give(&folder.path().join(name)).unwrap();
        }
        // Who does not log in owns nothing, as Samba sees it.
        let all = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        fs::set_permissions(folder.path().join("open"), all).unwrap();
        let nobody = std::os::unix::fs::PermissionsExt::from_mode(0o000);
        fs::set_permissions(folder.path().join("forbidden"), nobody).unwrap();
        Self { folder, small }
    }

    /// Returns the directory behind an export.
    pub fn behind(&self, export: &str) -> PathBuf {
        match &self.small {
            Some(small) if export == "full" => small.clone(),
            _ => self.folder.path().join(export),
        }
    }

    fn exports(&self) -> Vec<Export> {
        let mut exports = vec![
            Export::new("rw", &self.behind("rw")),
            Export::new("ro", &self.behind("ro")).read_only(),
            Export::new("open", &self.behind("open")).guest(),
            Export::new("forbidden", &self.behind("forbidden")).forbidden(),
        ];
        if self.small.is_some() {
            exports.push(Export::new("full", &self.behind("full")));
        }
        exports
    }
}

/// Variables of an environment.
pub type Variables = [(OsString, OsString)];

/// Starts a server over these directories; the variables are for the server program.
pub type Start = fn(&Ground, &Variables) -> io::Result<Box<dyn Server>>;

/// A kind of server.
#[derive(Clone, Copy)]
pub struct Backend {
    /// What the suite calls it.
    pub name: &'static str,
    /// The provider that connects to it.
    pub provider: &'static str,
    /// What is expected of its mounts.
    pub traits: Traits,
    /// The program that has to be installed.
    pub needs: Option<&'static str>,
    /// How one is started.
    pub start: Start,
    /// Whether `ro` and `full` are what they should be; else they are like `rw`.
    pub exports: bool,
}

/// All of them.
pub const BACKENDS: &[Backend] = &[
    Backend {
        name: "embedded",
        provider: "webdav",
        traits: traits::WEBDAV,
        needs: None,
        exports: false,
        start: |ground, _| Ok(Box::new(Embedded::start(ground)?)),
    },
    Backend {
        name: "apache",
        provider: "webdav",
        traits: traits::WEBDAV,
        needs: Some("/usr/sbin/apache2"),
        exports: true,
        start: |ground, variables| {
            Ok(Box::new(Apache::start_with(&ground.exports(), Login::Digest, variables)?))
        },
    },
    Backend {
        name: "samba",
        provider: "smb",
        traits: traits::SMB,
        needs: Some("/usr/sbin/smbd"),
        exports: true,
        start: |ground, variables| {
            Ok(Box::new(Smbd::start_with(&ground.exports(), "", variables)?))
        },
    },
    Backend {
        name: "openssh",
        provider: "sftp",
        traits: traits::SFTP,
        needs: Some("/usr/sbin/sshd"),
        exports: true,
        start: |ground, variables| {
            Ok(Box::new(OpenSsh { sshd: Sshd::start_with(variables)?, ground: root_of(ground) }))
        },
    },
];

fn root_of(ground: &Ground) -> Vec<(&'static str, PathBuf)> {
    ["rw", "ro", "full", "open", "forbidden"].map(|name| (name, ground.behind(name))).to_vec()
}

impl std::fmt::Debug for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// The embedded server lives in this process: its faults are switches.
struct Embedded {
    server: Mutex<Option<WebDavServer>>,
    options: Options,
    address: SocketAddr,
    ground: PathBuf,
}

impl Embedded {
    const LOGIN: (&'static str, &'static str) = ("alice", "s\u{e4}cret \"\\");

    fn start(ground: &Ground) -> io::Result<Self> {
        let login = Some((Self::LOGIN.0.to_owned(), Self::LOGIN.1.to_owned()));
        let folder = ground.folder.path().to_path_buf();
        let options = Options { directory: Some(folder.clone()), login, port: 0 };
        let server = WebDavServer::start(options.clone())?;
        let address = server.address();
        let options = Options { port: address.port(), ..options };
        Ok(Self { server: Mutex::new(Some(server)), options, address, ground: folder })
    }

    fn with(&self, act: impl FnOnce(&WebDavServer)) {
        if let Some(server) = &*self.server.lock().unwrap() {
            act(server);
        }
    }
}

impl Server for Embedded {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn remote(&self, address: SocketAddr, export: &str) -> String {
        // It has one root, and no rules for parts of it.
        let _ = &self.ground;
        format!("http://{address}/{export}/")
    }

    fn login(&self) -> Option<(String, String)> {
        Some((Self::LOGIN.0.to_owned(), Self::LOGIN.1.to_owned()))
    }

    fn freeze(&self) {
        self.with(|server| server.faults().freeze(true));
    }

    fn thaw(&self) {
        self.with(|server| server.faults().freeze(false));
    }

    fn kill(&self) {
        *self.server.lock().unwrap() = None;
    }

    fn restart(&self) {
        self.kill();
        *self.server.lock().unwrap() = Some(WebDavServer::start(self.options.clone()).unwrap());
    }
}

/// What servers that are programs have in common.
macro_rules! program {
    () => {
        fn address(&self) -> SocketAddr {
            self.process().address()
        }

        fn freeze(&self) {
            self.process().freeze();
        }

        fn thaw(&self) {
            self.process().thaw();
        }

        fn kill(&self) {
            self.process().kill();
        }

        fn restart(&self) {
            self.process().restart().unwrap();
        }
    };
}

trait Process {
    fn process(&self) -> &Daemon;
}

impl Process for Apache {
    fn process(&self) -> &Daemon {
        self.daemon()
    }
}

impl Server for Apache {
    program!();

    fn remote(&self, address: SocketAddr, export: &str) -> String {
        format!("http://{address}/{export}/")
    }

    fn login(&self) -> Option<(String, String)> {
        Some((Self::USER.to_owned(), Self::PASSWORD.to_owned()))
    }

    fn log(&self) -> String {
        Apache::log(self)
    }
}

impl Process for Smbd {
    fn process(&self) -> &Daemon {
        self.daemon()
    }
}

impl Server for Smbd {
    program!();

    fn remote(&self, address: SocketAddr, export: &str) -> String {
        format!(r"\\{}@{}\{export}", address.ip(), address.port())
    }

    fn login(&self) -> Option<(String, String)> {
        Some((Self::user(), Self::PASSWORD.to_owned()))
    }

    fn log(&self) -> String {
        Smbd::log(self)
    }
}

struct OpenSsh {
    sshd: Sshd,
    ground: Vec<(&'static str, PathBuf)>,
}

impl Process for OpenSsh {
    fn process(&self) -> &Daemon {
        self.sshd.daemon()
    }
}

impl Server for OpenSsh {
    program!();

    fn remote(&self, address: SocketAddr, export: &str) -> String {
        let (_, path) = self.ground.iter().find(|(name, _)| *name == export).cloned().unwrap_or((
            "",
            // For the case that asks for what is not there.
            Path::new("/").join(export),
        ));
        let own = address == self.process().address();
        if own && export == "ro" {
            return self.sshd.read_only_url(&path);
        }
        let user = mpr_testkit::server_user();
        format!("sftp://{user}@{address}{}/", path.display())
    }

    fn login(&self) -> Option<(String, String)> {
        None
    }

    fn variables(&self) -> Vec<(OsString, OsString)> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let first = self.sshd.bin().into_os_string();
        vec![("PATH".into(), [first, path].join(":".as_ref()))]
    }

    fn log(&self) -> String {
        self.sshd.log()
    }
}
