//! An open SMB share, as the engine wants it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use mpr_core::WnError;
use mpr_engine::{
    Abilities, Attributes, Change, Entry, Fault, FaultKind, LockKind, LockRange, OpenHow, Opened,
    Reached, RemotePath, Share, Space,
};
use mpr_mount::{Obstacle, Stage};
use smb2::msg::echo::EchoRequest;
use smb2::msg::logoff::LogoffRequest;
use smb2::msg::tree_disconnect::TreeDisconnectRequest;
use smb2::types::Command;

use crate::connect::Recipe;
use crate::file::SmbFile;
use crate::link::{Limits, Link};
use crate::path::wire_path;
use crate::tree::establish;
use crate::{names, requests};

/// How many reads, or writes, of one file under way at once pay off.
const IN_FLIGHT: usize = 6;

/// How long a connection that was silent may take to answer once a new one stands.
const GRACE: Duration = Duration::from_millis(250);

/// A share of an SMB server.
pub struct SmbShare {
    recipe: Recipe,
    base: String,
    limits: Limits,
    current: RwLock<Arc<Link>>,
}

impl SmbShare {
    /// Connects to the share.
    pub(crate) async fn connect(recipe: Recipe, reached: &Reached) -> Result<Self, Obstacle> {
        let link = establish(&recipe, reached, None).await?;
        let base = crate::path::base_path(recipe.name.path());
        Ok(Self { recipe, base, limits: link.limits, current: RwLock::new(link) })
    }

    fn link(&self) -> Arc<Link> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn path(&self, path: &RemotePath) -> Result<String, Fault> {
        wire_path(&self.base, path)
    }

    /// Returns a file's connection, if that is the one we have.
    fn live<'a>(&self, file: &'a SmbFile) -> Result<&'a Arc<Link>, Fault> {
        let link = file.link();
        match Arc::ptr_eq(link, &self.link()) {
            true => Ok(link),
            false => Err(FaultKind::HandleLost.into()),
        }
    }
}

impl Share for SmbShare {
    type File = SmbFile;

    fn abilities(&self) -> Abilities {
        Abilities {
            max_read: self.limits.read,
            max_write: self.limits.write,
            in_flight: IN_FLIGHT,
            unlink_open: false,
            modes: false,
            links: false,
            locks: true,
            ignores_case: true,
            spooled: false,
        }
    }

    async fn stat(&self, path: &RemotePath) -> Result<Attributes, Fault> {
        names::stat(&self.link(), self.path(path)?).await
    }

    async fn list(&self, path: &RemotePath) -> Result<Vec<Entry>, Fault> {
        names::list(&self.link(), self.path(path)?).await
    }

    async fn open(&self, path: &RemotePath, how: OpenHow) -> Result<Opened<SmbFile>, Fault> {
        SmbFile::open(&self.link(), self.path(path)?, how).await
    }

    async fn attributes(&self, file: &SmbFile) -> Result<Attributes, Fault> {
        self.live(file)?;
        file.attributes().await
    }

    async fn read(&self, file: &SmbFile, offset: u64, len: usize) -> Result<Bytes, Fault> {
        self.live(file)?;
        file.read(offset, len.min(self.limits.read)).await
    }

    async fn write(&self, file: &SmbFile, offset: u64, data: Bytes) -> Result<(), Fault> {
        self.live(file)?;
        file.write(offset, data).await
    }

    async fn set_len(&self, file: &SmbFile, len: u64) -> Result<(), Fault> {
        self.live(file)?;
        file.set_len(len).await
    }

    async fn flush(&self, file: &SmbFile, durable: bool) -> Result<(), Fault> {
        self.live(file)?;
        // The server has whatever a write was answered for.
        if durable { file.sync().await } else { Ok(()) }
    }

    async fn close(&self, file: SmbFile) {
        file.close().await;
    }

    async fn change(&self, path: &RemotePath, change: Change) -> Result<(), Fault> {
        names::change(&self.link(), self.path(path)?, change).await
    }

