//! Connecting to what is dead, wrong or forbidden.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::time::Duration;

use mpr_mount_conformance::{Backend, run};
use mpr_testkit::{Line, Proxy};

use crate::bench::{Bench, Setting};
use crate::help::LONG;

use super::workload::{BOUND, SHORT, store};

const STAGES: [&str; 6] = ["resolve", "connect", "secure", "TLS", "log in", "open"];

pub(crate) fn frozen(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, SHORT);
    bench.server.freeze();
    let address = bench.server.address();
    let refusal = bench.try_connect("S:", address, "rw", &["--timeout", "2"]).unwrap_err();
    assert!(refusal.took < BOUND, "{refusal:?}");
    assert_eq!((refusal.status, refusal.code), (Some(1), 1460), "{refusal:?}");
    assert!(STAGES.iter().any(|stage| refusal.text.contains(stage)), "no stage: {refusal:?}");
    bench.world.assert_nothing_left();
    bench.server.thaw();
    // And again as if nothing had been.
    bench.connect("S:", "rw");
    bench.delete("S:");
    bench.world.assert_nothing_left();
}

/// Six kinds of failure have six codes, and none is success.
pub(crate) fn failures_told_apart(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, SHORT);
    let address = bench.server.address();
    let remote = |export: &str| bench.server.remote(address, export);
    let login = bench.server.login();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = Proxy::start(address).unwrap();
    silent.set(Line::Frozen).unwrap();
    let wrong = login.clone().map(|(user, _)| (user, "wrong".to_owned()));
    let user = format!("{}@", mpr_testkit::server_user());
    let stranger =
        if wrong.is_some() { remote("rw") } else { remote("rw").replace(&user, "daemon@") };
    let host = address.ip().to_string();
    let cases = [
        ("no such host", remote("rw").replace(&host, "no-such-host.invalid"), &login),
        ("refused", bench.server.remote(closed, "rw"), &login),
        ("silent", bench.server.remote(silent.address(), "rw"), &login),
        ("wrong password", stranger, &wrong),
        ("no such share", remote("missing"), &login),
    ];
    let mut codes: BTreeMap<u64, &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for (kind, remote, login) in cases {
        let more = ["--timeout", if kind == "silent" { "2" } else { "20" }];
        match bench.world.connect_with("S:", &remote, login.as_ref(), &more) {
            Ok(_) => problems.push(format!("{kind}: connected")),
            Err(refusal) => {
                if let Some(other) = codes.insert(refusal.code, kind) {
                    problems.push(format!("{kind} looks like {other}: {refusal:?}"));
                }
                if !STAGES.iter().any(|stage| refusal.text.contains(stage)) {
                    problems.push(format!("{kind} names no stage: {refusal:?}"));
                }
                if refusal.text.contains("wrong\"") {
                    problems.push(format!("{kind} shows the password"));
                }
            }
        }
        bench.world.assert_nothing_left();
    }
    if backend.exports {
        let made = bench.world.connect_with("S:", &remote("forbidden"), login.as_ref(), &[]);
        match made {
            Ok(_) => problems.push("no permission: connected".into()),
            Err(refusal) => {
                if let Some(other) = codes.insert(refusal.code, "no permission") {
                    problems.push(format!("no permission looks like {other}: {refusal:?}"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// The tenth host accepts connections and says nothing.
pub(crate) fn ten_connections_one_dead(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, Duration::from_secs(5));
    let proxy = Proxy::start(bench.server.address()).unwrap();
    let letters: Vec<String> = ('K'..='T').map(|letter| format!("{letter}:")).collect();
    for (number, local) in letters.iter().enumerate() {
        let address = if number == 4 { proxy.address() } else { bench.server.address() };
        let remote = bench.server.remote(address, "open");
        let made = bench.world.connect_with(local, &remote, None, &["--persistent"]);
        made.unwrap_or_else(|refusal| panic!("{local} {refusal:?}"));
        bench.world.mpr(&["delete", local, "--keep"]).wanted("mpr delete --keep");
    }
    bench.world.assert_nothing_left();
    proxy.set(Line::Frozen).unwrap();
    let mut command = bench.world.command(&["restore", "--json", "--no-input", "--timeout", "4"]);
    let outcome = run(&mut command, LONG);
    let status = outcome.status.and_then(|status| status.code());
    assert_eq!(status, Some(64), "some and not all: {outcome:?}");
    // The deadline is four seconds; in sequence it would be late by what all others take.
    assert!(outcome.took < BOUND, "{:?}", outcome.took);
    let run = bench.world.path().join("run/mpr");
    for (number, local) in letters.iter().enumerate() {
        let dir = run.join(local.trim_end_matches(':'));
        if number == 4 {
            assert!(!dir.exists(), "nothing of the dead one stays");
            continue;
        }
        store(&dir.join(format!("from {number}")), b"usable", true).unwrap();
    }
    assert_eq!(fs::read_dir(bench.behind("open")).unwrap().count(), 9);
    for local in letters.iter().filter(|local| *local != "O:") {
        bench.delete(local);
    }
    bench.world.assert_nothing_left();
}
