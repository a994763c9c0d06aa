//! What can go wrong between us and a WebDAV server.

use std::fmt;

use mpr_engine::{Fault, FaultKind};

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DavError {
    /// The server answered with this status.
    Status(u16),
    /// The server sends us elsewhere, where no password of ours is to go.
    Redirected(String),
    /// There is no such host.
    NoHost,
    /// Nobody listens there, or the way there is closed.
    NoConnection(String),
    /// TLS could not be agreed on.
    Tls(String),
    /// Nobody answered in time.
    TimedOut,
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
            Self::Redirected(place) => write!(f, "the server sends us to {place:.200}"),
            Self::NoHost => f.write_str("no such host"),
            Self::NoConnection(text) => write!(f, "no connection: {text}"),
            Self::Tls(text) => write!(f, "TLS: {text}"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Broken(text) => write!(f, "the connection broke: {text}"),
            Self::Nonsense(text) => write!(f, "a wrong answer: {text}"),
            Self::Local(code) => write!(f, "{}", std::io::Error::from_raw_os_error(*code)),
        }
    }
}

impl std::error::Error for DavError {}

impl From<DavError> for Fault {
    fn from(error: DavError) -> Self {
        let kind = match &error {
            DavError::Status(status) => kind_of(*status),
            DavError::Redirected(_) | DavError::Nonsense(_) => FaultKind::Nonsense,
            DavError::NoHost | DavError::NoConnection(_) | DavError::Tls(_) => {
                FaultKind::Unreachable
            }
            DavError::TimedOut => FaultKind::TimedOut,
            DavError::Broken(_) => FaultKind::Lost,
            DavError::Local(code) => FaultKind::Local(*code),
        };
        Fault::new(kind, error.to_string())
    }
}

fn kind_of(status: u16) -> FaultKind {
    match status {
        401 => FaultKind::LoggedOut,
        403 | 405 => FaultKind::Denied,
        // 409: the collection it should be in does not exist.
        404 | 409 | 410 => FaultKind::NotFound,
        408 | 504 => FaultKind::TimedOut,
        412 => FaultKind::AlreadyExists,
        413 => FaultKind::TooLarge,
        414 => FaultKind::NameTooLong,
        423 => FaultKind::InUse,
        501 => FaultKind::Unsupported,
        507 => FaultKind::NoSpace,
        _ => FaultKind::Nonsense,
    }
}

impl From<hyper::Error> for DavError {
    fn from(error: hyper::Error) -> Self {
        if error.is_parse() {
            return Self::Nonsense(error.to_string());
        }
        let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(inner) = source {
            if let Some(own) = inner.downcast_ref::<LocalFailure>() {
                return Self::Local(own.0);
            }
            source = inner.source();
        }
        Self::Broken(error.to_string())
    }
}

/// What a request's body says where the local side fails.
#[derive(Debug)]
pub(super) struct LocalFailure(pub(super) i32);

impl fmt::Display for LocalFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", std::io::Error::from_raw_os_error(self.0))
    }
}

impl std::error::Error for LocalFailure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_protocol_cannot_do_has_its_kind() {
        for (error, expected) in [
            (DavError::Status(507), FaultKind::NoSpace),
            (DavError::Status(403), FaultKind::Denied),
            (DavError::Status(404), FaultKind::NotFound),
            (DavError::Status(423), FaultKind::InUse),
            (DavError::Status(500), FaultKind::Nonsense),
            (DavError::Status(401), FaultKind::LoggedOut),
            (DavError::TimedOut, FaultKind::TimedOut),
            (DavError::Broken(String::new()), FaultKind::Lost),
            (DavError::NoHost, FaultKind::Unreachable),
            (DavError::Local(28), FaultKind::Local(28)),
        ] {
            assert_eq!(Fault::from(error.clone()).kind, expected, "{error:?}");
        }
    }
}
