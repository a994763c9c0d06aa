//! The command line of `net use`, as batch files write it.

use mpr_core::ConnectFlags;
use zeroize::Zeroizing;

/// What `net use` understands.
pub(crate) const SYNTAX: &str = r"The syntax of this command is:

NET USE
[devicename | *] [remotename [password | *]]
        [/USER:[domainname\]username] [/PERSISTENT:{YES | NO}] [/SAVECRED]
        [/REQUIREINTEGRITY] [/REQUIREPRIVACY] [/WRITETHROUGH]

NET USE {devicename | remotename | *} /DELETE [/YES]

NET USE /PERSISTENT:{YES | NO}

NET USE

An option may be shortened as long as it is clear which one is meant: /DEL.";

/// What options are called. Two that are not understood are there so that nothing short is taken
/// for them.
const OPTIONS: [&str; 11] = [
    "?",
    "help",
    "delete",
    "yes",
    "user",
    "persistent",
    "savecred",
    "requireintegrity",
    "requireprivacy",
    "writethrough",
    "home",
];

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Everything that is connected or remembered.
    List,
    /// One connection.
    Show(String),
    /// A new connection.
    Connect(Connect),
    /// From now on connections are remembered, or are not.
    Remember(bool),
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
    /// An empty one is nobody: a null session.
    pub(crate) user: Option<String>,
    /// Whether it is remembered; absent: as the last line said that did.
    pub(crate) remember: Option<bool>,
    pub(crate) flags: ConnectFlags,
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
    flags: ConnectFlags,
    remember: Option<bool>,
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
        let name = name.to_ascii_lowercase();
        let mut meant = OPTIONS.iter().filter(|it| it.starts_with(&name) && !name.is_empty());
        let (Some(&name), None) = (meant.next(), meant.next()) else { return Err(unknown()) };
        let flag = match (name, value) {
            ("?" | "help", "") => return Err(Wrong::Help),
            ("delete", "") => {
                self.delete = true;
                return Ok(());
            }
            ("yes", "") => {
                self.yes = true;
                return Ok(());
            }
            // As the runtime has it, `/user:""` is a word without anything behind.
            ("user", user) if word.contains(':') => {
                self.user = Some(user.into());
                return Ok(());
            }
            ("persistent", value) => {
                self.remember = Some(yes(value)?);
                return Ok(());
            }
            ("savecred", "") => ConnectFlags::CMD_SAVECRED,
            ("requireintegrity", "") => ConnectFlags::REQUIRE_INTEGRITY,
            ("requireprivacy", "") => ConnectFlags::REQUIRE_PRIVACY,
            ("writethrough", "") => ConnectFlags::WRITE_THROUGH_SEMANTICS,
            _ => return Err(unknown()),
        };
        self.flags = self.flags | flag;
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
    let Options { flags, remember, user, delete, yes } = options;
    let is_device = |name: &str| name == "*" || !(name.contains(['\\', '/']) || name.len() > 5);
    if delete {
        return match names[..] {
            ["*"] => Ok(Line::Delete { name: None, yes }),
            [name] => Ok(Line::Delete { name: Some(name.into()), yes }),
            // The device says which one; what it is connected to may stand there too.
            [name, rest] if is_device(name) && name != "*" && !is_device(rest) => {
                Ok(Line::Delete { name: Some(name.into()), yes })
            }
            _ => Err(Wrong::Word("/DELETE takes one name.".into())),
        };
    }
    let alone = user.is_none() && flags == ConnectFlags::NONE;
    let (device, rest) = match names.split_first() {
        None if alone => return Ok(remember.map_or(Line::List, Line::Remember)),
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
    let chosen = device == Some(Device::Next);
    let flags = flags | if chosen { ConnectFlags::REDIRECT } else { ConnectFlags::NONE };
    Ok(Line::Connect(Connect { device, remote: remote.into(), password, user, remember, flags }))
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
        assert_eq!((made.user, made.remember, made.flags.0), (None, None, 0));
        let made = connect(r"\\srv\share /user:dom\alice *");
        assert_eq!((made.device, made.password), (None, Password::Asked));
        assert_eq!((made.user.as_deref(), made.flags.0), (Some(r"dom\alice"), 0));
        // `wnet.md` §3: not less than what was demanded, and not something else.
        for (option, flag) in [
            ("/requireintegrity", 0x4000),
            ("/requirep", 0x8000),
            ("/writethrough", 0x1_0000),
            ("/savecred", 0x1000),
        ] {
            assert_eq!(connect(&format!(r"X: \\srv\share {option}")).flags.0, flag, "{option}");
        }
        assert_eq!(connect(r"\\srv\ipc$ /user:").user.as_deref(), Some(""), "a null session");
        let made = connect(r"* https://host/dav secret /PERSISTENT:NO /RequirePrivacy");
        assert_eq!((made.device, made.flags.0), (Some(Device::Next), 0x8080));
        assert_eq!(made.remember, Some(false));
        assert_eq!(parsed("/pers:no"), Ok(Line::Remember(false)));
        assert_eq!(made.password, Password::Given(Zeroizing::new("secret".into())));
        let all = Ok(Line::Delete { name: None, yes: true });
        assert_eq!(parsed("* /delete /y"), all);
        for line in ["/d x:", "x: /del", r"x: \\srv\share /delete"] {
            let one = Ok(Line::Delete { name: Some("x:".into()), yes: false });
            assert_eq!(parsed(line), one, "{line}");
        }
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
            (r"X: \\srv\share /user", "/user"),
            (r"X: \\srv\share /require", "/require"),
            (r"X: \\srv\share /:", "/:"),
            (r"X: \\srv\share /home", "/home"),
        ];
        for (line, word) in lines {
            match parsed(line) {
                Err(Wrong::Word(what)) => assert!(what.contains(word), "{line}: {what}"),
                other => panic!("{line}: {other:?}"),
            }
        }
    }
}
