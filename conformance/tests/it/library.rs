//! The library as an installed thing: what it exports, what pkg-config says, and that C between
//! router and provider changes nothing.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use mpr_conformance::{Form, Root, client, example, have, skip, source, stage, target};
use mpr_core::testing::{Lines, Log, ScriptedProvider};
use mpr_core::{AddConnection, ConnectFlags, Router, WideString};
use mpr_host::{Clock, Host};
use mpr_platform::{Environment, Paths};

/// Every function that the client header declares, and the two of the module header that modules
/// call back.
fn declared() -> Vec<String> {
    let mut names = Vec::new();
    for header in ["winnetwk.h", "npapi.h"] {
        let text = fs::read_to_string(stage().include.join(header)).unwrap();
        let words = text.split(|it: char| !it.is_alphanumeric() && it != '_');
        let mut before = "";
        for word in words.filter(|it| !it.is_empty()) {
            let ours = word.starts_with("WNet") || word.starts_with("Multinet");
            if ours && before == "WINAPI" {
                names.push(word.to_owned());
            }
            before = word;
        }
    }
    names.sort();
    names.dedup();
    names
}

/// Returns the C programs of a guide, in order.
fn shown(guide: &str) -> Vec<String> {
    let text = fs::read_to_string(source(&format!("../docs/guide/{guide}"))).unwrap();
    let blocks = text.split("```c\n").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// Compiles what a guide shows, without a warning.
fn compile_shown(root: &Root, guide: &str, name: &str, flags: &[&str]) -> std::path::PathBuf {
    let [program] = &shown(guide)[..] else { panic!("one program in {guide}") };
    let (file, built) = (root.path(&format!("{name}.c")), root.path(name));
    fs::write(&file, program).unwrap();
    let mut compiler = Command::new("gcc");
    compiler.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-I"]).arg(&stage().include);
    compiler.arg(&file).arg("-o").arg(&built).args(flags);
    let output = compiler.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    built
}

/// What the guides show works as it is shown.
#[test]
fn programs_of_the_guides() {
    if !have("gcc", "programs_of_the_guides") {
        return;
    }
    let root = Root::with_provider();
    let lib = stage().lib.to_str().unwrap();
    let library = format!("{lib}/libmpr.so.1");
    let drive = compile_shown(&root, "use-from-c.md", "drive", &[&library]);
    let run = |remote: &str| {
        let mut command = Command::new(&drive);
        command.args(["S:", remote]).env("MPR_ROOT", root.folder()).env("LD_LIBRARY_PATH", lib);
        command.output().unwrap()
    };
    root.write();
    let output = run(r"\\srv\share");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, "S: is \\\\srv\\share\n\\\\srv\\share by P\n", "{output:?}");
    let refused = run(r"\\other\share");
    assert!(String::from_utf8_lossy(&refused.stderr).starts_with("connect: 67: "), "{refused:?}");
    compile_shown(&root, "write-a-notifyee.md", "notify.so", &["-shared", "-fPIC"]);
}

