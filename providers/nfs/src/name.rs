//! Remote names: the spellings of an exported directory.
//!
//! `nfs://host[:port]/path` and `\\host@NFS[@port]\path`. A host alone is a server; which
//! directories it exports only mounting tells.

use std::fmt::Write as _;

use mpr_core::{DisplayType, ResourceUsage};
use mpr_mount::{Resource, spelling};

/// The port that NFS has.
pub(crate) const PORT: u16 = 2049;

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
        format!("{}:/{}", spelling::host_in_url(&self.host), self.parts.join("/"))
    }

    fn server(&self) -> String {
        let mut text = spelling::host_in_unc(&self.host) + "@NFS";
        if self.port != PORT {
            let _ = write!(text, "@{}", self.port);
        }
        text
    }

    fn url(&self) -> String {
        let mut text = format!("nfs://{}", spelling::host_in_url(&self.host));
        if self.port != PORT {
            let _ = write!(text, ":{}", self.port);
        }
        for part in &self.parts {
            text.push('/');
            spelling::encode(&mut text, part, "");
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
        let (host, port) = spelling::url_server(address, fits)?;
        let (host, port) = (spelling::canonical_host(host), port.unwrap_or(PORT));
        let parts = path.split('/').filter(|part| !part.is_empty()).map(spelling::decode_text);
        let parts = parts.collect::<Option<Vec<String>>>()?;
        Self { host, port, parts, spelling: Spelling::Url }.checked()
    }

    fn parse_unc(rest: &str) -> Option<Self> {
        let mut fields = rest.strip_suffix('\\').unwrap_or(rest).split('\\');
        let server: Vec<&str> = fields.next()?.split('@').collect();
        let parts = fields.map(str::to_owned).collect();
        let (host, port) = match server.as_slice() {
            [host, mark] if mark.eq_ignore_ascii_case("nfs") => (host, PORT),
            [host, mark, port] if mark.eq_ignore_ascii_case("nfs") => (host, spelling::port(port)?),
            _ => return None,
        };
        let host = spelling::canonical_host(&spelling::unc_host(host, fits)?);
        Self { host, port, parts, spelling: Spelling::Unc }.checked()
    }

    fn checked(self) -> Option<Self> {
        self.parts.iter().all(|part| spelling::is_plain_part(part)).then_some(self)
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

/// A host is an argument of `mount.nfs`, so it begins like none of its options.
fn fits(host: &str) -> bool {
    spelling::is_plain_host(host) && !host.starts_with('-')
}

#[cfg(test)]
#[path = "name_tests.rs"]
mod tests;
