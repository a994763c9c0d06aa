//! User and password for a helper: a file without name, that only its descriptor leads to.
//!
//! It never is on a disk, nor in an argument or variable, and ends with the processes that hold
//! it, however they end. The helper has it as standard input and opens it by `/proc`.

use std::fs::File;
use std::io::{self, Write as _};

use rustix::fs::MemfdFlags;
use zeroize::Zeroizing;

/// The name of the file, in the helper's process.
pub(super) const PATH: &str = "/proc/self/fd/0";

/// Writes the file, as `mount.cifs(8)` describes it; `InvalidInput` if it could be misread.
///
/// A password that is not there is written as an empty one, so that the helper asks nobody.
pub(super) fn write(user: &str, password: &str) -> io::Result<File> {
    let (domain, name) = match user.split_once('\\') {
        Some((domain, name)) => (Some(domain), name),
        None => (None, user),
    };
    if [user, password].iter().any(|text| text.contains(['\n', '\r', '\0'])) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let room = user.len() + password.len() + 64;
    let mut text = Zeroizing::new(String::with_capacity(room));
    let domain = domain.map(|domain| ("domain=", domain));
    for (key, value) in [("username=", name), ("password=", password)].into_iter().chain(domain) {
        text.push_str(key);
        text.push_str(value);
        text.push('\n');
    }
    let mut file: File = rustix::fs::memfd_create("credentials", MemfdFlags::CLOEXEC)?.into();
    file.write_all(text.as_bytes())?;
    Ok(file)
}
