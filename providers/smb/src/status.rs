//! What the server's status codes mean: for a file system, and for connecting.

use mpr_core::WnError;
use mpr_engine::{Fault, FaultKind};
use smb2::types::status::NtStatus;

/// Codes that `smb2` has no name for (MS-ERREF 2.3.1).
mod more {
    pub(super) const INVALID_HANDLE: u32 = 0xC000_0008;
    pub(super) const OBJECT_PATH_INVALID: u32 = 0xC000_0039;
    pub(super) const OBJECT_PATH_SYNTAX_BAD: u32 = 0xC000_003B;
    pub(super) const QUOTA_EXCEEDED: u32 = 0xC000_0044;
    pub(super) const LOCK_NOT_GRANTED: u32 = 0xC000_0055;
    pub(super) const PRIVILEGE_NOT_HELD: u32 = 0xC000_0061;
    pub(super) const NO_SUCH_USER: u32 = 0xC000_0064;
    pub(super) const WRONG_PASSWORD: u32 = 0xC000_006A;
    pub(super) const RANGE_NOT_LOCKED: u32 = 0xC000_007E;
    pub(super) const MEDIA_WRITE_PROTECTED: u32 = 0xC000_00A2;
    pub(super) const IO_TIMEOUT: u32 = 0xC000_00B5;
    pub(super) const NETWORK_ACCESS_DENIED: u32 = 0xC000_00CA;
    pub(super) const NAME_TOO_LONG: u32 = 0xC000_0106;
    pub(super) const TOO_MANY_OPENED_FILES: u32 = 0xC000_011F;
    pub(super) const LOGON_TYPE_NOT_GRANTED: u32 = 0xC000_015B;
    pub(super) const CONNECTION_DISCONNECTED: u32 = 0xC000_020C;
    pub(super) const CONNECTION_RESET: u32 = 0xC000_020D;
    pub(super) const CONNECTION_ABORTED: u32 = 0xC000_0241;
    pub(super) const USER_MAPPED_FILE: u32 = 0xC000_0243;
    pub(super) const VOLUME_DISMOUNTED: u32 = 0xC000_026E;
    pub(super) const REPARSE_TAG_NOT_HANDLED: u32 = 0xC000_0279;
    pub(super) const SERVER_UNAVAILABLE: u32 = 0xC000_0466;
    pub(super) const DISK_QUOTA_EXCEEDED: u32 = 0xC000_0802;
    pub(super) const FILE_TOO_LARGE: u32 = 0xC000_0904;
}

/// Tells which kind of failure a status is.
pub(crate) fn kind(status: NtStatus) -> FaultKind {
    use FaultKind as Kind;
    match status {
        NtStatus::NO_SUCH_FILE
        | NtStatus::OBJECT_NAME_NOT_FOUND
        | NtStatus::OBJECT_PATH_NOT_FOUND
        | NtStatus::NOT_FOUND
        // It is gone but for others who have it open still.
        | NtStatus::DELETE_PENDING => Kind::NotFound,
        NtStatus::OBJECT_NAME_COLLISION => Kind::AlreadyExists,
        NtStatus::OBJECT_NAME_INVALID
        | NtStatus(more::OBJECT_PATH_INVALID | more::OBJECT_PATH_SYNTAX_BAD) => Kind::BadName,
        NtStatus(more::NAME_TOO_LONG) => Kind::NameTooLong,
        NtStatus::DIRECTORY_NOT_EMPTY => Kind::NotEmpty,
        NtStatus::NOT_A_DIRECTORY => Kind::NotADirectory,
        NtStatus::FILE_IS_A_DIRECTORY => Kind::IsADirectory,
        NtStatus::ACCESS_DENIED
        | NtStatus::CANNOT_DELETE
        | NtStatus(more::PRIVILEGE_NOT_HELD | more::NETWORK_ACCESS_DENIED) => Kind::Denied,
        NtStatus(more::MEDIA_WRITE_PROTECTED) => Kind::ReadOnly,
        NtStatus::DISK_FULL => Kind::NoSpace,
        NtStatus(more::QUOTA_EXCEEDED | more::DISK_QUOTA_EXCEEDED) => Kind::Quota,
        NtStatus::SHARING_VIOLATION
        | NtStatus::FILE_LOCK_CONFLICT
        | NtStatus(more::USER_MAPPED_FILE | more::TOO_MANY_OPENED_FILES) => Kind::InUse,
        NtStatus(more::LOCK_NOT_GRANTED) => Kind::WouldBlock,
        NtStatus(more::FILE_TOO_LARGE) | NtStatus::FILE_SYSTEM_LIMITATION => Kind::TooLarge,
        NtStatus::NOT_SUPPORTED
        | NtStatus::NOT_IMPLEMENTED
        | NtStatus::INVALID_DEVICE_REQUEST
        | NtStatus::INVALID_INFO_CLASS
        | NtStatus::PATH_NOT_COVERED
        | NtStatus::STOPPED_ON_SYMLINK
        | NtStatus(more::REPARSE_TAG_NOT_HANDLED) => Kind::Unsupported,
        NtStatus::FILE_CLOSED | NtStatus(more::INVALID_HANDLE) => Kind::HandleLost,
        NtStatus::NETWORK_NAME_DELETED
        | NtStatus::USER_SESSION_DELETED
        | NtStatus::NETWORK_SESSION_EXPIRED
        | NtStatus(
            more::CONNECTION_DISCONNECTED
            | more::CONNECTION_RESET
            | more::CONNECTION_ABORTED
            | more::VOLUME_DISMOUNTED
            | more::SERVER_UNAVAILABLE,
        ) => Kind::Lost,
        NtStatus(more::IO_TIMEOUT) => Kind::TimedOut,
        NtStatus::LOGON_FAILURE => Kind::LoggedOut,
        _ => Kind::Nonsense,
    }
}

