//! The HTTP client: WebDAV's methods over kept-alive connections, each with a bound.
//!
//! A request about names has the deadline of its operation; a transfer may last as long as bytes
//! flow and fails when none did for the limit. After a time-out one request at a time asks whether
//! the server is back, and the others fail at once: a dead server costs each caller one limit.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use ureq::http::{HeaderValue, Request, Response, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, SendBody};
use zeroize::Zeroizing;

use super::error::DavError;
use super::multistatus::{Entry, parse_counting};
use crate::remote::Remote;

/// What PROPFIND asks for.
const PROPERTIES: &str = r#"<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/><D:getcontentlength/><D:getlastmodified/><D:getetag/></D:prop></D:propfind>"#;

/// How long a silent server is left alone before the next request asks for it.
const PAUSE: Duration = Duration::from_millis(500);

/// Who logs in, and with what.
pub struct Credentials {
    /// The user.
    pub user: String,
    /// The password.
    pub password: Zeroizing<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// The bound of one operation, however many requests it takes.
#[derive(Clone, Copy, Debug)]
pub struct Op {
    deadline: Instant,
    limit: Duration,
}

impl Op {
    /// Begins an operation that may take so long.
    pub fn new(limit: Duration) -> Self {
        Self { deadline: Instant::now() + limit, limit }
    }

    /// Returns the time left; `TimedOut` if there is none.
    pub fn left(&self) -> Result<Duration, DavError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(DavError::TimedOut { sending: false }) } else { Ok(left) }
    }
}

/// What tells one state of a file from the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version(Option<String>);

impl Version {
    fn of(response: &Response<Body>) -> Self {
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let tag = header(header::ETAG).or_else(|| header(header::LAST_MODIFIED));
        Self(tag.map(str::to_owned))
    }
}

/// What came of asking for a part of a file.
#[derive(Debug)]
pub enum Part {
    /// The bytes, fewer at the end of the file, and which state they are of.
    Bytes(Vec<u8>, Version),
    /// The server sends only whole files.
    WholeOnly,
}

