//! One request, done and answered.

use std::io;
use std::path::{Path, PathBuf};

use mpr_core::{NetResource, ResourceUsage, Router, Scope, WideString, WnError};
use mpr_host::Host;
use mpr_platform::Paths;
use mpr_wine::{Answer, FRAME_LIMIT, PrefixId, Refusal, Request, Spot, Verb, Verdict};

use crate::channel::Channel;
use crate::connection::{Connection, refusal, refuse};
use crate::links::Links;
use crate::places::Places;

/// Does what was asked.
pub(crate) fn serve(host: &Host, channel: &Channel, request: Request) -> io::Result<()> {
    let alive = channel.keep_alive();
    let Some((prefix, places)) = whose(host.paths(), &request) else {
        drop(alive);
        return channel.say(&Answer::Refused(refuse(WnError::INVALID_PARAMETER)));
    };
    let router = host.router();
    if request.verb == Verb::Browse {
        let answer = browse(router, &request).unwrap_or_else(Answer::Refused);
        drop(alive);
        return channel.say(&answer);
    }
    let links = Links::of(&prefix, places.directory());
    let connection =
        Connection { router, places: &places, links, prefix: &prefix, request: &request };
    if request.verb == Verb::Disconnect {
        let ended = connection.disconnect();
        drop(alive);
        return channel.say(&ended.map_or_else(Answer::Refused, |()| Answer::done()));
    }
    let Some(spot) = request.spot() else {
        return channel.say(&Answer::Refused(refuse(WnError::BAD_NET_NAME)));
    };
    let before = places.mounted(&spot)?;
    let connected = connection.connect(&spot);
    drop(alive);
    let directory = match connected {
        Err(why) => return channel.say(&Answer::Refused(why)),
        Ok(directory) => directory,
    };
    let directory = Some(directory.to_string_lossy().as_ref().into());
    let told = channel.say(&Answer::Done { directory, found: Vec::new() });
    if told.is_ok() && channel.verdict() == Verdict::Keep {
        return Ok(());
    }
    undo(&connection, &spot, before.is_some())?;
    channel.say(&Answer::done())
}

/// Takes a connection back that nobody will know of; one without letter that was there before
/// belongs to somebody else.
fn undo(connection: &Connection<'_>, spot: &Spot, was_there: bool) -> io::Result<()> {
    if was_there && spot.letter().is_none() {
        return Ok(());
    }
    if connection.places.mounted(spot)?.is_some() {
        let _ = connection.disconnect_one(spot, true);
    }
    Ok(())
}

/// Returns the prefix that a request comes from; `None` if there is no such.
fn whose(paths: &Paths, request: &Request) -> Option<(PathBuf, Places)> {
    let prefix = PathBuf::from(String::from_utf16(request.prefix.units()).ok()?);
    let id = PrefixId::parse(&String::from_utf16(request.id.units()).ok()?)?;
    let known = prefix.is_absolute() && Path::new(&prefix).join("dosdevices").is_dir();
    known.then(|| (prefix, Places::of(paths, id)))
}

/// Lists what is in a resource, or which networks there are.
fn browse(router: &Router, request: &Request) -> Result<Answer, Refusal> {
    let remote = request.remote.as_ref().map(WideString::as_wide);
    let container = remote.map(|remote| NetResource {
        scope: Scope::GLOBALNET,
        usage: ResourceUsage::CONTAINER,
        remote: Some(remote),
        ..NetResource::default()
    });
    let kind = request.resource_type;
    let usage = ResourceUsage(request.flags);
    let open = router.open_enum(Scope::GLOBALNET, kind, usage, container.as_ref(), &mut ());
    let mut entries = open.map_err(|error| refusal(&error))?;
    let mut found = Vec::new();
    let mut room = FRAME_LIMIT;
    while let Some((entry, _)) = entries.peek().map_err(|error| refusal(&error))? {
        let texts = [entry.remote, entry.comment, entry.provider].into_iter().flatten();
        let size = 32 + texts.map(|text| 2 * text.len()).sum::<usize>();
        let Some(left) = room.checked_sub(size) else { break };
        room = left;
        found.push(entry.to_owned());
        entries.advance();
    }
    let _ = entries.close();
    Ok(Answer::Done { directory: None, found })
}
