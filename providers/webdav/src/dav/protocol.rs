//! WebDAV as a protocol of the engine: connecting stage by stage, and looking around.

use mpr_core::WnError;
use mpr_engine::spool::{Settings, Spooled};
use mpr_engine::{Protocol, Target};
use mpr_mount::{Found, FoundKind, Obstacle, Stage};
use zeroize::Zeroizing;

use super::auth::Credentials;
use super::client::Client;
use super::error::DavError;
use super::multistatus::Entry;
use super::store::DavStore;
use super::tls::Pin;
use crate::remote::Remote;

/// The WebDAV protocol.
#[derive(Debug)]
pub struct Dav;

impl Protocol for Dav {
    type Share = Spooled<DavStore>;

    async fn connect(target: Target) -> Result<Self::Share, Obstacle> {
        let unsaved = target.unsaved.clone();
        let (remote, client) = open(target).await?;
        let store = DavStore::new(client, remote.wire_path());
        Ok(Spooled::new(store, Settings { unsaved, ..Settings::default() }))
    }

    async fn browse(target: Target) -> Result<Vec<Found>, Obstacle> {
        let (remote, client) = open(target).await?;
        let entries = client.list(&(remote.wire_path() + "/")).await;
        let entries = entries.map_err(|error| judge(&remote, &client, &error))?;
        let found = |mut entry: Entry| {
            let name = String::from_utf8(entry.path.pop()?).ok()?;
            let kind = if entry.collection { FoundKind::Directory } else { FoundKind::File };
            Some(Found { name, kind, comment: None })
        };
        Ok(entries.into_iter().filter_map(found).collect())
    }
}

/// Opens a collection: resolve, connect, secure, log in, open, each told apart.
async fn open(mut target: Target) -> Result<(Remote, Client), Obstacle> {
    let wrong = |code, text: &str| Obstacle::new(Stage::Resolve, code, text);
    let remote = Remote::parse_str(&target.source)
        .ok_or_else(|| wrong(WnError::BAD_NET_NAME, "this is no name of a WebDAV resource"))?;
    let pin = match target.text("pin") {
        None => None,
        Some(text) => Some(Pin::parse(text).ok_or_else(|| {
            let text = "the option `pin` is no SHA-256 of a certificate or key";
            Obstacle::new(Stage::Secure, WnError::INVALID_PARAMETER, text)
        })?),
    };
    if pin.is_some() && !remote.secure {
        let text = "a certificate is pinned, and the connection would not be encrypted";
        return Err(Obstacle::new(Stage::Secure, WnError::INVALID_PARAMETER, text));
    }
    let credentials = match (target.user.take(), target.password.take()) {
        (None, None) => None,
        (user, password) => Some(Credentials {
            user: user.unwrap_or_default(),
            password: password.unwrap_or_else(|| Zeroizing::new(String::new())),
        }),
    };
    let client = Client::new(&remote, credentials, pin)
        .map_err(|error| Obstacle::new(Stage::Secure, WnError::UNEXP_NET_ERR, error.to_string()))?;
    let opened = async {
        client.connect(&|stage| target.reach(stage)).await?;
        target.reach(Stage::LogIn);
        client.stat(&(remote.wire_path() + "/")).await
    };
    match opened.await {
        Ok(entry) if entry.collection => Ok((remote, client)),
        Ok(_) => {
            let text = format!("{} is not a collection", remote.url_name());
            Err(Obstacle::new(Stage::Open, WnError::NOT_CONTAINER, text))
        }
        Err(error) => Err(judge(&remote, &client, &error)),
    }
}

/// Tells which stage an answer, or none, belongs to.
fn judge(remote: &Remote, client: &Client, error: &DavError) -> Obstacle {
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
        DavError::TimedOut => {
            (Stage::Connect, WnError::TIMEOUT, format!("{server} does not answer"))
        }
        DavError::Tls(reason) => {
            let text = format!("no encrypted connection to {server}: {reason}");
            (Stage::Secure, WnError::UNEXP_NET_ERR, text)
        }
        DavError::Status(401) => match client.who() {
            Some((user, true)) => {
                let text = format!("{server} refuses the password of {user}");
                (Stage::LogIn, WnError::INVALID_PASSWORD, text)
            }
            Some((user, false)) => {
                let text = format!("{server} wants a password for {user}");
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
        DavError::Redirected(place) => {
            let text = format!("{server} sends us to {place:.200}; connect there");
            (Stage::Open, WnError::BAD_NET_RESP, text)
        }
        DavError::Status(status @ (200..=399 | 400 | 405 | 501)) => {
            let text = format!(
                "{name} is not served by WebDAV (status {status}); if it is a file, name its directory"
            );
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
    Obstacle::new(stage, code, text)
}
