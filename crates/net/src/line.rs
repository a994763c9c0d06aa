//! The command line of `net use`, as batch files write it.

use zeroize::Zeroizing;

/// What `net use` understands.
pub(crate) const SYNTAX: &str = r"The syntax of this command is:

NET USE
[devicename | *] [remotename [password | *]]
        [/USER:[domainname\]username] [/PERSISTENT:{YES | NO}] [/SAVECRED]
        [/REQUIREINTEGRITY] [/REQUIREPRIVACY] [/WRITETHROUGH]

NET USE {devicename | remotename | *} /DELETE [/YES]

NET USE";

/// `CONNECT_UPDATE_PROFILE`.
pub(crate) const UPDATE_PROFILE: u32 = 0x1;
/// `CONNECT_REDIRECT`.
pub(crate) const REDIRECT: u32 = 0x80;
const CMD_SAVECRED: u32 = 0x1000;
const REQUIRE_INTEGRITY: u32 = 0x8000;
const REQUIRE_PRIVACY: u32 = 0x1_0000;
const WRITE_THROUGH: u32 = 0x2_0000;

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Everything that is connected or remembered.
    List,
    /// One connection.
    Show(String),
    /// A new connection.
    Connect(Connect),
    /// The end of one, or of all.
    Delete {
        /// Absent: all.
        name: Option<String>,
        /// No questions.
        yes: bool,
    },
}

/// A connection to be made.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Connect {
    /// Absent: without a device.
    pub(crate) device: Option<Device>,
    pub(crate) remote: String,
    pub(crate) password: Password,
    pub(crate) user: Option<String>,
    pub(crate) flags: u32,
}

/// The local name of a new connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Device {
    Named(String),
    /// `*`: the next free one.
    Next,
}

/// Where the password comes from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Password {
    /// The provider's default.
    Default,
    /// It stood on the line.
    Given(Zeroizing<String>),
    /// `*`: somebody is asked.
    Asked,
}

/// Why a line is not understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// It asks how it is to be written.
    Help,
    /// A word that does not belong there.
    Word(String),
}

/// Options that stand anywhere on the line.
#[derive(Default)]
struct Options {
    flags: u32,
    forget: bool,
    user: Option<String>,
    delete: bool,
    yes: bool,
}

impl Options {
    fn take(&mut self, word: &str) -> Result<(), Wrong> {
        let unknown = || Wrong::Word(format!("The option {word} is unknown."));
        let (name, value) = word[1..].split_once(':').unwrap_or((&word[1..], ""));
        let yes = |value: &str| match value.to_ascii_lowercase().as_str() {
            "yes" | "y" => Ok(true),
            "no" | "n" => Ok(false),
            _ => Err(unknown()),
        };
        match (name.to_ascii_lowercase().as_str(), value) {
            ("?" | "help", "") => return Err(Wrong::Help),
            ("delete" | "d", "") => self.delete = true,
            ("yes" | "y", "") => self.yes = true,
            ("user" | "u", user) if !user.is_empty() => self.user = Some(user.into()),
            ("persistent" | "p", value) => self.forget = !yes(value)?,
            ("savecred", "") => self.flags |= CMD_SAVECRED,
            ("requireintegrity", "") => self.flags |= REQUIRE_INTEGRITY,
            ("requireprivacy", "") => self.flags |= REQUIRE_PRIVACY,
            ("writethrough", "") => self.flags |= WRITE_THROUGH,
            _ => return Err(unknown()),
        }
        Ok(())
    }
}

