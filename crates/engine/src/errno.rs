//! From what went wrong to the error number that programs see.

use fuser::Errno;

use crate::{Fault, FaultKind};

/// Returns the error number for a failed call.
pub(crate) fn errno(fault: &Fault) -> Errno {
    match fault.kind {
        FaultKind::NotFound => Errno::ENOENT,
        FaultKind::AlreadyExists => Errno::EEXIST,
        FaultKind::NotEmpty => Errno::ENOTEMPTY,
        FaultKind::NotADirectory => Errno::ENOTDIR,
        FaultKind::IsADirectory => Errno::EISDIR,
        FaultKind::Denied | FaultKind::LoggedOut => Errno::EACCES,
        FaultKind::ReadOnly => Errno::EROFS,
        FaultKind::NoSpace => Errno::ENOSPC,
        FaultKind::Quota => Errno::EDQUOT,
        FaultKind::InUse => Errno::EBUSY,
        FaultKind::WouldBlock => Errno::EAGAIN,
        FaultKind::BadName => Errno::EINVAL,
        FaultKind::NameTooLong => Errno::ENAMETOOLONG,
        FaultKind::TooLarge => Errno::EFBIG,
        FaultKind::Unsupported => Errno::EOPNOTSUPP,
        FaultKind::Changed | FaultKind::HandleLost | FaultKind::NoName => Errno::ESTALE,
        FaultKind::TimedOut => Errno::ETIMEDOUT,
        FaultKind::Unreachable => Errno::EHOSTUNREACH,
        FaultKind::Lost | FaultKind::Nonsense => Errno::EIO,
        FaultKind::Local(code) => Errno::from_i32(code),
    }
}

impl FaultKind {
    /// Tells whether the connection is of no use after this.
    pub(crate) fn breaks(self) -> bool {
        matches!(self, Self::Lost | Self::Unreachable | Self::TimedOut | Self::LoggedOut)
    }

    /// Tells whether the call may have been carried out all the same.
    pub(crate) fn unsure(self) -> bool {
        matches!(self, Self::Lost | Self::TimedOut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_and_refusal_differ() {
        for (kind, expected) in [
            (FaultKind::TimedOut, Errno::ETIMEDOUT),
            (FaultKind::Unreachable, Errno::EHOSTUNREACH),
            (FaultKind::Lost, Errno::EIO),
            (FaultKind::NoSpace, Errno::ENOSPC),
            (FaultKind::Local(28), Errno::ENOSPC),
        ] {
            assert_eq!(errno(&kind.into()).code(), expected.code(), "{kind:?}");
        }
    }
}
