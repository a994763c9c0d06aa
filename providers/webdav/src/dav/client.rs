//! The HTTP client: WebDAV's methods over kept-alive connections.
//!
//! Nothing here has a bound of its own: whoever asks drops the future when its time is up, and the
//! connection is closed with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::{HeaderMap, HeaderValue, Request, header};
use mpr_engine::spool::Upload;
use mpr_mount::Stage;
use tokio::sync::Semaphore;

use super::auth::{Credentials, Login};
use super::body::{Arriving, Outgoing};
use super::connection::Pool;
use super::error::DavError;
use super::multistatus::Entry;
use super::propfind;
use super::tls::{self, Pin};
use crate::remote::Remote;

/// What PROPFIND asks for.
const PROPERTIES: &str = r#"<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/><D:getcontentlength/><D:getlastmodified/><D:getetag/></D:prop></D:propfind>"#;

/// The same for how much room there is.
const QUOTA: &str = r#"<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:quota-available-bytes/><D:quota-used-bytes/></D:prop></D:propfind>"#;

/// How many questions are asked at once. Transfers do not count.
const QUESTIONS: usize = 16;

/// How often a question is redirected.
const REDIRECTIONS: usize = 3;

/// A client of one server.
pub struct Client {
    pool: Arc<Pool>,
    origin: String,
    host: HeaderValue,
    login: Login,
    questions: Semaphore,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// An answer; its content is still to come.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The content.
    pub body: Arriving,
}

impl Answer {
    /// Returns a header that is text.
    pub fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Reads the rest of an answer that says no more than its status.
    pub async fn done(self) -> Result<HeaderMap, DavError> {
        // A multistatus here lists the members that failed.
        let good = (200..300).contains(&self.status) && self.status != 207;
        // A connection that broke by now has said what it had to.
        let _ = self.body.finish().await;
        if good { Ok(self.headers) } else { Err(DavError::Status(self.status)) }
    }
}

/// A request.
struct Ask<'a> {
    method: &'static str,
    path: &'a str,
    headers: &'a [(&'static str, &'a str)],
    content: Content<'a>,
}

