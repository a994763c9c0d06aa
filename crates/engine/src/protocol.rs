//! What a protocol supplies beside its share: connecting stage by stage, and looking around.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use mpr_mount::{Found, Obstacle, Stage};
use zeroize::Zeroizing;

use crate::Share;

/// What to connect to, as whom.
pub struct Target {
    /// The remote name, in the spelling of the mount table.
    pub source: String,
    /// The user to log in as.
    pub user: Option<String>,
    /// The password, in memory that is wiped.
    pub password: Option<Zeroizing<String>>,
    /// The bound of the whole call. The engine keeps it; a protocol only needs it to tell others.
    pub limit: Duration,
    /// Options of the provider and of this connection, by name.
    pub options: serde_json::Map<String, serde_json::Value>,
    /// Where content goes that a server would not take before its mount ended.
    pub unsaved: Option<std::path::PathBuf>,
    /// How far connecting got, for when its time is up.
    pub reached: Reached,
}

/// The stage that connecting has reached; copies tell and learn of the same attempt.
#[derive(Clone, Debug, Default)]
pub struct Reached(Arc<AtomicU8>);

const STAGES: [Stage; 6] =
    [Stage::Resolve, Stage::Connect, Stage::Secure, Stage::LogIn, Stage::Open, Stage::Mount];

impl Reached {
    /// Says that a stage begins.
    pub fn set(&self, stage: Stage) {
        let index = STAGES.iter().position(|&known| known == stage).unwrap_or(0);
        self.0.store(u8::try_from(index).unwrap_or(0), Ordering::Relaxed);
    }

    /// Returns the stage that began last; the first one if none was said to begin.
    pub fn get(&self) -> Stage {
        STAGES[usize::from(self.0.load(Ordering::Relaxed)).min(STAGES.len() - 1)]
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Target {
    /// Makes a target without user and options.
    pub fn new(source: impl Into<String>, limit: Duration) -> Self {
        Self {
            source: source.into(),
            user: None,
            password: None,
            limit,
            options: serde_json::Map::new(),
            unsaved: None,
            reached: Reached::default(),
        }
    }

    /// Says that a stage of connecting begins: what is reported if its time runs out there.
    pub fn reach(&self, stage: Stage) {
        self.reached.set(stage);
    }

    /// Returns an option that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.options.get(name).and_then(serde_json::Value::as_str)
    }

    /// Returns an option that is true or false.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.options.get(name).and_then(serde_json::Value::as_bool)
    }
}

/// A network protocol.
pub trait Protocol: 'static {
    /// The share that it connects to.
    type Share: Share;

    /// Connects: resolve, reach, agree on encryption, log in, open; says where it stopped.
    ///
    /// Calls [`Target::reach`] as each stage begins: the engine ends the attempt at its limit, and
    /// that is the stage it then reports.
    fn connect(target: Target) -> impl Future<Output = Result<Self::Share, Obstacle>> + Send;

    /// Lists what a server or a directory holds.
    fn browse(target: Target) -> impl Future<Output = Result<Vec<Found>, Obstacle>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_stage_that_began_is_told() {
        let target = Target::new("x", Duration::ZERO);
        let reached = target.reached.clone();
        assert_eq!(reached.get(), Stage::Resolve);
        for stage in STAGES {
            target.reach(stage);
            assert_eq!(reached.get(), stage);
        }
    }
}
