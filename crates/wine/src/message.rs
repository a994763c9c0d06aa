//! What is said: the native program says hello, is asked one thing, answers, and hears a verdict.
//!
//! ```text
//! bridge -> its standard output:  "mpr-wine-bridge 1 PID ASK ANSWER\n"
//! module -> ASK:                  Request
//! bridge -> ANSWER:               Alive ... Alive, Refused | Done
//! module -> ASK, if connected:    Keep | Undo        (its end without a word is Undo)
//! bridge -> ANSWER, after Undo:   Done
//! ```
//! Each message is a frame: its length in four bytes, then that many bytes.

use mpr_core::{
    DisplayType, OwnedNetResource, ResourceType, ResourceUsage, Scope, Wide, WideString,
};
use zeroize::Zeroizing;

use crate::fields::{Malformed, Reader, Writer, room};
use crate::place::Spot;

/// Longest frame, in bytes; a list of resources is cut before it gets there.
pub const FRAME_LIMIT: usize = 1 << 20;

const VERSION: u32 = 1;

/// Where a native program that was started can be reached: pipes of its own, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The process.
    pub pid: u32,
    /// The descriptor that requests are read from.
    pub ask: u32,
    /// The descriptor that answers can be read from.
    pub answer: u32,
}

impl Hello {
    /// Returns the line that says it.
    pub fn line(&self) -> String {
        format!("mpr-wine-bridge {VERSION} {} {} {}\n", self.pid, self.ask, self.answer)
    }

    /// Parses a whole line; `None` while its end has not come.
    pub fn parse(text: &[u8]) -> Option<Result<Self, Malformed>> {
        let (line, _) = text.split_at(text.iter().position(|&byte| byte == b'\n')?);
        let words: Option<Vec<u32>> = std::str::from_utf8(line).ok().and_then(|line| {
            let numbers = line.strip_prefix("mpr-wine-bridge ")?.split(' ');
            numbers.map(|number| number.parse().ok()).collect()
        });
        Some(match words.as_deref() {
            Some(&[VERSION, pid, ask, answer]) => Ok(Self { pid, ask, answer }),
            _ => Err(Malformed),
        })
    }
}

/// What the native side is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Connect `remote` at `spot`.
    Connect,
    /// Disconnect what is at `spot`; without letter, every connection to `remote` that has none.
    Disconnect,
    /// List what is in `remote`, or the networks if it is absent.
    Browse,
}

/// A request to the native side. Its password is shown to nobody.
#[derive(Clone)]
pub struct Request {
    /// What to do.
    pub verb: Verb,
    /// The prefix's folder, as the system names it.
    pub prefix: WideString,
    /// The prefix, as [`crate::PrefixId`] spells it.
    pub id: WideString,
    /// The drive letter; absent for a connection without local name.
    pub letter: Option<u8>,
    /// The remote name.
    pub remote: Option<WideString>,
    /// The user to log in as.
    pub user: Option<WideString>,
    /// The password.
    pub password: Option<Zeroizing<Vec<u16>>>,
    /// The type of resource.
    pub resource_type: ResourceType,
    /// `CONNECT_*`, as far as they are the provider's business.
    pub flags: u32,
    /// Disconnect although files are open.
    pub force: bool,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { verb, id, letter, remote, user, .. } = self;
        write!(f, "{verb:?} in {id} at {letter:?}: {remote:?} as {user:?}")
    }
}

impl Request {
    /// Makes a request that says nothing but what it is about.
    pub fn new(verb: Verb, prefix: &str, id: &str) -> Self {
        Self {
            verb,
            prefix: prefix.into(),
            id: id.into(),
            letter: None,
            remote: None,
            user: None,
            password: None,
            resource_type: ResourceType::ANY,
            flags: 0,
            force: false,
        }
    }

    /// Returns where the connection is to appear.
    pub fn spot(&self) -> Option<Spot> {
        match (self.letter, &self.remote) {
            (Some(letter), _) => Some(Spot::Letter(letter)),
            (None, Some(remote)) => Some(Spot::deviceless(remote.as_wide())),
            (None, None) => None,
        }
    }

