//! An open directory of a server, as the engine wants it.

pub(crate) mod directory;
mod file;
mod names;
mod refusal;

use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use mpr_core::WnError;
use mpr_engine::{
    Abilities, Attributes, Change, Entry, Fault, FaultKind, OpenHow, Opened, RemotePath, Share,
    Space,
};
use mpr_mount::{Obstacle, Stage};

use crate::link::Link;
use crate::sftp::kind;
use crate::ssh::Way;

pub use file::SftpFile;
pub(crate) use refusal::refuse;

/// Most bytes of one request: a part of what the kernel asks for, and a quarter of what OpenSSH's
/// server takes, so that several are under way within ssh's window.
const BLOCK: u64 = 128 * 1024;

/// How many requests of one file under way fill ssh's window of 2 MiB.
const IN_FLIGHT: usize = 16;

/// An open directory of a server.
pub struct SftpShare {
    way: Way,
    base: Vec<u8>,
    link: RwLock<Option<Arc<Link>>>,
    abilities: Abilities,
}

impl SftpShare {
    pub(crate) fn new(way: Way, link: Link, base: Vec<u8>) -> Self {
        let most = |limit: u64| usize::try_from(limit.min(BLOCK)).unwrap_or(usize::MAX);
        let abilities = Abilities {
            max_read: most(link.limits.0),
            max_write: most(link.limits.1),
            in_flight: IN_FLIGHT,
            unlink_open: true,
            modes: true,
            links: true,
            locks: false,
            ignores_case: false,
            spooled: false,
        };
        Self { way, base, link: RwLock::new(Some(Arc::new(link))), abilities }
    }

    fn link(&self) -> Result<Arc<Link>, Fault> {
        let link = self.link.read().unwrap_or_else(PoisonError::into_inner);
        link.clone().ok_or_else(|| Fault::new(FaultKind::Lost, "not connected"))
    }

    fn replace(&self, link: Option<Link>) -> Option<Arc<Link>> {
        let mut place = self.link.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *place, link.map(Arc::new))
    }

    /// Returns a path as the server knows it.
    fn wire(&self, path: &RemotePath) -> Vec<u8> {
        if path.is_root() {
            return self.base.clone();
        }
        let base = self.base.strip_suffix(b"/").unwrap_or(&self.base);
        [base, b"/", path.as_bytes()].concat()
    }

    /// Tells a file's own session from the one that there is now.
    fn live(&self, file: &SftpFile) -> Result<(), Fault> {
        if !file.session().ended() {
            return Ok(());
        }
        let current = self.link().is_ok_and(|link| Arc::ptr_eq(link.session(), file.session()));
        Err(if current { FaultKind::Lost } else { FaultKind::HandleLost }.into())
    }
}

impl Share for SftpShare {
    type File = SftpFile;

    fn abilities(&self) -> Abilities {
        self.abilities
    }

    async fn stat(&self, path: &RemotePath) -> Result<Attributes, Fault> {
        let raw = self.link()?.stat(kind::LSTAT, &self.wire(path)).await?;
        let mut attributes = raw.attributes(b"");
        if path.is_root() && attributes.kind == mpr_engine::Kind::Link {
            attributes = self.link()?.stat(kind::STAT, &self.base).await?.attributes(b"");
        }
        Ok(attributes)
    }

    async fn list(&self, path: &RemotePath) -> Result<Vec<Entry>, Fault> {
        let link = self.link()?;
        directory::list(link.session(), &self.wire(path)).await
    }

    async fn open(&self, path: &RemotePath, how: OpenHow) -> Result<Opened<SftpFile>, Fault> {
        let link = self.link()?;
        let path = self.wire(path);
        match SftpFile::open(&link, &path, how, true).await {
            // A file that may only be written is opened for that.
            Err(fault) if fault.kind == FaultKind::Denied && how.write => {
                SftpFile::open(&link, &path, how, false).await.map_err(|_| fault)
            }
            opened => opened,
        }
    }

    async fn attributes(&self, file: &SftpFile) -> Result<Attributes, Fault> {
        self.live(file)?;
        file.attributes().await
    }

    async fn read(&self, file: &SftpFile, offset: u64, len: usize) -> Result<Bytes, Fault> {
        self.live(file)?;
        file.read(offset, len.min(self.abilities.max_read)).await
    }

