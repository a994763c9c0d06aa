//! Serves a local directory as a mount would be served: to try and to measure the engine alone.
//!
//! Takes an order like any serving program; with a directory and a mount point as arguments it
//! writes the order itself and stays.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use mpr_engine::{Found, Protocol, Target};
use mpr_mount::Obstacle;

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
        Ok(LocalShare::new(Path::new(&target.source), ABILITIES, Arc::new(Faults::default())))
    }

    async fn browse(_: Target) -> Result<Vec<Found>, Obstacle> {
        Ok(Vec::new())
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