    /// Returns the message, in memory that is wiped.
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let password = self.password.as_ref().map(|units| Wide::new(units));
        let wide =
            |text: &Option<WideString>| text.as_ref().map_or(4, |it| room(Some(it.as_wide())));
        let texts = wide(&self.remote) + wide(&self.user) + room(password);
        let names = room(Some(self.prefix.as_wide())) + room(Some(self.id.as_wide()));
        let mut to = Writer::with_room(texts + names + 24);
        to.number(match self.verb {
            Verb::Connect => 1,
            Verb::Disconnect => 2,
            Verb::Browse => 3,
        });
        to.text(Some(self.prefix.as_wide())).text(Some(self.id.as_wide()));
        to.number(self.letter.map_or(0, u32::from));
        to.text(self.remote.as_ref().map(WideString::as_wide));
        to.text(self.user.as_ref().map(WideString::as_wide)).text(password);
        to.number(self.resource_type.0).number(self.flags).number(self.force.into());
        to.done()
    }

    /// Reads a message.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut from = Reader::new(bytes);
        let verb = match from.number()? {
            1 => Verb::Connect,
            2 => Verb::Disconnect,
            3 => Verb::Browse,
            _ => return Err(Malformed),
        };
        let prefix = from.text()?.ok_or(Malformed)?;
        let id = from.text()?.ok_or(Malformed)?;
        let letter = match from.number()? {
            0 => None,
            letter => Some(u8::try_from(letter).map_err(|_| Malformed)?),
        };
        if letter.is_some_and(|letter| !letter.is_ascii_uppercase()) {
            return Err(Malformed);
        }
        let request = Self {
            verb,
            prefix,
            id,
            letter,
            remote: from.text()?,
            user: from.text()?,
            password: from.secret()?,
            resource_type: ResourceType(from.number()?),
            flags: from.number()?,
            force: from.number()? != 0,
        };
        from.end().map(|()| request)
    }
}

/// Why the native side did not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code.
    pub code: u32,
    /// The text that came with it: its own code, what it says, who says it.
    pub extended: Option<(u32, WideString, WideString)>,
}

/// What the native side says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is still at work.
    Alive,
    /// It was not done.
    Refused(Refusal),
    /// It was done: the directory of a connection, or what was found.
    Done {
        /// The directory that the connection appears at.
        directory: Option<WideString>,
        /// What a browsed container holds.
        found: Vec<OwnedNetResource>,
    },
}

impl Answer {
    /// Says that it was done, and nothing else.
    pub const fn done() -> Self {
        Self::Done { directory: None, found: Vec::new() }
    }

    /// Returns the message.
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Writer::default();
        match self {
            Self::Alive => drop(to.number(0)),
            Self::Refused(Refusal { code, extended }) => {
                to.number(1).number(*code);
                let (code, text, provider) = match extended {
                    Some((code, text, by)) => (*code, Some(text.as_wide()), Some(by.as_wide())),
                    None => (0, None, None),
                };
                to.number(code).text(text).text(provider);
            }
            Self::Done { directory, found } => {
                to.number(2).text(directory.as_ref().map(WideString::as_wide));
                for entry in found {
                    let texts = [&entry.remote, &entry.comment, &entry.provider];
                    to.number(1).number(entry.resource_type.0);
                    to.number(entry.display_type.0).number(entry.usage.0);
                    for text in texts {
                        to.text(text.as_ref().map(WideString::as_wide));
                    }
                }
                to.number(0);
            }
        }
        to.done().to_vec()
    }

    /// Reads a message.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut from = Reader::new(bytes);
        let answer = match from.number()? {
            0 => Self::Alive,
            1 => {
                let code = from.number()?;
                let own = from.number()?;
                let extended = match (from.text()?, from.text()?) {
                    (Some(text), Some(by)) => Some((own, text, by)),
                    _ => None,
                };
                Self::Refused(Refusal { code, extended })
            }
            2 => {
                let directory = from.text()?;
                let mut found = Vec::new();
                while from.number()? != 0 {
                    found.push(OwnedNetResource {
                        scope: Scope::GLOBALNET,
                        resource_type: ResourceType(from.number()?),
                        display_type: DisplayType(from.number()?),
                        usage: ResourceUsage(from.number()?),
                        remote: from.text()?,
                        comment: from.text()?,
                        provider: from.text()?,
                        ..OwnedNetResource::default()
                    });
                }
                Self::Done { directory, found }
            }
            _ => return Err(Malformed),
        };
        from.end().map(|()| answer)
    }
}

