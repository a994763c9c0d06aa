//! The answer to PROPFIND, read as a stream.
//!
//! The server is not trusted: no entities are expanded, depth costs nothing, names that could
//! leave the directory are dropped, and prefixes mean only what their namespace says.

use std::io::{self, BufRead, Read};
use std::time::SystemTime;

use mpr_mount::spelling::decode;
use quick_xml::NsReader;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;

use super::error::DavError;

/// Most entries of one answer; a server that sends more is not believed.
const MOST_ENTRIES: usize = 1_000_000;

/// One resource of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The decoded parts of its path.
    pub path: Vec<Vec<u8>>,
    /// Whether it is a collection.
    pub collection: bool,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last changed.
    pub modified: Option<SystemTime>,
    /// Its entity tag.
    pub etag: Option<String>,
    /// How many bytes there is room for, where the server tells (RFC 4331).
    pub available: Option<u64>,
    /// How many bytes are used.
    pub used: Option<u64>,
}

impl Entry {
    /// Returns the last part of the path.
    pub fn name(&self) -> Option<&[u8]> {
        self.path.last().map(Vec::as_slice)
    }
}

/// Deepest nesting; a real answer has about ten levels.
const DEEPEST: usize = 1000;

/// Longest text, tag or comment; a name has a few hundred bytes. It is kept whole until its end, so
/// that one without end would fill the memory.
const LONGEST_EVENT: usize = 1 << 20;

/// Longest name; older kernels refuse a whole listing for the sake of a longer one.
const LONGEST_NAME: usize = 1024;

/// A source of which each event takes no more than its share.
struct Rationed<R> {
    source: R,
    left: usize,
}

impl<R: BufRead> Read for Rationed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Rationed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.source.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count);
        self.source.consume(count);
    }
}

/// What is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    None,
    Href,
    Length,
    Modified,
    Etag,
    Available,
    Used,
    PropStatus,
    ResponseStatus,
}

#[derive(Default)]
struct Response {
    href: Option<String>,
    gone: bool,
    entry: Entry,
    /// Properties of the propstat at hand, kept if its status is good.
    pending: Entry,
    pending_good: bool,
}

