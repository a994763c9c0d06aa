//! The samples in C compile without a warning and export plain names.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::probe::{have, include, root};

const SAMPLES: [(&str, &[&str]); 2] = [
    (
        "providers/sample-c/provider_sample_c",
        &[
            "NPAddConnection",
            "NPAddConnection3",
            "NPCancelConnection",
            "NPCloseEnum",
            "NPEnumResource",
            "NPGetCaps",
            "NPGetConnection",
            "NPGetUser",
            "NPOpenEnum",
        ],
    ),
    ("notifyees/sample-c/notify_sample_c", &["AddConnectNotify", "CancelConnectNotify"]),
];

/// Builds a shared library of one sample and returns where it is.
fn build(compiler: &str, arguments: &[&str], sample: &str, suffix: &str) -> PathBuf {
    let source = root().join(format!("{sample}.c"));
    let name = Path::new(sample).file_name().unwrap().to_str().unwrap();
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}{suffix}"));
    let mut command = Command::new(compiler);
    command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-shared"]).args(arguments);
    command.arg("-o").arg(&library).arg(source);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    library
}

#[test]
#[cfg(target_os = "linux")]
fn on_linux() {
    let include = include();
    let arguments = ["-Wpedantic", "-fPIC", "-fvisibility=hidden", "-I", include.to_str().unwrap()];
    for (sample, exports) in SAMPLES {
        let library = build("gcc", &arguments, sample, ".so");
        let symbols = Command::new("nm").args(["-D", "--defined-only"]).arg(library).output();
        let symbols = String::from_utf8(symbols.unwrap().stdout).unwrap();
        let mut names: Vec<_> =
            symbols.lines().filter_map(|line| line.rsplit(' ').next()).collect();
        names.sort_unstable();
        assert_eq!(names, exports);
    }
}

/// With our headers and with those of mingw-w64.
#[test]
fn on_windows() {
    let include = include();
    let ours = ["-Wl,--kill-at", "-DUNICODE", "-I", include.to_str().unwrap()];
    let theirs = ["-Wl,--kill-at", "-DUNICODE", "-include", "windows.h"];
    for compiler in ["x86_64-w64-mingw32-gcc", "i686-w64-mingw32-gcc"] {
        if !have(compiler) {
            continue;
        }
        let objdump = compiler.replace("gcc", "objdump");
        for (arguments, (sample, exports)) in
            [ours, theirs].iter().flat_map(|arguments| SAMPLES.map(|sample| (arguments, sample)))
        {
            let library = build(compiler, arguments, sample, &format!("-{compiler}.dll"));
            let table = Command::new(&objdump).arg("-p").arg(library).output().unwrap();
            let table = String::from_utf8_lossy(&table.stdout).into_owned();
            for name in exports {
                assert!(table.lines().any(|line| line.ends_with(&format!(" {name}"))), "{name}");
            }
        }
    }
}
