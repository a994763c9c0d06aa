//! Wine's own programs that import `mpr.dll`, or DLLs that do, do with ours what they do with
//! Wine's: they start, show their windows and end, and miss no function.

use mpr_conformance_wine::{Ran, Router, World, own_client};

use crate::world;

/// What Wine says of an import that `mpr.dll` has not, of a call to it, and of a crash.
const COMPLAINTS: [&str; 4] =
    ["No implementation for mpr.dll", "unimplemented function", "Unhandled", "page fault"];

/// What came of a program: its status, and what it printed.
fn outcome(ran: &Ran) -> (Option<i32>, &str) {
    (ran.status, &ran.stdout)
}

/// Runs a program with both routers; returns what came of it, which must be the same. `loads` says
/// whether it loads `mpr.dll`, which is then the one that was chosen.
fn compare(world: &mut World, loads: bool, program: &str, arguments: &[&str]) -> Ran {
    let [theirs, ours] =
        [(Router::BuiltIn, "builtin"), (Router::Ours, "native")].map(|(router, kind)| {
            let ran = world.run_system(router, program, arguments);
            let what = format!("{program} {arguments:?}, {kind}: {ran:?}");
            for complaint in COMPLAINTS {
                assert!(!ran.stderr.contains(complaint), "{what}");
            }
            let loaded = |line: &&str| line.contains(":loaddll:") && line.contains(r"\\mpr.dll");
            let mut loaded = ran.stderr.lines().filter(loaded);
            assert_eq!(loads, loaded.clone().next().is_some(), "{what}");
            assert!(loaded.all(|line| line.trim_end().ends_with(kind)), "{what}");
            ran
        });
    assert_eq!(outcome(&ours), outcome(&theirs), "{program} {arguments:?}");
    ours
}

fn watched(test: &str) -> Option<World> {
    let mut world = world(test)?;
    world.set("WINEDEBUG", "-all,err+all,warn+module,+loaddll");
    Some(world)
}

#[test]
fn programs_that_end() {
    let Some(mut world) = watched("programs_that_end") else { return };
    let [mut net, mut regedit, mut msiexec] = [false; 3].map(|_| Vec::new());
    for arguments in [&["use"][..], &["help"], &["/?"]] {
        net.push(compare(&mut world, false, "net", arguments).status);
    }
    let exported = world.path("cwd/exported.reg");
    for key in [r"HKEY_CURRENT_USER\Software\Wine", r"HKEY_CURRENT_USER\Nothing"] {
        let arguments = ["/E", "exported.reg", key];
        regedit.push(compare(&mut world, false, "regedit", &arguments).status);
        assert_eq!(exported.exists(), regedit.len() == 1, "{key}");
        let _ = std::fs::remove_file(&exported);
    }
    for arguments in [&["/unregserver"][..], &["/q", "/i", r"C:\nothing.msi"]] {
        msiexec.push(compare(&mut world, true, "msiexec", arguments).status);
    }
    // It loads a DLL that uses the cache of passwords.
    compare(&mut world, true, "rundll32", &["wininet.dll,Nothing"]);
    assert_eq!((net[0], regedit[0], msiexec[0]), (Some(0), Some(0), Some(0)));
}

#[test]
fn programs_with_windows() {
    let Some(mut world) = watched("programs_with_windows") else { return };
    let launch = own_client("launch");
    let launch = launch.to_str().unwrap();
    for (loads, window, words) in [
        (true, "WFS_Frame", &["winefile"][..]),
        (true, "IEFrame", &["iexplore"]),
        (true, "#32770", &["msiexec", "/?"]),
        (false, "ExplorerWClass", &["explorer"]),
        (false, "RegEdit_RegEdit", &["regedit"]),
    ] {
        let ran = compare(&mut world, loads, launch, words);
        let lines = ran.lines();
        assert_eq!(lines[..2], [&format!("window {window}"), "answers"], "{words:?}");
        assert!(lines[2].starts_with("ended"), "{words:?}: {lines:?}");
    }
}
