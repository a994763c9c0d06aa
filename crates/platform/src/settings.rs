//! The machine's settings, as every platform gives them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bit of a provider's class that makes it a network provider (`WN_NETWORK_CLASS`).
pub(crate) const NETWORK_CLASS: u32 = 1;

/// Everything that the machine and the user have configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The providers in provider order.
    pub providers: Vec<ProviderEntry>,
    /// Providers that are described but that no order names; they are not used.
    pub unused: Vec<ProviderEntry>,
    /// The notifyees in the order of their PRE calls: the system's by name, then the user's.
    pub notifyees: Vec<NotifyeeEntry>,
    /// Whether remembered connections are restored automatically (U61).
    pub restore_connection: bool,
    /// How long restoring waits for providers that do not know when they start.
    pub restore_timeout: Option<Duration>,
    /// What was left out or refused, and why.
    pub problems: Vec<Problem>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            providers: Vec::new(),
            unused: Vec::new(),
            notifyees: Vec::new(),
            restore_connection: true,
            restore_timeout: None,
            problems: Vec::new(),
        }
    }
}

/// A network provider that is installed.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderEntry {
    /// The key that the provider order uses (`smb`).
    pub key: String,
    /// The name that people and `lpProvider` use (`SMB Network`).
    pub name: String,
    /// The module, expanded and absolute; whether it may be loaded is for `Trust` to say.
    pub path: PathBuf,
    /// `WN_*_CLASS` bits; always a network provider.
    pub class: u32,
    /// The network type, if it is stated here.
    pub provider_type: Option<u32>,
    /// Free settings for the provider itself.
    pub options: Options,
    /// Where this was said.
    pub origin: Origin,
}

/// A notifyee that is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifyeeEntry {
    /// The name that it is registered under.
    pub name: String,
    /// What is called.
    pub kind: NotifyeeKind,
    /// Where this was said.
    pub origin: Origin,
}

/// What is called when a notifyee is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotifyeeKind {
    /// A module with the two entry points.
    Module(PathBuf),
    /// A program that is run for each event.
    Exec {
        /// The program, absolute.
        path: PathBuf,
        /// How long it may take; `None` for the default.
        timeout: Option<Duration>,
    },
}

impl NotifyeeKind {
    /// Returns the file, whatever it is.
    pub fn path(&self) -> &Path {
        match self {
            Self::Module(path) | Self::Exec { path, .. } => path,
        }
    }
}

/// Free settings of one provider, by name.
pub type Options = BTreeMap<String, OptionValue>;

/// One free setting of a provider.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionValue {
    /// Text; dates are text too.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// Yes or no.
    Bool(bool),
    /// Several values.
    List(Vec<OptionValue>),
    /// Values with names.
    Table(Options),
}

impl OptionValue {
    /// Returns the text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// Returns the whole number, if it is one.
    pub fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(*number) } else { None }
    }

    /// Returns the truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }
}

/// Whose word a setting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The administrator's.
    System,
    /// The user's own.
    User,
}

/// Where a setting was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file, or the key of the registry.
    pub file: PathBuf,
    /// The line, from 1; 0 where there are no lines.
    pub line: usize,
    /// Whose file that is.
    pub scope: Scope,
}

/// Something that was left out or refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file or key that says it, or that was refused.
    pub file: PathBuf,
    /// The line, from 1, if it is about one.
    pub line: Option<usize>,
    /// What is wrong and what to do; lower case, without full stop.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file.display(), self.text),
            None => write!(f, "{}: {}", self.file.display(), self.text),
        }
    }
}
