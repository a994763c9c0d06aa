//! Remote names: the spellings of a WebDAV resource, and the one resource behind them.
//!
//! `https://host[:port]/path`, `http://`, `dav://`, `davs://`, and `\\host@SSL@port\DavWWWRoot\path`
//! as Windows spells it. `\\server\share` and `\\server@port\share` belong to SMB and are refused at once.

use std::fmt::Write as _;

use mpr_mount::spelling;

/// Which way a name was spelled; names keep the spelling they came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `https://host/path`.
    Url,
    /// `\\host@SSL\DavWWWRoot\path`.
    Unc,
}

/// A WebDAV resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Whether it is reached through TLS.
    pub secure: bool,
    /// The host in lower case; an IPv6 address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The decoded parts of the path.
    pub segments: Vec<String>,
    /// How the name was spelled.
    pub spelling: Spelling,
}

impl Remote {
    /// Parses a name in either spelling.
    pub fn parse_str(text: &str) -> Option<Self> {
        match text.strip_prefix(r"\\") {
            Some(rest) => Self::parse_unc(rest),
            None => Self::parse_url(text),
        }
    }

    fn parse_url(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" | "davs" => true,
            "http" | "dav" => false,
            _ => return None,
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        // No user or password in a name that is shown and remembered; no query, no fragment.
        if path.contains(['?', '#', '\\']) {
            return None;
        }
        let (host, port) = spelling::url_server(authority, spelling::is_plain_host)?;
        let segments = path.split('/').filter(|part| !part.is_empty());
        let segments = segments.map(spelling::decode_text).collect::<Option<Vec<String>>>()?;
        Self::new(secure, host, port, segments, Spelling::Url)
    }

    fn parse_unc(rest: &str) -> Option<Self> {
        let mut parts = rest.trim_end_matches('\\').split('\\');
        let server = parts.next()?;
        let mut segments: Vec<String> = parts.map(str::to_owned).collect();
        if segments.iter().any(String::is_empty) {
            return None;
        }
        let mut fields = server.split('@');
        let host = fields.next()?;
        let (mut secure, mut port) = (false, None);
        for field in fields {
            if field.eq_ignore_ascii_case("ssl") && !secure && port.is_none() {
                secure = true;
            } else if port.is_none() {
                port = Some(spelling::port(field)?);
            } else {
                return None;
            }
        }
        let rooted = segments.first().is_some_and(|part| part.eq_ignore_ascii_case("DavWWWRoot"));
        if rooted {
            segments.remove(0);
        } else if !secure {
            // A port alone is SMB's: whoever claims too much is waited for.
            return None;
        }
        let host = spelling::unc_host(host, spelling::is_plain_host)?;
        Self::new(secure, &host, port, segments, Spelling::Unc)
    }

    fn new(
        secure: bool,
        host: &str,
        port: Option<u16>,
        segments: Vec<String>,
        spelling: Spelling,
    ) -> Option<Self> {
        let port = port.unwrap_or(if secure { 443 } else { 80 });
        segments.iter().all(|part| spelling::is_plain_part(part)).then(|| Self {
            secure,
            host: host.to_ascii_lowercase(),
            port,
            segments,
            spelling,
        })
    }

    /// Tells whether both name one resource.
    pub fn same(&self, other: &Self) -> bool {
        self.same_server(other) && self.segments == other.segments
    }

    /// Tells whether both are on one server.
    pub fn same_server(&self, other: &Self) -> bool {
        (self.secure, &self.host, self.port) == (other.secure, &other.host, other.port)
    }

    /// Returns the parts below an ancestor; `None` if it is none.
    pub fn below(&self, ancestor: &Self) -> Option<&[String]> {
        let parts = self.segments.strip_prefix(ancestor.segments.as_slice())?;
        self.same_server(ancestor).then_some(parts)
    }

    /// Returns the resource one level up; `None` at the server's root.
    pub fn parent(&self) -> Option<Self> {
        let mut parent = self.clone();
        parent.segments.pop().map(|_| parent)
    }

    /// Returns a resource one level down.
    pub fn child(&self, name: &str) -> Self {
        let mut child = self.clone();
        child.segments.push(name.to_owned());
        child
    }

    /// Writes the name in its own spelling.
    pub fn name(&self) -> String {
        match self.spelling {
            Spelling::Url => self.url_name(),
            Spelling::Unc => self.unc(),
        }
    }

    /// Writes the name as a URL that people can read: only what would be misread is encoded.
    pub fn url_name(&self) -> String {
        let mut text = self.origin();
        for part in &self.segments {
            text.push('/');
            spelling::encode(&mut text, part, "");
        }
        if self.segments.is_empty() {
            text.push('/');
        }
        text
    }

    /// Writes the name as Windows does.
    pub fn unc(&self) -> String {
        let mut text = format!(r"\\{}\DavWWWRoot", self.server());
        for part in &self.segments {
            text.push('\\');
            text.push_str(part);
        }
        text
    }

    /// Writes the server as it stands in a UNC name: `host@SSL@port`.
    pub fn server(&self) -> String {
        let mut text = spelling::host_in_unc(&self.host);
        if self.secure {
            text.push_str("@SSL");
        }
        if self.port != self.default_port() {
            let _ = write!(text, "@{}", self.port);
        }
        text
    }

