//! The servers and their data, in memory where the machine allows.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mpr_mount_conformance::{Stage, World};
use mpr_testkit::{Apache, Daemon, Export, Login, Smbd, Sshd};

/// Bytes that are read and written.
pub(crate) const SIZE: usize = 256 << 20;

/// Files in the large directory.
pub(crate) const MANY: usize = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Smb,
    WebDav,
    Sftp,
}

pub(crate) const PROTOCOLS: [Protocol; 3] = [Protocol::Smb, Protocol::WebDav, Protocol::Sftp];

impl Protocol {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Smb => "SMB",
            Self::WebDav => "WebDAV",
            Self::Sftp => "SFTP",
        }
    }

    pub(crate) fn provider(self) -> &'static str {
        match self {
            Self::Smb => "smb",
            Self::WebDav => "webdav",
            Self::Sftp => "sftp",
        }
    }
}

/// Everything that is measured against.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) smbd: Smbd,
    pub(crate) apache: Apache,
    pub(crate) sshd: Sshd,
    ground: tempfile::TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let place = if memory.is_dir() { memory.to_path_buf() } else { std::env::temp_dir() };
        let ground = tempfile::Builder::new().prefix("mpr-bench-").tempdir_in(place).unwrap();
        mpr_testkit::give(ground.path()).unwrap();
        let share = ground.path().join("rw");
        // One to be listed; another to be asked about one file, so that neither prepares the other.
        let (many, others) = (share.join("many"), share.join("others"));
        for dir in [&many, &others] {
            fs::create_dir_all(dir).unwrap();
            for number in 0..MANY {
                fs::write(dir.join(format!("file {number:05}")), "x").unwrap();
            }
        }
        let block: Vec<u8> = (0..1 << 20).map(|at: u32| (at ^ (at >> 8)) as u8).collect();
        fs::write(share.join("large"), block.repeat(SIZE >> 20)).unwrap();
        for number in 0..20 {
            let dir = share.join(format!("unseen {number}"));
            fs::create_dir(&dir).unwrap();
            fs::write(dir.join("inside"), "x").unwrap();
        }
        for path in [&share, &many, &others] {
            mpr_testkit::give(path).unwrap();
        }
        let exports = [Export::new("rw", &share), Export::new("open", &share).guest()];
        Self {
            stage: Stage::find().unwrap(),
            smbd: Smbd::start(&exports).unwrap(),
            apache: Apache::start(&exports, Login::Basic).unwrap(),
            sshd: Sshd::start().unwrap(),
            ground,
        }
    }

    /// Returns the directory that is served.
    pub(crate) fn share(&self) -> PathBuf {
        self.ground.path().join("rw")
    }

    pub(crate) fn daemon(&self, protocol: Protocol) -> &Daemon {
        match protocol {
            Protocol::Smb => self.smbd.daemon(),
            Protocol::WebDav => self.apache.daemon(),
            Protocol::Sftp => self.sshd.daemon(),
        }
    }

    pub(crate) fn port(&self, protocol: Protocol) -> u16 {
        self.daemon(protocol).address().port()
    }

    /// Returns the remote name in the spelling of ours, at a port.
    pub(crate) fn remote(&self, protocol: Protocol, port: u16, export: &str) -> String {
        match protocol {
            Protocol::Smb => format!(r"\\127.0.0.1@{port}\{export}"),
            Protocol::WebDav => format!("http://127.0.0.1:{port}/{export}/"),
            Protocol::Sftp => {
                let user = mpr_testkit::server_user();
                format!("sftp://{user}@127.0.0.1:{port}{}/", self.share().display())
            }
        }
    }

    pub(crate) fn login(&self, protocol: Protocol) -> Option<(String, String)> {
        match protocol {
            Protocol::Smb => Some((Smbd::user(), Smbd::PASSWORD.to_owned())),
            Protocol::WebDav => Some((Apache::USER.to_owned(), Apache::PASSWORD.to_owned())),
            Protocol::Sftp => None,
        }
    }

    /// Makes a world for a mount of ours; its operations end within the limit.
    pub(crate) fn world(&self, protocol: Protocol, limit: Duration) -> World {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let first = self.sshd.bin().into_os_string();
        let variables = [
            ("PATH".into(), [first, path].join(":".as_ref())),
            ("MPR_IO_TIMEOUT".into(), limit.as_secs_f64().to_string().into()),
        ];
        World::new(&self.stage, protocol.provider(), &variables)
    }
}
