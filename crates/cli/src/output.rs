//! What goes to stdout: text for people or one JSON object for programs.

use std::io::{self, Write as _};

use serde_json::Value;

/// Prints text as it is; ends the program if nobody can read it.
pub(crate) fn put(text: &str) {
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader who has seen enough (`| head`) is no error worth a word.
        if error.kind() != io::ErrorKind::BrokenPipe {
            complain(&format!("cannot write the result: {error}"));
        }
        std::process::exit(1);
    }
}

/// Prints one JSON value on one line.
pub(crate) fn put_json(value: &Value) {
    put(&format!("{value}\n"));
}

/// Prints text on stderr as it is.
pub(crate) fn tell(text: &str) {
    // There is nobody left to tell if this fails, and `eprint!` would panic.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Says something on stderr, after the name of the program.
pub(crate) fn complain(text: &str) {
    tell(&format!("mpr: {text}\n"));
}
