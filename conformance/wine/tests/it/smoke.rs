//! `mpr.dll` loads, every export can be called, and a connection is told before and after.

use std::collections::BTreeSet;

use mpr_conformance_wine::{Registry, source, stage, windows_path};

use crate::world;

/// Returns the names of `mpr.def`.
fn exports() -> Vec<String> {
    let text = std::fs::read_to_string(source("../../crates/capi/mpr.def")).unwrap();
    let lines = text.lines().filter(|line| !line.ends_with(" NONAME"));
    lines.filter_map(|line| line.trim().split_once(" @")).map(|it| it.0.to_owned()).collect()
}

/// Every export with nothing but zeros, without a network and with one: no crash, no success that
/// means something, and `GetLastError` says what was returned.
#[test]
fn every_export_survives_nothing() {
    let Some(mut world) = world("every_export_survives_nothing") else { return };
    let names = exports();
    assert!(names.len() > 100, "{}", names.len());
    let arguments: Vec<&str> = ["nulls"].into_iter().chain(names.iter().map(|it| &**it)).collect();
    for network in [false, true] {
        if network {
            world.provider("table", "provider_table");
        }
        let ran = world.run("smoke", &arguments);
        let lines = ran.lines();
        assert_eq!(lines.len(), names.len(), "{lines:?}");
        let lying: Vec<_> = lines.iter().filter(|line| line.contains("otherwise")).collect();
        assert!(lying.is_empty(), "{lying:?}");
        // Enumerating passwords without a function, and every private name, is refused too.
        let fine: BTreeSet<&str> =
            lines.iter().filter_map(|line| line.strip_suffix(" 0")).collect();
        let expected: &[&str] = if network {
            &["WNetClearConnections", "WNetRestoreConnectionA", "WNetRestoreConnectionW"]
        } else {
            &["WNetRestoreConnectionA", "WNetRestoreConnectionW"]
        };
        assert_eq!(fine, expected.iter().copied().collect(), "network {network}");
    }
}

#[test]
fn a_connection_is_told_before_and_after() {
    let Some(mut world) = world("a_connection_is_told_before_and_after") else { return };
    world.provider("table", "provider_table").notifyee("b_log", "notify_log");
    world.notifyee("a_log", "notify_log");
    let ran = world.run("smoke", &["flow"]);
    let expected = r"add 0
again 85
get 0 \\srv\share
small 234 12
other 2250
local drive 85
denied 5
told 5 by table
forbidden 1223
nobody's 67
deviceless 0
cancel 0
remembered 1201 \\srv\share
restore 0
forget 0
cancel 2250
user 0 somebody";
    assert_eq!(ran.lines().join("\n"), expected);
    let log = world.log();
    let first = r#"a_log pre add "Q:" "\\srv\share" provider NULL status 0
b_log pre add "Q:" "\\srv\share" provider NULL status 0
table add "Q:" "\\srv\share" user "alice" password given flags 0
b_log post add "Q:" "\\srv\share" provider "table" status 0
a_log post add "Q:" "\\srv\share" provider "table" status 0"#;
    assert_eq!(log[..5].join("\n"), first);
    let veto = log.iter().filter(|line| line.contains("forbidden")).cloned().collect::<Vec<_>>();
    // The first forbids, so the second and the provider are not asked.
    assert_eq!(veto, [r#"a_log pre add NULL "\\srv\forbidden" provider NULL status 0"#]);
    assert!(log.contains(&r#"b_log post cancel "Q:" provider "table" status 0"#.to_owned()));
    assert_eq!(world.query(&Registry::remembered_key("Q")), [""; 0], "forgotten");
}

/// A names are of the ANSI code page; modules get UTF-16.
#[test]
fn ansi_names_are_of_the_code_page() {
    let Some(mut world) = world("ansi_names_are_of_the_code_page") else { return };
    world.provider("table", "provider_table");
    let ran = world.run("smoke", &["ansi"]);
    assert_eq!(ran.lines(), ["page 1252", "add 0", "get 0 the same", "cancel 0"]);
    assert!(world.log()[0].contains(r#""\\srv\ü""#), "{:?}", world.log());
}

#[test]
fn passwords_are_kept_for_the_process() {
    let Some(mut world) = world("passwords_are_kept_for_the_process") else { return };
    let expected = "missing 1223
keep 0
get 0 8 alice:pw
small 234 8
other type 1223
keep 0
keep 0
keep 0
entry 16 5 3 0 4 srv/anew 7
entry 13 5 0 1 4 srv/b 7
each 0
entry 16 5 3 0 4 srv/anew 8
entry 13 5 0 1 4 srv/b 8
entry 14 5 1 2 6 otherx 8
all 0
forget 0
forget 5
each 0";
    // Twice: the second process finds nothing of the first.
    for _ in 0..2 {
        assert_eq!(world.run("smoke", &["cache"]).lines().join("\n"), expected);
    }
}

#[test]
fn numbers_without_names() {
    let Some(mut world) = world("numbers_without_names") else { return };
    assert_eq!(world.run("smoke", &["heap"]).lines(), ["20 0", "4000 x 0", "1 0"]);
}

/// A provider and a notifyee in Rust, by the macros, are modules like those in C; the provider's
/// text comes back through `WNetSetLastError` of the DLL that loaded it.
#[test]
fn modules_in_rust() {
    let Some(mut world) = world("modules_in_rust") else { return };
    let built = |name: &str| stage().unwrap().join(name);
    let provider = windows_path(&world.install("sample", &built("provider_sample.dll")));
    let notifyee = windows_path(&world.install("told", &built("notify_sample.dll")));
    let log = world.path("told.log");
    world.set("NOTIFY_SAMPLE_LOG", &windows_path(&log));
    world
        .registry()
        .order("sample")
        .provider("sample", "Sample Network", &provider)
        .notifyee("told", &notifyee);
    assert_eq!(world.run("smoke", &["add", "0", r"\\sample\docs", "S:"]).lines(), ["add 0"]);
    let told = std::fs::read_to_string(&log).unwrap();
    let expected = r"1 pre-add S: \\sample\docs flags=0
1 post-add S: \\sample\docs code=0 provider=Sample Network
";
    assert_eq!(told.replace('\r', ""), expected);
    let broken = world.run("smoke", &["add", "0", r"\\sample\broken"]);
    assert_eq!(broken.lines(), ["add 1208", "last 0", "17 Sample Network: the cable is out"]);
    let forbidden = world.run("smoke", &["add", "0", r"\\sample\forbidden"]);
    assert_ne!(forbidden.lines(), ["add 0"]);
}

/// A program that loads the DLL, uses it and lets it go again, with threads that outlive it.
#[test]
fn the_dll_can_be_let_go() {
    let Some(mut world) = world("the_dll_can_be_let_go") else { return };
    let file = source("clients/unload.c");
    let program = mpr_conformance_wine::program(&file, "unload", &[]);
    let ran = world.run_file(mpr_conformance_wine::Router::Ours, &program, &[]);
    assert_eq!(ran.lines(), ["survived"]);
}