    /// Writes scheme, host and port: `https://host:8443`.
    pub fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        let mut text = format!("{scheme}://{}", spelling::host_in_url(&self.host));
        if self.port != self.default_port() {
            let _ = write!(text, ":{}", self.port);
        }
        text
    }

    /// Writes the path as it goes over the wire, without trailing slash.
    pub fn wire_path(&self) -> String {
        let mut path = String::new();
        for part in &self.segments {
            path.push('/');
            encode_into(&mut path, part.as_bytes());
        }
        path
    }

    fn default_port(&self) -> u16 {
        if self.secure { 443 } else { 80 }
    }
}

/// Encodes bytes for a path: all but RFC 3986's unreserved characters.
pub(crate) fn encode_into(text: &mut String, bytes: &[u8]) {
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every spelling in a row is one resource: URL name, UNC name, path on the wire.
    const SAME: &[(&[&str], &str, &str, &str)] = &[
        (
            &[
                "https://Host.example/a/b",
                "https://host.example:443/a//b/",
                "DAVS://host.example/a/b",
                r"\\HOST.example@ssl\DavWWWRoot\a\b",
                r"\\host.example@SSL@443\a\b\",
            ],
            "https://host.example/a/b",
            r"\\host.example@SSL\DavWWWRoot\a\b",
            "/a/b",
        ),
        (
            &["http://h:8080", "dav://h:8080/", r"\\h@8080\davwwwroot"],
            "http://h:8080/",
            r"\\h@8080\DavWWWRoot",
            "",
        ),
        (
            &[
                "http://h/a b/%C3%BC%25%23%3f,",
                r"\\h\DavWWWRoot\a b\ü%#?,",
                r"\\h@80\DavWWWRoot\a b\ü%#?,",
            ],
            "http://h/a%20b/ü%25%23%3F%2C",
            r"\\h\DavWWWRoot\a b\ü%#?,",
            "/a%20b/%C3%BC%25%23%3F%2C",
        ),
        (
            &["https://[2001:DB8::1]:8443/x", r"\\2001-db8--1.ipv6-literal.net@SSL@8443\x"],
            "https://[2001:db8::1]:8443/x",
            r"\\2001-db8--1.ipv6-literal.net@SSL@8443\DavWWWRoot\x",
            "/x",
        ),
        (
            &["https://h/DavWWWRoot/x", r"\\h@SSL\DavWWWRoot\DavWWWRoot\x"],
            "https://h/DavWWWRoot/x",
            r"\\h@SSL\DavWWWRoot\DavWWWRoot\x",
            "/DavWWWRoot/x",
        ),
    ];

    #[test]
    fn spellings_are_one_resource() {
        for (spellings, url, unc, wire) in SAME {
            for spelling in *spellings {
                let remote = Remote::parse_str(spelling).unwrap_or_else(|| panic!("{spelling}"));
                assert_eq!((remote.url_name().as_str(), remote.unc().as_str()), (*url, *unc));
                assert_eq!(remote.wire_path(), *wire, "{spelling}");
                let expected = if spelling.starts_with('\\') { unc } else { url };
                assert_eq!(remote.name(), *expected);
                assert!(Remote::parse_str(&remote.name()).unwrap().same(&remote));
            }
        }
    }

    #[test]
    fn other_names_are_none_of_ours() {
        for name in [
            "",
            r"\\server\share",
            r"\\server",
            r"\server@SSL\x",
            r"\\h@SSL@SSL\x",
            r"\\h@SSL@0\x",
            r"\\h@x\y",
            r"\\h@8080",
            r"\\h@8080\share",
            r"\\h@1@2\y",
            r"\\h@SSL\a\\b",
            r"\\h@SSL\a\..\b",
            r"\\@SSL\a",
            "smb://h/x",
            "sftp://h/x",
            "https:/h",
            "https://",
            "https:///x",
            "https://user:pw@h/x",
            "https://user@h/x",
            "https://h/x?y",
            "https://h/x#y",
            "https://h:99999/x",
            "https://h:+80/x",
            "https://[::1/x",
            "https://h/%zz",
            "https://h/%",
            "https://h/a%2Fb",
            "https://h/%2e%2e/x",
            "https://h/../x",
            "https://h/%00",
            "https://h/%ff",
            "https://h/a\nb",
        ] {
            assert_eq!(Remote::parse_str(name), None, "{name}");
        }
    }

    #[test]
    fn kinship() {
        let remote = |name: &str| Remote::parse_str(name).unwrap();
        let (top, deep) = (remote("https://h/a"), remote(r"\\h@SSL\a\b\c"));
        assert_eq!(deep.below(&top), Some(&["b".to_owned(), "c".to_owned()][..]));
        assert_eq!(deep.below(&remote("http://h/a")), None);
        assert_eq!(top.below(&deep), None);
        assert_eq!(deep.parent().unwrap().name(), r"\\h@SSL\DavWWWRoot\a\b");
        assert_eq!(remote("https://h/").parent(), None);
        assert_eq!(top.child("x y").name(), "https://h/a/x%20y");
    }
}
