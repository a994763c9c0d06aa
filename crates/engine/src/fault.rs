//! Why a call on a share failed, in the engine's terms.

use std::fmt;

/// What kind of failure it was; each has its error number and its consequence for the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// There is no such name.
    NotFound,
    /// The name is taken.
    AlreadyExists,
    /// A directory that is not empty.
    NotEmpty,
    /// A directory was needed and it is none.
    NotADirectory,
    /// It is a directory.
    IsADirectory,
    /// The server denies it.
    Denied,
    /// The file or the share can only be read.
    ReadOnly,
    /// The server's disk is full.
    NoSpace,
    /// The user's quota is used up.
    Quota,
    /// Somebody else uses it: a sharing violation, a lock, a lease.
    InUse,
    /// A byte-range lock that somebody else holds.
    WouldBlock,
    /// A name that the server cannot store.
    BadName,
    /// A name that is too long for the server.
    NameTooLong,
    /// A file or a transfer that is too large for the server.
    TooLarge,
    /// Neither the protocol nor the server can do it.
    Unsupported,
    /// Somebody else changed the file on the server since it was opened.
    Changed,
    /// The open file did not survive a new connection; it may be opened again by name.
    HandleLost,
    /// The open file's name is gone, and without it the server cannot be asked for what is wanted.
    NoName,
    /// The connection is lost: nothing is known about whether the call was carried out.
    Lost,
    /// The server could not be reached: refused, no route, no such host. Nothing was carried out.
    Unreachable,
    /// No answer in time. Nothing is known about whether the call was carried out.
    TimedOut,
    /// A new connection was made, and the server refuses the login now.
    LoggedOut,
    /// The server's answer makes no sense.
    Nonsense,
    /// The local side failed, with this error number: the spool's disk is full, say.
    Local(i32),
}

/// Why a call on a share failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of failure it was.
    pub kind: FaultKind,
    /// What happened, for the log; no secrets.
    pub text: String,
}

impl Fault {
    /// Makes a fault.
    pub fn new(kind: FaultKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self::new(kind, "")
    }
}

impl From<std::io::Error> for Fault {
    /// For failures of the local side; a connection's errors mean something else.
    fn from(error: std::io::Error) -> Self {
        let code = error.raw_os_error().unwrap_or(rustix::io::Errno::IO.raw_os_error());
        Self::new(FaultKind::Local(code), error.to_string())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.kind)?;
        if self.text.is_empty() { Ok(()) } else { write!(f, ": {}", self.text) }
    }
}

impl std::error::Error for Fault {}
