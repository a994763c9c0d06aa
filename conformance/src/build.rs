//! C to modules and clients, each built once and again when a source is newer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use crate::stage::{run, stage, target};

/// Which of the two forms a client calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `A`: UTF-8.
    A,
    /// `W`: UTF-16.
    W,
}

/// Returns a file of this package.
pub fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Returns a file with what a client is to print.
pub fn expected(name: &str) -> PathBuf {
    source("expected").join(name)
}

/// Builds `modules/NAME.c`; it finds libmpr in whoever loads it.
pub fn module(name: &str) -> PathBuf {
    let file = source(&format!("modules/{name}.c"));
    compile(&file, &format!("{name}.so"), &["-shared", "-fPIC", "-fvisibility=hidden"], &[])
}

/// Builds `clients/NAME.c` for one form, linked with libmpr.
pub fn client(name: &str, form: Form) -> PathBuf {
    let file = source(&format!("clients/{name}.c"));
    let (flag, to) = match form {
        Form::A => ("-DFORM_A", format!("{name}.A")),
        Form::W => ("-DFORM_W", format!("{name}.W")),
    };
    let lib = format!("-L{}", stage().lib.display());
    compile(&file, &to, &[flag], &[&lib, "-lmpr", "-lpthread"])
}

/// Builds this package's Rust module, an example.
pub fn example(name: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let program = std::env::current_exe().expect("a program has a path");
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--example", name, "--target-dir"]).arg(target());
    if program.starts_with(target().join("release")) {
        build.arg("--release");
    }
    run(build.current_dir(env!("CARGO_MANIFEST_DIR")));
    // `target/PROFILE/deps/runner`, `target/PROFILE/examples/libNAME.so`
    let profile = program.ancestors().nth(2).expect("tests are run by cargo");
    profile.join(format!("examples/lib{name}.so"))
}

fn compile(file: &Path, to: &str, flags: &[&str], libraries: &[&str]) -> PathBuf {
    static BUILT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let folder = target().join("conformance/built");
    let to = folder.join(to);
    // One at a time: two processors, and two tests that want the same file.
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if built.contains(&to) {
        return to;
    }
    fs::create_dir_all(&folder).expect("the target folder is ours");
    if !is_new(&to, file) {
        let beside = folder.join(format!("new-{}", std::process::id()));
        run(Command::new("gcc")
            .args(["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-I"])
            .arg(&stage().include)
            .args(flags)
            .arg(file)
            .args(libraries)
            .arg("-o")
            .arg(&beside));
        fs::rename(&beside, &to).expect("just written");
    }
    built.insert(to.clone());
    to
}

/// Tells whether a built file is newer than its source and every header.
fn is_new(built: &Path, file: &Path) -> bool {
    let age = |file: &Path| fs::metadata(file).and_then(|it| it.modified());
    let Ok(made) = age(built) else { return false };
    let beside = file.parent().expect("a file has a folder");
    let headers = [beside, &stage().include].into_iter().flat_map(|folder| {
        let files = fs::read_dir(folder).expect("it is there").flatten().map(|it| it.path());
        files.filter(|it| it.extension().is_some_and(|it| it == "h"))
    });
    headers.chain([file.to_owned()]).all(|it| age(&it).is_ok_and(|it| it < made))
}