#[test]
fn every_declared_function_is_exported() {
    if !have("nm", "every_declared_function_is_exported") {
        return;
    }
    let output = Command::new("nm")
        .args(["-D", "--defined-only"])
        .arg(stage().lib.join("libmpr.so.1"))
        .output()
        .unwrap();
    let symbols = String::from_utf8(output.stdout).unwrap();
    let exported: Vec<&str> = symbols
        .lines()
        .filter_map(|line| line.split(' ').nth(2))
        .map(|name| name.split('@').next().unwrap())
        .collect();
    let declared = declared();
    assert!(declared.len() >= 55, "{declared:?}");
    let missing: Vec<&String> =
        declared.iter().filter(|it| !exported.contains(&it.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    // And nothing but the API and what the map says of it.
    let foreign =
        |it: &&&str| !it.starts_with("WNet") && !it.starts_with("Multinet") && **it != "MPR_1.0";
    let foreign: Vec<&&str> = exported.iter().filter(foreign).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

/// Names that other modules import and nobody documents answer 50 (U71).
#[test]
fn undocumented_names_answer_50() {
    let root = Root::with_provider();
    let ran = root.write().run(&client("private", Form::W), &[]);
    assert!(ran.lines().len() > 25);
    assert!(ran.lines().iter().all(|line| line.ends_with(" 50")), "{}", ran.stdout);
}

#[test]
fn a_client_by_pkg_config() {
    let test = "a_client_by_pkg_config";
    if !stage().whole {
        return skip(test, "there is no stage with a pkg-config file; run `cargo xtask stage`");
    }
    if !have("pkg-config", test) {
        return;
    }
    let said = Command::new("pkg-config")
        .args(["--cflags", "--libs", "libmpr"])
        .env("PKG_CONFIG_PATH", stage().lib.join("pkgconfig"))
        .output()
        .unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let flags = String::from_utf8(said.stdout).unwrap();
    let to = target().join("conformance/by-pkg-config");
    let built = Command::new("gcc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-DFORM_W"])
        .arg(source("clients/says.c"))
        .args(flags.split_whitespace())
        .arg("-o")
        .arg(&to)
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let ran = Root::with_provider().write().run(&to, &[r"add S: \\srv\share 0"]);
    assert_eq!(ran.stdout, "add 0\n");
}

/// A client that opens the library for itself alone does not hide it from the modules.
#[test]
fn modules_find_a_library_that_was_opened_locally() {
    let to = target().join("conformance/opens");
    let built = Command::new("gcc")
        .args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-I"])
        .arg(&stage().include)
        .arg(source("clients/opens.c"))
        .args(["-ldl", "-o"])
        .arg(&to)
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let mut root = Root::new();
    root.provider("P", "provider_script", "add 1208\ntext no wire");
    assert_eq!(root.write().run(&to, &[]).stdout, "1208 no wire\n");
}

/// One program of operations on a router; codes and trace.
fn story(router: &Router) -> Vec<String> {
    let mut lines = Lines::default();
    let mut codes = Vec::new();
    let mut note = |code: u32| codes.push(format!("code {code}"));
    let code = |error: mpr_core::Error| error.code.code();
    let adds = [
        ("S:", r"\\srv\docs", 0),
        ("S:", r"\\srv\music", 0),
        ("", r"\\srv\docs", 0),
        ("T:", r"\\other\docs", 0),
        ("U:", r"\\srv\Übung", 4),
        ("V:", r"\\srv\docs\deep\path", 0x400),
    ];
    for (local, remote, flags) in adds {
        let (local, remote) = (WideString::from(local), WideString::from(remote));
        let request = AddConnection {
            local: Some(local.as_wide()),
            remote: Some(remote.as_wide()),
            flags: ConnectFlags(flags),
            ..AddConnection::default()
        };
        note(router.add_connection(&request, &mut lines).map_or_else(code, |_| 0));
    }
    for name in ["S:", "T:", "U:", r"\\srv\docs"] {
        let name = WideString::from(name);
        note(router.connection(name.as_wide(), &mut lines).map_or_else(code, |_| 0));
        note(router.user(Some(name.as_wide()), &mut lines).map_or_else(code, |_| 0));
        let none = ConnectFlags::NONE;
        for force in [false, true] {
            let done = router.cancel_connection(name.as_wide(), none, force, &mut lines);
            note(done.map_or_else(code, |_| 0));
        }
    }
    codes.extend(lines.0);
    codes
}

/// The same provider as a value in this process and as a module behind C: one story.
#[test]
fn c_between_router_and_provider_changes_nothing() {
    let module = example("provider_twin");
    let mut root = Root::new();
    root.install_file("P", &module, "");
    root.register_provider("P", "%MPR_LIB%/P.so", "").write();
    let environment = Environment::current().with("MPR_ROOT", root.folder());
    let host = Host::open(Paths::resolve(&environment), Clock::Exact);
    let through_c = story(host.router());

    let mut twin = ScriptedProvider::new("P", &Log::default());
    twin.prefix = r"\\srv\";
    let router = Router::new(
        vec![Arc::new(twin)],
        Vec::new(),
        Arc::new(mpr_core::testing::MemoryProfile::default()),
        Arc::new(mpr_core::testing::TestSurroundings::default()),
    );
    let in_process = story(&router);
    assert!(in_process.len() > 40, "{in_process:?}");
    assert_eq!(through_c, in_process);
}
