//! Remote names: the spellings of a directory that is reached through SSH, and what they mean.
//!
//! `sftp://[user@]host[:port][/path]` (or `ssh://`) and `\\[user@]host@SSH[@port]\path`. A path is
//! absolute on the server; below `~` it is in the login directory, and a URL without any path is
//! the login directory itself. A host may be an alias of the user's ssh configuration.
//!
//! What a name holds is given to the ssh program, so nothing that a shell, ssh or its
//! configuration could take for more than a host or user is a name.

use std::fmt::Write as _;
use std::net::Ipv6Addr;

use mpr_core::{DisplayType, ResourceUsage};
use mpr_mount::{Resource, spelling};

/// The part that stands for the login directory.
pub(crate) const HOME: &str = "~";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    Url,
    Unc,
}

/// A directory on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    user: Option<String>,
    /// As it was written: an alias of the configuration may differ by case. IPv6 without brackets.
    host: String,
    /// None means what the configuration says, which is not always 22.
    port: Option<u16>,
    /// The parts of the path; the first may be [`HOME`].
    segments: Vec<String>,
    spelling: Spelling,
}

impl Remote {
    /// Returns the host, as ssh is to be told.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port, if the name says one.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Returns the path for the server: absolute, or relative to the login directory.
    pub fn path(&self) -> String {
        match self.segments.split_first() {
            Some((first, rest)) if first == HOME => match rest {
                [] => ".".to_owned(),
                _ => rest.join("/"),
            },
            _ => format!("/{}", self.segments.join("/")),
        }
    }

    /// Tells whether it is the whole server.
    pub fn is_server(&self) -> bool {
        self.segments.is_empty()
    }

    fn parse_url(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        if !scheme.eq_ignore_ascii_case("sftp") && !scheme.eq_ignore_ascii_case("ssh") {
            return None;
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if path.contains(['?', '#', '\\']) {
            return None;
        }
        let (user, address) = match authority.rsplit_once('@') {
            Some((user, address)) => (Some(spelling::decode_text(user)?), address),
            None => (None, authority),
        };
        // A password has no place in a name that is shown and remembered.
        if user.as_ref().is_some_and(|user| user.contains(':')) {
            return None;
        }
        let (host, port) = spelling::url_server(address, fits)?;
        let segments = match path {
            "" => vec![HOME.to_owned()],
            _ => path
                .split('/')
                .filter(|part| !part.is_empty())
                .map(spelling::decode_text)
                .collect::<Option<Vec<_>>>()?,
        };
        Self { user, host: host.into(), port, segments, spelling: Spelling::Url }.checked()
    }

    fn parse_unc(rest: &str) -> Option<Self> {
        let mut parts = rest.trim_end_matches('\\').split('\\');
        let server = parts.next()?;
        let segments: Vec<String> = parts.map(str::to_owned).collect();
        let fields: Vec<&str> = server.split('@').collect();
        let mark = fields.iter().rposition(|field| field.eq_ignore_ascii_case("ssh"))?;
        let (before, after) = (&fields[..mark], &fields[mark + 1..]);
        let port = match after {
            [] => None,
            [digits] => Some(spelling::port(digits)?),
            _ => return None,
        };
        let (host, user) = before.split_last()?;
        // The account of a domain has an `@` of its own.
        let user = if user.is_empty() { None } else { Some(user.join("@")) };
        let host = spelling::unc_host(host, fits)?;
        // An alias keeps its case; an address has one spelling.
        let host = host.parse::<Ipv6Addr>().map_or(host, |address| address.to_string());
        Self { user, host, port, segments, spelling: Spelling::Unc }.checked()
    }

    fn checked(self) -> Option<Self> {
        let user_fits =
            self.user.as_ref().is_none_or(|user| fits_user(user) && !user.contains(['\\', '/']));
        let parts_fit = self.segments.iter().all(|part| spelling::is_plain_part(part));
        (user_fits && parts_fit).then_some(self)
    }

    fn url_name(&self) -> String {
        let mut text = String::from("sftp://");
        if let Some(user) = &self.user {
            spelling::encode(&mut text, user, "@:/");
            text.push('@');
        }
        text += &spelling::host_in_url(&self.host);
        if let Some(port) = self.port {
            let _ = write!(text, ":{port}");
        }
        for part in self.segments.iter().filter(|_| self.segments != [HOME]) {
            text.push('/');
            spelling::encode(&mut text, part, "");
        }
        if self.segments.is_empty() {
            text.push('/');
        }
        text
    }

    fn server(&self) -> String {
        let mut text = String::new();
        if let Some(user) = &self.user {
            text = format!("{user}@");
        }
        text += &spelling::host_in_unc(&self.host);
        text.push_str("@SSH");
        if let Some(port) = self.port {
            let _ = write!(text, "@{port}");
        }
        text
    }

    fn same_server(&self, other: &Self) -> bool {
        (&self.user, self.port) == (&other.user, other.port)
            && self.host.eq_ignore_ascii_case(&other.host)
    }
}

impl Resource for Remote {
    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(r"\\") {
            Some(rest) => Self::parse_unc(rest),
            None => Self::parse_url(text),
        }
    }

    fn name(&self) -> String {
        match self.spelling {
            Spelling::Url => self.url_name(),
            Spelling::Unc => self.unc(),
        }
    }

    fn unc(&self) -> String {
        let mut text = format!(r"\\{}", self.server());
        for part in &self.segments {
            text.push('\\');
            text.push_str(part);
        }
        text
    }

    fn same(&self, other: &Self) -> bool {
        self.same_server(other) && self.segments == other.segments
    }

    fn parent(&self) -> Option<Self> {
        let mut parent = self.clone();
        parent.segments.pop().map(|_| parent)
    }

    fn child(&self, name: &str) -> Self {
        let mut child = self.clone();
        child.segments.push(name.to_owned());
        child
    }

    fn below(&self, ancestor: &Self) -> Option<Vec<String>> {
        let parts = self.segments.strip_prefix(ancestor.segments.as_slice())?;
        // The login directory is no entry of the root directory.
        let elsewhere = ancestor.segments.is_empty() && parts.first().is_some_and(|at| at == HOME);
        (self.same_server(ancestor) && !elsewhere).then(|| parts.to_vec())
    }

    fn place(&self) -> (String, String) {
        let share = if self.segments.is_empty() { "/".to_owned() } else { self.segments.join("/") };
        (self.server(), share)
    }

    fn display_type(&self) -> DisplayType {
        match self.segments.as_slice() {
            [] => DisplayType::SERVER,
            [home] if home == HOME => DisplayType::SHARE,
            _ => DisplayType::DIRECTORY,
        }
    }

    fn usage(&self) -> ResourceUsage {
        ResourceUsage::CONNECTABLE | ResourceUsage::CONTAINER
    }

    fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }
}

/// Tells whether ssh takes a user's name as one, and as nothing else.
pub(crate) fn fits_user(user: &str) -> bool {
    !user.is_empty()
        && !user.starts_with('-')
        && !user.ends_with('\\')
        && !user.chars().any(|it| it.is_control() || "'`\";&<>|(){}$%".contains(it))
}

fn fits(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._+".contains(&byte);
    !host.is_empty() && host.bytes().all(plain) && !host.starts_with(['.', '-'])
}

#[cfg(test)]
#[path = "remote_tests.rs"]
mod tests;
