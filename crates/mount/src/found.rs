//! What a serving process found in a server or directory, on its way to the caller.

use std::io::{self, Write as _};

use serde_json::{Value, json};

/// Most entries in a line of an answer.
const BATCH: usize = 256;

/// What something is that was found in a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundKind {
    /// A share that can be connected.
    Share,
    /// A printer.
    Printer,
    /// A directory; it can be connected too.
    Directory,
    /// A file.
    File,
}

impl FoundKind {
    fn word(self) -> &'static str {
        match self {
            Self::Share => "share",
            Self::Printer => "printer",
            Self::Directory => "directory",
            Self::File => "file",
        }
    }

    fn of(word: &str) -> Option<Self> {
        [Self::Share, Self::Printer, Self::Directory, Self::File]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// Something that was found in a server or directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name, one part of a path.
    pub name: String,
    /// What it is.
    pub kind: FoundKind,
    /// What the server says about it.
    pub comment: Option<String>,
}

impl Found {
    fn to_value(&self) -> Value {
        json!({ "name": self.name, "kind": self.kind.word(), "comment": self.comment })
    }

    fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            name: value.get("name")?.as_str()?.to_owned(),
            kind: FoundKind::of(value.get("kind")?.as_str()?)?,
            comment: value.get("comment").and_then(Value::as_str).map(Into::into),
        })
    }
}

/// Says what was found, in lines of moderate length; [`answer_ready`](crate::answer_ready) follows.
pub fn answer_found(found: &[Found]) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout());
    for batch in found.chunks(BATCH) {
        let entries: Vec<Value> = batch.iter().map(Found::to_value).collect();
        writeln!(out, "{}", json!({ "found": entries }))?;
    }
    out.flush()
}

/// Reads one line of what was found; an entry that makes no sense is left out.
pub(crate) fn found_in(line: &Value) -> Option<Vec<Found>> {
    let entries = line.get("found")?.as_array()?;
    Some(entries.iter().filter_map(Found::from_value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_arrives() {
        let share = Found {
            name: "team \"x\"".into(),
            kind: FoundKind::Share,
            comment: Some("for all".into()),
        };
        let file = Found { name: "f".into(), kind: FoundKind::File, comment: None };
        let line = json!({
            "found": [share.to_value(), { "name": "n", "kind": "new" }, file.to_value(), 7]
        });
        assert_eq!(found_in(&line), Some(vec![share, file]));
        assert_eq!(found_in(&json!({ "ok": true })), None);
    }
}