enum Content<'a> {
    Text(&'static str),
    Owned(&'a str),
    Upload(&'a Upload),
}

impl Ask<'_> {
    /// Tells whether it can be sent again without having another effect.
    fn repeatable(&self) -> bool {
        let conditional = self.headers.iter().any(|(name, _)| name.starts_with("If-"));
        matches!(self.method, "GET" | "PROPFIND") || self.method == "PUT" && !conditional
    }

    fn reads(&self) -> bool {
        matches!(self.method, "GET" | "PROPFIND")
    }
}

impl Client {
    /// Makes a client; nothing is sent yet.
    pub fn new(
        remote: &Remote,
        credentials: Option<Credentials>,
        pin: Option<Pin>,
    ) -> Result<Self, DavError> {
        let wrong = |error: rustls::Error| DavError::Tls(error.to_string());
        let tls = remote.secure.then(|| tls::config(pin)).transpose().map_err(wrong)?;
        let origin = remote.origin();
        let host = origin.split_once("://").map_or("", |(_, host)| host);
        let host = HeaderValue::from_str(host).map_err(|_| DavError::NoHost)?;
        Ok(Self {
            pool: Arc::new(Pool::new(remote.clone(), tls)),
            host,
            origin,
            login: Login::new(credentials),
            questions: Semaphore::new(QUESTIONS),
        })
    }

    /// Makes sure that there is a connection, and says which stage that is in.
    pub async fn connect(&self, reach: &(dyn Fn(Stage) + Sync)) -> Result<(), DavError> {
        let connection = self.pool.connect(reach).await?;
        self.pool.give_back(connection);
        Ok(())
    }

    /// Forgets all connections.
    pub fn disconnect(&self) {
        self.pool.clear();
    }

    /// Returns who logs in, and whether a password was given.
    pub fn who(&self) -> Option<(&str, bool)> {
        self.login.who()
    }

    /// Asks about one resource.
    pub async fn stat(&self, path: &str) -> Result<Entry, DavError> {
        let (entries, _) = self.propfind(path, "0", PROPERTIES).await?;
        entries.into_iter().next().ok_or_else(|| DavError::Nonsense("an empty answer".into()))
    }

    /// Lists a collection, without itself.
    pub async fn list(&self, path: &str) -> Result<Vec<Entry>, DavError> {
        let (mut entries, _) = self.propfind(path, "1", PROPERTIES).await?;
        // The collection itself has the shortest path, whatever prefix a proxy may have cut.
        let own = entries.iter().map(|entry| entry.path.len()).min().unwrap_or_default();
        entries.retain(|entry| entry.path.len() == own + 1);
        Ok(entries)
    }

    /// Tells whether a collection certainly holds nothing: the server speaks of it alone. What
    /// `list` leaves out, because its name is of no use here, counts too.
    pub async fn is_empty(&self, path: &str) -> Result<bool, DavError> {
        let (entries, count) = self.propfind(path, "1", PROPERTIES).await?;
        Ok(count == 1 && entries.first().is_some_and(|own| own.collection))
    }

    /// Asks how many bytes are free and used.
    pub async fn quota(&self, path: &str) -> Result<Entry, DavError> {
        let (entries, _) = self.propfind(path, "0", QUOTA).await?;
        entries.into_iter().next().ok_or_else(|| DavError::Nonsense("an empty answer".into()))
    }

    async fn propfind(
        &self,
        path: &str,
        depth: &str,
        properties: &'static str,
    ) -> Result<(Vec<Entry>, usize), DavError> {
        // Held until the answer is read.
        let _permit = self.questions.acquire().await;
        let headers = [("Depth", depth), ("Content-Type", "application/xml; charset=utf-8")];
        let content = Content::Text(properties);
        let answer = self.ask(Ask { method: "PROPFIND", path, headers: &headers, content }).await?;
        if answer.status != 207 {
            return Err(self.refused(answer).await);
        }
        propfind::read(answer.body).await
    }

    /// Begins to read a file, or a part of it; the status tells what comes.
    pub async fn get(&self, path: &str, range: Option<&str>) -> Result<Answer, DavError> {
        let headers = [("Accept-Encoding", "identity"), ("Range", range.unwrap_or_default())];
        let headers = &headers[..1 + usize::from(range.is_some())];
        let answer = self.ask(Ask { method: "GET", path, headers, content: Content::Text("") });
        let answer = answer.await?;
        match answer.status {
            200 | 206 | 416 => Ok(answer),
            _ => Err(self.refused(answer).await),
        }
    }

    /// Stores a file; the headers that come back may tell its new state.
    pub async fn put(
        &self,
        path: &str,
        upload: &Upload,
        condition: Option<(&'static str, &str)>,
    ) -> Result<HeaderMap, DavError> {
        let (name, value) = condition.unwrap_or_default();
        let headers = [("Content-Type", "application/octet-stream"), (name, value)];
        let headers = &headers[..1 + usize::from(condition.is_some())];
        let content = Content::Upload(upload);
        self.ask(Ask { method: "PUT", path, headers, content }).await?.done().await
    }

    /// Makes a collection.
    pub async fn make_collection(&self, path: &str) -> Result<(), DavError> {
        self.command("MKCOL", path, &[]).await
    }

    /// Deletes a resource, a collection with all that it holds.
    pub async fn delete(&self, path: &str) -> Result<(), DavError> {
        self.command("DELETE", path, &[]).await
    }

    /// Renames a resource; without `overwrite` 412 if the new name is taken.
    pub async fn rename(&self, from: &str, to: &str, overwrite: bool) -> Result<(), DavError> {
        let destination = format!("{}{to}", self.origin);
        let overwrite = if overwrite { "T" } else { "F" };
        self.command("MOVE", from, &[("Destination", &destination), ("Overwrite", overwrite)]).await
    }

    async fn command(
        &self,
        method: &'static str,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<(), DavError> {
        let _permit = self.questions.acquire().await;
        let content = Content::Text("");
        self.ask(Ask { method, path, headers, content }).await?.done().await.map(drop)
    }

    /// Sets properties; whether the server keeps them only another look tells.
    pub async fn set_properties(&self, path: &str, text: &str) -> Result<(), DavError> {
        let _permit = self.questions.acquire().await;
        let headers = &[("Content-Type", "application/xml; charset=utf-8")];
        let content = Content::Owned(text);
        let answer = self.ask(Ask { method: "PROPPATCH", path, headers, content }).await?;
        let status = answer.status;
        let _ = answer.body.finish().await;
        if (200..300).contains(&status) { Ok(()) } else { Err(DavError::Status(status)) }
    }

    /// Turns an answer that is none into the error it tells.
    async fn refused(&self, answer: Answer) -> DavError {
        let error = match answer.header(header::LOCATION) {
            Some(place) if (300..400).contains(&answer.status) => {
                DavError::Redirected(place.to_owned())
            }
            _ => DavError::Status(answer.status),
        };
        let _ = answer.body.finish().await;
        error
    }

    /// Sends a request: again where a kept connection turned out to be closed, where the server
    /// asks who we are, and where it says that what is looked for is elsewhere on the same server.
    async fn ask(&self, mut ask: Ask<'_>) -> Result<Answer, DavError> {
        let mut elsewhere = String::new();
        let (mut redirections, mut introductions, mut stale) = (REDIRECTIONS, 2, 3);
        loop {
            let path = if elsewhere.is_empty() { ask.path } else { &elsewhere };
            let path = if path.is_empty() { "/" } else { path };
            let (authorization, said) = self.login.say(ask.method, path);
            let sent = Arc::new(AtomicBool::new(false));
            let request = self.request(&ask, path, authorization, &sent)?;
            let mut connection = self.pool.connection().await?;
            let response = match connection.sender.try_send_request(request).await {
                Ok(response) => response,
                Err(mut error) => {
                    let unsent = error.take_message().is_some();
                    if connection.used && stale > 0 && (unsent || ask.repeatable()) {
                        stale -= 1;
                        continue;
                    }
                    return Err(error.into_error().into());
                }
            };
            let (head, incoming) = response.into_parts();
            let whole = sent.load(Ordering::Acquire);
            let body = Arriving::new(incoming, connection, Arc::clone(&self.pool), whole);
            let answer = Answer { status: head.status.as_u16(), headers: head.headers, body };
            if answer.status == 401 && introductions > 0 {
                introductions -= 1;
                let challenges = answer.headers.get_all(header::WWW_AUTHENTICATE).iter();
                if self.login.asked(challenges, &said) {
                    let _ = answer.body.finish().await;
                    continue;
                }
            }
            if (300..400).contains(&answer.status) && redirections > 0 && ask.reads() {
                let place = answer.header(header::LOCATION).unwrap_or_default();
                // Every other server is refused, so that a password goes nowhere else.
                let place = place.strip_prefix(&self.origin).unwrap_or(place);
                if place.starts_with('/') && !place.starts_with("//") {
                    redirections -= 1;
                    elsewhere = place.to_owned();
                    ask.path = "";
                    let _ = answer.body.finish().await;
                    continue;
                }
            }
            return Ok(answer);
        }
    }

    fn request(
        &self,
        ask: &Ask<'_>,
        path: &str,
        authorization: Option<HeaderValue>,
        sent: &Arc<AtomicBool>,
    ) -> Result<Request<Outgoing>, DavError> {
        let mut request = Request::builder()
            .method(ask.method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::USER_AGENT, concat!("OpenMPR/", env!("CARGO_PKG_VERSION")));
        for (name, value) in ask.headers {
            request = request.header(*name, *value);
        }
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let sent = Arc::clone(sent);
        let body = match ask.content {
            Content::Text(text) => Outgoing::text(bytes::Bytes::from_static(text.as_bytes()), sent),
            Content::Owned(text) => Outgoing::text(text.to_owned().into(), sent),
            Content::Upload(upload) => {
                if let Some(len) = upload.len() {
                    request = request.header(header::CONTENT_LENGTH, len);
                }
                Outgoing::source(upload.start(), upload.len(), sent)
            }
        };
        request.body(body).map_err(|error| DavError::Nonsense(error.to_string()))
    }
}
