//! The serving program, as the provider starts it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use mpr_core::WnError;
use mpr_mount::{Failure, Order, Runtime, browse, probe};
use serde_json::json;

struct Bench(tempfile::TempDir);

impl Bench {
    fn runtime(&self) -> Runtime {
        Runtime::under(self.0.path(), rustix::process::geteuid().as_raw())
    }
}

fn order(source: &str) -> Order<'_> {
    Order {
        helper: Path::new(env!("CARGO_BIN_EXE_mpr-serve-nfs")),
        subtype: "mpr-nfs",
        source,
        user: None,
        password: None,
        settings: json!({ "probe-ms": 20_000 }),
        limit: Duration::from_secs(60),
    }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Failure>) -> (String, WnError) {
    match result.unwrap_err() {
        Failure::Refused { stage, code, .. } => (stage, code),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_is_looked_at_and_never_listed() {
    let bench = Bench(tempfile::tempdir().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("nfs://127.0.0.1:{}/x", listener.local_addr().unwrap().port());
    probe(&bench.runtime(), &order(&name)).unwrap();
    let listed = refusal(browse(&bench.runtime(), &order(&name)));
    assert_eq!(listed, ("open".to_owned(), WnError::NOT_CONTAINER));
    drop(listener);
    let refused = refusal(probe(&bench.runtime(), &order(&name)));
    assert_eq!(refused, ("connect".to_owned(), WnError::REM_NOT_LIST));
    let unknown = refusal(probe(&bench.runtime(), &order("nfs://no-such-host.invalid/x")));
    assert_eq!(unknown, ("resolve".to_owned(), WnError::BAD_NET_PATH));
}