/// What becomes of a connection that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays.
    Keep,
    /// It goes again: the letter could not be had.
    Undo,
}

impl Verdict {
    /// Returns the byte that says it.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Keep => b'k',
            Self::Undo => b'u',
        }
    }

    /// Reads it; whatever is not "keep" is "undo".
    pub const fn of(byte: Option<u8>) -> Self {
        if matches!(byte, Some(b'k')) { Self::Keep } else { Self::Undo }
    }
}

/// Puts a message behind its length, in memory that is wiped.
pub fn frame(message: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut framed = Zeroizing::new(Vec::with_capacity(4 + message.len()));
    framed.extend_from_slice(&u32::try_from(message.len()).unwrap_or(u32::MAX).to_le_bytes());
    framed.extend_from_slice(message);
    framed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            letter: Some(b'X'),
            remote: Some("https://h/\u{e4}".into()),
            user: Some(WideString::default()),
            password: Some(Zeroizing::new(vec![0xd800, 0x70])),
            resource_type: ResourceType::DISK,
            flags: 0x4000,
            force: true,
            ..Request::new(Verb::Connect, "/home/a/.wine", "fe:0-1f")
        }
    }

    #[test]
    fn requests_survive() {
        let bytes = request().encode();
        assert!(bytes.len() <= bytes.capacity());
        assert_eq!(Request::decode(&bytes).unwrap().encode(), bytes);
        let empty = Request::new(Verb::Browse, "/p", "1-2");
        let again = Request::decode(&empty.encode()).unwrap();
        assert_eq!((again.verb, again.letter, again.remote), (Verb::Browse, None, None));
    }

    #[test]
    fn passwords_are_not_shown() {
        let password = Some(Zeroizing::new("hunter2".encode_utf16().collect()));
        let shown = format!("{:?}", Request { password, ..request() });
        assert!(!shown.contains("hunter2") && !shown.contains("104"), "{shown}");
    }

    #[test]
    fn cut_or_long_requests_are_refused() {
        let bytes = request().encode();
        for end in 0..bytes.len() {
            assert!(Request::decode(&bytes[..end]).is_err(), "{end}");
        }
        let mut long = bytes.to_vec();
        long.push(0);
        assert!(Request::decode(&long).is_err());
        let huge = [1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff];
        assert!(Request::decode(&huge).is_err());
    }

    #[test]
    fn answers_survive() {
        let entry = OwnedNetResource {
            scope: Scope::GLOBALNET,
            remote: Some(r"\\srv".into()),
            usage: ResourceUsage::CONTAINER,
            ..OwnedNetResource::default()
        };
        let refusal = Refusal { code: 1208, extended: Some((17, "cable".into(), "Net".into())) };
        let done = Answer::Done { directory: Some("/run/x".into()), found: vec![entry] };
        for answer in [Answer::Alive, Answer::Refused(refusal), done, Answer::done()] {
            assert_eq!(Answer::decode(&answer.encode()), Ok(answer));
        }
        assert!(Answer::decode(&[]).is_err());
    }

    #[test]
    fn a_hello_is_a_whole_line() {
        let hello = Hello { pid: 12, ask: 3, answer: 5 };
        assert_eq!(Hello::parse(hello.line().as_bytes()), Some(Ok(hello)));
        assert_eq!(Hello::parse(b"mpr-wine-bridge 1 12 3"), None);
        assert_eq!(Hello::parse(b"mpr-wine-bridge 9 12 3 5\n"), Some(Err(Malformed)));
        assert_eq!(Hello::parse(b"sh: no\n"), Some(Err(Malformed)));
    }
}
