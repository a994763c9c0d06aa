//! Serves a local directory as a mount would be served: to try and to measure the engine alone.
//!
//! Takes an order like any serving program; with a directory and a mount point as arguments it
//! writes the order itself and stays.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use mpr_engine::{Found, FoundKind, Protocol, Target};
use mpr_mount::{Obstacle, Stage};

#[path = "../src/testing/faults.rs"]
mod faults;
#[path = "../src/testing/local.rs"]
mod local;

use faults::Faults;
use local::{ABILITIES, LocalShare};

struct Local;

impl Protocol for Local {
    type Share = LocalShare;

    async fn connect(target: Target) -> Result<LocalShare, Obstacle> {
        if target.flag("hangs") == Some(true) {
            target.reach(Stage::LogIn);
            std::future::pending::<()>().await;
        }
        if target.flag("blocks") == Some(true) {
            target.reach(Stage::LogIn);
            let hour = std::time::Duration::from_secs(3600);
            let _ = tokio::task::spawn_blocking(move || std::thread::sleep(hour)).await;
        }
        let faults = Arc::new(Faults::default());
        faults.silence(target.flag("silent") == Some(true));
        Ok(LocalShare::new(Path::new(&target.source), ABILITIES, faults))
    }

    async fn browse(target: Target) -> Result<Vec<Found>, Obstacle> {
        let failed = |error: std::io::Error| {
            Obstacle::new(Stage::Open, mpr_core::WnError::BAD_NET_NAME, error.to_string())
        };
        let entries = std::fs::read_dir(target.source).map_err(failed)?.flatten();
        let found = entries.map(|entry| Found {
            name: entry.file_name().to_string_lossy().into_owned(),
            kind: if entry.path().is_dir() { FoundKind::Directory } else { FoundKind::File },
            comment: None,
        });
        Ok(found.collect())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [source, place] = arguments.as_slice() else {
        return mpr_engine::main::<Local>();
    };
    let runtime = std::env::temp_dir().join(format!("serve-local-{}", std::process::id()));
    let order = serde_json::json!({
        "action": "mount",
        "runtime": { "dir": runtime, "uid": 0, "root": null },
        "place": { "dir": place, "key": "local", "inside": false },
        "made_dir": false,
        "subtype": "mpr-local",
        "source": source,
        "settings": { "probe-ms": 5000, "io-ms": 20000 },
    });
    let service = runtime.join(".serve");
    std::fs::create_dir_all(service).expect("a runtime directory");
    let program = std::env::current_exe().expect("this program");
    let mut child = Command::new(program)
        .arg("serve")
        .stdin(Stdio::piped())
        .spawn()
        .expect("this program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(order.to_string().as_bytes()).expect("room for the order");
    drop(stdin);
    let status = child.wait().expect("it ends");
    let _ = std::fs::remove_dir_all(runtime);
    ExitCode::from(u8::from(!status.success()))
}
