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

/// Returns a file with what a client is to print, the same as on Linux unless there is one of here.
pub fn expected(name: &str) -> PathBuf {
    let own = source("expected").join(name);
    if own.exists() { own } else { source("../expected").join(name) }
}

/// Which functions a client of `conformance/clients` calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The ones for the ANSI code page.
    A,
    /// The ones for UTF-16.
    W,
}

/// Builds `modules/NAME.c` to a DLL: of this package, or the one that Linux has too.
pub fn module(name: &str) -> PathBuf {
    let own = source(&format!("modules/{name}.c"));
    let file = if own.exists() { own } else { source(&format!("../modules/{name}.c")) };
    dll(&file, name, &[])
}

/// Builds a C file to a DLL.
pub fn dll(file: &Path, name: &str, flags: &[&str]) -> PathBuf {
    compile(file, &format!("{name}.dll"), &[&["-shared"], flags].concat())
}

/// Builds `conformance/clients/NAME.c`, the same source as on Linux.
pub fn client(name: &str, form: Form) -> PathBuf {
    // Texts in the source of the A form are what its functions take.
    let (flags, letter): (&[&str], _) = match form {
        Form::A => (&["-DFORM_A", "-fexec-charset=CP1252"], 'a'),
        Form::W => (&["-DFORM_W"], 'w'),
    };
    program(&source(&format!("../clients/{name}.c")), &format!("{name}_{letter}"), flags)
}

/// Builds `clients/NAME.c` of this package to a program that imports mpr.dll, which lies beside it.
pub fn own_client(name: &str) -> PathBuf {
    program(&source(&format!("clients/{name}.c")), name, &[])
}

/// Builds a C file to a program that imports mpr.dll.
pub fn program(file: &Path, name: &str, flags: &[&str]) -> PathBuf {
    compile(file, &format!("{name}.exe"), flags)
}

fn compile(file: &Path, name: &str, flags: &[&str]) -> PathBuf {
    static BUILT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let folder = stage().expect("who builds has a stage");
    let to = folder.join(name);
    // One at a time: two processors, and two tests that want the same file.
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if built.contains(&to) {
        return to;
    }
    let exports = source("../../crates/capi/mpr.def");
    let library = folder.join("libmpr.a");
    if !is_new(&library, &exports) {
        // The compiler's own lacks names that mpr.dll has.
        let mut tool = Command::new("x86_64-w64-mingw32-dlltool");
        run(tool.arg("-d").arg(&exports).args(["-D", "mpr.dll", "-l"]).arg(&library));
    }
    if !is_new(&to, file) {
        // The compiler adds an ending where there is none.
        let beside = folder.join(format!("new-{}-{name}", std::process::id()));
        run(Command::new(COMPILER)
            .args(["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-D_WIN32_WINNT=0x0A00", "-I"])
            .arg(include())
            .args(flags)
            .arg(file)
            .arg("-L")
            .arg(&folder)
            .args([
                "-lmpr",
                "-static-libgcc",
                "-Wl,-Bstatic",
                "-lpthread",
                "-Wl,-Bdynamic",
                "-luser32",
                "-o",
            ])
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
