//! Remote names: the spellings of an SMB resource, and the one resource behind them.
//!
//! `\\server\share\path` and `smb://[user@]server[:port]/share/path`; a server alone is a
//! container. Windows has no spelling for a port other than 445; ours is `\\server@1445\share`.
//! `\\server@SSL\...` and `\\server\DavWWWRoot\...` belong to WebDAV, `\\server@SSH\...` to SFTP.

mod parse;
#[cfg(test)]
mod tests;

use mpr_core::{DisplayType, ResourceUsage};
use mpr_mount::{Resource, spelling};

/// The port that SMB has.
pub(crate) const PORT: u16 = 445;

/// Which way a name was spelled; names keep the spelling they came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    /// `smb://server/share`.
    Url,
    /// `\\server\share`.
    Unc,
}

/// An SMB resource: a server, a share, or a directory in it.
#[derive(Clone, Debug)]
pub struct SmbName {
    host: String,
    port: u16,
    user: Option<String>,
    /// The share, then the directories.
    parts: Vec<String>,
    spelling: Spelling,
}

impl SmbName {
    /// Returns the host in lower case; an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the share; `None` for a server.
    pub fn share(&self) -> Option<&str> {
        self.parts.first().map(String::as_str)
    }

    /// Returns the directories in the share that lead to it.
    pub fn path(&self) -> &[String] {
        self.parts.get(1..).unwrap_or_default()
    }

    /// Writes the server as people know it: `server` or `server:1445`.
    pub fn server_text(&self) -> String {
        let host = spelling::host_in_url(&self.host);
        if self.port == PORT { host } else { format!("{host}:{}", self.port) }
    }

    /// Writes the server as it stands in a UNC name.
    fn server(&self) -> String {
        let host = spelling::host_in_unc(&self.host);
        if self.port == PORT { host } else { format!("{host}@{}", self.port) }
    }

    fn url(&self) -> String {
        let mut text = "smb://".to_owned();
        if let Some(user) = &self.user {
            spelling::encode(&mut text, user, "/@:;");
            text.push('@');
        }
        text += &self.server_text();
        for part in &self.parts {
            text.push('/');
            spelling::encode(&mut text, part, "");
        }
        if self.parts.is_empty() {
            text.push('/');
        }
        text
    }

    fn same_server(&self, other: &Self) -> bool {
        (&self.host, self.port) == (&other.host, other.port)
    }
}

impl Resource for SmbName {
    fn parse(text: &str) -> Option<Self> {
        parse::parse(text)
    }

    fn name(&self) -> String {
        match self.spelling {
            Spelling::Url => self.url(),
            Spelling::Unc => self.unc(),
        }
    }

    fn unc(&self) -> String {
        let mut text = format!(r"\\{}", self.server());
        for part in &self.parts {
            text.push('\\');
            text.push_str(part);
        }
        text
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
        let (above, rest) = self.parts.split_at_checked(ancestor.parts.len())?;
        let same = above.iter().zip(&ancestor.parts).all(|(one, other)| fold(one) == fold(other));
        (self.same_server(ancestor) && same).then(|| rest.to_vec())
    }

    fn place(&self) -> (String, String) {
        (self.server(), self.parts.join("/"))
    }

    fn display_type(&self) -> DisplayType {
        match self.parts.len() {
            0 => DisplayType::SERVER,
            1 => DisplayType::SHARE,
            _ => DisplayType::DIRECTORY,
        }
    }

    fn usage(&self) -> ResourceUsage {
        match self.parts.len() {
            0 => ResourceUsage::CONTAINER,
            _ => ResourceUsage::CONNECTABLE | ResourceUsage::CONTAINER,
        }
    }

    fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }
}

/// Case does not tell names apart; servers compare much like this.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).collect()
}
