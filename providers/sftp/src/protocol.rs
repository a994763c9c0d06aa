//! Connecting and looking around, from a remote name.

use mpr_core::WnError;
use mpr_engine::{Fault, FaultKind, Found, FoundKind, Kind, Protocol, Target};
use mpr_mount::{Obstacle, Resource as _, Stage};

use crate::link::Link;
use crate::remote::{HOME, Remote, fits_user};
use crate::sftp::{Pending, Reply, kind};
use crate::share::{SftpShare, directory};
use crate::ssh::{Way, command};

/// The SFTP protocol, over the user's ssh.
#[derive(Debug)]
pub enum Sftp {}

impl Protocol for Sftp {
    type Share = SftpShare;

    async fn connect(target: Target) -> Result<SftpShare, Obstacle> {
        let remote = parse(&target)?;
        let way = way(&target, &remote)?;
        let link = Link::open(&way, target.reached.clone()).await?;
        target.reach(Stage::Open);
        let base = find_base(&link, &remote).await?;
        Ok(SftpShare::new(way, link, base))
    }

    async fn browse(target: Target) -> Result<Vec<Found>, Obstacle> {
        let remote = parse(&target)?;
        let way = way(&target, &remote)?;
        let link = Link::open(&way, target.reached.clone()).await?;
        target.reach(Stage::Open);
        let base = find_base(&link, &remote).await?;
        let mut found = members(&link, &base).await.map_err(|fault| obstacle(&remote, &fault))?;
        if remote.is_server() {
            let comment = Some("login directory".to_owned());
            found.push(Found { name: HOME.into(), kind: FoundKind::Share, comment });
        }
        link.leave().await;
        Ok(found)
    }
}

fn parse(target: &Target) -> Result<Remote, Obstacle> {
    Remote::parse(&target.source).ok_or_else(|| {
        let text = format!("{} is no name of a directory behind SSH", target.source);
        Obstacle::new(Stage::Resolve, WnError::BAD_NET_NAME, text)
    })
}

fn way(target: &Target, remote: &Remote) -> Result<Way, Obstacle> {
    let given = target.user.clone().filter(|user| !user.is_empty());
    let user = given.or_else(|| remote.user().map(str::to_owned));
    if user.as_ref().is_some_and(|user| !fits_user(user)) {
        let text = "ssh takes no such user name";
        return Err(Obstacle::new(Stage::LogIn, WnError::BAD_USERNAME, text));
    }
    let askpass = std::env::current_exe().map_err(|error| {
        Obstacle::new(Stage::LogIn, WnError::GEN_FAILURE, format!("no own program: {error}"))
    })?;
    Ok(Way {
        host: remote.host().into(),
        port: remote.port(),
        user,
        password: target.password.clone().filter(|password| !password.is_empty()),
        program: target.text("ssh").unwrap_or("ssh").into(),
        options: target.text("ssh-options").map(command::options).unwrap_or_default(),
        askpass: target.text("askpass").map_or(askpass, Into::into),
        limit: target.limit,
    })
}

/// Finds the directory of a name: absolute, and one that can be entered.
async fn find_base(link: &Link, remote: &Remote) -> Result<Vec<u8>, Obstacle> {
    let wanted = remote.path();
    let base = match wanted.starts_with('/') {
        true => wanted.into_bytes(),
        false => {
            let home = link.real_path(b".").await.map_err(|fault| obstacle(remote, &fault))?;
            match wanted.as_str() {
                "." => home,
                below => [home.trim_ascii_end(), below.as_bytes()].join(&b'/'),
            }
        }
    };
    // The dot needs a directory that may be entered.
    let entered = link.stat(kind::STAT, &[&base[..], b"/."].concat()).await;
    let Err(fault) = entered else { return Ok(base) };
    match link.stat(kind::STAT, &base).await {
        Ok(raw) if raw.kind(b"") != Kind::Directory => {
            let text = format!("{} is not a directory", remote.name());
            Err(Obstacle::new(Stage::Open, WnError::BAD_NET_NAME, text))
        }
        Ok(_) => Err(obstacle(remote, &fault)),
        Err(fault) => Err(obstacle(remote, &fault)),
    }
}

/// Lists what can be entered or read in a directory; a link is what it leads to.
async fn members(link: &Link, base: &[u8]) -> Result<Vec<Found>, Fault> {
    let entries = directory::list(link.session(), base).await?;
    let mut asked: Vec<(String, Kind, Option<Pending>)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let Ok(name) = String::from_utf8(entry.name) else { continue };
        let pending = match entry.attributes.kind {
            Kind::Link => {
                let path = [base, b"/", name.as_bytes()].concat();
                let fill = |packet: &mut crate::sftp::Packet| {
                    packet.text(&path);
                };
                Some(link.session().send(kind::STAT, fill).await?)
            }
            _ => None,
        };
        asked.push((name, entry.attributes.kind, pending));
    }
    let mut found = Vec::with_capacity(asked.len());
    for (name, mut its, pending) in asked {
        if let Some(pending) = pending
            && let Reply::Attributes(raw) = pending.await?
        {
            its = raw.kind(b"");
        }
        let kind = match its {
            Kind::Directory => FoundKind::Directory,
            _ => FoundKind::File,
        };
        found.push(Found { name, kind, comment: None });
    }
    Ok(found)
}

fn obstacle(remote: &Remote, fault: &Fault) -> Obstacle {
    let name = remote.name();
    let (code, text) = match fault.kind {
        FaultKind::NotFound => (WnError::BAD_NET_NAME, format!("{name} does not exist")),
        FaultKind::Denied => (WnError::ACCESS_DENIED, format!("{name} may not be opened")),
        FaultKind::Nonsense => (WnError::BAD_NET_RESP, format!("{name}: {}", fault.text)),
        _ => (WnError::UNEXP_NET_ERR, format!("{name}: {fault}")),
    };
    Obstacle::new(Stage::Open, code, text)
}
