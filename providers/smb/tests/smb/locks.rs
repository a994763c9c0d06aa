//! Byte-range locks, kept by the server between its clients.

use bytes::Bytes;
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

/// On the server a shared lock keeps everybody from writing; here it keeps nobody.
#[test]
fn who_holds_a_shared_lock_can_write() {
    with_share("who_holds_a_shared_lock_can_write", async |server, share| {
        let other = connect(&server.unc("team")).await.unwrap();
        let mine = open(&share, "db", CREATE).await.file;
        let theirs = open(&other, "db", WRITE).await.file;
        let range = LockRange { start: 0, len: 10 };
        let write = async |file, at, text: &'static [u8]| {
            share.write(file, at, Bytes::from_static(text)).await.map_err(|fault| fault.kind)
        };
        share.lock(&mine, range, LockKind::Shared).await.unwrap();
        assert_eq!(write(&mine, 5, b"over its end").await, Ok(()));
        // Several at once, each with the lock lifted; some are not waited for.
        let writes = (write(&mine, 0, b"a"), write(&mine, 1, b"b"), write(&mine, 2, b"c"));
        let (one, two, three) = tokio::join!(writes.0, writes.1, writes.2);
        assert_eq!((one, two, three), (Ok(()), Ok(()), Ok(())));
        for round in 0..50 {
            let wait = std::time::Duration::from_micros(round * 40);
            let _ = tokio::time::timeout(wait, write(&mine, 3, b"d")).await;
        }
        assert_eq!(write(&mine, 4, b"e").await, Ok(()));
        assert_eq!(&share.read(&mine, 0, 99).await.unwrap()[..], b"abcdeover its end");
        // It holds as before.
        let held = other.lock(&theirs, range, LockKind::Exclusive).await.unwrap_err();
        assert_eq!(held.kind, FaultKind::WouldBlock);
        let kept = other.write(&theirs, 0, Bytes::from_static(b"x")).await.unwrap_err();
        assert_eq!(kept.kind, FaultKind::InUse);
        // Somebody else's keeps us from writing too.
        other.lock(&theirs, range, LockKind::Shared).await.unwrap();
        assert_eq!(write(&mine, 0, b"x").await, Err(FaultKind::InUse));
        assert_eq!(write(&mine, 10, b"x").await, Ok(()));
        other.lock(&theirs, range, LockKind::Unlock).await.unwrap();
        share.lock(&mine, range, LockKind::Unlock).await.unwrap();
        assert_eq!(other.lock(&theirs, range, LockKind::Exclusive).await, Ok(()));
    });
}
