//! W1 to W23 of `field-notes.md` §2: what Wine's own router does wrong, beside what ours does.
//!
//! Each case is one program, run with each router; what came of it is a row of MATRIX.md, and a row
//! that is not there fails the test. With `CONFORMANCE_BLESS=1` rows are written; then read them.

use std::fs;
use std::process::Command;

use mpr_conformance::{Form, Ran, Registry, Root, Router, client, module, own_client, source};

/// Runs a case with Wine's router and ours, and compares what came of it with MATRIX.md.
fn case(number: u32, what: &str, ours: &str, run: impl Fn(&Root) -> String) {
    let [theirs, own] = [Router::BuiltIn, Router::Ours].map(|router| {
        let root = Root::new();
        root.with_router(router);
        run(&root)
    });
    assert_eq!(own, ours, "W{number}, and the other: {theirs}");
    let cell = |text: &str| text.replace('|', "/");
    check(number, &format!("| W{number} | {what} | {} | {} |", cell(&theirs), cell(&own)));
}

/// Looks for the row, or writes it.
fn check(number: u32, row: &str) {
    let file = source("../../MATRIX.md");
    let text = fs::read_to_string(&file).unwrap();
    let start = format!("| W{number} |");
    if std::env::var_os("CONFORMANCE_BLESS").is_none() {
        let found = text.lines().find(|line| line.starts_with(&start));
        assert_eq!(found, Some(row), "MATRIX.md is stale: CONFORMANCE_BLESS=1 writes the row");
        return;
    }
    let lines = text.lines().map(|line| if line.starts_with(&start) { row } else { line });
    let text: String = lines.flat_map(|line| [line, "\n"]).collect();
    fs::write(file, text).unwrap();
}

/// Says what came of a program: a crash, or its lines.
fn outcome(ran: &Ran) -> String {
    let lines: Vec<&str> = ran.stdout.lines().map(str::trim).collect();
    match (lines.contains(&"crash"), lines.contains(&"endless"), ran.status) {
        (true, ..) => "crash".into(),
        (_, true, _) => "endless loop".into(),
        (.., Some(0)) => lines.join("; "),
        (.., status) => format!("killed ({})", status.unwrap_or(-1)),
    }
}

fn says(root: &Root, commands: &[&str]) -> Ran {
    root.try_run(&client("says", Form::W), commands)
}

fn list(root: &Root, scope: u32, count: i32, size: u32) -> String {
    let [scope, count, size] = [scope.to_string(), count.to_string(), size.to_string()];
    outcome(&root.try_run(&own_client("list"), &[&scope, &count, &size]))
}

/// A provider that a closure can add.
fn provider(root: &Root, order: &[(&str, &str, &str)]) {
    for (name, module, script) in order {
        root.add_provider(name, module, script);
    }
}

/// Its entries name it: the built-in crashes on others, which would hide what else it does.
const P: (&str, &str, &str) = ("P", "provider_script", "say-name P");
const Q: (&str, &str, &str) = ("Q", "provider_script", "say-name Q");

#[test]
fn w01_deviceless_and_persistent() {
    case(1, "deviceless add with CONNECT_UPDATE_PROFILE", "add 0", |root| {
        provider(root, &[P]);
        outcome(&says(root, &[r"add - \\srv\share 1"]))
    });
}

#[test]
fn w02_connected_without_a_local_name() {
    let ours = r"0, 1: -|\\srv\share|remark; 259, 0:";
    case(2, "CONNECTED: a deviceless connection", ours, |root| {
        provider(root, &[P]);
        connected(root, &[r"- \\srv\share"], -1)
    });
}

#[test]
fn w03_a_small_buffer_for_providers() {
    let ours = r"234, -1:; 0, 1: -|P|-; 259, 0:";
    case(3, "list of providers, 40 bytes", ours, |root| {
        provider(root, &[P]);
        list(root, 2, -1, 40)
    });
}

#[test]
fn w04_more_providers_than_there_are() {
    let ours = r"0, 2: -|P|- -|Q|-; 259, 0:";
    case(4, "list of 2 providers, 10 asked for", ours, |root| {
        provider(root, &[P, Q]);
        list(root, 2, 10, 16384)
    });
}

#[test]
fn w05_context() {
    let ours = r"0, 2: -|-|Entire Network -|\\srv|remark; 259, 0:";
    case(5, "CONTEXT: an entry of a provider", ours, |root| {
        provider(root, &[P]);
        list(root, 5, -1, 16384)
    });
}

