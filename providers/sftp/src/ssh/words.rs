//! What ssh says while it runs: how far it is, and what people should read.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use mpr_engine::Reached;
use mpr_mount::Stage;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::task::JoinHandle;

/// Most lines that are kept; the last ones tell what went wrong.
const LINES: usize = 40;

/// Longest line.
const LINE: u64 = 1000;

/// A listener to ssh's standard error.
#[derive(Debug)]
pub(super) struct Words {
    heard: Arc<Mutex<VecDeque<String>>>,
    reached: Reached,
    listening: JoinHandle<()>,
    answering: Option<JoinHandle<()>>,
}

impl Words {
    pub(super) fn listen(
        errors: impl AsyncRead + Unpin + Send + 'static,
        reached: Reached,
        answering: Option<JoinHandle<()>>,
    ) -> Self {
        let heard = Arc::default();
        let listening = tokio::spawn(hear(errors, Arc::clone(&heard), reached.clone()));
        Self { heard, reached, listening, answering }
    }

    /// Waits until ssh has closed its standard error.
    pub(super) async fn end(&mut self) {
        let _ = (&mut self.listening).await;
    }

    pub(super) fn stop_answering(&self) {
        if let Some(answering) = &self.answering {
            answering.abort();
        }
    }

    /// Returns the stage and what was said.
    pub(super) fn said(&self) -> (Stage, Vec<String>) {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        (self.reached.get(), heard.iter().cloned().collect())
    }
}

impl Drop for Words {
    fn drop(&mut self) {
        self.listening.abort();
        self.stop_answering();
    }
}

async fn hear(
    errors: impl AsyncRead + Unpin,
    heard: Arc<Mutex<VecDeque<String>>>,
    reached: Reached,
) {
    let mut errors = BufReader::with_capacity(2048, errors);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut errors).take(LINE).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text: String =
            String::from_utf8_lossy(&line).chars().filter(|it| !it.is_control()).collect();
        if let Some(stage) = stage_of(&text) {
            reached.set(stage);
        }
        if is_for_people(&text) {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            if heard.len() == LINES {
                heard.pop_front();
            }
            heard.push_back(text);
        }
    }
}

/// Tells which stage begins with a line of ssh's.
fn stage_of(line: &str) -> Option<Stage> {
    const BEGINNINGS: [(&str, Stage); 5] = [
        ("debug1: Connecting to ", Stage::Connect),
        ("debug1: Connection established", Stage::Secure),
        ("debug1: Authenticating to ", Stage::Secure),
        ("debug1: SSH2_MSG_SERVICE_ACCEPT", Stage::LogIn),
        ("Authenticated to ", Stage::Open),
    ];
    BEGINNINGS.iter().find(|(start, _)| line.starts_with(start)).map(|(_, stage)| *stage)
}

fn is_for_people(line: &str) -> bool {
    const NOISE: [&str; 6] =
        ["debug", "OpenSSH_", "Authenticated to ", "Transferred: ", "Bytes per second: ", "@@@"];
    !line.trim().is_empty() && !NOISE.iter().any(|noise| line.starts_with(noise))
}
