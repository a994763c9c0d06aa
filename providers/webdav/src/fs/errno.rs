//! From what the server said to the error number that programs see.

use fuser::Errno;

use crate::dav::DavError;

/// Returns the error number for a failed request.
pub(super) fn errno(error: &DavError) -> Errno {
    match error {
        DavError::Status(status) => of_status(*status),
        DavError::TimedOut { .. } | DavError::Down => Errno::ETIMEDOUT,
        DavError::Local(code) => Errno::from_i32(*code),
        DavError::NoHost | DavError::NoConnection(_) => Errno::EHOSTUNREACH,
        DavError::Tls(_) | DavError::Broken(_) | DavError::Nonsense(_) => Errno::EIO,
    }
}

fn of_status(status: u16) -> Errno {
    match status {
        401 | 403 => Errno::EACCES,
        // 409: the collection it should be in does not exist.
        404 | 409 | 410 => Errno::ENOENT,
        405 => Errno::EPERM,
        412 => Errno::EEXIST,
        413 => Errno::EFBIG,
        414 => Errno::ENAMETOOLONG,
        423 => Errno::EBUSY,
        501 => Errno::EOPNOTSUPP,
        507 => Errno::ENOSPC,
        _ => Errno::EIO,
    }
}

/// Returns the error number of a failed operation on a local file.
pub(super) fn local(error: std::io::Error) -> Errno {
    Errno::from_i32(error.raw_os_error().unwrap_or(Errno::EIO.code()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_protocol_cannot_do_has_its_number() {
        for (error, expected) in [
            (DavError::Status(507), Errno::ENOSPC),
            (DavError::Status(403), Errno::EACCES),
            (DavError::Status(404), Errno::ENOENT),
            (DavError::Status(423), Errno::EBUSY),
            (DavError::Status(500), Errno::EIO),
            (DavError::Down, Errno::ETIMEDOUT),
            (DavError::Local(28), Errno::ENOSPC),
        ] {
            assert_eq!(errno(&error).code(), expected.code(), "{error:?}");
        }
    }
}
