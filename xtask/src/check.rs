//! Checks that need no running: formatting, lints, dependencies, exports, minimum Rust version.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{Done, at, cargo, output, root, run, target};
use crate::{manual, stage, windows_check};

/// Crates that may hold unsafe code (`style.md`, Unsafe and FFI).
const UNSAFE_CRATES: &[&str] = &[
    "crates/abi/",
    "crates/host/",
    "crates/capi/",
    "crates/platform/src/windows/",
    "crates/net/src/system/",
    "providers/mprunix/src/system/",
];

/// Runs every check.
pub(crate) fn check() -> Done {
    step("formatting", || run(&mut cargo(&["fmt", "--all", "--check"])))?;
    step("lints", || {
        let arguments =
            ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
        run(&mut cargo(&arguments))
    })?;
    step("the core has no dependency", core_alone)?;
    step("modules' dependencies stay out of the library and the command", small_library)?;
    step("minimum Rust version of every dependency", minimum_version)?;
    step("unsafe code only where it may be, each block with its reason", unsafe_code)?;
    step("exports of libmpr.so", exports)?;
    step("manual pages", || manual::pages(&target().join("share")))?;
    step("imports, exports and size of mpr.dll", windows_check::check)
}

fn step(name: &str, check: impl FnOnce() -> Done) -> Done {
    check().map_err(|error| format!("check failed: {name}: {error}"))?;
    println!("check: {name}: ok");
    Ok(())
}

/// Lists a package's dependencies, itself left out.
fn dependencies(package: &str) -> Done<BTreeSet<String>> {
    let arguments = ["tree", "--quiet", "-p", package, "-e", "normal", "--prefix", "none"];
    let tree = output(&mut cargo(&arguments))?;
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    Ok(names.filter(|name| *name != package && !name.is_empty()).map(str::to_owned).collect())
}

fn core_alone() -> Done {
    let found = dependencies("mpr-core")?;
    if found.is_empty() { Ok(()) } else { Err(format!("mpr-core depends on {found:?}")) }
}

/// A module's protocol stack must not come with the router (design §4).
fn small_library() -> Done {
    for package in ["mpr-capi", "mpr-cli"] {
        let found = dependencies(package)?;
        let foreign =
            ["fuser", "rustls", "smb2", "tokio", "hyper", "dav-server", "mpr-engine", "mpr-mount"];
        if let Some(name) = foreign.iter().find(|name| found.contains(**name)) {
            return Err(format!("{package} depends on {name}"));
        }
    }
    Ok(())
}

/// Compares what every locked dependency says with what we promise.
fn minimum_version() -> Done {
    let ours = output(&mut cargo(&["metadata", "--quiet", "--format-version", "1", "--no-deps"]))?;
    let ours = versions(&ours).into_iter().max().ok_or("no rust-version of our own")?;
    let all = output(&mut cargo(&["metadata", "--quiet", "--format-version", "1"]))?;
    match versions(&all).into_iter().find(|version| *version > ours) {
        Some((major, minor)) => Err(format!(
            "a dependency needs Rust {major}.{minor}, we promise {}.{}",
            ours.0, ours.1
        )),
        None => Ok(()),
    }
}

/// Finds every `"rust_version":"1.91"` in cargo's JSON.
fn versions(metadata: &str) -> Vec<(u32, u32)> {
    let said = metadata.split("\"rust_version\":\"").skip(1);
    said.filter_map(|rest| {
        let mut parts = rest.split('"').next()?.split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    })
    .collect()
}

/// Clippy denies blocks without a reason; this says where blocks may be at all.
fn unsafe_code() -> Done {
    let files = output(Command::new("git").args(["ls-files", "*.rs"]).current_dir(root()))?;
    for file in files.lines() {
        let allowed = UNSAFE_CRATES.iter().any(|folder| file.starts_with(folder));
        if allowed || file.starts_with("xtask/") {
            continue;
        }
        let path = root().join(file);
        if path.exists() && says_unsafe(&at(&path, fs::read_to_string(&path))?) {
            return Err(format!("{file} holds unsafe code"));
        }
    }
    Ok(())
}

/// Tells whether a line of code, comments and attributes left out, begins an unsafe block or item.
fn says_unsafe(text: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| {
        let code = line.split("//").next().unwrap_or_default();
        let words = ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"];
        words.iter().any(|word| code.contains(word)) && !code.contains('"')
    })
}

/// Compares the library's symbols with the version script, and the headers with both.
fn exports() -> Done {
    let usr = stage::stage(stage::Profile::Dev)?;
    let found = symbols(&usr.join("lib/libmpr.so.1"))?;
    let map = root().join("crates/capi/mpr.map");
    let map = at(&map, fs::read_to_string(&map))?;
    let listed: BTreeSet<String> = map
        .lines()
        .filter_map(|line| line.trim().strip_suffix(';'))
        .filter(|name| name.starts_with("WNet") || name.starts_with("Multinet"))
        .map(str::to_owned)
        .collect();
    let (missing, extra) = (&listed - &found, &found - &listed);
    if !missing.is_empty() || !extra.is_empty() {
        return Err(format!("missing {missing:?}, not in mpr.map {extra:?}"));
    }
    let matrix = root().join("MATRIX.md");
    let matrix = at(&matrix, fs::read_to_string(&matrix))?;
    let told = |name: &String| matrix.contains(&format!("`{name}`"));
    match listed.iter().find(|name| !told(name)) {
        Some(name) => Err(format!("MATRIX.md does not say anything of {name}")),
        None => Ok(()),
    }
}

/// Lists the functions that a library exports, without the version's own symbol.
fn symbols(library: &Path) -> Done<BTreeSet<String>> {
    let listed = output(Command::new("nm").args(["-D", "--defined-only"]).arg(library))?;
    let names = listed.lines().filter_map(|line| line.split(' ').nth(2));
    let names = names.filter_map(|name| name.split('@').next());
    Ok(names.filter(|name| *name != "MPR_1.0").map(str::to_owned).collect())
}
