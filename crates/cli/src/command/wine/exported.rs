//! What `reg export` writes: UTF-16, with types. `reg query` prints in the console's code page, and
//! what that lacks is lost.

/// A text in the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: String,
    /// Whether it is of the type whose variables are expanded (`REG_EXPAND_SZ`).
    pub(super) expands: bool,
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self { text: text.into(), expands: false }
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(Text),
    /// Of another type, or no UTF-16.
    Other,
}

impl Value {
    pub(super) const fn text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other => None,
        }
    }
}

/// Keys with their values, as they were at one moment.
#[derive(Debug, Default)]
pub(super) struct Exported(Vec<Key>);

#[derive(Debug)]
struct Key {
    name: String,
    values: Vec<(String, Value)>,
}

impl Exported {
    /// Reads a file.
    pub(super) fn parse(file: &[u8]) -> Self {
        let units: Vec<u16> =
            file.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        let mut keys: Vec<Key> = Vec::new();
        let mut lines = units.split(|&unit| unit == u16::from(b'\n'));
        while let Some(line) = lines.next() {
            let (mut line, mut is_whole) = decoded(line);
            // Bytes go over several lines; a text that ends like this ends with a quotation mark.
            while line.ends_with('\\') {
                let Some(next) = lines.next() else { break };
                let (next, next_is_whole) = decoded(next);
                line.pop();
                line += next.trim_start();
                is_whole &= next_is_whole;
            }
            if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
                keys.push(Key { name: name.into(), values: Vec::new() });
            } else if let Some((name, rest)) = named(&line)
                && let Some(key) = keys.last_mut()
            {
                let value = if is_whole { value(rest) } else { Value::Other };
                key.values.push((name, value));
            }
        }
        Self(keys)
    }

    fn key(&self, name: &str) -> Option<&Key> {
        self.0.iter().find(|key| same(&key.name, name))
    }

    /// Tells whether there is a key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.key(key).is_some()
    }

    /// Returns a value.
    pub(super) fn value(&self, key: &str, name: &str) -> Option<&Value> {
        let mut values = self.key(key)?.values.iter();
        values.find(|it| same(&it.0, name)).map(|it| &it.1)
    }

    /// Tells whether a key has this value alone, and is all that its parent has.
    pub(super) fn is_alone(&self, parent: &str, key: &str, value: &str) -> bool {
        let prefix = format!("{parent}\\").to_lowercase();
        let below = self.0.iter().filter(|it| it.name.to_lowercase().starts_with(&prefix));
        let bare = self.key(parent).is_none_or(|parent| parent.values.is_empty());
        let one = self.key(key).is_some_and(|key| key.values.len() == 1);
        bare && one && self.value(key, value).is_some() && below.count() == 1
    }
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Decodes a line; tells whether all of it could be.
fn decoded(units: &[u16]) -> (String, bool) {
    let text = String::from_utf16(units);
    let is_whole = text.is_ok();
    let text = text.unwrap_or_else(|_| String::from_utf16_lossy(units));
    (text.trim_start_matches('\u{feff}').trim_end_matches('\r').to_owned(), is_whole)
}

/// Splits `"name"=value`, or `@=value`, which has no name.
fn named(line: &str) -> Option<(String, &str)> {
    if let Some(rest) = line.strip_prefix("@=") {
        return Some((String::new(), rest));
    }
    let (name, rest) = quoted(line)?;
    Some((name, rest.strip_prefix('=')?))
}

/// Reads a text in quotation marks; returns what follows it, too.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut chars = text.strip_prefix('"')?.char_indices();
    let mut found = String::new();
    while let Some((at, letter)) = chars.next() {
        match letter {
            '"' => return Some((found, &text[at + 2..])),
            '\\' => found.push(match chars.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                '0' => '\0',
                other => other,
            }),
            other => found.push(other),
        }
    }
    None
}

fn value(text: &str) -> Value {
    if let Some((text, "")) = quoted(text) {
        return Value::Text(Text { text, expands: false });
    }
    let expanded = text.strip_prefix("hex(2):").and_then(expanded);
    expanded.map_or(Value::Other, |text| Value::Text(Text { text, expands: true }))
}

/// Reads a text that is written as bytes, which may or may not have its end.
fn expanded(text: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = match text.trim() {
        "" => Some(Vec::new()),
        text => text.split(',').map(|byte| u8::from_str_radix(byte.trim(), 16).ok()).collect(),
    };
    let bytes = bytes.filter(|bytes| bytes.len() % 2 == 0)?;
    let units: Vec<u16> =
        bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let end = units.iter().position(|&unit| unit == 0).unwrap_or(units.len());
    String::from_utf16(&units[..end]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Exported {
        let units = [0xfeff]
            .into_iter()
            .chain(text.replace('\n', "\r\n").encode_utf16().collect::<Vec<_>>());
        Exported::parse(&units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
    }

    fn text(text: &str, expands: bool) -> Option<Value> {
        Some(Value::Text(Text { text: text.into(), expands }))
    }

    #[test]
    fn values_are_found() {
        let found = parse(
            "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\X]\n@=\"none\"\n\
             \"dw\"=dword:00000005\n\"Pr\u{f6}\"=\"Pr\u{f6}vider\u{4e2d},,C:\\\\x \\\"y\\\"\\n\"\n\
             \"exp\"=hex(2):41,00,f6,\\\n  00,00,00\n\"bare\"=hex(2):\n\"odd\"=hex(2):41\n\
             \"w\\\"\\\\=\"=\"v\\\\\"\n\n[HKEY_LOCAL_MACHINE\\X\\y]\n",
        );
        let value = |name| found.value(r"HKEY_LOCAL_MACHINE\x", name).cloned();
        assert_eq!(value(""), text("none", false));
        assert_eq!(value("pr\u{d6}"), text("Pr\u{f6}vider\u{4e2d},,C:\\x \"y\"\n", false));
        assert_eq!(value("exp"), text("A\u{f6}", true));
        assert_eq!(value("bare"), text("", true));
        assert_eq!(value("w\"\\="), text("v\\", false));
        assert_eq!([value("dw"), value("odd")], [Some(Value::Other), Some(Value::Other)]);
        assert_eq!(value("absent"), None);
        assert!(found.has(r"HKEY_LOCAL_MACHINE\X\y") && !found.has(r"HKEY_LOCAL_MACHINE\X\z"));
    }

    /// It could not be written back.
    #[test]
    fn what_is_no_utf_16_is_no_text() {
        let line =
            [&b"\xff\xfe[\0K\0]\0\n\0\"\0a\0\"\0=\0\"\0"[..], b"\x00\xd8\"\0\r\0\n\0"].concat();
        assert_eq!(Exported::parse(&line).value("K", "a"), Some(&Value::Other));
    }

    #[test]
    fn what_is_alone_is_seen() {
        let alone = "[S]\n\n[S\\Order]\n\"ProviderOrder\"=\"mprunix\"\n";
        let is_alone = |text: &str| parse(text).is_alone("S", r"S\Order", "ProviderOrder");
        assert!(is_alone(alone));
        for other in [
            format!("{alone}\"Other\"=\"x\"\n"),
            format!("{alone}\n[S\\Notifyees]\n"),
            format!("{alone}\n[S\\Order\\x]\n"),
            alone.replace("[S]", "[S]\n\"a\"=\"b\""),
            "[S]\n\n[S\\Order]\n".into(),
        ] {
            assert!(!is_alone(&other), "{other}");
        }
    }
}
