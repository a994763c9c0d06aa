//! The terminal that dialogs ask on; where there is none, nobody is asked.

use mpr_core::WnError;

#[cfg(not(unix))]
pub(crate) use nobody::*;
#[cfg(unix)]
pub(crate) use user::*;

/// What the dialogs return when the user gives up.
pub(crate) const GIVEN_UP: WnError = WnError::new(u32::MAX).expect("not zero");

pub(crate) fn require_terminal() -> Result<(), WnError> {
    if has_terminal() { Ok(()) } else { Err(WnError::NOT_SUPPORTED) }
}

/// A typed password, wiped when it is dropped.
pub(crate) struct Secret {
    /// In one place, since a move would leave a copy.
    bytes: Box<[u8; LONGEST_PASSWORD]>,
    pub(crate) units: Vec<u16>,
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.bytes.fill(0);
        self.units.fill(0);
        std::hint::black_box((&self.bytes, &self.units));
    }
}

/// Longest password that can be typed, in bytes.
const LONGEST_PASSWORD: usize = 1024;

#[cfg(unix)]
mod user {
    use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

    use mpr_core::WnError;
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

    use super::{GIVEN_UP, LONGEST_PASSWORD, Secret};

    pub(crate) fn has_terminal() -> bool {
        io::stdin().is_terminal()
    }

    pub(crate) fn say(line: &str) {
        // A terminal that is gone has nobody to tell.
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// Asks one line; the end of input is giving up.
    pub(crate) fn ask(question: &str) -> Result<String, WnError> {
        let mut error = io::stderr();
        let _ = write!(error, "{question}").and_then(|()| error.flush());
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line) {
            Ok(0) | Err(_) => Err(GIVEN_UP),
            Ok(_) => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
        }
    }

    /// Asks one line that the terminal does not show; it passes no buffer of the standard library.
    pub(crate) fn ask_silently(question: &str) -> Result<Secret, WnError> {
        let stdin = io::stdin();
        let before = tcgetattr(&stdin).map_err(|_| WnError::NOT_SUPPORTED)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&stdin, OptionalActions::Flush, &silent).map_err(|_| WnError::NOT_SUPPORTED)?;
        let mut error = io::stderr();
        let _ = write!(error, "{question}").and_then(|()| error.flush());
        // Room for all at once: a text that grew would leave parts of itself.
        let units = Vec::with_capacity(LONGEST_PASSWORD);
        let mut secret = Secret { bytes: Box::new([0; LONGEST_PASSWORD]), units };
        let read = rustix::io::read(&stdin, &mut *secret.bytes);
        let _ = tcsetattr(&stdin, OptionalActions::Flush, &before);
        say("");
        let length = read.map_err(|_| GIVEN_UP)?;
        let typed = secret.bytes[..length].strip_suffix(b"\n").ok_or(GIVEN_UP)?;
        let typed = str::from_utf8(typed).map_err(|_| WnError::INVALID_PARAMETER)?;
        secret.units.extend(typed.encode_utf16());
        Ok(secret)
    }
}

/// Nobody can be asked.
#[cfg(not(unix))]
mod nobody {
    use mpr_core::WnError;

    use super::Secret;

    pub(crate) fn has_terminal() -> bool {
        false
    }

    pub(crate) fn say(_line: &str) {}

    pub(crate) fn ask(_question: &str) -> Result<String, WnError> {
        Err(WnError::NOT_SUPPORTED)
    }

    pub(crate) fn ask_silently(_question: &str) -> Result<Secret, WnError> {
        Err(WnError::NOT_SUPPORTED)
    }
}
