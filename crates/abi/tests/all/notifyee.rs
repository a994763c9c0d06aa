//! A notifyee of ours, called by its C names as a router calls it.

use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

use mpr_abi::author::{NotifyModule, Post, Pre};
use mpr_abi::copy::{AddCopy, CancelCopy};
use mpr_abi::npapi::{
    LPNOTIFYADD, LPNOTIFYCANCEL, LPNOTIFYINFO, NOTIFY_POST, NOTIFY_PRE, NOTIFYINFO,
};
use mpr_core::{AddDetails, CancelDetails, ConnectFlags, ResourceType, WnError};

use crate::wide;

mpr_abi::export_notifyee!(Scripted, Scripted);

unsafe extern "system" {
    fn AddConnectNotify(info: LPNOTIFYINFO, details: LPNOTIFYADD) -> u32;
    fn CancelConnectNotify(info: LPNOTIFYINFO, details: LPNOTIFYCANCEL) -> u32;
}

/// Answers as the remote name says.
struct Scripted;

/// Counts contexts that are alive, by test.
struct Counted(&'static AtomicUsize);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

static RETRYING: AtomicUsize = AtomicUsize::new(0);
static OTHERS: AtomicUsize = AtomicUsize::new(0);

fn counted(counter: &'static AtomicUsize) -> Counted {
    counter.fetch_add(1, Ordering::SeqCst);
    Counted(counter)
}

impl NotifyModule for Scripted {
    type Context = Counted;

    fn pre_add(&self, details: &AddDetails<'_>) -> Pre<Counted> {
        match details.remote.to_string().as_str() {
            "quiet" => Pre::Accept,
            "not-mine" => Pre::NotInterested,
            "veto" => Pre::Veto(WnError::ACCESS_DENIED),
            "veto-50" => Pre::Veto(WnError::NOT_SUPPORTED),
            "panic-pre" => panic!("on purpose"),
            "retry" => Pre::AcceptAndTellAfter(counted(&RETRYING)),
            _ => Pre::AcceptAndTellAfter(counted(&OTHERS)),
        }
    }

    fn post_add(
        &self,
        context: Counted,
        outcome: Result<(), WnError>,
        details: &AddDetails<'_>,
    ) -> Post<Counted> {
        match details.remote.to_string().as_str() {
            "retry" => Post::Retry(context),
            "replace" => Post::Replace(WnError::BUSY),
            "panic-post" => panic!("on purpose"),
            "failed" if outcome != Err(WnError::INVALID_PASSWORD) => panic!("{outcome:?}"),
            _ => Post::Done,
        }
    }

    fn pre_cancel(&self, details: &CancelDetails<'_>) -> Pre<Counted> {
        assert!(details.force);
        Pre::AcceptAndTellAfter(counted(&OTHERS))
    }

    fn post_cancel(
        &self,
        _context: Counted,
        outcome: Result<(), WnError>,
        details: &CancelDetails<'_>,
    ) -> Post<Counted> {
        assert!(details.provider.is_some_and(|provider| provider.eq_str("Test")));
        outcome.map_or_else(Post::Replace, |()| Post::Done)
    }
}

/// Calls `AddConnectNotify`: the code, and the context after.
fn add(remote: &str, status: u32, operation: u32, context: usize) -> (u32, usize) {
    let remote = wide(remote);
    let mut copy = AddCopy::empty();
    let details = copy.fill(&AddDetails {
        owner: 0,
        resource_type: ResourceType::DISK,
        local: None,
        remote: remote.as_wide(),
        provider: None,
        flags: ConnectFlags::NONE,
    });
    let mut info = NOTIFYINFO {
        dwNotifyStatus: status,
        dwOperationStatus: operation,
        lpContext: ptr::without_provenance_mut(context),
    };
    // SAFETY: both structures are alive, and their names terminated.
    let code = unsafe { AddConnectNotify(&mut info, details) };
    (code, info.lpContext.addr())
}

fn pre(remote: &str) -> (u32, usize) {
    add(remote, NOTIFY_PRE, 0, 0)
}

fn post(remote: &str, operation: u32, context: usize) -> u32 {
    add(remote, NOTIFY_POST, operation, context).0
}

/// `notify.md` §4 and §7.
#[test]
fn pre_answers() {
    for (remote, code) in [
        ("quiet", 0),
        ("not-mine", 50),
        ("veto", 5),
        ("veto-50", 1223),
        // A panic must not forbid anything.
        ("panic-pre", 50),
    ] {
        assert_eq!(pre(remote), (code, 0), "{remote}");
    }
}

#[test]
fn post_answers() {
    for (remote, operation, code) in
        [("told", 0, 0), ("replace", 86, 170), ("failed", 86, 0), ("panic-post", 86, 0)]
    {
        let (accepted, context) = pre(remote);
        assert!(accepted == 0 && context != 0, "{remote}");
        assert_eq!(post(remote, operation, context), code, "{remote}");
        // The context is spent.
        assert_eq!(post(remote, operation, context), 0, "{remote}");
    }
}

#[test]
fn unknown_things_are_accepted() {
    assert_eq!(add("veto", 3, 0, 0), (0, 0));
    assert_eq!(post("retry", 86, 0xdead), 0);
    // SAFETY: NULL is allowed.
    assert_eq!(unsafe { AddConnectNotify(ptr::null_mut(), ptr::null_mut()) }, 0);
}

/// A router that refuses the retry never calls POST again; the next PRE clears up.
#[test]
fn a_retry_keeps_its_context_until_it_is_given_up() {
    let (_, context) = pre("retry");
    assert_eq!(post("retry", 86, context), 1237);
    assert_eq!(post("retry", 86, context), 1237);
    assert_eq!(RETRYING.load(Ordering::SeqCst), 1);
    // Another thread has another operation.
    std::thread::spawn(|| pre("quiet")).join().unwrap();
    assert_eq!(RETRYING.load(Ordering::SeqCst), 1);
    pre("quiet");
    assert_eq!(RETRYING.load(Ordering::SeqCst), 0);
    assert_eq!(post("retry", 86, context), 0);
    // Nothing is tried again after a success, so nothing is kept.
    let (_, context) = pre("retry");
    assert_eq!(post("retry", 0, context), 0);
    assert_eq!(RETRYING.load(Ordering::SeqCst), 0);
}

#[test]
fn cancel_goes_the_same_way() {
    let (name, provider) = (wide("S:"), wide("Test"));
    let mut copy = CancelCopy::empty();
    let details = copy.fill(&CancelDetails {
        name: name.as_wide(),
        provider: Some(provider.as_wide()),
        flags: ConnectFlags::UPDATE_PROFILE,
        force: true,
    });
    let mut info = NOTIFYINFO { dwNotifyStatus: NOTIFY_PRE, ..NOTIFYINFO::default() };
    // SAFETY: both structures are alive, and their names terminated.
    assert_eq!(unsafe { CancelConnectNotify(&mut info, details) }, 0);
    assert!(!info.lpContext.is_null());
    info = NOTIFYINFO { dwNotifyStatus: NOTIFY_POST, dwOperationStatus: 2401, ..info };
    // SAFETY: as above.
    assert_eq!(unsafe { CancelConnectNotify(&mut info, details) }, 2401);
}
