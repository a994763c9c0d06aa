//! Remote names: the spellings of an exported directory.
//!
//! `nfs://host[:port]/path` and `\\host@NFS[@port]\path`. A host alone is a server; which
//! directories it exports only mounting tells.

use std::fmt::Write as _;
use std::net::Ipv6Addr;

use mpr_core::{DisplayType, ResourceUsage};
use mpr_mount::Resource;

/// The port that NFS has.
pub(crate) const PORT: u16 = 2049;

const IPV6_SUFFIX: &str = ".ipv6-literal.net";

/// Which way a name was spelled; names keep the spelling they came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    Url,
    Unc,
}

/// A server, or a directory of it.
#[derive(Clone, Debug)]
pub struct NfsName {
    /// In lower case; IPv6 without brackets.
    host: String,
    port: u16,
    parts: Vec<String>,
    spelling: Spelling,
}

impl NfsName {
    /// Returns the host; an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns what `mount.nfs` mounts: `host:/path`.
    pub(crate) fn export(&self) -> String {
        format!("{}:/{}", self.bracketed(), self.parts.join("/"))
    }

    fn bracketed(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }

    fn server(&self) -> String {
        let mut text = match self.host.contains(':') {
            true => self.host.replace(':', "-") + IPV6_SUFFIX,
            false => self.host.clone(),
        };
        text.push_str("@NFS");
        if self.port != PORT {
            let _ = write!(text, "@{}", self.port);
        }
        text
    }

    fn url(&self) -> String {
        let mut text = format!("nfs://{}", self.bracketed());
        if self.port != PORT {
            let _ = write!(text, ":{}", self.port);
        }
        for part in &self.parts {
            text.push('/');
            encode(&mut text, part);
        }
        if self.parts.is_empty() {
            text.push('/');
        }
        text
    }

    fn parse_url(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("nfs") || rest.contains(['?', '#', '\\']) {
            return None;
        }
        let (address, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match address.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']')?;
                let host = host.parse::<Ipv6Addr>().ok()?.to_string();
                (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
            }
            None => match address.split_once(':') {
                Some((host, port)) => (plain_host(host)?, Some(port)),
                None => (plain_host(address)?, None),
            },
        };
        let port = port.filter(|digits| !digits.is_empty()).map_or(Some(PORT), parse_port)?;
        let parts = path.split('/').filter(|part| !part.is_empty()).map(decode);
        let parts = parts.collect::<Option<Vec<String>>>()?;
        Self { host, port, parts, spelling: Spelling::Url }.checked()
    }

    fn parse_unc(rest: &str) -> Option<Self> {
        let mut fields = rest.strip_suffix('\\').unwrap_or(rest).split('\\');
        let server: Vec<&str> = fields.next()?.split('@').collect();
        let parts = fields.map(str::to_owned).collect();
        let (host, port) = match server.as_slice() {
            [host, mark] if mark.eq_ignore_ascii_case("nfs") => (host, PORT),
            [host, mark, port] if mark.eq_ignore_ascii_case("nfs") => (host, parse_port(port)?),
            _ => return None,
        };
        let lower = host.to_ascii_lowercase();
        let host = match lower.strip_suffix(IPV6_SUFFIX) {
            Some(address) => address.replace('-', ":").parse::<Ipv6Addr>().ok()?.to_string(),
            None => plain_host(&lower)?,
        };
        Self { host, port, parts, spelling: Spelling::Unc }.checked()
    }

    fn checked(self) -> Option<Self> {
        let plain = |part: &String| {
            !matches!(part.as_str(), "" | "." | "..")
                && !part.contains(['/', '\\'])
                && !part.chars().any(char::is_control)
        };
        self.parts.iter().all(plain).then_some(self)
    }
}

impl Resource for NfsName {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(r"\\") {
            Some(rest) => Self::parse_unc(rest),
            None => Self::parse_url(text),
        }
    }

    fn name(&self) -> String {
        match self.spelling {
            Spelling::Url => self.url(),
            Spelling::Unc => self.unc(),
        }
    }

    fn unc(&self) -> String {
        let parts = self.parts.iter();
        parts.fold(format!(r"\\{}", self.server()), |all, part| all + "\\" + part)
    }

    fn same(&self, other: &Self) -> bool {
        self.below(other).is_some_and(|rest| rest.is_empty())
    }

    fn parent(&self) -> Option<Self> {
        let mut parent = self.clone();
        parent.parts.pop().map(|_| parent)
    }

    fn child(&self, name: &str) -> Self {
        let mut child = self.clone();
        child.parts.push(name.to_owned());
        child
    }

    fn below(&self, ancestor: &Self) -> Option<Vec<String>> {
        let same_server = (&self.host, self.port) == (&ancestor.host, ancestor.port);
        let rest = self.parts.strip_prefix(ancestor.parts.as_slice())?;
        same_server.then(|| rest.to_vec())
    }

    fn place(&self) -> (String, String) {
        (self.server(), self.parts.join("/"))
    }

    fn display_type(&self) -> DisplayType {
        if self.parts.is_empty() { DisplayType::SERVER } else { DisplayType::SHARE }
    }

    /// Version 4 has a root above all exports, so a server can be mounted, too.
    fn usage(&self) -> ResourceUsage {
        ResourceUsage::CONNECTABLE | ResourceUsage::CONTAINER
    }
}

fn parse_port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&port| digits && port != 0)
}

/// A host is an argument of `mount.nfs`, so it begins like none of its options.
fn plain_host(host: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let fits = !host.is_empty() && host.bytes().all(plain) && !host.starts_with(['.', '-']);
    fits.then(|| host.to_ascii_lowercase())
}

/// Encodes only what would be misread: the rest stays readable.
fn encode(text: &mut String, part: &str) {
    for character in part.chars() {
        let hidden = character.is_control() || character.is_whitespace();
        if hidden || r#"%?#,"<>^`{|}\"#.contains(character) {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(text, "%{byte:02X}");
            }
        } else {
            text.push(character);
        }
    }
}

/// Decodes `%XX`; `None` where the digits are missing or the bytes are no text.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        bytes.push(match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                rest = after;
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?
            }
            (b'%', _) => return None,
            _ => first,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
#[path = "name_tests.rs"]
mod tests;