/// Reads an answer of status 207; also tells how many resources it speaks of, those included that
/// have no usable name or could not be looked at.
pub(super) fn parse(source: impl BufRead) -> Result<(Vec<Entry>, usize), DavError> {
    let mut count = 0;
    let mut reader = NsReader::from_reader(Rationed { source, left: LONGEST_EVENT });
    reader.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    let mut entries = Vec::new();
    let mut response = Response::default();
    let (mut field, mut text) = (Field::None, String::new());
    let (mut complete, mut in_propstat) = (false, false);
    let mut depth = 0_usize;
    loop {
        buffer.clear();
        reader.get_mut().left = LONGEST_EVENT;
        let (namespace, event) =
            reader.read_resolved_event_into(&mut buffer).map_err(reader_error)?;
        let ours = matches!(namespace, ResolveResult::Bound(name) if name.as_ref() == b"DAV:");
        match event {
            Event::Start(_) if depth == DEEPEST => {
                return Err(DavError::Nonsense("nested too deep".into()));
            }
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        match event {
            Event::Start(start) if ours => {
                let local = start.local_name();
                text.clear();
                field = match local.as_ref() {
                    b"response" => {
                        response = Response::default();
                        Field::None
                    }
                    b"propstat" => {
                        in_propstat = true;
                        response.pending = Entry::default();
                        response.pending_good = true;
                        Field::None
                    }
                    b"collection" => {
                        response.pending.collection = true;
                        Field::None
                    }
                    b"href" if response.href.is_none() => Field::Href,
                    b"getcontentlength" => Field::Length,
                    b"getlastmodified" => Field::Modified,
                    b"getetag" => Field::Etag,
                    b"quota-available-bytes" => Field::Available,
                    b"quota-used-bytes" => Field::Used,
                    b"status" if in_propstat => Field::PropStatus,
                    b"status" => Field::ResponseStatus,
                    _ => Field::None,
                };
            }
            Event::Start(_) => field = Field::None,
            Event::Text(part) if field != Field::None => {
                text.push_str(&part.decode().map_err(nonsense)?);
            }
            Event::CData(part) if field != Field::None => {
                text.push_str(&part.decode().map_err(nonsense)?);
            }
            Event::GeneralRef(reference) if field != Field::None => {
                match reference.resolve_char_ref().map_err(nonsense)? {
                    Some(character) => text.push(character),
                    None => text.push_str(predefined(&reference.decode().map_err(nonsense)?)?),
                }
            }
            Event::End(end) => {
                if field != Field::None {
                    response.take(field, text.trim());
                    field = Field::None;
                }
                match end.local_name().as_ref() {
                    b"multistatus" if ours => complete = true,
                    b"propstat" if ours => {
                        in_propstat = false;
                        response.keep_propstat();
                    }
                    b"response" if ours => {
                        if entries.len() == MOST_ENTRIES {
                            return Err(DavError::Nonsense("too many entries".into()));
                        }
                        count += 1;
                        entries.extend(std::mem::take(&mut response).finish());
                    }
                    _ => {}
                }
            }
            Event::DocType(_) => return Err(DavError::Nonsense("a document type".into())),
            Event::Eof if complete => return Ok((entries, count)),
            Event::Eof => return Err(DavError::Nonsense("no complete multistatus".into())),
            _ => {}
        }
    }
}

impl Response {
    fn take(&mut self, field: Field, text: &str) {
        match field {
            Field::Href => self.href = Some(text.to_owned()),
            Field::Length => self.pending.size = text.parse().unwrap_or(0),
            Field::Modified => self.pending.modified = httpdate::parse_http_date(text).ok(),
            Field::Etag => self.pending.etag = Some(text.to_owned()),
            Field::Available => self.pending.available = text.parse().ok(),
            Field::Used => self.pending.used = text.parse().ok(),
            Field::PropStatus => self.pending_good = status_good(text),
            Field::ResponseStatus => self.gone = !status_good(text),
            Field::None => {}
        }
    }

    fn keep_propstat(&mut self) {
        if self.pending_good {
            let pending = std::mem::take(&mut self.pending);
            self.entry.collection |= pending.collection;
            self.entry.size = self.entry.size.max(pending.size);
            self.entry.modified = pending.modified.or(self.entry.modified);
            self.entry.etag = pending.etag.or_else(|| self.entry.etag.take());
            self.entry.available = pending.available.or(self.entry.available);
            self.entry.used = pending.used.or(self.entry.used);
        }
    }

    fn finish(mut self) -> Option<Entry> {
        self.entry.path = path_of(&self.href?)?;
        (!self.gone).then_some(self.entry)
    }
}

/// `HTTP/1.1 200 OK`
fn status_good(line: &str) -> bool {
    line.split_whitespace().nth(1).is_some_and(|code| code.starts_with('2'))
}

fn predefined(name: &str) -> Result<&'static str, DavError> {
    Ok(match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        other => return Err(DavError::Nonsense(format!("the entity {other:.20}"))),
    })
}

/// Splits an href, absolute or relative, into decoded parts; `None` if a part could not be a name.
fn path_of(href: &str) -> Option<Vec<Vec<u8>>> {
    let path = match href.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            rest.find('/').map_or("/", |slash| &rest[slash..])
        }
        _ => href,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
    parts
        .map(|part| {
            let name = decode(part)?;
            let harmless = !matches!(name.as_slice(), b"." | b"..")
                && !name.contains(&b'/')
                && name.len() <= LONGEST_NAME;
            harmless.then_some(name)
        })
        .collect()
}

fn reader_error(error: quick_xml::Error) -> DavError {
    match error {
        quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => {
            DavError::Nonsense("too long a text".into())
        }
        quick_xml::Error::Io(error) => DavError::Broken(error.to_string()),
        other => nonsense(other),
    }
}

