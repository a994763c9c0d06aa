//! What a serving process is told: one JSON document, through a pipe.
//!
//! Never an argument or a variable, where others could read the password.

use std::io;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use zeroize::{Zeroize as _, Zeroizing};

use crate::place::Place;
use crate::runtime::Runtime;

/// Longest order; what a pipe holds, so that writing it neither waits nor fails.
pub(crate) const LONGEST_ORDER: usize = 60 * 1024;

/// What a serving process is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Connect, mount, and serve the mount to its end.
    Mount,
    /// Connect and say whether that worked; then end.
    Probe,
    /// Say what a server or directory holds; then end.
    Browse,
}

impl Action {
    /// Returns the word for it in an order.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mount => "mount",
            Self::Probe => "probe",
            Self::Browse => "browse",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        [Self::Mount, Self::Probe, Self::Browse].into_iter().find(|action| action.word() == word)
    }
}

/// What a serving process is told.
#[derive(Debug)]
pub struct Order<'a> {
    /// The helper program.
    pub helper: &'a Path,
    /// The file system's subtype: `mpr-webdav`.
    pub subtype: &'a str,
    /// The source of the mount: the remote name.
    pub source: &'a str,
    /// The user to log in as.
    pub user: Option<&'a str>,
    /// The password; written to the pipe and nowhere else.
    pub password: Option<Secret<'a>>,
    /// What the provider has to say to its own helper.
    pub settings: Value,
    /// How long the helper may take to answer.
    pub limit: Duration,
}

/// A password that does not show itself.
pub struct Secret<'a>(pub &'a str);

impl std::fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Where to mount, and whether the directory was made for it.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) place: &'a Place,
    pub(crate) made_dir: bool,
}

impl Order<'_> {
    /// Writes the order as JSON; the password last and straight into memory that is wiped.
    pub(crate) fn document(
        &self,
        runtime: &Runtime,
        action: Action,
        site: Option<Site<'_>>,
    ) -> io::Result<Zeroizing<Vec<u8>>> {
        let place = match site {
            Some(Site { place, .. }) => json!({
                "dir": utf8(&place.dir)?,
                "key": place.key,
                "inside": place.inside,
            }),
            None => Value::Null,
        };
        let open = json!({
            "action": action.word(),
            "runtime": runtime.to_value(),
            "place": place,
            "made_dir": site.is_some_and(|site| site.made_dir),
            "subtype": self.subtype,
            "source": self.source,
            "user": self.user,
            "settings": self.settings,
        });
        let mut text = Zeroizing::new(Vec::with_capacity(LONGEST_ORDER));
        serde_json::to_writer(&mut *text, &open)?;
        if let Some(Secret(password)) = self.password {
            text.pop();
            text.extend_from_slice(b",\"password\":");
            // `text` has room for the longest password there can be, so it is never copied away.
            if text.len() + password.len() * 6 + 3 > LONGEST_ORDER {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            serde_json::to_writer(&mut *text, password)?;
            text.push(b'}');
        }
        if text.len() > LONGEST_ORDER {
            text.zeroize();
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(text)
    }
}

fn utf8(path: &Path) -> io::Result<&str> {
    path.to_str().ok_or_else(|| io::ErrorKind::InvalidInput.into())
}
