//! Connections to the server: made stage by stage, and kept for the next request.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use mpr_mount::Stage;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::body::Outgoing;
use super::error::DavError;
use crate::remote::Remote;

/// How long a connection is kept that nobody uses; servers close theirs after five seconds or more.
const IDLE: Duration = Duration::from_secs(10);

/// How many are kept.
const MOST_IDLE: usize = 8;

/// How long one address of several may take.
const PER_ADDRESS: Duration = Duration::from_millis(1500);

/// The largest piece of an answer that is read at once.
const READ_BUFFER: usize = 512 * 1024;

/// The connections to a server.
pub(super) struct Pool {
    remote: Remote,
    tls: Option<Arc<ClientConfig>>,
    idle: Mutex<Vec<Kept>>,
    /// Where the server was reached last.
    address: Mutex<Option<SocketAddr>>,
}

struct Kept {
    connection: Connection,
    since: Instant,
}

/// A connection that one request uses. Dropping it closes it, unless it was given back.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Outgoing>,
    /// It has served another request before, and may have been closed meanwhile.
    pub(super) used: bool,
    driver: Option<AbortHandle>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            driver.abort();
        }
    }
}

impl Pool {
    pub(super) fn new(remote: Remote, tls: Option<Arc<ClientConfig>>) -> Self {
        Self { remote, tls, idle: Mutex::default(), address: Mutex::default() }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all connections, and where the server is.
    pub(super) fn clear(&self) {
        self.idle().clear();
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Takes back a connection that another request may use.
    pub(super) fn give_back(&self, mut connection: Connection) {
        connection.used = true;
        let mut idle = self.idle();
        if idle.len() < MOST_IDLE && !connection.sender.is_closed() {
            idle.push(Kept { connection, since: Instant::now() });
        }
    }

    /// Returns a connection: one that is kept, or a new one.
    pub(super) async fn connection(&self) -> Result<Connection, DavError> {
        loop {
            let kept = {
                let mut idle = self.idle();
                idle.retain(|kept| {
                    kept.since.elapsed() < IDLE && !kept.connection.sender.is_closed()
                });
                idle.pop()
            };
            let Some(mut kept) = kept else { break };
            if kept.connection.sender.ready().await.is_ok() {
                return Ok(kept.connection);
            }
        }
        self.connect(&|_| {}).await
    }

    /// Makes a new connection, and says which stage it is in.
    pub(super) async fn connect(
        &self,
        reach: &(dyn Fn(Stage) + Sync),
    ) -> Result<Connection, DavError> {
        let known = *self.address.lock().unwrap_or_else(PoisonError::into_inner);
        let addresses = match known {
            Some(address) => vec![address],
            None => {
                reach(Stage::Resolve);
                self.resolve().await?
            }
        };
        reach(Stage::Connect);
        let stream = match reach_any(&addresses).await {
            Err(_) if known.is_some() => reach_any(&self.resolve().await?).await?,
            result => result?,
        };
        let _ = stream.set_nodelay(true);
        let address = stream.peer_addr().ok();
        let stream = match &self.tls {
            None => Line::Plain(stream),
            Some(config) => {
                reach(Stage::Secure);
                let name = ServerName::try_from(self.remote.host.clone())
                    .map_err(|error| DavError::Tls(error.to_string()))?;
                let secured = TlsConnector::from(Arc::clone(config)).connect(name, stream).await;
                Line::Secure(Box::new(secured.map_err(tls_error)?))
            }
        };
        let handshake = http1::Builder::new()
            .max_buf_size(READ_BUFFER)
            .handshake::<_, Outgoing>(TokioIo::new(stream));
        let (sender, driver) = handshake.await?;
        let driver = tokio::spawn(async move {
            // What breaks shows in the request.
            let _ = driver.await;
        });
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
        Ok(Connection { sender, used: false, driver: Some(driver.abort_handle()) })
    }

    async fn resolve(&self) -> Result<Vec<SocketAddr>, DavError> {
        let found = tokio::net::lookup_host((self.remote.host.as_str(), self.remote.port)).await;
        let found: Vec<_> = found.map_err(|_| DavError::NoHost)?.collect();
        if found.is_empty() { Err(DavError::NoHost) } else { Ok(found) }
    }
}

async fn reach_any(addresses: &[SocketAddr]) -> Result<TcpStream, DavError> {
    let mut last = DavError::NoHost;
    for (at, address) in addresses.iter().enumerate() {
        let connecting = TcpStream::connect(address);
        let result = if at + 1 < addresses.len() {
            match tokio::time::timeout(PER_ADDRESS, connecting).await {
                Ok(result) => result,
                Err(_) => {
                    last = DavError::TimedOut;
                    continue;
                }
            }
        } else {
            connecting.await
        };
        match result {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => last = DavError::TimedOut,
            Err(error) => last = DavError::NoConnection(plain(&error)),
        }
    }
    Err(last)
}

/// An error's text without the number that std adds.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string().to_lowercase();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

fn tls_error(error: std::io::Error) -> DavError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    DavError::Tls(match inner {
        Some(rustls::Error::InvalidCertificate(
            rustls::CertificateError::ApplicationVerificationFailure,
        )) => "its certificate is not the pinned one".to_owned(),
        Some(inner) => inner.to_string(),
        None => plain(&error),
    })
}

/// The line to a server, encrypted or not.
enum Line {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Secure(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Secure(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Secure(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Secure(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Secure(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Secure(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
