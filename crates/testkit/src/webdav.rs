//! The embedded WebDAV server: dav-server behind hyper, in a thread of its own.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::thread::JoinHandle;

use base64::Engine as _;
use dav_server::body::Body;
use dav_server::fakels::FakeLs;
use dav_server::localfs::LocalFs;
use dav_server::memfs::MemFs;
use dav_server::{DavHandler, DavMethodSet};
use http::{Request, Response, header};
use hyper::body::Body as _;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::faults::Faults;

/// How a server is set up.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The directory it serves; without one it serves memory, empty at first.
    pub directory: Option<PathBuf>,
    /// User and password that it asks for (Basic).
    pub login: Option<(String, String)>,
    /// The port to listen at; 0 lets the system choose.
    pub port: u16,
}

/// A running WebDAV server; dropping it ends it with all its connections.
#[derive(Debug)]
pub struct WebDavServer {
    address: SocketAddr,
    faults: Arc<Faults>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl WebDavServer {
    /// Starts a server on the loopback interface.
    pub fn start(options: Options) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("webdav-server")
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)))?;
        let address = listener.local_addr()?;
        let faults = Arc::new(Faults::default());
        let (stop, stopped) = oneshot::channel();
        let service = Arc::new(Service {
            handler: handler(&options),
            credentials: options.login.map(|(user, password)| basic(&user, &password)),
            faults: Arc::clone(&faults),
        });
        let thread = std::thread::Builder::new().name("webdav-accept".into()).spawn(move || {
            runtime.block_on(async {
                let accepting = tokio::spawn(accept(listener, service));
                let _ = stopped.await;
                accepting.abort();
                // Aborted: with it goes the listener.
                let _ = accepting.await;
            });
            runtime.shutdown_background();
        })?;
        Ok(Self { address, faults, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the address it listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns its root: `http://127.0.0.1:PORT/`.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Returns its faults, to be switched on and off.
    pub fn faults(&self) -> &Faults {
        &self.faults
    }
}

impl Drop for WebDavServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Service {
    handler: DavHandler,
    credentials: Option<String>,
    faults: Arc<Faults>,
}

fn handler(options: &Options) -> DavHandler {
    let builder = DavHandler::builder().methods(DavMethodSet::all()).locksystem(FakeLs::new());
    match &options.directory {
        Some(directory) => builder.filesystem(LocalFs::new(directory, false, false, false)),
        None => builder.filesystem(MemFs::new()),
    }
    .build_handler()
}

fn basic(user: &str, password: &str) -> String {
    let pair = format!("{user}:{password}");
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair))
}

async fn accept(listener: TcpListener, service: Arc<Service>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        tokio::spawn(converse(stream, Arc::clone(&service)));
    }
}

async fn converse(stream: TcpStream, service: Arc<Service>) {
    let answer = service_fn(move |request: Request<hyper::body::Incoming>| {
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(service.answer(request).await) }
    });
    // A client that goes away is no news.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

impl Service {
    async fn answer(&self, request: Request<hyper::body::Incoming>) -> Response<Body> {
        if let Some(status) = self.faults.meet(request.method().as_str()).await {
            return refuse(status);
        }
        let given = request.headers().get(header::AUTHORIZATION);
        if let Some(wanted) = &self.credentials
            && given.is_none_or(|given| given.as_bytes() != wanted.as_bytes())
        {
            let mut response = refuse(401);
            let realm = header::HeaderValue::from_static("Basic realm=\"mpr\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
            return response;
        }
        let unknown = !request.headers().contains_key(header::CONTENT_LENGTH);
        if let Some((limit, status)) = self.faults.chunked_put()
            && request.method() == "PUT"
            && unknown
        {
            take(request.into_body(), limit).await;
            return refuse(status);
        }
        self.handler.handle(request).await
    }
}

/// Takes so many bytes of what a request carries.
async fn take(mut content: hyper::body::Incoming, limit: usize) {
    let mut taken = 0;
    while taken < limit {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut content).poll_frame(cx)).await;
        let Some(Ok(frame)) = frame else { return };
        taken += frame.data_ref().map_or(0, |bytes| bytes.len());
    }
}

fn refuse(status: u16) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};

    fn ask(server: &WebDavServer, request: &str) -> String {
        let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }

    const LIST: &str = "PROPFIND / HTTP/1.1\r\nHost: x\r\nDepth: 0\r\nConnection: close\r\n\r\n";
    const PUT: &str =
        "PUT /f HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx";

    #[test]
    fn it_serves_memory_and_stops() {
        let server = WebDavServer::start(Options::default()).unwrap();
        assert!(ask(&server, LIST).contains("207"));
        assert!(ask(&server, PUT).contains("201"));
        server.faults().refuse_put(Some(507));
        assert!(ask(&server, PUT).contains("507"));
        server.faults().refuse_put(None);
        server.faults().readonly(true);
        assert!(ask(&server, PUT).contains("403"));
        assert_eq!(server.faults().requests(), 4);
        let address = server.address();
        drop(server);
        assert!(std::net::TcpStream::connect(address).is_err());
    }

    #[test]
    fn it_asks_who_is_there() {
        let login = Some(("alice".to_owned(), "secret".to_owned()));
        let server = WebDavServer::start(Options { login, ..Options::default() }).unwrap();
        assert!(ask(&server, LIST).contains("401"));
        let authorization = format!("Depth: 0\r\nAuthorization: {}", basic("alice", "secret"));
        assert!(ask(&server, &LIST.replace("Depth: 0", &authorization)).contains("207"));
    }
}