/// Makes a fault of a status.
pub(crate) fn fault(status: NtStatus) -> Fault {
    Fault::new(kind(status), status.to_string())
}

/// Tells whether an unlock found nothing locked, which is as good.
pub(crate) fn was_not_locked(status: NtStatus) -> bool {
    status.0 == more::RANGE_NOT_LOCKED
}

/// Makes a fault of what `smb2` reports.
pub(crate) fn fault_of(error: &smb2::Error) -> Fault {
    let kind = match error {
        smb2::Error::Protocol { status, .. } => kind(*status),
        smb2::Error::Timeout => FaultKind::TimedOut,
        smb2::Error::Auth { .. } | smb2::Error::GuestSessionRefused { .. } => FaultKind::LoggedOut,
        smb2::Error::InvalidData { .. } | smb2::Error::SignatureInvalid { .. } => {
            FaultKind::Nonsense
        }
        // Whatever else it reports ends the connection, or tells that it has ended.
        _ => FaultKind::Lost,
    };
    Fault::new(kind, error.to_string())
}

/// Tells the code for a login that the server refuses.
pub(crate) fn login_code(status: NtStatus, password_given: bool) -> WnError {
    match status {
        // Servers tell an unknown user from a wrong password no more.
        NtStatus::LOGON_FAILURE if password_given => WnError::INVALID_PASSWORD,
        NtStatus(more::WRONG_PASSWORD) => WnError::INVALID_PASSWORD,
        NtStatus::LOGON_FAILURE | NtStatus(more::NO_SUCH_USER) => WnError::LOGON_FAILURE,
        NtStatus::ACCOUNT_RESTRICTION
        | NtStatus::INVALID_LOGON_HOURS
        | NtStatus::INVALID_WORKSTATION
        | NtStatus(more::LOGON_TYPE_NOT_GRANTED) => WnError::ACCOUNT_RESTRICTION,
        NtStatus::PASSWORD_EXPIRED => WnError::PASSWORD_EXPIRED,
        NtStatus::ACCOUNT_DISABLED | NtStatus::ACCOUNT_EXPIRED => WnError::ACCOUNT_DISABLED,
        NtStatus::PASSWORD_MUST_CHANGE => WnError::PASSWORD_MUST_CHANGE,
        NtStatus::ACCOUNT_LOCKED_OUT => WnError::ACCOUNT_LOCKED_OUT,
        NtStatus::ACCESS_DENIED => WnError::ACCESS_DENIED,
        _ => WnError::UNEXP_NET_ERR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_mean_what_programs_expect() {
        for (status, expected) in [
            (0xC000_0034, FaultKind::NotFound),
            (0xC000_003A, FaultKind::NotFound),
            (0xC000_0056, FaultKind::NotFound),
            (0xC000_0035, FaultKind::AlreadyExists),
            (0xC000_0033, FaultKind::BadName),
            (0xC000_0106, FaultKind::NameTooLong),
            (0xC000_0101, FaultKind::NotEmpty),
            (0xC000_0103, FaultKind::NotADirectory),
            (0xC000_00BA, FaultKind::IsADirectory),
            (0xC000_0022, FaultKind::Denied),
            (0xC000_00A2, FaultKind::ReadOnly),
            (0xC000_007F, FaultKind::NoSpace),
            (0xC000_0044, FaultKind::Quota),
            (0xC000_0043, FaultKind::InUse),
            (0xC000_0055, FaultKind::WouldBlock),
            (0xC000_0904, FaultKind::TooLarge),
            (0xC000_00BB, FaultKind::Unsupported),
            (0xC000_0128, FaultKind::HandleLost),
            (0xC000_00C9, FaultKind::Lost),
            (0xC000_0203, FaultKind::Lost),
            (0xC000_035C, FaultKind::Lost),
            (0xC000_00B5, FaultKind::TimedOut),
            (0xC000_000D, FaultKind::Nonsense),
        ] {
            assert_eq!(kind(NtStatus(status)), expected, "{status:#x}");
        }
    }

    #[test]
    fn login_failures_have_their_codes() {
        for (status, given, code) in [
            (0xC000_006D, true, 86),
            (0xC000_006D, false, 1326),
            (0xC000_006A, false, 86),
            (0xC000_0064, true, 1326),
            (0xC000_006E, true, 1327),
            (0xC000_0071, true, 1330),
            (0xC000_0072, true, 1331),
            (0xC000_0224, true, 1907),
            (0xC000_0234, true, 1909),
            (0xC000_0022, true, 5),
        ] {
            assert_eq!(login_code(NtStatus(status), given).code(), code, "{status:#x}");
        }
    }

    #[test]
    fn a_connection_that_ended_is_lost() {
        assert_eq!(fault_of(&smb2::Error::Disconnected).kind, FaultKind::Lost);
        assert_eq!(fault_of(&smb2::Error::SessionExpired).kind, FaultKind::Lost);
        assert_eq!(fault_of(&smb2::Error::Timeout).kind, FaultKind::TimedOut);
        assert_eq!(fault_of(&smb2::Error::invalid_data("x")).kind, FaultKind::Nonsense);
    }
}