/// A client of one server.
pub struct Client {
    agent: Agent,
    origin: String,
    authorization: Option<HeaderValue>,
    health: Mutex<Health>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("origin", &self.origin).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Health {
    /// Set while the server does not answer: when it may be asked again.
    ask_again: Option<Instant>,
    asking: bool,
}

impl Client {
    /// Makes a client; nothing is sent yet.
    pub fn new(remote: &Remote, credentials: Option<&Credentials>) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .allow_non_standard_methods(true)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("OpenMPR/", env!("CARGO_PKG_VERSION")))
            .max_idle_connections(8)
            .max_idle_connections_per_host(8)
            .max_idle_age(Duration::from_secs(10))
            .input_buffer_size(128 * 1024)
            .output_buffer_size(128 * 1024)
            .build()
            .into();
        let authorization = credentials.and_then(basic);
        Self { agent, origin: remote.origin(), authorization, health: Mutex::default() }
    }

    /// Asks about one resource.
    pub fn stat(&self, op: &Op, path: &str) -> Result<Entry, DavError> {
        let (entries, _) = self.propfind(op, path, "0")?;
        entries.into_iter().next().ok_or_else(|| DavError::Nonsense("an empty answer".into()))
    }

    /// Lists a collection, without itself.
    pub fn list(&self, op: &Op, path: &str) -> Result<Vec<Entry>, DavError> {
        let (mut entries, _) = self.propfind(op, path, "1")?;
        // The collection itself has the shortest path, whatever prefix a proxy may have cut.
        let own = entries.iter().map(|entry| entry.path.len()).min().unwrap_or_default();
        entries.retain(|entry| entry.path.len() == own + 1);
        Ok(entries)
    }

    /// Tells whether a collection certainly holds nothing: the server speaks of it alone. What
    /// `list` leaves out, because its name is of no use here, counts too.
    pub fn is_empty(&self, op: &Op, path: &str) -> Result<bool, DavError> {
        let (entries, count) = self.propfind(op, path, "1")?;
        Ok(count == 1 && entries.first().is_some_and(|own| own.collection))
    }

    fn propfind(&self, op: &Op, path: &str, depth: &str) -> Result<(Vec<Entry>, usize), DavError> {
        let headers = [("Depth", depth), ("Content-Type", "application/xml; charset=utf-8")];
        let response = self.ask(op, "PROPFIND", path, &headers, Content::Text(PROPERTIES))?;
        if response.status() != 207 {
            return Err(DavError::Status(response.status().as_u16()));
        }
        let reader = response.into_body().into_with_config().limit(LONGEST_LIST).reader();
        self.noted(parse_counting(BufReader::with_capacity(64 * 1024, reader)))
    }

    /// Reads a part of a file.
    pub fn read(&self, op: &Op, path: &str, offset: u64, len: u64) -> Result<Part, DavError> {
        let last = offset.saturating_add(len).saturating_sub(1);
        let range = format!("bytes={offset}-{last}");
        let headers = [("Range", range.as_str()), ("Accept-Encoding", "identity")];
        let response = self.ask(op, "GET", path, &headers, Content::None)?;
        match response.status().as_u16() {
            206 => {}
            200 => return Ok(Part::WholeOnly),
            416 => return Ok(Part::Bytes(Vec::new(), Version::of(&response))),
            status => return Err(DavError::Status(status)),
        }
        let begins = response.headers().get(header::CONTENT_RANGE);
        let begins = begins.and_then(|value| value.to_str().ok()?.strip_prefix("bytes "));
        if begins.and_then(|range| range.split('-').next()?.parse().ok()) != Some(offset) {
            return Err(DavError::Nonsense("another part than asked for".into()));
        }
        let version = Version::of(&response);
        let expected = response.body().content_length();
        let mut bytes =
            Vec::with_capacity(usize::try_from(expected.unwrap_or(0).min(len)).unwrap_or(0));
        let mut reader = response.into_body().into_with_config().limit(len + 1).reader().take(len);
        self.noted(reader.read_to_end(&mut bytes).map_err(DavError::from))?;
        if expected.is_some_and(|expected| expected != bytes.len() as u64) {
            return Err(DavError::Broken("a part of the answer is missing".into()));
        }
        Ok(Part::Bytes(bytes, version))
    }

    /// Writes a whole file into a local one, from its beginning; returns its length.
    pub fn download(&self, op: &Op, path: &str, into: &File) -> Result<u64, DavError> {
        let headers = [("Accept-Encoding", "identity")];
        let response = self.ask(op, "GET", path, &headers, Content::None)?;
        if response.status() != 200 {
            return Err(DavError::Status(response.status().as_u16()));
        }
        let expected = response.body().content_length();
        let mut reader = response.into_body().into_with_config().limit(u64::MAX).reader();
        let mut chunk = vec![0; 256 * 1024];
        let mut len = 0;
        loop {
            let count = self.noted(reader.read(&mut chunk).map_err(DavError::from))?;
            if count == 0 {
                break;
            }
            into.write_all_at(&chunk[..count], len).map_err(local)?;
            len += count as u64;
        }
        if expected.is_some_and(|expected| expected != len) {
            return Err(DavError::Broken("the end of the file is missing".into()));
        }
        Ok(len)
    }

    /// Stores a local file; with `create` only if the server has none of that name (else 412).
    pub fn put(
        &self,
        op: &Op,
        path: &str,
        from: &File,
        len: u64,
        create: bool,
    ) -> Result<(), DavError> {
        let headers = [("If-None-Match", "*"), ("Content-Type", "application/octet-stream")];
        let headers = &headers[usize::from(!create)..];
        self.done(self.ask(op, "PUT", path, headers, Content::File(from, len))?)
    }

    /// Makes a collection.
    pub fn make_collection(&self, op: &Op, path: &str) -> Result<(), DavError> {
        self.done(self.ask(op, "MKCOL", path, &[], Content::None)?)
    }

    /// Deletes a resource, a collection with all that it holds.
    pub fn delete(&self, op: &Op, path: &str) -> Result<(), DavError> {
        self.done(self.ask(op, "DELETE", path, &[], Content::None)?)
    }

    /// Renames a resource; without `overwrite` 412 if the new name is taken.
    pub fn rename(&self, op: &Op, from: &str, to: &str, overwrite: bool) -> Result<(), DavError> {
        let destination = format!("{}{to}", self.origin);
        let overwrite = if overwrite { "T" } else { "F" };
        let headers = [("Destination", destination.as_str()), ("Overwrite", overwrite)];
        self.done(self.ask(op, "MOVE", from, &headers, Content::None)?)
    }

    fn done(&self, response: Response<Body>) -> Result<(), DavError> {
        let status = response.status().as_u16();
        // A multistatus here lists the members that failed.
        let good = response.status().is_success() && status != 207;
        // The connection can be used again only after a short body was read.
        let mut rest = response.into_body().into_with_config().limit(64 * 1024).reader();
        let _ = io::copy(&mut rest, &mut io::sink());
        if good { Ok(()) } else { Err(DavError::Status(status)) }
    }

    /// Sends a request, once more where a kept connection turned out to be closed, and follows a
    /// redirection on the same server where nothing is changed.
    fn ask(
        &self,
        op: &Op,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        content: Content<'_>,
    ) -> Result<Response<Body>, DavError> {
        let reads = matches!(method, "GET" | "PROPFIND");
        let mut path = if path.is_empty() { "/".to_owned() } else { path.to_owned() };
        let (mut redirections, mut again) = (3, reads || method == "PUT");
        loop {
            let result = self.send(op, method, &path, headers, content);
            match result {
                Err(DavError::Broken(_)) if again => again = false,
                Ok(response) if reads && redirections > 0 && response.status().is_redirection() => {
                    path = self.redirected(&response)?;
                    redirections -= 1;
                }
                result => return result,
            }
        }
    }

    fn send(
        &self,
        op: &Op,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        content: Content<'_>,
    ) -> Result<Response<Body>, DavError> {
        let wrong = |error: ureq::http::Error| DavError::Nonsense(error.to_string());
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let (body, len) = match content {
            Content::None => (SendBody::none(), None),
            Content::Text(text) => {
                (SendBody::from_owned_reader(text.as_bytes()), Some(text.len() as u64))
            }
            Content::File(file, end) => {
                let file = file.try_clone().map_err(local)?;
                (SendBody::from_owned_reader(FileReader { file, at: 0, end }), Some(end))
            }
        };
        if let Some(len) = len {
            request = request.header(header::CONTENT_LENGTH, len);
        }
        let request = request.body(body).map_err(wrong)?;
        let left = op.left()?;
        let config = self.agent.configure_request(request);
        // Less than all of it, so that the reason names what it was spent on: who has not agreed on
        // encryption by then would not answer in what is left either.
        let sending = left * 3 / 4;
        let config = config.timeout_resolve(Some(sending)).timeout_connect(Some(sending));
        let transfers = matches!(method, "GET" | "PUT");
        let request = if transfers {
            config.timeout_per_read(Some(op.limit)).timeout_per_write(Some(op.limit)).build()
        } else {
            config.timeout_global(Some(left)).timeout_send_request(Some(sending)).build()
        };
        self.enter(method == "PUT")?;
        self.noted(self.agent.run(request).map_err(DavError::from))
    }

    /// Returns the path of a redirection to the same server; every other is refused, so that a
    /// password goes nowhere else.
    fn redirected(&self, response: &Response<Body>) -> Result<String, DavError> {
        let location = response.headers().get(header::LOCATION);
        let location = location.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let path = location.strip_prefix(&self.origin).unwrap_or(location);
        let plain = path.starts_with('/') && !path.starts_with("//");
        if plain { Ok(path.to_owned()) } else { Err(DavError::Status(response.status().as_u16())) }
    }

    /// Refuses a request while the server is silent and another one asks for it.
    ///
    /// An upload asks for itself only: its answer comes after all of it was sent, however long that
    /// takes, and the others need not wait for that.
    fn enter(&self, upload: bool) -> Result<(), DavError> {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        match health.ask_again {
            Some(when) if health.asking || Instant::now() < when => Err(DavError::Down),
            Some(_) => {
                health.asking = !upload;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Notes what a result says about the server's health.
    fn noted<T>(&self, result: Result<T, DavError>) -> Result<T, DavError> {
        let mut health = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        *health = match result {
            Err(DavError::TimedOut { .. }) => {
                Health { ask_again: Some(Instant::now() + PAUSE), asking: false }
            }
            _ => Health::default(),
        };
        result
    }
}

/// Longest answer to PROPFIND that is read.
const LONGEST_LIST: u64 = 1 << 30;

/// What is sent with a request; it can be sent again.
#[derive(Clone, Copy)]
enum Content<'a> {
    None,
    Text(&'static str),
    File(&'a File, u64),
}

/// Reads a file by position, so that its handle is shared without harm.
struct FileReader {
    file: File,
    at: u64,
    end: u64,
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.file.read_at(&mut buffer[..room], self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

fn local(error: io::Error) -> DavError {
    DavError::Local(error.raw_os_error().unwrap_or(5))
}

fn basic(credentials: &Credentials) -> Option<HeaderValue> {
    let pair = Zeroizing::new(format!("{}:{}", credentials.user, *credentials.password));
    let encoded = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()));
    let mut value = HeaderValue::from_str(&Zeroizing::new(format!("Basic {}", *encoded))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpr_testkit::{Options, WebDavServer};

    const LONG: Duration = Duration::from_secs(60);

    fn client(server: &WebDavServer, user: Option<(&str, &str)>) -> Client {
        let remote = Remote::parse_str(&server.url()).unwrap();
        let credentials = user.map(|(user, password)| Credentials {
            user: user.into(),
            password: Zeroizing::new(password.into()),
        });
        Client::new(&remote, credentials.as_ref())
    }

    fn content(text: &str) -> File {
        let file = tempfile::tempfile().unwrap();
        file.write_all_at(text.as_bytes(), 0).unwrap();
        file
    }

    #[test]
    fn the_methods_do_what_they_say() {
        let server = WebDavServer::start(Options::default()).unwrap();
        let client = client(&server, None);
        let op = Op::new(LONG);
        client.make_collection(&op, "/d").unwrap();
        assert_eq!(client.make_collection(&op, "/d"), Err(DavError::Status(405)));
        client.put(&op, "/d/a%20b", &content("hello world"), 11, true).unwrap();
        let taken = client.put(&op, "/d/a%20b", &content("x"), 1, true);
        assert_eq!(taken, Err(DavError::Status(412)));
        let entry = client.stat(&op, "/d/a%20b").unwrap();
        assert_eq!((entry.size, entry.collection), (11, false));
        let Part::Bytes(bytes, _) = client.read(&op, "/d/a%20b", 6, 100).unwrap() else { panic!() };
        assert_eq!(bytes, b"world");
        let Part::Bytes(bytes, _) = client.read(&op, "/d/a%20b", 11, 5).unwrap() else { panic!() };
        assert_eq!(bytes, b"");
        let copy = tempfile::tempfile().unwrap();
        assert_eq!(client.download(&op, "/d/a%20b", &copy), Ok(11));
        client.put(&op, "/d/c", &content(""), 0, false).unwrap();
        assert_eq!(client.rename(&op, "/d/c", "/d/a%20b", false), Err(DavError::Status(412)));
        client.rename(&op, "/d/a%20b", "/d/c", true).unwrap();
        let names: Vec<_> = client.list(&op, "/d").unwrap();
        assert_eq!(names.iter().map(|entry| entry.name().unwrap()).collect::<Vec<_>>(), [b"c"]);
        client.delete(&op, "/d").unwrap();
        assert_eq!(client.stat(&op, "/d"), Err(DavError::Status(404)));
    }

    #[test]
    fn a_collection_with_unusable_names_is_not_empty() {
        let response = |href: &str| {
            let found = "<D:status>HTTP/1.1 200 OK</D:status>";
            let kind = "<D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop>";
            let found = format!("<D:propstat>{kind}{found}</D:propstat>");
            format!("<D:response><D:href>{href}</D:href>{found}</D:response>")
        };
        for (hrefs, empty) in [
            (&["/d/"][..], true),
            (&["/d/", "/d/a%2Fb"], false),
            (&["/d/", "/d/f"], false),
            (&["/d/f", "/d/g"], false),
            (&[], false),
        ] {
            let all: String = hrefs.iter().map(|href| response(href)).collect();
            let text = format!(r#"<D:multistatus xmlns:D="DAV:">{all}</D:multistatus>"#);
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}/", listener.local_addr().unwrap());
            let server = std::thread::spawn(move || {
                let (mut connection, _) = listener.accept().unwrap();
                let mut request = Vec::new();
                while !request.ends_with(b"</D:propfind>") {
                    let mut byte = [0];
                    connection.read_exact(&mut byte).unwrap();
                    request.extend(byte);
                }
                let head = format!("HTTP/1.1 207 Multi\r\nContent-Length: {}\r\n\r\n", text.len());
                io::Write::write_all(&mut connection, (head + &text).as_bytes()).unwrap();
            });
            let client = Client::new(&Remote::parse_str(&url).unwrap(), None);
            assert_eq!(client.is_empty(&Op::new(LONG), "/d/"), Ok(empty), "{hrefs:?}");
            server.join().unwrap();
        }
    }

    #[test]
    fn passwords_are_sent_and_not_shown() {
        let login = Some(("alice".to_owned(), "secret".to_owned()));
        let server = WebDavServer::start(Options { login, ..Options::default() }).unwrap();
        let op = Op::new(LONG);
        assert!(client(&server, Some(("alice", "secret"))).stat(&op, "/").unwrap().collection);
        let wrong = client(&server, Some(("alice", "wrong")));
        assert_eq!(wrong.stat(&op, "/"), Err(DavError::Status(401)));
        assert!(!format!("{wrong:?}").contains("wrong"));
    }

    #[test]
    fn a_silent_server_is_given_up_and_taken_back() {
        let server = WebDavServer::start(Options::default()).unwrap();
        let client = client(&server, None);
        client.stat(&Op::new(LONG), "/").unwrap();
        server.faults().freeze(true);
        let short = Duration::from_millis(50);
        let silent = client.stat(&Op::new(short), "/");
        assert!(matches!(silent, Err(DavError::TimedOut { .. })), "{silent:?}");
        assert_eq!(client.stat(&Op::new(LONG), "/"), Err(DavError::Down));
        server.faults().freeze(false);
        while client.stat(&Op::new(LONG), "/").is_err() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn an_upload_keeps_nobody_from_a_server_that_is_back() {
        let server = WebDavServer::start(Options::default()).unwrap();
        let client = client(&server, None);
        server.faults().freeze(true);
        assert!(client.stat(&Op::new(Duration::from_millis(50)), "/").is_err());
        server.faults().freeze(false);
        std::thread::sleep(PAUSE);
        // An upload is the first to ask, and its answer takes long.
        server.faults().delay(Duration::from_secs(2));
        let arrived = server.faults().requests();
        std::thread::scope(|scope| {
            let upload = scope.spawn(|| client.put(&Op::new(LONG), "/f", &content("x"), 1, false));
            while server.faults().requests() == arrived {
                std::thread::yield_now();
            }
            server.faults().delay(Duration::ZERO);
            let looked = client.stat(&Op::new(LONG), "/");
            assert!(looked.is_ok(), "{looked:?}");
            upload.join().unwrap().unwrap();
        });
    }
}
