//! Byte-range locks, kept by the server between its clients.

use mpr_engine::{FaultKind, LockKind, LockRange, Share as _};

use crate::support::{CREATE, WRITE, connect, open, with_share};

#[test]
fn locks_hold_between_clients() {
    with_share("locks_hold_between_clients", async |server, share| {
        let other = connect(&server.unc("team")).await.unwrap();
        let mine = open(&share, "db", CREATE).await.file;
        let theirs = open(&other, "db", WRITE).await.file;
        let range = |start, len| LockRange { start, len };
        let take = async |start, len, kind| {
            share.lock(&mine, range(start, len), kind).await.map_err(|fault| fault.kind)
        };
        let try_theirs = async |start, len, kind| {
            other.lock(&theirs, range(start, len), kind).await.map_err(|fault| fault.kind)
        };
        use LockKind::{Exclusive, Shared, Unlock};
        let held = Err(FaultKind::WouldBlock);
        assert_eq!(take(0, 100, Shared).await, Ok(()));
        assert_eq!(try_theirs(50, 10, Shared).await, Ok(()));
        assert_eq!(try_theirs(50, 10, Exclusive).await, held);
        assert_eq!(try_theirs(200, 10, Exclusive).await, Ok(()));
        // Somebody else reads there; what was held stays held.
        assert_eq!(take(0, 100, Exclusive).await, held);
        assert_eq!(try_theirs(50, 10, Unlock).await, Ok(()));
        assert_eq!(try_theirs(20, 1, Exclusive).await, held);
        assert_eq!(take(0, 100, Exclusive).await, Ok(()));
        assert_eq!(try_theirs(20, 1, Shared).await, held);
        // A part goes, the rest stays.
        assert_eq!(take(20, 10, Unlock).await, Ok(()));
        assert_eq!(try_theirs(20, 10, Exclusive).await, Ok(()));
        assert_eq!(try_theirs(30, 1, Shared).await, held);
        assert_eq!(try_theirs(19, 1, Shared).await, held);
        assert_eq!(take(0, u64::MAX, Unlock).await, Ok(()));
        assert_eq!(try_theirs(30, u64::MAX, Exclusive).await, Ok(()));
        // Closing gives everything back.
        other.close(theirs).await;
        assert_eq!(take(0, u64::MAX, Exclusive).await, Ok(()));
    });
}
