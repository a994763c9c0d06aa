//! The habits of `net use`: `/delete`, `/persistent:yes`, `/user:NAME` and the like.
//!
//! They are rewritten to our own words before the command line is parsed, and only after `use`. A
//! local name that is a path of one of these names is written with a slash at its end.

use std::ffi::{OsStr, OsString};

/// What a word of `net use` means here.
enum Habit {
    /// Disconnect instead.
    Delete,
    /// Yes to every question: open files do not matter when disconnecting.
    Yes,
    /// An option of ours, or nothing at all.
    Option(Option<String>),
}

/// Rewrites the words of `net use` on a command line; anything else stays as it is.
pub(crate) fn translate(args: Vec<OsString>) -> Vec<OsString> {
    let Some(verb) = verb(&args).filter(|&at| args[at] == "use") else { return args };
    let mut words = args.into_iter();
    let mut line: Vec<OsString> = words.by_ref().take(verb + 1).collect();
    let (mut delete, mut yes, mut literal) = (false, false, false);
    for word in words {
        literal |= word == "--";
        match habit(&word).filter(|_| !literal) {
            Some(Habit::Delete) => delete = true,
            Some(Habit::Yes) => yes = true,
            Some(Habit::Option(option)) => line.extend(option.map(OsString::from)),
            None => line.push(word),
        }
    }
    if delete {
        line[verb] = "delete".into();
        if yes {
            line.insert(verb + 1, "--force".into());
        }
    }
    line
}

/// Finds the command among the words: the first that is no option nor the value of one.
fn verb(args: &[OsString]) -> Option<usize> {
    let mut value = false;
    args.iter().enumerate().skip(1).find_map(|(at, word)| {
        let is_option = word.as_encoded_bytes().starts_with(b"-");
        let is_value = std::mem::replace(&mut value, word == "--timeout");
        (!is_option && !is_value).then_some(at)
    })
}

fn habit(word: &OsStr) -> Option<Habit> {
    let word = word.to_str()?.strip_prefix('/')?;
    let (name, value) = word.split_once(':').unwrap_or((word, ""));
    let option = |option: &str| Some(Habit::Option(Some(option.into())));
    match (name.to_ascii_lowercase().as_str(), value) {
        ("delete" | "d", "") => Some(Habit::Delete),
        ("y" | "yes", "") => Some(Habit::Yes),
        ("user" | "u", user) if !user.is_empty() => option(&format!("--user={user}")),
        ("persistent" | "p", value) => match value.to_ascii_lowercase().as_str() {
            "yes" | "y" => option("--persistent"),
            "no" | "n" => Some(Habit::Option(None)),
            _ => None,
        },
        ("requireprivacy", "") => option("--require-privacy"),
        ("requireintegrity", "") => option("--require-integrity"),
        ("writethrough", "") => option("--write-through"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_net_use() {
        let table = [
            ("mpr use S: /delete", "mpr delete S:"),
            ("mpr use S: /DELETE /y", "mpr delete --force S:"),
            ("mpr --json use /d S:", "mpr --json delete S:"),
            (
                r"mpr use S: \\s\x /user:corp\al /persistent:yes",
                r"mpr use S: \\s\x --user=corp\al --persistent",
            ),
            (r"mpr use S: \\s\x /p:no", r"mpr use S: \\s\x"),
            ("mpr --timeout 5 use S: /delete", "mpr --timeout 5 delete S:"),
            ("mpr --timeout use S: /delete", "mpr --timeout use S: /delete"),
            (r"mpr use /mnt/team \\s\x", r"mpr use /mnt/team \\s\x"),
            (r"mpr use /delete/ \\s\x", r"mpr use /delete/ \\s\x"),
            (r"mpr use -- /delete \\s\x", r"mpr use -- /delete \\s\x"),
            ("mpr use S: /persistent:maybe", "mpr use S: /persistent:maybe"),
            ("mpr list /delete", "mpr list /delete"),
            ("mpr", "mpr"),
        ];
        for (given, expected) in table {
            let line = translate(given.split(' ').map(OsString::from).collect());
            assert_eq!(line.join(OsStr::new(" ")), expected, "{given}");
        }
    }
}
