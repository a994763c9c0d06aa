//! The look at a server before anything is mounted: which stage fails, and why.
//!
//! Resolve, connect, TLS, log in, open, each told apart and all within one bound (`linux.md` §3.3).

use std::fmt;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use mpr_core::WnError;

use crate::dav::{Client, Credentials, DavError, Op};
use crate::remote::Remote;

/// A step on the way to an open collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Find the host's address.
    Resolve,
    /// Reach it.
    Connect,
    /// Agree on encryption.
    Tls,
    /// Be let in.
    LogIn,
    /// Open the collection.
    Open,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Tls => "TLS",
            Self::LogIn => "log in",
            Self::Open => "open",
        })
    }
}

/// Why a collection cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The stage that failed.
    pub stage: Stage,
    /// The code for it.
    pub code: WnError,
    /// The text for people.
    pub text: String,
}

/// Opens a collection and closes it again, within the limit.
pub fn probe(
    remote: &Remote,
    credentials: Option<&Credentials>,
    client: &Client,
    limit: Duration,
) -> Result<(), Obstacle> {
    let deadline = Instant::now() + limit;
    let left = || deadline.saturating_duration_since(Instant::now());
    let addresses = resolve(remote, left())?;
    connect(remote, &addresses, deadline)?;
    let path = remote.wire_path() + "/";
    match client.stat(&Op::new(left()), &path) {
        Ok(entry) if entry.collection => Ok(()),
        Ok(_) => Err(Obstacle {
            stage: Stage::Open,
            code: WnError::NOT_CONTAINER,
            text: format!("{} is not a collection", remote.url_name()),
        }),
        Err(error) => Err(judge(remote, credentials, &error)),
    }
}

