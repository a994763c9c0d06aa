//! What is read from the registry, and written to it.

use mpr_conformance_wine::{Registry, module as build_module, windows_path};

use crate::world;

const CONTROL: &str = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\NetworkProvider";

/// P15: an order is made where there is none.
#[test]
fn p15_an_order_is_made() {
    let Some(mut world) = world("p15_an_order_is_made") else { return };
    let key = format!(r"{CONTROL}\Order");
    assert_eq!(world.query(&key), [""; 0]);
    assert_eq!(world.run("smoke", &["add", "0", r"\\srv\share"]).lines(), ["add 1222"]);
    let found = world.query(&key).join(" ");
    assert!(found.contains("ProviderOrder") && found.contains("REG_SZ"), "{found}");
}

/// W17: a blank in the order does no harm; nor do names that are not installed.
#[test]
fn w17_blanks_in_the_order() {
    let Some(mut world) = world("w17_blanks_in_the_order") else { return };
    world.provider("npA", "provider_table").provider("npB", "provider_table");
    world.registry().order(" missing , npB,, npA,npB");
    assert_eq!(world.run("smoke", &["add", "0", r"\\srv\share"]).lines(), ["add 0"]);
    assert!(world.log()[0].starts_with("npB add"), "{:?}", world.log());
}

/// W18, P12, U28: a bare name is the system folder's, a relative one the Windows folder's, and the
/// current directory is nobody's.
#[test]
fn w18_nothing_comes_from_the_current_directory() {
    let Some(mut world) = world("w18_nothing_comes_from_the_current_directory") else { return };
    let module = build_module("provider_table");
    let here = world.path("cwd/mpr_bare.dll");
    std::fs::copy(&module, &here).unwrap();
    let windows = world.prefix().folder().join("drive_c/windows");
    let places = [windows.join("system32/mpr_bare.dll"), windows.join("mpr_relative.dll")];
    places.iter().for_each(|place| drop(std::fs::remove_file(place)));
    world.registry().order("np").provider("np", "Bare", "mpr_bare.dll");
    let add = ["add", "0", r"\\srv\share"];
    assert_eq!(world.run("smoke", &add).lines(), ["add 1222"], "only in the current directory");
    std::fs::copy(&module, &places[0]).unwrap();
    assert_eq!(world.run("smoke", &add).lines(), ["add 0"], "in the system folder");
    world.registry().provider("np", "Relative", r"..\windows\mpr_relative.dll");
    std::fs::copy(&module, &places[1]).unwrap();
    assert_eq!(world.run("smoke", &add).lines(), ["add 1222"], "not below the Windows folder");
    std::fs::remove_file(&places[0]).unwrap();
    world.registry().provider("np", "Relative", r"System32\mpr_bare.dll");
    assert_eq!(world.run("smoke", &add).lines(), ["add 1222"], "no such file there");
    std::fs::copy(&module, &places[0]).unwrap();
    assert_eq!(world.run("smoke", &add).lines(), ["add 0"], "below the Windows folder");
    places.iter().for_each(|place| drop(std::fs::remove_file(place)));
}

/// REG_EXPAND_SZ is expanded, REG_SZ is not (`registry.md` §2, U27; matrix rows 15 to 17).
#[test]
fn expandable_paths_are_expanded() {
    let Some(mut world) = world("expandable_paths_are_expanded") else { return };
    let module = windows_path(&world.install("np", &build_module("provider_table")));
    let notify = windows_path(&world.install("told", &build_module("notify_log")));
    let rest = |path: &str| format!("%MPR_TEST_DRIVE%{}", path.strip_prefix("Z:").unwrap());
    let environment =
        r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment";
    let place = Registry::service_key("np");
    let (module, notify) = (rest(&module), rest(&notify));
    world
        .registry()
        .text(environment, "MPR_TEST_DRIVE", "Z:")
        .order("np")
        .text(&place, "Name", "P")
        .expandable(&place, "ProviderPath", &module)
        .notifyee("1", &notify)
        .notifyee("2", &notify)
        .notifyee("3", r"C:\no\such.dll")
        .number(&format!(r"{CONTROL}\Notifyees"), "4", 7)
        .text(&format!(r"{CONTROL}\Notifyees"), "5", &notify);
    // Its processes have the variables of the prefix when it started.
    world.write();
    world.prefix().end();
    assert_eq!(world.run("smoke", &["add", "0", r"\\srv\share"]).lines(), ["add 0"]);
    let told = world.log().iter().filter(|line| line.starts_with("told")).count();
    assert_eq!(told, 2, "before and after, once: {:?}", world.log());
    world.registry().text(&place, "ProviderPath", &module);
    assert_eq!(world.run("smoke", &["add", "0", r"\\srv\share"]).lines(), ["add 1222"]);
}

/// `registry.md` §3: what a remembered connection looks like (W1, W22).
#[test]
fn remembered_connections_are_in_the_registry() {
    let Some(mut world) = world("remembered_connections_are_in_the_registry") else { return };
    world.provider("table", "provider_table");
    let key = Registry::remembered_key("R");
    assert_eq!(world.run("smoke", &["add", "0", r"\\srv\share", "R:"]).lines(), ["add 0"]);
    assert_eq!(world.query(&key), [""; 0], "not asked for");
    assert_eq!(world.run("smoke", &["add", "1", r"\\srv\share"]).lines(), ["add 0"]);
    assert_eq!(world.query(r"HKEY_CURRENT_USER\Network"), [""; 0], "deviceless ones never are");
    world.registry().number(&key, "ProviderFlags", 9);
    assert_eq!(world.run("smoke", &["add", "1", r"\\srv\share", "R:"]).lines(), ["add 0"]);
    let mut found = world.query(&key);
    found.sort();
    let lines = [
        "ConnectFlags    REG_DWORD    0x0",
        "ConnectionType    REG_DWORD    0x1",
        "DeferFlags    REG_DWORD    0x4",
        r"HKEY_CURRENT_USER\Network\R",
        "ProviderFlags    REG_DWORD    0x9",
        "ProviderName    REG_SZ    table",
        "ProviderType    REG_DWORD    0x990000",
        r"RemotePath    REG_SZ    \\srv\share",
        "UserName    REG_SZ",
    ];
    assert_eq!(found, lines);
    let other = world.run("smoke", &["add", "1", r"\\srv\other", "R:"]);
    assert_eq!(other.lines(), ["add 1202"]);
}
