//! Connecting, stage by stage: resolve, reach, agree on protection, log in, open the share.

use std::net::SocketAddr;
use std::time::Duration;

use mpr_core::WnError;
use mpr_engine::Reached;
use mpr_mount::{Obstacle, Stage};
use smb2::client::connection::Connection;
use smb2::types::SessionId;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::anonymous;
use crate::login::{Demands, Login};
use crate::name::SmbName;
use crate::opening::Opening;
use crate::session::{self, Account, Keys, Protection};
use crate::status::login_code;
use crate::transport::connection;

/// How long one address may be silent before the next is tried beside it (RFC 8305).
const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// How long a connection may be silent until it is given up, with the files open on it. Whoever
/// waits has a bound of their own, and does not wait for this.
const SILENCE: Duration = Duration::from_secs(120);

/// What is needed to connect, and to connect again.
pub(crate) struct Recipe {
    pub(crate) name: SmbName,
    pub(crate) login: Login,
    pub(crate) demands: Demands,
}

/// A connection that the server has let in.
pub(crate) struct LoggedIn {
    pub(crate) connection: Connection,
    /// What encrypts it, where it does not encrypt yet.
    keys: Option<Keys>,
}

/// Reaches the server and logs in. `previous` is the session that this one takes the place of: the
/// server closes its files.
pub(crate) async fn log_in(
    recipe: &Recipe,
    reached: &Reached,
    previous: Option<SessionId>,
) -> Result<LoggedIn, Obstacle> {
    match attempt(recipe, reached, previous, Guise::Own).await {
        // A server that lets nobody in without a name may still know a guest.
        Err(obstacle) if recipe.login.is_anonymous() && obstacle.stage == Stage::LogIn => {
            let guest = attempt(recipe, reached, previous, Guise::Guest).await;
            guest.map_err(|_| needs_user(&recipe.name))
        }
        other => other,
    }
}

/// As whom a login is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guise {
    /// As whoever was given, or as nobody.
    Own,
    /// As the guest that some servers know.
    Guest,
}

/// Says that the server wants to know who it is.
pub(crate) fn needs_user(name: &SmbName) -> Obstacle {
    let text = format!("{} wants a user name and a password", name.server_text());
    Obstacle::new(Stage::LogIn, WnError::ACCESS_DENIED, text)
}

/// Says that a password is missing. None is tried in its place: servers count wrong ones, and shut
/// out whoever has too many.
fn needs_password(recipe: &Recipe) -> Obstacle {
    let (server, who) = (recipe.name.server_text(), recipe.login.who());
    let text = format!("{server} wants a password for {who}");
    Obstacle::new(Stage::LogIn, WnError::LOGON_FAILURE, text)
}

async fn attempt(
    recipe: &Recipe,
    reached: &Reached,
    previous: Option<SessionId>,
    guise: Guise,
) -> Result<LoggedIn, Obstacle> {
    let name = &recipe.name;
    reached.set(Stage::Resolve);
    let addresses = resolve(name).await?;
    reached.set(Stage::Connect);
    let stream = reach(name, addresses).await?;
    // Requests are small and waited for: none may lie in wait for another (Nagle).
    stream.set_nodelay(true).map_err(|error| unreachable(name, &error))?;
    reached.set(Stage::Secure);
    let opening = Opening::default();
    let mut connection = connection(stream, name.host(), &opening);
    connection.set_stale_request_warning(None);
    connection.set_response_timeout(Some(SILENCE));
    connection.set_send_timeout(Some(SILENCE));
    connection.set_credit_wait_timeout(SILENCE);
    connection.negotiate().await.map_err(|error| disagreed(name, &error))?;
    opening.hash(&connection);
    reached.set(Stage::LogIn);
    if guise == Guise::Own && recipe.login.lacks_password() {
        return Err(needs_password(recipe));
    }
    if let Some(session) = previous {
        connection.set_previous_session_id(session);
    }
    let protection = prove(&mut connection, &opening, recipe, guise).await;
    let Protection { signs, keys } = protection.map_err(|error| refused(recipe, &error))?;
    let mut logged_in = LoggedIn { keys, connection };
    if recipe.demands.privacy && !logged_in.encrypt() {
        let text = format!("{} cannot encrypt, and privacy was asked for", name.server_text());
        return Err(Obstacle::new(Stage::Secure, WnError::UNEXP_NET_ERR, text));
    }
    let protected = signs || logged_in.connection.should_encrypt();
    if recipe.demands.integrity && !protected {
        let text = format!(
            "{} does not protect what {} sends, and integrity was asked for",
            name.server_text(),
            recipe.login.who()
        );
        return Err(Obstacle::new(Stage::Secure, WnError::UNEXP_NET_ERR, text));
    }
    Ok(logged_in)
}