fn resolve(remote: &Remote, limit: Duration) -> Result<Vec<SocketAddr>, Obstacle> {
    let fail = |code, text| Obstacle { stage: Stage::Resolve, code, text };
    let (sender, receiver) = mpsc::channel();
    let (host, port) = (remote.host.clone(), remote.port);
    // The system's resolver knows no bound; its thread is left to itself if it takes too long.
    let ask = move || {
        let found = (host.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
        let _ = sender.send(found);
    };
    let started = std::thread::Builder::new().name("resolve".into()).spawn(ask);
    started.map_err(|error| fail(WnError::NOT_ENOUGH_MEMORY, error.to_string()))?;
    match receiver.recv_timeout(limit) {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(_) => Err(fail(WnError::BAD_NET_PATH, format!("no host {} is known", remote.host))),
        Err(_) => {
            let text = format!("no answer in time about the address of {}", remote.host);
            Err(fail(WnError::TIMEOUT, text))
        }
    }
}

fn connect(remote: &Remote, addresses: &[SocketAddr], deadline: Instant) -> Result<(), Obstacle> {
    let fail = |code, text| Err(Obstacle { stage: Stage::Connect, code, text });
    let mut last = None;
    for address in addresses {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(address, left) {
            Ok(_) => return Ok(()),
            Err(error) => last = Some(error),
        }
    }
    let server = remote.origin();
    match last {
        Some(error) if error.kind() != std::io::ErrorKind::TimedOut => {
            fail(WnError::REM_NOT_LIST, format!("{server} cannot be reached: {}", plain(&error)))
        }
        _ => fail(WnError::TIMEOUT, format!("{server} does not answer")),
    }
}

/// An error's text without the number that std adds.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string().to_lowercase();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Tells which stage an answer, or none, belongs to.
pub(crate) fn judge(
    remote: &Remote,
    credentials: Option<&Credentials>,
    error: &DavError,
) -> Obstacle {
    let (server, name) = (remote.origin(), remote.url_name());
    let (stage, code, text) = match error {
        DavError::NoHost => {
            let text = format!("no host {} is known", remote.host);
            (Stage::Resolve, WnError::BAD_NET_PATH, text)
        }
        DavError::NoConnection(reason) => {
            let text = format!("{server} cannot be reached: {reason}");
            (Stage::Connect, WnError::REM_NOT_LIST, text)
        }
        DavError::Tls(reason) => {
            let text = format!("no encrypted connection to {server}: {reason}");
            (Stage::Tls, WnError::UNEXP_NET_ERR, text)
        }
        DavError::TimedOut { sending: true } if remote.secure => {
            let text = format!("{server} does not agree on encryption in time");
            (Stage::Tls, WnError::TIMEOUT, text)
        }
        DavError::TimedOut { .. } | DavError::Down => {
            let text = format!("{server} accepts a connection but does not answer");
            (Stage::LogIn, WnError::TIMEOUT, text)
        }
        DavError::Status(401) => match credentials {
            Some(given) if !given.password.is_empty() => {
                let text = format!("{server} refuses the password of {}", given.user);
                (Stage::LogIn, WnError::INVALID_PASSWORD, text)
            }
            Some(given) => {
                let text = format!("{server} wants a password for {}", given.user);
                (Stage::LogIn, WnError::LOGON_FAILURE, text)
            }
            None => {
                let text = format!("{server} wants a user name and a password");
                (Stage::LogIn, WnError::ACCESS_DENIED, text)
            }
        },
        DavError::Status(403) => {
            (Stage::Open, WnError::ACCESS_DENIED, format!("{name} may not be opened"))
        }
        DavError::Status(404 | 410) => {
            (Stage::Open, WnError::BAD_NET_NAME, format!("{name} does not exist"))
        }
        DavError::Status(status @ (200..=399 | 400 | 405 | 501)) => {
            let text = format!("{name} is not served by WebDAV (status {status})");
            (Stage::Open, WnError::BAD_NET_RESP, text)
        }
        DavError::Status(status) => {
            (Stage::Open, WnError::UNEXP_NET_ERR, format!("{server} answers with status {status}"))
        }
        DavError::Nonsense(reason) => {
            let text = format!("{server} gives a wrong answer: {reason}");
            (Stage::Open, WnError::BAD_NET_RESP, text)
        }
        DavError::Broken(_) | DavError::Local(_) => {
            (Stage::Open, WnError::UNEXP_NET_ERR, format!("{server}: {error}"))
        }
    };
    Obstacle { stage, code, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn look(name: &str, user: Option<(&str, &str)>, limit: Duration) -> Result<(), Obstacle> {
        let remote = Remote::parse_str(name).unwrap();
        let credentials = user.map(|(user, password)| Credentials {
            user: user.into(),
            password: zeroize::Zeroizing::new(password.into()),
        });
        let client = Client::new(&remote, credentials.as_ref());
        probe(&remote, credentials.as_ref(), &client, limit)
    }

    const LONG: Duration = Duration::from_secs(60);

    fn stage_and_code(name: &str, user: Option<(&str, &str)>, limit: Duration) -> (Stage, u32) {
        let obstacle = look(name, user, limit).unwrap_err();
        (obstacle.stage, obstacle.code.code())
    }

    #[test]
    fn each_failure_has_its_stage_and_code() {
        use mpr_testkit::{Options, WebDavServer};
        let login = Some(("alice".to_owned(), "secret".to_owned()));
        let locked = WebDavServer::start(Options { login, ..Options::default() }).unwrap();
        let url = locked.url();
        let alice = Some(("alice", "secret"));
        assert_eq!(look(&url, alice, LONG), Ok(()));
        assert_eq!(stage_and_code(&url, None, LONG), (Stage::LogIn, 5));
        assert_eq!(stage_and_code(&url, Some(("alice", "x")), LONG), (Stage::LogIn, 86));
        assert_eq!(stage_and_code(&url, Some(("alice", "")), LONG), (Stage::LogIn, 1326));
        let missing = format!("{url}missing");
        assert_eq!(stage_and_code(&missing, alice, LONG), (Stage::Open, 67));
        let secure = url.replace("http:", "https:");
        assert_eq!(stage_and_code(&secure, alice, LONG), (Stage::Tls, 59));
        drop(locked);
        assert_eq!(stage_and_code(&url, alice, LONG), (Stage::Connect, 51));
        let nowhere = "http://no-such-host.invalid/";
        assert_eq!(stage_and_code(nowhere, None, LONG), (Stage::Resolve, 53));
    }

    #[test]
    fn silence_is_bounded() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("://{}/", listener.local_addr().unwrap());
        let short = Duration::from_secs(1);
        assert_eq!(stage_and_code(&format!("http{url}"), None, short), (Stage::LogIn, 1460));
        assert_eq!(stage_and_code(&format!("https{url}"), None, short), (Stage::Tls, 1460));
    }
}
