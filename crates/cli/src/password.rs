//! Passwords: read once, kept in memory that is wiped, never shown (design §7).

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd as _;

use mpr_core::{Password, Surroundings as _, Wide};
use mpr_host::{Clock, HostSurroundings};
use zeroize::{Zeroize as _, Zeroizing};

use crate::failure::{Failure, user_in};
use crate::interrupt::keep_terminal;
use crate::table::clean;

/// Longest password, in bytes.
const LONGEST: usize = 4096;

/// A password in UTF-16, wiped when it is dropped.
pub(crate) struct Secret(Zeroizing<Vec<u16>>);

impl Secret {
    /// Lends the password to an operation.
    pub(crate) fn password(&self) -> Password<'_> {
        Password::new(Wide::new(&self.0))
    }

    /// Converts text without leaving a copy: the room is there before the first character.
    fn of(text: &str) -> Self {
        let mut units = Zeroizing::new(Vec::with_capacity(text.len()));
        units.extend(text.encode_utf16());
        Self(units)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Reads the first line of stdin, byte by byte, so that no buffer keeps it.
pub(crate) fn from_stdin() -> io::Result<Secret> {
    let stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    from_line(stdin)
}

fn from_line(mut source: impl io::Read) -> io::Result<Secret> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = [0];
    while io::Read::read(&mut source, &mut byte)? == 1 && byte != *b"\n" {
        if line.len() == LONGEST {
            return Err(io::Error::other(format!("longer than {LONGEST} bytes")));
        }
        line.push(byte[0]);
    }
    byte.zeroize();
    let text = line.strip_suffix(b"\r").unwrap_or(&line);
    std::str::from_utf8(text).map(Secret::of).map_err(|_| io::Error::other("it is not UTF-8"))
}

/// Refuses a URL with a password in it (`https://al:hunter2@host/`) before anybody is told of it:
/// notifyees, providers and messages see the whole name.
pub(crate) fn must_not_be_in(remote: &str) -> Result<(), Failure> {
    if user_in(remote).is_some_and(|login| login.contains(':')) {
        let text = "a password is never an argument: name the user with --user, not in the address";
        return Err(Failure::Usage(text.into()));
    }
    Ok(())
}

/// Tells whether there is somebody to ask.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks at the terminal for the password of a resource, without echo. It is the caller's own unless
/// the user is named.
pub(crate) fn ask(remote: &str, user: Option<&str>) -> Result<Secret, Failure> {
    let own = || HostSurroundings::new(Clock::None).current_user().to_string_lossy();
    let user = user.or_else(|| user_in(remote)).map_or_else(own, str::to_owned);
    keep_terminal();
    let question = format!("Password of {} for {}: ", clean(&user), clean(remote));
    let text = rpassword::prompt_password(question);
    let text = text.map_err(|error| Failure::Other(format!("no password: {error}")))?;
    Ok(Secret::of(&Zeroizing::new(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_password() {
        for remote in ["https://al:hunter2@h/x", "smb://al:@h", "https://al:p@ss@h:1/"] {
            assert!(must_not_be_in(remote).is_err(), "{remote}");
        }
        for remote in ["https://h:8443/a:b@c", r"\\h@SSL@443\x", "sftp://al@h/", "http://[::1]/"] {
            assert!(must_not_be_in(remote).is_ok(), "{remote}");
        }
    }

    #[test]
    fn one_line_is_the_password() {
        let read = |text: &[u8]| from_line(text).map(|secret| String::from_utf16_lossy(&secret.0));
        assert_eq!(read(b"hunter2\nmore").unwrap(), "hunter2");
        assert_eq!(read(b"p\xc3\xa4ss \r\n").unwrap(), "p\u{e4}ss ");
        assert_eq!(read(b"").unwrap(), "");
        assert!(read(b"\xff\n").is_err() && read(&[b'x'; LONGEST + 1]).is_err());
        assert_eq!(format!("{:?}", Secret::of("hunter2")), "Secret(..)");
    }
}
