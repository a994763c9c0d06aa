//! What the author of a notifyee writes: one trait, four methods, no pointers.
//!
//! The protocol (`notify.md` §4) is in the types. Whoever wants to be told after the attempt says
//! so with a context, and gets exactly that context back. A provider's author implements
//! `mpr_core::Provider` instead; [`export_provider!`](crate::export_provider) and
//! [`export_notifyee!`](crate::export_notifyee) turn either into a module.

use mpr_core::{AddDetails, CancelDetails, WnError};

/// A module that is told of connections before and after each attempt.
///
/// Several threads may be inside at once. Details borrow from the router: copy what is kept. Show
/// nothing unless `INTERACTIVE` is set, do not block for long, and avoid calling WNet functions.
///
/// Every method has a default, which accepts and does not want to be told after.
#[allow(unused_variables)]
pub trait NotifyModule: Send + Sync + 'static {
    /// What is kept from before an attempt until after it.
    type Context: Send + 'static;

    /// Is told before a connection is made, and may forbid it.
    fn pre_add(&self, details: &AddDetails<'_>) -> Pre<Self::Context> {
        Pre::Accept
    }

    /// Is told how the attempt to connect went, if it asked to be.
    fn post_add(
        &self,
        context: Self::Context,
        outcome: Result<(), WnError>,
        details: &AddDetails<'_>,
    ) -> Post<Self::Context> {
        Post::Done
    }

    /// Is told before a connection is broken, and may forbid it.
    fn pre_cancel(&self, details: &CancelDetails<'_>) -> Pre<Self::Context> {
        Pre::Accept
    }

    /// Is told how the attempt to disconnect went, if it asked to be.
    fn post_cancel(
        &self,
        context: Self::Context,
        outcome: Result<(), WnError>,
        details: &CancelDetails<'_>,
    ) -> Post<Self::Context> {
        Post::Done
    }
}

/// What a notifyee says before an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pre<C> {
    /// Go on; do not tell me how it went.
    Accept,
    /// Go on, and tell me how it went, with this context.
    AcceptAndTellAfter(C),
    /// Not my business.
    NotInterested,
    /// Do not: the caller gets this code.
    ///
    /// `RETRY` and `NOT_SUPPORTED` do not forbid in the C interface; `CANCELLED` goes in their
    /// place.
    Veto(WnError),
}

/// What a notifyee says after an attempt. All but `Done` counts only if the attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Post<C> {
    /// Leave the result as it is.
    Done,
    /// Give the caller this code instead of the provider's.
    Replace(WnError),
    /// Try again, and tell me again, with this context; the router does so at most four times.
    Retry(C),
}
