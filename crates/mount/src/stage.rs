//! Where connecting stopped, and why.

use std::fmt;

use mpr_core::WnError;

/// A step on the way to an open share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Find the host's address.
    Resolve,
    /// Reach it.
    Connect,
    /// Agree on encryption, and make sure that it is the right host.
    Secure,
    /// Be let in.
    LogIn,
    /// Open the share or directory.
    Open,
    /// Mount it here.
    Mount,
}

impl Stage {
    /// Returns the word for it, as people and the serving process's answers use it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Secure => "secure",
            Self::LogIn => "log in",
            Self::Open => "open",
            Self::Mount => "mount",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Why a share cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The stage that failed.
    pub stage: Stage,
    /// The code for it.
    pub code: WnError,
    /// The text for people; no secrets.
    pub text: String,
}

impl Obstacle {
    /// Makes an obstacle.
    pub fn new(stage: Stage, code: WnError, text: impl Into<String>) -> Self {
        Self { stage, code, text: text.into() }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.stage, self.text)
    }
}
