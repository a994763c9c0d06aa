//! Reading a name in either spelling.

use std::net::Ipv6Addr;

use super::{IPV6_SUFFIX, PORT, SmbName, Spelling};

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
        Some((host, port)) => (host, parse_port(port)?),
        None => (server, PORT),
    };
    let lower = host.to_ascii_lowercase();
    let host = match lower.strip_suffix(IPV6_SUFFIX) {
        Some(address) => address.replace('-', ":").parse::<Ipv6Addr>().ok()?.to_string(),
        None => plain_host(&lower)?.to_owned(),
    };
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
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            let host = host.parse::<Ipv6Addr>().ok()?.to_string();
            (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
        }
        None => match address.split_once(':') {
            Some((host, port)) => (plain_host(host)?.to_ascii_lowercase(), Some(port)),
            None => (plain_host(address)?.to_ascii_lowercase(), None),
        },
    };
    let port = match port {
        Some("") | None => PORT,
        Some(digits) => parse_port(digits)?,
    };
    let parts = path.split('/').filter(|part| !part.is_empty()).map(decode);
    let parts = parts.collect::<Option<Vec<String>>>()?;
    check(SmbName { host, port, user, parts, spelling: Spelling::Url })
}

/// `DOMAIN;user` is how URLs spell `DOMAIN\user`.
fn parse_user(text: &str) -> Option<String> {
    let text = decode(text)?;
    let user = match text.split_once(';') {
        Some((domain, user)) => format!(r"{domain}\{user}"),
        None => text,
    };
    (!user.chars().any(char::is_control)).then_some(user)
}

fn check(name: SmbName) -> Option<SmbName> {
    let plain = |part: &String| {
        !matches!(part.as_str(), "" | "." | "..")
            && !part.contains(['/', '\\'])
            && !part.chars().any(char::is_control)
    };
    let share = name.parts.first();
    let sound = share.is_none_or(|share| {
        share.chars().count() <= LONGEST_SHARE
            && !share.contains(['"', '*', ':', '<', '>', '?', '|'])
    });
    (sound && name.parts.iter().all(plain)).then_some(name)
}

fn parse_port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&port| digits && port != 0)
}

fn plain_host(host: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (!host.is_empty() && host.bytes().all(plain) && !host.starts_with('.')).then_some(host)
}

/// Decodes `%XX`; `None` where the digits are missing or the bytes are no text.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        bytes.push(match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                rest = after;
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?
            }
            (b'%', _) => return None,
            _ => first,
        });
    }
    String::from_utf8(bytes).ok()
}