impl LoggedIn {
    /// Encrypts from now on; tells whether that is possible.
    pub(crate) fn encrypt(&mut self) -> bool {
        if let Some((mine, theirs, cipher)) = self.keys.take() {
            self.connection.activate_encryption(mine, theirs, cipher);
        }
        self.connection.should_encrypt()
    }
}

/// Proves to the server who we are.
async fn prove(
    connection: &mut Connection,
    opening: &Opening,
    recipe: &Recipe,
    guise: Guise,
) -> smb2::Result<Protection> {
    let (domain, user, password) = recipe.login.parts();
    let account = match guise {
        Guise::Own if recipe.login.is_anonymous() => {
            anonymous::log_in(connection).await?;
            return Ok(Protection { signs: false, keys: None });
        }
        Guise::Guest => Account { domain: "", user: "Guest", password: "", guest: true },
        Guise::Own => Account { domain, user, password, guest: recipe.login.is_guest() },
    };
    session::log_in(connection, opening, &account, recipe.demands.integrity).await
}

async fn resolve(name: &SmbName) -> Result<Vec<SocketAddr>, Obstacle> {
    let found = tokio::net::lookup_host((name.host(), name.port())).await;
    let found: Vec<SocketAddr> = found.map(Iterator::collect).unwrap_or_default();
    match found.is_empty() {
        false => Ok(found),
        true => {
            let text = format!("no host {} is known", name.host());
            Err(Obstacle::new(Stage::Resolve, WnError::BAD_NET_PATH, text))
        }
    }
}

/// Tries the addresses one beside the other, each a moment after the one before it.
async fn reach(name: &SmbName, addresses: Vec<SocketAddr>) -> Result<TcpStream, Obstacle> {
    let mut attempts = JoinSet::new();
    for (address, index) in addresses.into_iter().zip(0..) {
        attempts.spawn(async move {
            tokio::time::sleep(NEXT_ADDRESS * index).await;
            TcpStream::connect(address).await
        });
    }
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
    while let Some(attempt) = attempts.join_next().await {
        match attempt.map_err(std::io::Error::other).flatten() {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(unreachable(name, &last))
}

fn unreachable(name: &SmbName, error: &std::io::Error) -> Obstacle {
    let (server, text) = (name.server_text(), error.to_string().to_lowercase());
    let reason = text.split(" (os error").next().unwrap_or_default();
    if error.kind() == std::io::ErrorKind::TimedOut {
        let text = format!("{server} does not answer");
        return Obstacle::new(Stage::Connect, WnError::TIMEOUT, text);
    }
    let text = format!("{server} cannot be reached: {reason}");
    Obstacle::new(Stage::Connect, WnError::REM_NOT_LIST, text)
}

fn disagreed(name: &SmbName, error: &smb2::Error) -> Obstacle {
    let server = name.server_text();
    match error {
        smb2::Error::Timeout | smb2::Error::ServerUnresponsive { .. } => {
            let text = format!("{server} accepts a connection but does not answer");
            Obstacle::new(Stage::Secure, WnError::TIMEOUT, text)
        }
        error => {
            let text = format!("{server} and we have no version of SMB in common: {error}");
            Obstacle::new(Stage::Secure, WnError::BAD_NET_RESP, text)
        }
    }
}

fn refused(recipe: &Recipe, error: &smb2::Error) -> Obstacle {
    let (server, who) = (recipe.name.server_text(), recipe.login.who());
    let (code, text) = match error {
        smb2::Error::Protocol { status, .. } => (
            login_code(*status, recipe.login.has_password()),
            format!("{server} does not let {who} in: {status}"),
        ),
        smb2::Error::GuestSessionRefused { .. } => {
            (WnError::LOGON_FAILURE, format!("{server} knows no {who}, and takes them for a guest"))
        }
        smb2::Error::SignatureInvalid { .. } => {
            (WnError::UNEXP_NET_ERR, format!("{server} cannot prove who it is: {error}"))
        }
        smb2::Error::Timeout | smb2::Error::ServerUnresponsive { .. } => {
            (WnError::TIMEOUT, format!("{server} does not answer to the login"))
        }
        error => (WnError::UNEXP_NET_ERR, format!("{server} breaks off the login: {error}")),
    };
    Obstacle::new(Stage::LogIn, code, text)
}
