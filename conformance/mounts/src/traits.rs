//! What a protocol can do, and what a server of it adds: what the cases expect.
//!
//! Whatever is false here is not skipped: its case asserts with which error it is refused.

use rustix::io::Errno;

/// What to expect of a mount.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    /// Times of the last change can be set, to a second at least.
    pub times: bool,
    /// Permission bits are kept.
    pub modes: bool,
    /// Symbolic links can be made.
    pub links: bool,
    /// A second name for a file can be made.
    pub hard_links: bool,
    /// Bytes go where they belong at once, so that a file may be far larger than what is written.
    pub random_access: bool,
    /// A change by somebody else between open and close is noticed and nothing is overwritten.
    pub conflicts: bool,
    /// Of two clients who make one file at once, exactly one does. HTTP servers look first and make
    /// the file later.
    pub exclusive: bool,
    /// The server says how much room there is.
    pub space: bool,
    /// A password is asked for (else a key).
    pub password: bool,
    /// Returns the error for a name that the server cannot store; `None` if it can.
    pub refuses: fn(&[u8]) -> Option<Errno>,
    /// Tells whether the server lists a name otherwise than it was given: nothing that a client
    /// could do about it.
    pub mangles: fn(&[u8]) -> bool,
}

fn longer_than_255(name: &[u8]) -> Option<Errno> {
    (name.len() > 255).then_some(Errno::NAMETOOLONG)
}

/// Names on the wire are UTF-16. Characters that Windows reserves are mapped and come back.
fn no_text(name: &[u8]) -> Option<Errno> {
    longer_than_255(name).or_else(|| std::str::from_utf8(name).is_err().then_some(Errno::INVAL))
}

/// WebDAV.
pub(crate) const WEBDAV: Traits = Traits {
    times: false,
    modes: false,
    links: false,
    hard_links: false,
    random_access: false,
    conflicts: true,
    exclusive: false,
    space: false,
    password: true,
    refuses: longer_than_255,
    mangles: |_| false,
};

/// SMB 2 and 3.
pub(crate) const SMB: Traits = Traits {
    times: true,
    modes: false,
    links: false,
    hard_links: false,
    random_access: true,
    conflicts: false,
    exclusive: true,
    space: true,
    password: true,
    refuses: no_text,
    // Samba, as it comes: names of DOS devices.
    mangles: |name| matches!(name, b"CON" | b"com1.txt"),
};

/// SFTP.
pub(crate) const SFTP: Traits = Traits {
    times: true,
    modes: true,
    links: true,
    hard_links: true,
    random_access: true,
    conflicts: false,
    exclusive: true,
    space: true,
    password: false,
    refuses: longer_than_255,
    mangles: |_| false,
};
