//! Reading a name in either spelling.

use mpr_mount::spelling;

use super::{PORT, SmbName, Spelling};

/// Longest name of a share that servers take.
const LONGEST_SHARE: usize = 80;

/// Parses a name; `None` if it belongs to another provider or makes no sense.
pub(super) fn parse(text: &str) -> Option<SmbName> {
    match text.strip_prefix(r"\\") {
        Some(rest) => parse_unc(rest),
        None => parse_url(text),
    }
}

fn parse_unc(rest: &str) -> Option<SmbName> {
    let mut fields = rest.strip_suffix('\\').unwrap_or(rest).split('\\');
    let server = fields.next()?;
    let parts: Vec<String> = fields.map(str::to_owned).collect();
    let (host, port) = match server.split_once('@') {
        Some((host, port)) => (host, spelling::port(port)?),
        None => (server, PORT),
    };
    let host = spelling::unc_host(host, spelling::is_plain_host)?;
    let host = spelling::canonical_host(&host);
    // WebDAV's, without its `@SSL`.
    if parts.first().is_some_and(|share| share.eq_ignore_ascii_case("DavWWWRoot")) {
        return None;
    }
    check(SmbName { host, port, user: None, parts, spelling: Spelling::Unc })
}

fn parse_url(text: &str) -> Option<SmbName> {
    let (scheme, rest) = text.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("smb") || rest.contains(['?', '#', '\\']) {
        return None;
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (user, address) = match authority.rsplit_once('@') {
        // A password has no place in a name that is shown and remembered.
        Some((user, _)) if user.is_empty() || user.contains(':') => return None,
        Some((user, address)) => (Some(parse_user(user)?), address),
        None => (None, authority),
    };
    let (host, port) = spelling::url_server(address, spelling::is_plain_host)?;
    let (host, port) = (spelling::canonical_host(host), port.unwrap_or(PORT));
    let parts = path.split('/').filter(|part| !part.is_empty()).map(spelling::decode_text);
    let parts = parts.collect::<Option<Vec<String>>>()?;
    check(SmbName { host, port, user, parts, spelling: Spelling::Url })
}

/// `DOMAIN;user` is how URLs spell `DOMAIN\user`.
fn parse_user(text: &str) -> Option<String> {
    let text = spelling::decode_text(text)?;
    let user = match text.split_once(';') {
        Some((domain, user)) => format!(r"{domain}\{user}"),
        None => text,
    };
    (!user.chars().any(char::is_control)).then_some(user)
}

fn check(name: SmbName) -> Option<SmbName> {
    let share = name.parts.first();
    let sound = share.is_none_or(|share| {
        share.chars().count() <= LONGEST_SHARE
            && !share.contains(['"', '*', ':', '<', '>', '?', '|'])
    });
    (sound && name.parts.iter().all(|part| spelling::is_plain_part(part))).then_some(name)
}
