//! An SFTP session with the ssh that carries it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mpr_engine::{Fault, FaultKind, Reached};
use mpr_mount::{Obstacle, Stage};

use crate::sftp::{Extensions, RawAttributes, Reply, Session, Tasks, kind};
use crate::share::refuse;
use crate::ssh::{Ssh, Way};

/// How long ssh may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// What every server must take in one request.
const LEAST: u64 = 32 * 1024;

/// A connection to a server; it ends when it is dropped.
pub(crate) struct Link {
    session: Arc<Session>,
    pub(crate) extensions: Extensions,
    /// Most bytes that one request reads or writes.
    pub(crate) limits: (u64, u64),
    tasks: Tasks,
    ssh: Ssh,
}

impl Link {
    /// Connects and logs in.
    pub(crate) async fn open(way: &Way, reached: Reached) -> Result<Self, Obstacle> {
        reached.set(Stage::Resolve);
        let (mut ssh, output, input) = Ssh::start(way, reached)?;
        let started = Session::start(output, input).await;
        let (session, extensions, tasks) = match started {
            Ok(Some(started)) => started,
            Ok(None) => return Err(ssh.explain(None).await),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                return Err(ssh.explain(Some(&error.to_string())).await);
            }
            Err(_) => return Err(ssh.explain(None).await),
        };
        ssh.opened();
        let mut link = Self { session, extensions, limits: (LEAST, LEAST), tasks, ssh };
        if extensions.limits {
            // A server that names the extension and then refuses it keeps the least.
            link.limits = link.ask_limits().await.unwrap_or(link.limits);
        }
        if link.session.ended() {
            return Err(link.ssh.explain(None).await);
        }
        Ok(link)
    }

    async fn ask_limits(&self) -> Result<(u64, u64), Fault> {
        let fill = |packet: &mut crate::sftp::Packet| {
            packet.text(b"limits@openssh.com");
        };
        match self.session.ask(kind::EXTENDED, fill).await? {
            Reply::Extended(mut fields) => {
                let (_packet, read, write) = (fields.u64()?, fields.u64()?, fields.u64()?);
                // Zero means that the server has no limit to tell.
                let most = |limit: u64| if limit == 0 { LEAST } else { limit };
                Ok((most(read), most(write)))
            }
            other => Err(refuse(other)),
        }
    }

    /// Returns the conversation.
    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Makes a path absolute.
    pub(crate) async fn real_path(&self, path: &[u8]) -> Result<Vec<u8>, Fault> {
        let fill = |packet: &mut crate::sftp::Packet| {
            packet.text(path);
        };
        one_name(self.session.ask(kind::REALPATH, fill).await?).map(|name| name.to_vec())
    }

    /// Asks about a name, by `STAT` or `LSTAT`.
    pub(crate) async fn stat(&self, how: u8, path: &[u8]) -> Result<RawAttributes, Fault> {
        let fill = |packet: &mut crate::sftp::Packet| {
            packet.text(path);
        };
        match self.session.ask(how, fill).await? {
            Reply::Attributes(raw) => Ok(raw),
            other => Err(refuse(other)),
        }
    }

    /// Ends it in good order, as far as that is possible at once.
    pub(crate) async fn leave(self) {
        let Self { tasks, mut ssh, .. } = self;
        // With the tasks goes the input of ssh, and ssh then ends by itself.
        drop(tasks);
        let _ = tokio::time::timeout(GOODBYE, ssh.wait()).await;
    }
}

/// Takes the one name that some answers hold.
pub(crate) fn one_name(reply: Reply) -> Result<Bytes, Fault> {
    match reply {
        Reply::Names { count: 1, mut fields } => fields.text(),
        Reply::Names { .. } => Err(FaultKind::Nonsense.into()),
        other => Err(refuse(other)),
    }
}
