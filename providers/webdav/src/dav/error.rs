//! What can go wrong between us and a WebDAV server.

use std::fmt;

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DavError {
    /// The server answered with this status.
    Status(u16),
    /// There is no such host.
    NoHost,
    /// Nobody listens there, or the way there is closed.
    NoConnection(String),
    /// TLS could not be agreed on.
    Tls(String),
    /// No answer in time; whether TLS was being agreed on.
    TimedOut {
        /// The request itself could not be sent yet.
        sending: bool,
    },
    /// It did not answer lately, and another request finds out whether it does again.
    Down,
    /// The connection broke.
    Broken(String),
    /// The answer is not what the protocol says.
    Nonsense(String),
    /// The local side of a transfer failed, with this error number.
    Local(i32),
}

impl fmt::Display for DavError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "the server answered {status}"),
            Self::NoHost => f.write_str("no such host"),
            Self::NoConnection(text) => write!(f, "no connection: {text}"),
            Self::Tls(text) => write!(f, "TLS: {text}"),
            Self::TimedOut { .. } => f.write_str("no answer in time"),
            Self::Down => f.write_str("the server does not answer"),
            Self::Broken(text) => write!(f, "the connection broke: {text}"),
            Self::Nonsense(text) => write!(f, "a wrong answer: {text}"),
            Self::Local(code) => write!(f, "{}", std::io::Error::from_raw_os_error(*code)),
        }
    }
}

impl std::error::Error for DavError {}

impl From<ureq::Error> for DavError {
    fn from(error: ureq::Error) -> Self {
        use ureq::Error;
        match error {
            Error::StatusCode(status) => Self::Status(status),
            Error::HostNotFound => Self::NoHost,
            Error::ConnectionFailed => Self::NoConnection("refused".into()),
            Error::Timeout(which) => {
                use ureq::Timeout::{Connect, PerWrite, SendRequest};
                Self::TimedOut { sending: matches!(which, Connect | SendRequest | PerWrite) }
            }
            Error::Tls(text) => Self::Tls(text.into()),
            Error::Rustls(error) => Self::Tls(error.to_string()),
            Error::Io(error) => error.into(),
            other => Self::Nonsense(other.to_string()),
        }
    }
}

impl From<std::io::Error> for DavError {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        if error.get_ref().is_some_and(|inner| inner.is::<ureq::Error>()) {
            let inner = error.into_inner().and_then(|inner| inner.downcast::<ureq::Error>().ok());
            return inner.map_or(Self::Broken(String::new()), |inner| (*inner).into());
        }
        match error.kind() {
            ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::AddrNotAvailable => Self::NoConnection(error.to_string()),
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Self::TimedOut { sending: false },
            // rustls reports what the peer did wrong as invalid data.
            ErrorKind::InvalidData => Self::Tls(error.to_string()),
            _ => Self::Broken(error.to_string()),
        }
    }
}