/// Names that the built-in exports and has nothing behind.
const STUBS: &[&str] = &[
    "PwdGetPasswordStatusA",
    "PwdGetPasswordStatusW",
    "WNetFMXEditPerm",
    "WNetFMXGetPermCaps",
    "WNetFMXGetPermHelp",
    "WNetGetDirectoryTypeA",
    "WNetGetHomeDirectoryA",
    "WNetGetHomeDirectoryW",
    "WNetGetPropertyTextA",
    "WNetLogonNotify",
    "WNetPasswordChangeNotify",
    "WNetPropertyDialogA",
    "WNetRestoreConnection",
];

#[test]
fn w06_names_with_nothing_behind() {
    let what = "calling the 13 exports that have nothing behind them";
    case(6, what, "13 answer", |root| {
        let answers = |name: &&&str| {
            let ran = root.try_run(&own_client("smoke"), &["nulls", name]);
            ran.status == Some(0) && ran.stdout.lines().count() == 1
        };
        let fine = STUBS.iter().filter(answers).count();
        if fine == 0 { "all 13 kill the process".into() } else { format!("{fine} answer") }
    });
}

fn connected(root: &Root, connections: &[&str], count: i32) -> String {
    let count = count.to_string();
    let arguments: Vec<&str> =
        ["1", &count, "16384"].into_iter().chain(connections.iter().copied()).collect();
    outcome(&root.try_run(&own_client("list"), &arguments))
}

#[test]
fn w07_an_empty_provider_behind() {
    let ours = r"0, 1: S:|\\srv\share|remark; 259, 0:";
    case(7, "CONNECTED: an empty provider behind one with an entry", ours, |root| {
        provider(root, &[P, Q]);
        connected(root, &[r"S: \\srv\share"], -1)
    });
}

#[test]
fn w08_an_empty_provider_that_says_minus_one() {
    let ours = r"0, 1: S:|\\srv\share|remark; 259, 0:";
    case(8, "CONNECTED: an empty provider that leaves count -1 stands first", ours, |root| {
        provider(root, &[("Q", "zoo_count", "empty"), P]);
        connected(root, &[r"S: \\srv\share"], -1)
    });
}

#[test]
fn w09_one_at_a_time() {
    let ours = r"0, 1: S:|\\srv\share|remark; 0, 1: T:|\\two\share|remark; 259, 0:";
    case(9, "CONNECTED: one entry at a time, two providers", ours, |root| {
        provider(root, &[P, ("Q", "provider_script", "say-name Q\nmine \\\\two\\")]);
        connected(root, &[r"S: \\srv\share", r"T: \\two\share"], 1)
    });
}

#[test]
fn w10_the_end() {
    let ours = r"0, 1: S:|\\srv\share|remark; 259, 0:";
    case(10, "CONNECTED: the end of the enumeration", ours, |root| {
        provider(root, &[P]);
        connected(root, &[r"S: \\srv\share"], -1)
    });
}

#[test]
fn w11_clear() {
    case(11, "WNetClearConnections", "add 0; clear 0; get 2250", |root| {
        provider(root, &[P]);
        outcome(&says(root, &[r"add S: \\srv\share 0", "clear", "get S:"]))
    });
}

#[test]
fn w12_already_assigned_to_nobody() {
    case(12, "deviceless add, the first provider says 85 to anybody's name", "add 0", |root| {
        provider(root, &[("Q", "provider_script", "mine\nadd 85"), P]);
        outcome(&says(root, &[r"add - \\srv\share 0"]))
    });
}

#[test]
fn w13_net_use() {
    case(
        13,
        "`net use` with two connections: Wine's `net` asks netapi32, and mpr never; ours is beside our router",
        "tells 2, exit 0",
        |root| {
            provider(root, &[("A", "zoo_context", ""), ("B", "zoo_context", "")]);
            let ran = match root.router() {
                Router::BuiltIn => root.run_system("net", &["use"]),
                // By another name, or Wine takes its own all the same.
                Router::Ours => {
                    let own = mpr_conformance::stage().unwrap();
                    fs::copy(own.join("net.exe"), own.join("net_use.exe")).unwrap();
                    root.try_run(&own.join("net_use.exe"), &["use"])
                }
            };
            let told = ran.stdout.lines().filter(|line| line.contains(r"\\ctx\share")).count();
            format!("tells {told}, exit {}", ran.status.unwrap_or(-1))
        },
    );
}

#[test]
fn w14_a_provider_that_blocks() {
    let what = "a provider blocks: what another thread is told meanwhile, and in the end";
    case(14, what, "meanwhile 2250; add 0", |root| {
        provider(root, &[("slow", "zoo_slow", "")]);
        let made = Command::new("mkfifo").arg(root.path("gate")).status().unwrap();
        assert!(made.success());
        let ran = root.try_run(&own_client("blocked"), &[]);
        outcome(&ran)
    });
}

