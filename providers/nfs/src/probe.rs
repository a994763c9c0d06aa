//! The look at the server before the kernel is told to mount: the last one that can be given up.

use std::io;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mpr_core::WnError;
use mpr_mount::{
    Action, Obstacle, Resource as _, Stage, Task, answer_failed, answer_ready, detach, first_stage,
    take_task, watch_caller,
};

use crate::name::NfsName;

/// The bound where the order says none.
const USUAL: Duration = Duration::from_secs(5);

/// Runs the serving program: answers a probe, and ends.
pub fn answer() -> ExitCode {
    if std::env::args().nth(1).as_deref() != Some("serve") {
        return first_stage("serve");
    }
    detach();
    let Ok(task) = take_task() else { return ExitCode::FAILURE };
    if watch_caller(&task).is_err() {
        return ExitCode::FAILURE;
    }
    let said = look(&task);
    let heard = match &said {
        Ok(()) => answer_ready(),
        Err(obstacle) => {
            answer_failed(obstacle.stage.word(), obstacle.code, &obstacle.text);
            Ok(())
        }
    };
    if said.is_ok() && heard.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn look(task: &Task) -> Result<(), Obstacle> {
    let Some(remote) = NfsName::parse(&task.source) else {
        let text = format!("{} is no name of an NFS export", task.source);
        return Err(Obstacle::new(Stage::Resolve, WnError::BAD_NET_NAME, text));
    };
    if task.action != Action::Probe {
        let text = format!("what {} exports cannot be listed", remote.host());
        return Err(Obstacle::new(Stage::Open, WnError::NOT_CONTAINER, text));
    }
    let limit = task.settings.get("probe-ms").and_then(|limit| limit.as_u64());
    reach(&remote, Instant::now() + limit.map_or(USUAL, Duration::from_millis))
}

/// Finds the host and connects, to whichever address answers first in the resolver's order. The
/// caller ends this process if the resolver takes too long.
fn reach(remote: &NfsName, deadline: Instant) -> Result<(), Obstacle> {
    let host = remote.host();
    let found = (host, remote.port()).to_socket_addrs();
    let addresses: Vec<_> = found.map(Iterator::collect).unwrap_or_default();
    let mut last = None;
    for (at, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        // The rest is shared, so that one silent address does not cost the others their turn.
        let share = left / u32::try_from(addresses.len() - at).unwrap_or(u32::MAX);
        match TcpStream::connect_timeout(address, share.max(Duration::from_millis(1))) {
            Ok(_) => return Ok(()),
            Err(error) => last = Some(error),
        }
    }
    let Some(error) = last else {
        let text = format!("there is no host {host}");
        return Err(Obstacle::new(Stage::Resolve, WnError::BAD_NET_PATH, text));
    };
    let port = remote.port();
    let (code, text) = match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            (WnError::REM_NOT_LIST, format!("{host} refuses connections to port {port}"))
        }
        io::ErrorKind::TimedOut => (WnError::TIMEOUT, format!("{host} does not answer")),
        _ => (WnError::REM_NOT_LIST, format!("{host} cannot be reached: {error}")),
    };
    Err(Obstacle::new(Stage::Connect, code, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_apart() {
        let deadline = || Instant::now() + Duration::from_secs(20);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let remote = NfsName::parse(&format!("nfs://127.0.0.1:{port}/x")).unwrap();
        reach(&remote, deadline()).unwrap();
        drop(listener);
        let refused = reach(&remote, deadline()).unwrap_err();
        assert_eq!((refused.stage, refused.code), (Stage::Connect, WnError::REM_NOT_LIST));
        let nowhere = NfsName::parse("nfs://no-such-host.invalid/x").unwrap();
        let unknown = reach(&nowhere, deadline()).unwrap_err();
        assert_eq!((unknown.stage, unknown.code), (Stage::Resolve, WnError::BAD_NET_PATH));
    }
}
