//! Whether the server answers, and who waits until it does again.
//!
//! Up until a call finds the connection broken. Then one task connects anew until that works, and
//! calls wait for it; once that takes longer than a call may, they are refused at once.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::{Fault, FaultKind};

/// What is known of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    /// Counts connections, so that what belonged to an earlier one is known.
    pub(crate) generation: u64,
    /// Since when it is broken, and why it still is; `None` while it works.
    pub(crate) broken: Option<(Instant, FaultKind)>,
    /// When it was made.
    made: Instant,
    /// When it was seen to work last.
    heard: Instant,
}

impl State {
    fn new(generation: u64) -> Self {
        let now = Instant::now();
        Self { generation, broken: None, made: now, heard: now }
    }
}

/// How a connection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Up,
    Reconnecting,
    Down,
}

/// The state of the connection, for those who wait for it to change.
#[derive(Debug)]
pub(crate) struct Health {
    state: watch::Sender<State>,
    limit: Duration,
}

impl Health {
    /// Starts with a connection that works.
    pub(crate) fn new(limit: Duration) -> Self {
        Self { state: watch::Sender::new(State::new(0)), limit }
    }

    /// Returns how the connection does.
    pub(crate) fn condition(&self) -> Condition {
        match self.state.borrow().broken {
            None => Condition::Up,
            Some((since, _)) if since.elapsed() < self.limit => Condition::Reconnecting,
            Some(_) => Condition::Down,
        }
    }

    /// Returns why it does not do well; for people.
    pub(crate) fn reason(&self) -> &'static str {
        match self.state.borrow().broken {
            None => "",
            Some((_, FaultKind::Unreachable)) => "the server cannot be reached",
            Some((_, FaultKind::LoggedOut)) => "the server refuses the login",
            Some((_, FaultKind::TimedOut)) => "the server does not answer",
            Some(_) => "the connection is lost",
        }
    }

    /// Returns a view of the state that tells when it changes.
    pub(crate) fn watch(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Waits for a connection that works, and returns its number; at once an error if it has been
    /// broken for longer than calls may take, or the server does not let the user in any more.
    pub(crate) async fn ready(&self, deadline: Instant) -> Result<u64, Fault> {
        {
            let state = self.state.borrow();
            if state.broken.is_none() {
                return Ok(state.generation);
            }
        }
        let mut state = self.state.subscribe();
        loop {
            let seen = *state.borrow_and_update();
            let Some((since, kind)) = seen.broken else { return Ok(seen.generation) };
            if kind == FaultKind::LoggedOut || since.elapsed() >= self.limit {
                return Err(why(kind));
            }
            let end = deadline.min(since + self.limit);
            match tokio::time::timeout_at(end.into(), state.changed()).await {
                Ok(Ok(())) => {}
                _ => return Err(why(kind)),
            }
        }
    }

    /// Refuses what would wait for a connection that has been broken for too long.
    pub(crate) fn fit(&self, deadline: Instant) -> Result<(), Fault> {
        match self.state.borrow().broken {
            Some((since, kind))
                if since.elapsed() >= self.limit
                    || kind == FaultKind::LoggedOut
                    || Instant::now() >= deadline =>
            {
                Err(why(kind))
            }
            _ => Ok(()),
        }
    }

    /// Returns once another connection has taken the place of this one.
    pub(crate) async fn replaced(&self, generation: u64) {
        let mut state = self.state.subscribe();
        if state.wait_for(|state| state.generation != generation).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Says that a connection has been broken since then, or since it was heard of last; true if
    /// nobody had said so, and it is to be made anew.
    pub(crate) fn broken(&self, generation: u64, kind: FaultKind, since: Instant) -> bool {
        self.state.send_if_modified(|state| {
            let news = state.generation == generation && state.broken.is_none();
            if news {
                state.broken = Some((since.max(state.heard), kind));
            }
            news
        })
    }

    /// Says why the last attempt to connect failed.
    pub(crate) fn still_broken(&self, kind: FaultKind) {
        self.state.send_modify(|state| {
            if let Some((_, last)) = &mut state.broken {
                *last = kind;
            }
        });
    }

    /// Says that there is another connection.
    pub(crate) fn renewed(&self) {
        self.state.send_modify(|state| *state = State::new(state.generation + 1));
    }

    /// Says that the server answers, whatever else takes long.
    pub(crate) fn heard(&self) {
        self.state.send_if_modified(|state| {
            state.heard = Instant::now();
            false
        });
    }

    /// Returns the number of the connection, whether or not it works.
    pub(crate) fn generation(&self) -> u64 {
        self.state.borrow().generation
    }

    /// Tells how old the connection is.
    pub(crate) fn age(&self) -> Duration {
        self.state.borrow().made.elapsed()
    }
}

/// What a call that waited in vain is told.
fn why(kind: FaultKind) -> Fault {
    match kind {
        FaultKind::Unreachable | FaultKind::LoggedOut => kind.into(),
        _ => Fault::new(FaultKind::TimedOut, "the connection is broken"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
            .block_on(future)
    }

    #[test]
    fn a_broken_connection_is_reported_once() {
        let health = Health::new(Duration::from_secs(60));
        assert!(health.broken(0, FaultKind::Lost, Instant::now()));
        assert!(!health.broken(0, FaultKind::Lost, Instant::now()));
        health.renewed();
        assert!(
            !health.broken(0, FaultKind::Lost, Instant::now()),
            "that was the connection before"
        );
        assert_eq!(health.condition(), Condition::Up);
    }

    #[test]
    fn waiting_is_bounded_and_says_why() {
        let health = Health::new(Duration::from_secs(60));
        assert!(health.broken(0, FaultKind::Lost, Instant::now()));
        let soon = || Instant::now() + Duration::from_millis(10);
        assert_eq!(block_on(health.ready(soon())).unwrap_err().kind, FaultKind::TimedOut);
        health.still_broken(FaultKind::Unreachable);
        assert_eq!(block_on(health.ready(soon())).unwrap_err().kind, FaultKind::Unreachable);
        health.renewed();
        assert_eq!(block_on(health.ready(soon())), Ok(1));
    }

    #[test]
    fn what_is_down_for_long_is_refused_at_once() {
        let health = Health::new(Duration::ZERO);
        assert!(health.broken(0, FaultKind::Lost, Instant::now()));
        assert_eq!(health.condition(), Condition::Down);
        let late = Instant::now() + Duration::from_secs(3600);
        assert_eq!(block_on(health.ready(late)).unwrap_err().kind, FaultKind::TimedOut);
    }

    /// Nobody tells who waits that it takes too long by now.
    #[test]
    fn who_waits_is_told_once_it_is_down() {
        let health = Health::new(Duration::from_millis(20));
        assert!(health.broken(0, FaultKind::Lost, Instant::now()));
        let late = Instant::now() + Duration::from_secs(3600);
        assert_eq!(block_on(health.ready(late)).unwrap_err().kind, FaultKind::TimedOut);
    }

    /// Who asks next does not wait as long again: the kernel looks a name up twice.
    #[test]
    fn a_silence_counts_from_the_first_question_without_answer() {
        let health = Health::new(Duration::from_secs(60));
        let since = |health: &Health| health.state.borrow().broken.unwrap().0;
        let (answered, asked) = (Instant::now(), Instant::now());
        assert!(health.broken(0, FaultKind::TimedOut, asked));
        assert_eq!(since(&health), asked);
        health.renewed();
        health.heard();
        assert!(health.broken(1, FaultKind::TimedOut, answered));
        assert!(since(&health) > answered);
    }
}
