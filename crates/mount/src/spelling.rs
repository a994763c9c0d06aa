//! What the remote names of all networks spell alike: hosts, ports, and escaped characters.
//!
//! Which hosts a protocol takes it says itself; an IPv6 address always fits. Nothing here knows
//! what a name means.

use std::fmt::Write as _;
use std::net::Ipv6Addr;

/// How Windows ends the name of a host that is an IPv6 address.
const IPV6_SUFFIX: &str = ".ipv6-literal.net";

/// Splits `host[:port]` or `[address][:port]` of a URL; the host has no brackets then.
pub fn url_server(text: &str, fits: fn(&str) -> bool) -> Option<(&str, Option<u16>)> {
    let (host, digits) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            (host, if port.is_empty() { "" } else { port.strip_prefix(':')? })
        }
        None => {
            let (host, port) = text.split_once(':').unwrap_or((text, ""));
            (Some(host).filter(|host| fits(host))?, port)
        }
    };
    Some((host, if digits.is_empty() { None } else { Some(port(digits)?) }))
}

/// Reads the host of a UNC name: as it is written, or the IPv6 address that it stands for.
pub fn unc_host(text: &str, fits: fn(&str) -> bool) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let Some(literal) = lower.strip_suffix(IPV6_SUFFIX) else {
        return fits(text).then(|| text.to_owned());
    };
    let address = literal.replace('-', ":");
    address.parse::<Ipv6Addr>().ok()?;
    Some(address)
}

/// Writes a host as it stands in a URL.
pub fn host_in_url(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

/// Writes a host as it stands in a UNC name.
pub fn host_in_unc(host: &str) -> String {
    if host.contains(':') { host.replace(':', "-") + IPV6_SUFFIX } else { host.to_owned() }
}

/// Returns the one spelling of a host whose case does not matter.
pub fn canonical_host(host: &str) -> String {
    let address = host.parse::<Ipv6Addr>().map(|address| address.to_string());
    address.unwrap_or_else(|_| host.to_ascii_lowercase())
}

/// Tells whether it is a host's name or IPv4 address, by its characters.
pub fn is_plain_host(host: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !host.is_empty() && host.bytes().all(plain) && !host.starts_with('.')
}

/// Tells whether it can be one part of a path, and no way out of it.
pub fn is_plain_part(part: &str) -> bool {
    !matches!(part, "" | "." | "..")
        && !part.contains(['/', '\\'])
        && !part.chars().any(char::is_control)
}

/// Reads a port: digits alone, and not 0.
pub fn port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&port| digits && port != 0)
}

/// Encodes only what would be misread, and the characters of `more`: the rest stays readable.
pub fn encode(text: &mut String, part: &str, more: &str) {
    for character in part.chars() {
        let special = r#"%?#,"<>\^`{|}"#.contains(character) || more.contains(character);
        if special || character.is_control() || character.is_whitespace() {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(text, "%{byte:02X}");
            }
        } else {
            text.push(character);
        }
    }
}

/// Decodes `%XX`; `None` where the digits are missing or the byte is zero.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        let byte = match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                rest = after;
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?
            }
            (b'%', _) => return None,
            _ => first,
        };
        if byte == 0 {
            return None;
        }
        bytes.push(byte);
    }
    Some(bytes)
}

/// Decodes `%XX` where that gives text.
pub fn decode_text(text: &str) -> Option<String> {
    String::from_utf8(decode(text)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_urls_are_split() {
        let split = |text| url_server(text, is_plain_host);
        assert_eq!(split("Host"), Some(("Host", None)));
        assert_eq!(split("host:"), Some(("host", None)));
        assert_eq!(split("host:8443"), Some(("host", Some(8443))));
        assert_eq!(split("[::1]:22"), Some(("::1", Some(22))));
        assert_eq!(split("[2001:DB8::1]"), Some(("2001:DB8::1", None)));
        for bad in ["", ":1", ".a", "a b", "h:0", "h:+1", "h:65536", "[::1", "[::1]2", "[h]"] {
            assert_eq!(split(bad), None, "{bad}");
        }
    }

    #[test]
    fn hosts_of_unc_names_are_read_and_written() {
        let read = |text| unc_host(text, is_plain_host);
        assert_eq!(read("Host").as_deref(), Some("Host"));
        assert_eq!(read("2001-DB8--1.IPv6-literal.net").as_deref(), Some("2001:db8::1"));
        assert_eq!((read("x.ipv6-literal.net"), read("")), (None, None));
        assert_eq!(host_in_unc("2001:db8::1"), "2001-db8--1.ipv6-literal.net");
        assert_eq!((host_in_unc("h"), host_in_url("h")), ("h".into(), "h".into()));
        assert_eq!(host_in_url("::1"), "[::1]");
        assert_eq!(canonical_host("2001:DB8:0:0::1"), "2001:db8::1");
        assert_eq!(canonical_host("Host"), "host");
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let mut text = String::new();
        encode(&mut text, "a b/%\u{e4}\u{2003}@", "@");
        assert_eq!(text, "a%20b/%25\u{e4}%E2%80%83%40");
        assert_eq!(decode_text(&text).as_deref(), Some("a b/%\u{e4}\u{2003}@"));
        for bad in ["%", "%4", "%zz", "%00", "a\0"] {
            assert_eq!(decode(bad), None, "{bad:?}");
        }
        assert_eq!((decode_text("%ff"), decode("%ff")), (None, Some(vec![0xff])));
    }
}
