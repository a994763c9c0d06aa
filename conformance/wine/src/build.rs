//! C to programs and DLLs, each built once and again when a source is newer.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::prefix::run;
use crate::stage;

const COMPILER: &str = "x86_64-w64-mingw32-gcc";

/// Returns a file of this package.
pub fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Builds `modules/NAME.c` to a DLL. It is not linked to mpr: it finds it in whoever loads it.
pub fn module(name: &str) -> PathBuf {
    dll(&source(&format!("modules/{name}.c")), name, &[])
}

/// Builds a C file to a DLL.
pub fn dll(file: &Path, name: &str, flags: &[&str]) -> PathBuf {
    compile(file, &format!("{name}.dll"), &[&["-shared", "-static-libgcc"], flags].concat(), &[])
}

/// Builds `clients/NAME.c` to a program that imports mpr.dll, which lies beside it.
pub fn client(name: &str) -> PathBuf {
    program(&source(&format!("clients/{name}.c")), name, &[])
}

/// Builds a C file to a program that imports mpr.dll.
pub fn program(file: &Path, name: &str, flags: &[&str]) -> PathBuf {
    compile(file, &format!("{name}.exe"), flags, &["-lmpr"])
}

fn compile(file: &Path, name: &str, flags: &[&str], libraries: &[&str]) -> PathBuf {
    static BUILT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let folder = stage().expect("who builds has a stage");
    let to = folder.join(name);
    // One at a time: two processors, and two tests that want the same file.
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if built.contains(&to) {
        return to;
    }
    if !is_new(&to, file) {
        // The compiler adds an ending where there is none.
        let beside = folder.join(format!("new-{}-{name}", std::process::id()));
        run(Command::new(COMPILER)
            .args(["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-D_WIN32_WINNT=0x0A00", "-I"])
            .arg(include())
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

fn include() -> PathBuf {
    source("../../include")
}

/// Tells whether a built file is newer than its source, the headers beside it and ours.
fn is_new(built: &Path, file: &Path) -> bool {
    let age = |file: &Path| fs::metadata(file).and_then(|it| it.modified()).ok();
    let Some(made): Option<SystemTime> = age(built) else { return false };
    let beside = file.parent().map(Path::to_path_buf).unwrap_or_default();
    let headers = [beside, include()].into_iter().flat_map(|folder| {
        let files = fs::read_dir(folder).expect("it is there").flatten().map(|it| it.path());
        files.filter(|it| it.extension().is_some_and(|it| it == "h"))
    });
    headers.chain([file.to_owned()]).all(|it| age(&it).is_some_and(|it| it < made))
}