    async fn write(&self, file: &SftpFile, offset: u64, data: Bytes) -> Result<(), Fault> {
        self.live(file)?;
        let wrote = file.write(offset, data).await;
        self.because(wrote, file).await
    }

    async fn set_len(&self, file: &SftpFile, len: u64) -> Result<(), Fault> {
        self.live(file)?;
        let set = file.set_len(len).await;
        self.because(set, file).await
    }

    async fn flush(&self, file: &SftpFile, durable: bool) -> Result<(), Fault> {
        // What was written has been acknowledged one by one.
        if !durable {
            return Ok(());
        }
        self.live(file)?;
        if !self.link()?.extensions.fsync {
            return Ok(());
        }
        let synced = file.sync().await;
        self.because(synced, file).await
    }

    async fn close(&self, file: SftpFile) {
        let _ = file.close().await;
    }

    async fn change(&self, path: &RemotePath, change: Change) -> Result<(), Fault> {
        names::change(&*self.link()?, &self.wire(path), change).await
    }

    async fn change_open(
        &self,
        file: &SftpFile,
        path: Option<&RemotePath>,
        change: Change,
    ) -> Result<(), Fault> {
        self.live(file)?;
        match path {
            Some(path) => self.change(path, change).await,
            None => file.change(change).await,
        }
    }

    async fn make_directory(&self, path: &RemotePath, mode: u32) -> Result<(), Fault> {
        names::make_directory(&*self.link()?, &self.wire(path), mode).await
    }

    async fn remove_file(&self, path: &RemotePath) -> Result<(), Fault> {
        names::remove_file(&*self.link()?, &self.wire(path)).await
    }

    async fn remove_directory(&self, path: &RemotePath) -> Result<(), Fault> {
        names::remove_directory(&*self.link()?, &self.wire(path)).await
    }

    async fn rename(&self, from: &RemotePath, to: &RemotePath, replace: bool) -> Result<(), Fault> {
        names::rename(&*self.link()?, &self.wire(from), &self.wire(to), replace).await
    }

    async fn space(&self) -> Result<Space, Fault> {
        names::space(&*self.link()?, &self.base).await
    }

    async fn make_link(&self, path: &RemotePath, target: &[u8]) -> Result<(), Fault> {
        names::make_link(&*self.link()?, &self.wire(path), target).await
    }

    async fn read_link(&self, path: &RemotePath) -> Result<Vec<u8>, Fault> {
        names::read_link(&*self.link()?, &self.wire(path)).await
    }

    async fn make_hard_link(&self, path: &RemotePath, new: &RemotePath) -> Result<(), Fault> {
        names::make_hard_link(&*self.link()?, &self.wire(path), &self.wire(new)).await
    }

    async fn ping(&self) -> Result<(), Fault> {
        self.link()?.real_path(b".").await.map(|_| ())
    }

    async fn reconnect(&self) -> Result<(), Fault> {
        // The old ssh is killed first: it is of no use, and may hold a place at the server.
        drop(self.replace(None));
        let link = Link::open(&self.way, mpr_engine::Reached::default()).await;
        let link = link.map_err(|obstacle| fault_of(&obstacle))?;
        self.replace(Some(link));
        Ok(())
    }

    async fn leave(&self) {
        if let Some(link) = self.replace(None).and_then(Arc::into_inner) {
            link.leave().await;
        }
    }
}

impl SftpShare {
    /// Finds out why a change of a file failed, where the server does not say.
    async fn because(&self, result: Result<(), Fault>, file: &SftpFile) -> Result<(), Fault> {
        match result {
            Err(fault) if refusal::is_vague(&fault) => {
                let link = self.link()?;
                Err(refusal::space_or(&link, file.path(), fault).await)
            }
            result => result,
        }
    }
}

fn fault_of(obstacle: &Obstacle) -> Fault {
    let kind = match (obstacle.stage, obstacle.code) {
        (Stage::LogIn, WnError::ACCESS_DENIED | WnError::INVALID_PASSWORD) => FaultKind::LoggedOut,
        (Stage::Secure, WnError::ACCESS_DENIED) => FaultKind::LoggedOut,
        (_, WnError::TIMEOUT) => FaultKind::TimedOut,
        _ => FaultKind::Unreachable,
    };
    Fault::new(kind, obstacle.to_string())
}