    async fn change_open(
        &self,
        file: &SmbFile,
        path: Option<&RemotePath>,
        change: Change,
    ) -> Result<(), Fault> {
        self.live(file)?;
        if change.accessed.is_some() || change.modified.is_some() {
            file.set_times(change.accessed, change.modified).await?;
        }
        match (change.mode, path) {
            (Some(_), Some(path)) => {
                self.change(path, Change { mode: change.mode, ..Change::default() }).await
            }
            _ => Ok(()),
        }
    }

    async fn make_directory(&self, path: &RemotePath, _mode: u32) -> Result<(), Fault> {
        let request = requests::make_directory(self.path(path)?);
        self.link().once(request, Vec::new()).await.map(drop)
    }

    async fn remove_file(&self, path: &RemotePath) -> Result<(), Fault> {
        names::remove(&self.link(), self.path(path)?, false).await
    }

    async fn remove_directory(&self, path: &RemotePath) -> Result<(), Fault> {
        names::remove(&self.link(), self.path(path)?, true).await
    }

    async fn rename(&self, from: &RemotePath, to: &RemotePath, replace: bool) -> Result<(), Fault> {
        names::rename(&self.link(), self.path(from)?, self.path(to)?, replace).await
    }

    async fn space(&self) -> Result<Space, Fault> {
        names::space(&self.link(), self.base.clone()).await
    }

    async fn lock(&self, file: &SmbFile, range: LockRange, kind: LockKind) -> Result<(), Fault> {
        self.live(file)?;
        file.lock(range, kind).await
    }

    async fn ping(&self) -> Result<(), Fault> {
        self.link().ask(Command::Echo, EchoRequest, 0).await.map(drop)
    }

    /// Makes a new connection, unless the old one turns out to have been silent only: then its
    /// open files live on.
    async fn reconnect(&self) -> Result<(), Fault> {
        let old = self.link();
        let alive = async {
            let probe = requests::look(self.base.clone());
            let answer = if old.is_dead() {
                Err(FaultKind::Lost.into())
            } else {
                old.once(probe, Vec::new()).await
            };
            answer.is_ok()
        };
        tokio::pin!(alive);
        let reached = Reached::default();
        // The server ends a session that a new one takes the place of, with its files and locks; one
        // that may yet answer must not be ended.
        let previous = old.is_dead().then(|| old.connection.session_id());
        let new = establish(&self.recipe, &reached, previous);
        tokio::pin!(new);
        let mut asking = true;
        let new = loop {
            tokio::select! {
                biased;
                answer = &mut alive, if asking => match answer {
                    true => return Ok(()),
                    false => asking = false,
                },
                new = &mut new => break new.map_err(|obstacle| lost(&obstacle))?,
            }
        };
        if asking && tokio::time::timeout(GRACE, alive).await.unwrap_or(false) {
            new.connection.mark_dead();
            return Ok(());
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        // Whoever waits for the old one learns that it is gone.
        old.connection.mark_dead();
        Ok(())
    }

    async fn leave(&self) {
        let link = self.link();
        let _ = link.call(Command::TreeDisconnect, TreeDisconnectRequest, 0).await;
        let _ = link.call(Command::Logoff, LogoffRequest, 0).await;
        link.connection.mark_dead();
    }
}

/// Tells what a failure to connect anew means for the operations that wait for it.
fn lost(obstacle: &Obstacle) -> Fault {
    let kind = match (obstacle.stage, obstacle.code) {
        (_, WnError::TIMEOUT) => FaultKind::TimedOut,
        (Stage::LogIn, WnError::UNEXP_NET_ERR) => FaultKind::Unreachable,
        (Stage::LogIn, _) | (Stage::Open, WnError::ACCESS_DENIED) => FaultKind::LoggedOut,
        _ => FaultKind::Unreachable,
    };
    Fault::new(kind, obstacle.to_string())
}
