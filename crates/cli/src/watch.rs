//! Names whoever is slow while he is waited for.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

/// How long somebody may take before he is named.
const PATIENCE: Duration = Duration::from_secs(5);

/// Watches one operation from a thread of its own, which ends with it.
#[derive(Debug)]
pub(crate) struct Watch(Option<Sender<Option<String>>>);

impl Watch {
    /// Watches, and says on stderr who is waited for.
    pub(crate) fn new() -> Self {
        Self::with(PATIENCE, |who| crate::output::complain(&format!("waiting for {who} ...")))
    }

    /// Watches nobody.
    pub(crate) const fn off() -> Self {
        Self(None)
    }

    fn with(patience: Duration, say: impl Fn(&str) + Send + 'static) -> Self {
        let (sender, asked) = mpsc::channel::<Option<String>>();
        let watch = move || {
            let mut waiting: Option<String> = None;
            loop {
                let next = match &waiting {
                    Some(_) => asked.recv_timeout(patience),
                    None => asked.recv().map_err(RecvTimeoutError::from),
                };
                match (next, waiting.take()) {
                    (Ok(who), _) => waiting = who,
                    (Err(RecvTimeoutError::Timeout), Some(who)) => say(&who),
                    (Err(RecvTimeoutError::Timeout), None) => {}
                    (Err(RecvTimeoutError::Disconnected), _) => return,
                }
            }
        };
        // Without a thread nobody is named, and everything else goes on.
        let started = std::thread::Builder::new().name("watch".into()).spawn(watch);
        Self(started.is_ok().then_some(sender))
    }

    /// Is told who is asked now.
    pub(crate) fn asking(&self, who: &str) {
        self.tell(Some(who.to_owned()));
    }

    /// Is told that there was an answer.
    pub(crate) fn answered(&self) {
        self.tell(None);
    }

    fn tell(&self, who: Option<String>) {
        if let Some(sender) = &self.0 {
            let _ = sender.send(who);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slow_are_named_once_and_the_quick_are_not() {
        let (said, heard) = mpsc::channel();
        let watch = Watch::with(Duration::ZERO, move |who| said.send(who.to_owned()).unwrap());
        watch.asking("notifyee 10-vpn");
        assert_eq!(heard.recv().unwrap(), "notifyee 10-vpn");
        watch.asking("provider SMB");
        assert_eq!(heard.recv().unwrap(), "provider SMB");
        drop(watch);
        assert!(heard.recv().is_err(), "named once, and the thread has ended");
        let patient = Watch::with(Duration::from_secs(3600), |_| panic!("it was quick"));
        patient.asking("provider SMB");
        patient.answered();
    }
}
