//! Opening a share once the server has let us in.

use std::sync::Arc;

use mpr_core::WnError;
use mpr_engine::{Fault, FaultKind, Reached};
use mpr_mount::{Obstacle, Stage};
use smb2::msg::tree_connect::{
    ShareType, TreeConnectRequest, TreeConnectRequestFlags, TreeConnectResponse,
};
use smb2::pack::{ReadCursor, Unpack as _};
use smb2::types::flags::{Capabilities, ShareFlags};
use smb2::types::status::NtStatus;
use smb2::types::{Command, SessionId, TreeId};

use crate::connect::{LoggedIn, Recipe, log_in, needs_user};
use crate::link::{CREDIT, Limits, Link};
use crate::requests;
use crate::status::fault_of;

/// Most bytes of one READ or WRITE: with more the memory grows, not the throughput.
const MOST: usize = 512 * 1024;

/// Most bytes of one QUERY_DIRECTORY.
const MOST_NAMES: usize = 1024 * 1024;

/// Connects to a share, and makes sure that its directory can be opened.
pub(crate) async fn establish(
    recipe: &Recipe,
    reached: &Reached,
    previous: Option<SessionId>,
) -> Result<Arc<Link>, Obstacle> {
    let logged_in = log_in(recipe, reached, previous).await?;
    reached.set(Stage::Open);
    let share = recipe.name.share().ok_or_else(|| {
        let text = format!("{} is a server, not a share", recipe.name.server_text());
        Obstacle::new(Stage::Open, WnError::BAD_NET_NAME, text)
    })?;
    let link = Arc::new(open_tree(recipe, logged_in, share).await?);
    let base = crate::path::base_path(recipe.name.path());
    let opened = link.once(requests::open_directory(base), Vec::new()).await;
    opened.map_err(|fault| no_directory(recipe, &fault))?;
    Ok(link)
}

/// Connects to a share of a server.
pub(crate) async fn open_tree(
    recipe: &Recipe,
    mut logged_in: LoggedIn,
    share: &str,
) -> Result<Link, Obstacle> {
    let name = &recipe.name;
    let fail = |code, text| Obstacle::new(Stage::Open, code, text);
    let path = format!(r"\\{}\{share}", name.host());
    let request = TreeConnectRequest { flags: TreeConnectRequestFlags::default(), path };
    let frame = logged_in.connection.execute(Command::TreeConnect, &request, None).await;
    let frame = frame.map_err(|error| broken(recipe, &fault_of(&error)))?;
    match frame.header.status {
        NtStatus::SUCCESS => {}
        NtStatus::BAD_NETWORK_NAME => {
            let text = format!("{} has no share {share}", name.server_text());
            return Err(fail(WnError::BAD_NET_NAME, text));
        }
        NtStatus::ACCESS_DENIED if recipe.login.is_anonymous() => return Err(needs_user(name)),
        NtStatus::ACCESS_DENIED => {
            let text = format!("{} may not use the share {share}", recipe.login.who());
            return Err(fail(WnError::ACCESS_DENIED, text));
        }
        status => return Err(broken(recipe, &crate::status::fault(status))),
    }
    let answer = TreeConnectResponse::unpack(&mut ReadCursor::new(&frame.body));
    let answer = answer.map_err(|error| broken(recipe, &fault_of(&error)))?;
    if answer.share_type == ShareType::Print {
        return Err(fail(WnError::BAD_DEV_TYPE, format!("{share} is a printer")));
    }
    if answer.share_flags.contains(ShareFlags::ENCRYPT_DATA) && !logged_in.encrypt() {
        let text = format!("{share} wants encryption, which cannot be agreed on");
        return Err(Obstacle::new(Stage::Secure, WnError::UNEXP_NET_ERR, text));
    }
    let tree = frame.header.tree_id.unwrap_or(TreeId(0));
    Ok(Link { limits: limits(&logged_in), connection: logged_in.connection, tree })
}

fn limits(logged_in: &LoggedIn) -> Limits {
    let Some(params) = logged_in.connection.params() else {
        return Limits { read: CREDIT, write: CREDIT, query: CREDIT };
    };
    // Without large messages a credit pays for one message, of one size (SMB 2.0.2).
    let large = params.capabilities.contains(Capabilities::LARGE_MTU);
    let most = if large { MOST } else { CREDIT };
    let cap = |most: usize, size: u32| most.min(usize::try_from(size).unwrap_or(most));
    Limits {
        read: cap(most, params.max_read_size),
        write: cap(most, params.max_write_size),
        query: cap(if large { MOST_NAMES } else { CREDIT }, params.max_transact_size),
    }
}

/// Tells why the directory cannot be opened.
fn no_directory(recipe: &Recipe, fault: &Fault) -> Obstacle {
    let name = mpr_mount::Resource::name(&recipe.name);
    let fail = |code, text| Obstacle::new(Stage::Open, code, text);
    match fault.kind {
        FaultKind::NotFound | FaultKind::BadName => {
            fail(WnError::BAD_NET_NAME, format!("{name} does not exist"))
        }
        FaultKind::NotADirectory => {
            fail(WnError::NOT_CONTAINER, format!("{name} is not a directory"))
        }
        FaultKind::Denied if recipe.login.is_anonymous() => needs_user(&recipe.name),
        FaultKind::Denied => {
            fail(WnError::ACCESS_DENIED, format!("{} may not open {name}", recipe.login.who()))
        }
        _ => broken(recipe, fault),
    }
}

fn broken(recipe: &Recipe, fault: &Fault) -> Obstacle {
    let server = recipe.name.server_text();
    let (code, text) = match fault.kind {
        FaultKind::TimedOut => (WnError::TIMEOUT, format!("{server} does not answer")),
        FaultKind::Nonsense => {
            (WnError::BAD_NET_RESP, format!("{server} gives a wrong answer: {}", fault.text))
        }
        _ => (WnError::UNEXP_NET_ERR, format!("{server}: {}", fault.text)),
    };
    Obstacle::new(Stage::Open, code, text)
}
