//! From a server's status to the engine's faults.
//!
//! `FAILURE` says only that something went wrong: most of what a file system can refuse becomes
//! that on the wire. Where it matters to programs, the server is asked what is the matter.

use mpr_engine::{Fault, FaultKind, Kind};
use rustix::io::Errno;

use super::names;
use crate::link::Link;
use crate::sftp::{Reply, kind, status};

/// Below this much free space a failed change is taken for a full disk.
const FULL: u64 = 1 << 20;

/// Makes a fault of an answer that is none of those expected.
pub(crate) fn refuse(reply: Reply) -> Fault {
    let Reply::Status { code, text } = reply else {
        return Fault::new(FaultKind::Nonsense, "the server's answer is of another kind");
    };
    let kind = match code {
        status::NO_SUCH_FILE => FaultKind::NotFound,
        status::PERMISSION_DENIED => FaultKind::Denied,
        status::BAD_MESSAGE => FaultKind::Local(Errno::INVAL.raw_os_error()),
        status::NO_CONNECTION | status::CONNECTION_LOST => FaultKind::Lost,
        status::UNSUPPORTED => FaultKind::Unsupported,
        status::OK | status::EOF => FaultKind::Nonsense,
        _ => FaultKind::Local(Errno::IO.raw_os_error()),
    };
    Fault::new(kind, format!("the server says: {text} ({code})"))
}

/// Turns the answer to a request that only succeeds or fails.
pub(crate) fn done(reply: Reply) -> Result<(), Fault> {
    match reply {
        Reply::Status { code: status::OK, .. } => Ok(()),
        other => Err(refuse(other)),
    }
}

/// Tells whether the server did not say why.
pub(crate) fn is_vague(fault: &Fault) -> bool {
    fault.kind == FaultKind::Local(Errno::IO.raw_os_error())
}

/// Tells what a name is, for finding out why it was refused.
pub(crate) async fn kind_of(link: &Link, path: &[u8]) -> Option<Kind> {
    link.stat(kind::LSTAT, path).await.ok().map(|raw| raw.kind(b""))
}

/// Returns that the disk is full or cannot be written, if so, or the fault as it was.
pub(crate) async fn space_or(link: &Link, path: &[u8], fault: Fault) -> Fault {
    match names::volume(link, path).await {
        Ok(volume) if volume.read_only => Fault::new(FaultKind::ReadOnly, fault.text),
        Ok(volume) if volume.space.free < FULL => Fault::new(FaultKind::NoSpace, fault.text),
        _ => fault,
    }
}

/// Tells a name too long from other names that are refused.
pub(crate) fn name_or(path: &[u8], fault: Fault) -> Fault {
    let long = path.len() >= 4096 || path.split(|&byte| byte == b'/').any(|it| it.len() > 255);
    if long && fault.kind == FaultKind::Local(Errno::INVAL.raw_os_error()) {
        return Fault::new(FaultKind::NameTooLong, fault.text);
    }
    fault
}