#[test]
fn w15_forgetting() {
    case(15, "forgetting a remembered drive that is not connected", "cancel 0; gone", |root| {
        provider(root, &[P]);
        root.remember("[S]\nremote-path = '\\\\srv\\share'\nprovider-name = \"P\"\n");
        let told = outcome(&says(root, &["cancel S: 1 no"]));
        let left = !root.query(&Registry::remembered_key("S")).is_empty();
        format!("{told}; {}", if left { "still there" } else { "gone" })
    });
}

#[test]
fn w16_notifyees() {
    case(16, "a module under `Notifyees`, one add", "told 2 times", |root| {
        provider(root, &[P]);
        root.add_notifyee("n", "context 1");
        says(root, &[r"add S: \\srv\share 0"]);
        format!("told {} times", root.notified().len())
    });
}

#[test]
fn w17_blanks() {
    case(17, "order `npA, npB` with a blank", "add 0", |root| {
        provider(root, &[("npA", "provider_script", "mine \\\\other\\")]);
        provider(root, &[("npB", "provider_script", "")]);
        root.add_registry(|registry| {
            registry.order("npA, npB");
        });
        outcome(&says(root, &[r"add S: \\srv\share 0"]))
    });
}

#[test]
fn w18_the_current_directory() {
    case(
        18,
        "a bare file name as ProviderPath, such a file in the current directory",
        "not loaded",
        |root| {
            fs::copy(module("zoo_credentials"), root.path("cwd/mpr_bare_w18.dll")).unwrap();
            root.add_registry(|registry| {
                registry.order("np").provider("np", "np", "mpr_bare_w18.dll");
            });
            says(root, &[r"add S: \\srv\share 0"]);
            if root.log().is_empty() { "not loaded".into() } else { "loaded".into() }
        },
    );
}

#[test]
fn w19_slow_initialisation() {
    let what = "a program that calls nothing: its providers' initialisation";
    case(19, what, "does not run", |root| {
        provider(root, &[("slow", "zoo_credentials", "")]);
        says(root, &[]);
        let ran = !root.log().is_empty();
        if ran { "runs before main".into() } else { "does not run".into() }
    });
}

#[test]
fn w20_the_error_that_tells_most() {
    let what = "provider 1 says 5, provider 2 says 67";
    case(20, what, "add 5; 1 had the password", |root| {
        provider(root, &[("A", "provider_script", "credentials\nadd 5")]);
        provider(root, &[("B", "provider_script", "credentials\nmine \\\\other\\")]);
        let told = outcome(&says(root, &[r"add S: \\srv\share 0 - alice Xq7z"]));
        let had = root.log().iter().filter(|line| line.contains("Xq7z")).count();
        format!("{told}; {had} had the password")
    });
}

#[test]
fn w21_a_connected_letter() {
    case(21, "WNetGetConnection of a connected letter", r"add 0; get 0 \\srv\share", |root| {
        provider(root, &[P]);
        outcome(&says(root, &[r"add S: \\srv\share 0", "get S:"]))
    });
}

#[test]
fn w22_the_user_of_a_persistent_add() {
    case(22, "user name of a persistent add", "alice", |root| {
        provider(root, &[P]);
        says(root, &[r"add S: \\srv\share 1 - alice Xq7z"]);
        let found = root.query(&Registry::remembered_key("S"));
        let line = found.iter().find(|line| line.starts_with("UserName"));
        let name = line.and_then(|line| line.split("REG_SZ").nth(1)).map(str::trim);
        match name {
            Some("") => "empty".into(),
            Some(name) => name.into(),
            None => "not written".into(),
        }
    });
}

#[test]
fn w23_the_password_cache() {
    case(23, "a cached password in the registry", "nowhere", |root| {
        root.add_registry(|registry| {
            registry.remove(r"HKEY_CURRENT_USER\Software\Wine\Wine\Mpr");
        });
        let _ = root.try_run(&own_client("smoke"), &["keep", "Xq7zClear"]);
        let hex = "Xq7zClear".bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
        let found = root.query(r"HKEY_CURRENT_USER\Software\Wine");
        let clear = found.iter().any(|line| line.contains("Xq7zClear") || line.contains(&hex));
        if clear { "in clear".into() } else { "nowhere".into() }
    });
}

#[test]
fn the_table_is_whole() {
    let text = fs::read_to_string(source("../../MATRIX.md")).unwrap();
    for number in 1..=23 {
        let rows = text.lines().filter(|line| line.starts_with(&format!("| W{number} |")));
        assert_eq!(rows.count(), 1, "W{number}");
    }
}
