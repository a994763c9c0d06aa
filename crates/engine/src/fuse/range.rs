//! Ranges of bytes: the kernel names the last byte, the engine what comes after it.

/// The last byte of the longest range that the kernel knows.
const LAST: u64 = i64::MAX as u64;

/// Returns where a range ends of which the kernel names the last byte; the longest never does.
pub(super) fn end_after(last: u64) -> u64 {
    if last >= LAST { u64::MAX } else { last + 1 }
}

/// Returns the last byte of a range as the kernel takes it.
pub(super) fn last_before(end: u64) -> u64 {
    end.saturating_sub(1).min(LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_come_back_as_the_kernel_gave_them() {
        for last in [0, 1, 4095, LAST - 1, LAST] {
            assert_eq!(last_before(end_after(last)), last);
        }
        assert_eq!((end_after(LAST), end_after(9)), (u64::MAX, 10));
    }
}
