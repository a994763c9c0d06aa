//! Percent encoding, as far as URLs for people need it.

use std::fmt::Write as _;

/// Encodes only what would be misread, and the bytes of `more`.
pub(crate) fn encode(text: &mut String, part: &str, more: &str) {
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
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
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