fn nonsense(error: impl std::fmt::Display) -> DavError {
    DavError::Nonsense(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Entry>, DavError> {
        super::parse(text.as_bytes()).map(|(entries, _)| entries)
    }

    fn one(response: &str) -> Option<Entry> {
        let text = format!(r#"<D:multistatus xmlns:D="DAV:">{response}</D:multistatus>"#);
        parse(&text).unwrap().into_iter().next()
    }

    #[test]
    fn prefixes_and_default_namespace() {
        let default = r#"<?xml version="1.0"?><multistatus xmlns="DAV:"><response>
            <href>/a/b%20c</href><propstat><prop><resourcetype/><getcontentlength>12</getcontentlength>
            <getetag>"x&amp;y&#33;"</getetag>
            <getlastmodified>Sun, 06 Nov 1994 08:49:37 GMT</getlastmodified></prop>
            <status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"#;
        let entries = parse(default).unwrap();
        assert_eq!(entries[0].path, [b"a".to_vec(), b"b c".to_vec()]);
        assert_eq!((entries[0].size, entries[0].collection), (12, false));
        assert_eq!(entries[0].etag.as_deref(), Some("\"x&y!\""));
        assert!(entries[0].modified.is_some());
        let prefixed = default.replace("<", "<q:").replace("<q:/", "</q:").replace("<q:?", "<?");
        let prefixed = prefixed.replace("xmlns=", "xmlns:q=");
        assert_eq!(parse(&prefixed).unwrap(), entries);
        let foreign = default.replace("DAV:", "urn:other");
        assert!(parse(&foreign).is_err());
    }

    #[test]
    fn hrefs() {
        for (href, expected) in [
            ("http://h:1/x/y/", Some("x|y")),
            ("/x/./y", Some("x|y")),
            ("x", Some("x")),
            ("/", Some("")),
            ("http://h", Some("")),
            ("/a%3Fb?q#f", Some("a?b")),
            ("/a/../b", None),
            ("/a/%2e%2e", None),
            ("/a/b%2Fc", None),
            ("/a/%00", None),
            ("/a/%", None),
        ] {
            let entry = one(&format!("<D:response><D:href>{href}</D:href></D:response>"));
            let path = entry.map(|entry| String::from_utf8(entry.path.join(&b'|')).unwrap());
            assert_eq!(path.as_deref(), expected, "{href}");
        }
    }

    #[test]
    fn only_good_properties_count() {
        let entry = one(
            "<D:response><D:href>/d/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/>\
             </D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat><D:propstat>\
             <D:prop><D:getcontentlength>7</D:getcontentlength></D:prop>\
             <D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>",
        );
        let entry = entry.unwrap();
        assert!(entry.collection);
        assert_eq!(entry.size, 0);
        let gone =
            "<D:response><D:href>/d</D:href><D:status>HTTP/1.1 404 x</D:status></D:response>";
        assert_eq!(one(gone), None);
    }

    #[test]
    fn hostile_answers_are_refused() {
        let bomb = "<!DOCTYPE m [<!ENTITY a \"x\">]><multistatus xmlns=\"DAV:\"/>";
        assert!(parse(bomb).is_err());
        let entity =
            "<multistatus xmlns=\"DAV:\"><response><href>&a;</href></response></multistatus>";
        assert!(parse(entity).is_err());
        for text in ["", "hello", "<html></html>", "<multistatus xmlns=\"DAV:\">", "<a></b>", "<"] {
            assert!(parse(text).is_err(), "{text}");
        }
        let endless = b"<multistatus xmlns=\"DAV:\"><response><href>".chain(io::repeat(b'a'));
        let endless = super::parse(io::BufReader::new(endless.take(1 << 32)));
        assert_eq!(endless, Err(DavError::Nonsense("too long a text".into())));
        let long = "x".repeat(LONGEST_NAME + 1);
        assert_eq!(one(&format!("<D:response><D:href>/{long}</D:href></D:response>")), None);
        let deep = "<a>".repeat(200_000);
        assert!(parse(&format!("<multistatus xmlns=\"DAV:\">{deep}")).is_err());
    }

    #[test]
    fn ten_thousand_entries() {
        let entry = |n| format!("<D:response><D:href>/d/f{n}</D:href></D:response>");
        let all: String = (0..10_000).map(entry).collect();
        let text = format!(r#"<D:multistatus xmlns:D="DAV:">{all}</D:multistatus>"#);
        let entries = parse(&text).unwrap();
        assert_eq!(entries.len(), 10_000);
        assert_eq!(entries[9_999].name(), Some(&b"f9999"[..]));
    }
}