/// Understands what follows `net use`.
pub(crate) fn parse(words: &[String]) -> Result<Line, Wrong> {
    let mut options = Options::default();
    let mut names = Vec::new();
    for word in words {
        // A path of two slashes is a name that somebody spelt the other way round.
        if word.starts_with('/') && !word.starts_with("//") {
            options.take(word)?;
        } else {
            names.push(word.as_str());
        }
    }
    let Options { flags, forget, user, delete, yes } = options;
    if delete {
        return match names[..] {
            ["*"] => Ok(Line::Delete { name: None, yes }),
            [name] => Ok(Line::Delete { name: Some(name.into()), yes }),
            _ => Err(Wrong::Word("/DELETE takes one name.".into())),
        };
    }
    let is_device = |name: &str| name == "*" || !(name.contains(['\\', '/']) || name.len() > 5);
    let (device, rest) = match names.split_first() {
        None if user.is_none() && flags == 0 => return Ok(Line::List),
        Some((&"*", [])) | None => return Err(Wrong::Word("A remote name is missing.".into())),
        Some((&name, [])) if is_device(name) && user.is_none() => {
            return Ok(Line::Show(name.into()));
        }
        Some((&"*", rest)) => (Some(Device::Next), rest),
        Some((&name, rest)) if is_device(name) => (Some(Device::Named(name.into())), rest),
        Some(_) => (None, &names[..]),
    };
    let (remote, password) = match *rest {
        [remote] => (remote, Password::Default),
        [remote, "*"] => (remote, Password::Asked),
        [remote, password] => (remote, Password::Given(Zeroizing::new(password.into()))),
        [] => return Err(Wrong::Word("A remote name is missing.".into())),
        [_, _, more, ..] => return Err(Wrong::Word(format!("The word {more} is one too many."))),
    };
    // As batch files expect it: remembered unless they say otherwise.
    let remembered = if device.is_some() && !forget { UPDATE_PROFILE } else { 0 };
    let chosen = if device == Some(Device::Next) { REDIRECT } else { 0 };
    let flags = flags | remembered | chosen;
    Ok(Line::Connect(Connect { device, remote: remote.into(), password, user, flags }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Line, Wrong> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    fn connect(line: &str) -> Connect {
        match parsed(line) {
            Ok(Line::Connect(connect)) => connect,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn lines_of_batch_files() {
        assert_eq!(parsed(""), Ok(Line::List));
        assert_eq!(parsed("X:"), Ok(Line::Show("X:".into())));
        let made = connect(r"X: \\srv\share");
        assert_eq!(made.device, Some(Device::Named("X:".into())));
        assert_eq!((made.remote.as_str(), made.password), (r"\\srv\share", Password::Default));
        assert_eq!((made.user, made.flags), (None, UPDATE_PROFILE));
        let made = connect(r"\\srv\share /user:dom\alice *");
        assert_eq!((made.device, made.password), (None, Password::Asked));
        assert_eq!((made.user.as_deref(), made.flags), (Some(r"dom\alice"), 0));
        let made = connect(r"* https://host/dav secret /PERSISTENT:NO /RequirePrivacy");
        assert_eq!((made.device, made.flags), (Some(Device::Next), REDIRECT | REQUIRE_PRIVACY));
        assert_eq!(made.password, Password::Given(Zeroizing::new("secret".into())));
        let all = Ok(Line::Delete { name: None, yes: true });
        assert_eq!(parsed("* /delete /y"), all);
        assert_eq!(parsed("/d x:"), Ok(Line::Delete { name: Some("x:".into()), yes: false }));
    }

    #[test]
    fn lines_that_are_not_understood_say_why() {
        assert_eq!(parsed("/?"), Err(Wrong::Help));
        let lines = [
            ("*", "missing"),
            ("X: /user:alice", "missing"),
            ("/user:alice", "missing"),
            (r"X: \\srv\share one two", "two"),
            ("/delete", "one name"),
            ("X: Y: /delete", "one name"),
            (r"X: \\srv\share /persistent:perhaps", "/persistent:perhaps"),
            (r"X: \\srv\share /nonsense", "/nonsense"),
            (r"X: \\srv\share /user:", "/user:"),
        ];
        for (line, word) in lines {
            match parsed(line) {
                Err(Wrong::Word(what)) => assert!(what.contains(word), "{line}: {what}"),
                other => panic!("{line}: {other:?}"),
            }
        }
    }
}
