//! How much room there is on the server, from memory.
//!
//! `df` and desktop helpers ask every minute; no answer of theirs waits for the network.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::core::Core;
use crate::{FaultKind, Share, Space};

/// How long an answer of the server's is repeated before it is asked again.
const FRESH: Duration = Duration::from_secs(5);

/// What is said of a server that says nothing: a tebibyte, free.
const UNKNOWN: Space = Space { total: 1 << 40, free: 1 << 40 };

#[derive(Debug, Default)]
pub(crate) struct SpaceCache(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    space: Option<Space>,
    asked: Option<Instant>,
    /// The server does not know.
    hopeless: bool,
}

impl<S: Share> Core<S> {
    /// Returns what is known of the room on the server, and asks anew in the background.
    pub(crate) fn known_space(self: &Arc<Self>) -> Space {
        let mut known = self.space.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stale = known.asked.is_none_or(|asked| asked.elapsed() >= FRESH);
        if stale && !known.hopeless {
            known.asked = Some(Instant::now());
            let core = Arc::clone(self);
            self.runtime.spawn(async move { core.ask_space().await });
        }
        known.space.unwrap_or(UNKNOWN)
    }

    /// Asks the server how much room there is.
    pub(crate) async fn ask_space(self: &Arc<Self>) {
        let answer = self.call(self.op(), |_| self.share.space()).await;
        let mut known = self.space.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.asked = Some(Instant::now());
        match answer {
            Ok(space) => known.space = Some(space),
            Err(fault) if fault.kind == FaultKind::Unsupported => known.hopeless = true,
            Err(_) => {}
        }
    }
}
