//! The body of both notify exports, and the contexts between PRE and POST.
//!
//! `lpContext` is a number into a table, so a wrong one finds nothing. A context that asked for a
//! retry is kept under its number. A router that does not retry never calls POST again; then the
//! context is dropped at the next PRE on the same thread, since one thread has one operation.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::ThreadId;

use mpr_core::{WnError, status};

use super::slots::Slots;
use super::wall;
use crate::author::{NotifyModule, Post, Pre};
use crate::borrow;
use crate::codes::{WN_NOT_SUPPORTED, WN_RETRY, WN_SUCCESS};
use crate::lend;
use crate::npapi::{
    LPNOTIFYADD, LPNOTIFYCANCEL, LPNOTIFYINFO, NOTIFY_POST, NOTIFY_PRE, NOTIFYINFO,
};
use crate::types::DWORD;

/// A notifyee and the contexts that it waits for.
pub struct Exported<M: NotifyModule> {
    module: M,
    waiting: Mutex<Slots<Waiting<M::Context>>>,
}

struct Waiting<C> {
    context: C,
    thread: ThreadId,
    /// Its POST was delivered and asked for a retry.
    retrying: bool,
}

/// Most contexts that wait for a repeat: a router that refuses one, on a thread that ends, says
/// nothing more.
const MOST_RETRYING: usize = 4096;

/// Finds the module's notifyee, and makes it at the first call.
pub type Instance<M> = fn() -> &'static Exported<M>;

impl<M: NotifyModule> Exported<M> {
    /// Wraps the author's notifyee.
    pub const fn new(module: M) -> Self {
        Self { module, waiting: Mutex::new(Slots::new()) }
    }

    /// Answers PRE: the code, and the context's number or 0.
    fn pre(&self, ask: impl FnOnce(&M) -> Pre<M::Context>) -> (DWORD, usize) {
        let thread = std::thread::current().id();
        let left = self.lock().take(|waiting| waiting.retrying && waiting.thread == thread);
        drop(left);
        match ask(&self.module) {
            Pre::Accept => (WN_SUCCESS, 0),
            Pre::AcceptAndTellAfter(context) => {
                let waiting = Waiting { context, thread, retrying: false };
                (WN_SUCCESS, self.lock().insert(waiting))
            }
            Pre::NotInterested => (WN_NOT_SUPPORTED, 0),
            Pre::Veto(code) => (veto(code), 0),
        }
    }

    /// Answers POST; a number that it did not give out is ignored.
    fn post(
        &self,
        number: usize,
        outcome: Result<(), WnError>,
        tell: impl FnOnce(&M, M::Context) -> Post<M::Context>,
    ) -> DWORD {
        let Some(waiting) = self.lock().remove(number) else { return WN_SUCCESS };
        match tell(&self.module, waiting.context) {
            // Nothing is tried again after a success.
            Post::Retry(_) if outcome.is_ok() => WN_SUCCESS,
            Post::Retry(context) => {
                let thread = std::thread::current().id();
                let forgotten = {
                    let mut table = self.lock();
                    table.put_back(number, Waiting { context, thread, retrying: true });
                    table.take_oldest_above(MOST_RETRYING, |waiting| waiting.retrying)
                };
                drop(forgotten);
                WN_RETRY
            }
            Post::Done => WN_SUCCESS,
            Post::Replace(code) => code.code(),
        }
    }

    /// Locks the table; the author's code never runs inside.
    fn lock(&self) -> MutexGuard<'_, Slots<Waiting<M::Context>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The code of a veto; two codes would not be one (`notify.md` §4).
fn veto(code: WnError) -> DWORD {
    match code {
        WnError::RETRY | WnError::NOT_SUPPORTED => WnError::CANCELLED.code(),
        other => other.code(),
    }
}

/// `AddConnectNotify`.
///
/// # Safety
///
/// As npapi.h says: both pointers are NULL or valid, and the names in `details` are terminated.
pub unsafe fn add_connect_notify<M: NotifyModule>(
    instance: Instance<M>,
    info: LPNOTIFYINFO,
    details: LPNOTIFYADD,
) -> DWORD {
    // SAFETY: the caller, by this function's contract.
    let Some(details) = (unsafe { borrow::add_details(details) }) else { return WN_SUCCESS };
    let pre = |module: &M| module.pre_add(&details);
    let post = |module: &M, context, outcome| module.post_add(context, outcome, &details);
    // SAFETY: the caller, by this function's contract.
    unsafe { notify(instance, info, pre, post) }
}

/// `CancelConnectNotify`.
///
/// # Safety
///
/// As npapi.h says: both pointers are NULL or valid, and the names in `details` are terminated.
pub unsafe fn cancel_connect_notify<M: NotifyModule>(
    instance: Instance<M>,
    info: LPNOTIFYINFO,
    details: LPNOTIFYCANCEL,
) -> DWORD {
    // SAFETY: the caller, by this function's contract.
    let Some(details) = (unsafe { borrow::cancel_details(details) }) else { return WN_SUCCESS };
    let pre = |module: &M| module.pre_cancel(&details);
    let post = |module: &M, context, outcome| module.post_cancel(context, outcome, &details);
    // SAFETY: the caller, by this function's contract.
    unsafe { notify(instance, info, pre, post) }
}

/// What both have in common: PRE may leave a number in `lpContext`, POST gets it back.
///
/// # Safety
///
/// `info` is NULL, or readable and writable.
unsafe fn notify<M: NotifyModule>(
    instance: Instance<M>,
    info: LPNOTIFYINFO,
    pre: impl FnOnce(&M) -> Pre<M::Context>,
    post: impl FnOnce(&M, M::Context, Result<(), WnError>) -> Post<M::Context>,
) -> DWORD {
    // SAFETY: the caller, by this function's contract.
    let Some(told) = (unsafe { borrow::read(info) }) else { return WN_SUCCESS };
    match told.dwNotifyStatus {
        NOTIFY_PRE => {
            let (code, number) = wall((WN_NOT_SUPPORTED, 0), || instance().pre(pre));
            if number != 0 {
                let context = std::ptr::without_provenance_mut(number);
                // SAFETY: the caller, by this function's contract.
                unsafe { lend::write(info, NOTIFYINFO { lpContext: context, ..told }) };
            }
            code
        }
        NOTIFY_POST => wall(WN_SUCCESS, || {
            let outcome = status(told.dwOperationStatus);
            let tell = |module: &M, context| post(module, context, outcome);
            instance().post(told.lpContext.addr(), outcome, tell)
        }),
        _ => WN_SUCCESS,
    }
}
