//! The staged library: where it is, or linking it here.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// A folder laid out like `/usr`.
#[derive(Debug)]
pub struct Stage {
    /// Where `libmpr.so.1` is.
    pub lib: PathBuf,
    /// Where the headers are.
    pub include: PathBuf,
    /// Whether it is a whole stage, with pkg-config file and modules.
    pub whole: bool,
}

/// Returns the root of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace")
}

/// Returns cargo's target folder, from the place of this program: `target/debug/deps/runner`.
pub fn target() -> PathBuf {
    let program = std::env::current_exe().expect("a program has a path");
    let folder = program.ancestors().find(|it| it.join("CACHEDIR.TAG").exists());
    folder.expect("tests are run by cargo").into()
}

/// Returns the stage: `MPR_STAGE`, or `target/stage/usr` if it is up to date, or one linked here.
pub fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        if let Some(given) = std::env::var_os("MPR_STAGE") {
            let given = PathBuf::from(given);
            let lib = given.join("lib");
            let found = lib.join("libmpr.so.1").exists();
            assert!(found, "no libmpr.so.1 in {}: run `cargo xtask stage`", lib.display());
            return Stage { lib, include: given.join("include/mpr"), whole: true };
        }
        let staged = target().join("stage/usr");
        let lib = staged.join("lib");
        let archive = target().join("debug/libmpr.a");
        if age(&lib.join("libmpr.so.1")).is_some_and(|it| Some(it) >= age(&archive)) {
            return Stage { lib, include: staged.join("include/mpr"), whole: true };
        }
        Stage { lib: link(&archive), include: workspace().join("include"), whole: false }
    })
}

fn age(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|it| it.modified()).ok()
}

/// Links the library as `cargo xtask stage` does.
fn link(archive: &Path) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    run(Command::new(cargo)
        .args(["build", "--quiet", "-p", "mpr-capi", "--target-dir"])
        .arg(target())
        .current_dir(workspace()));
    let lib = target().join("conformance/lib");
    fs::create_dir_all(&lib).expect("the target folder is ours");
    let (file, beside) = (lib.join("libmpr.so.1"), lib.join("libmpr.so.1.new"));
    let map = workspace().join("crates/capi/mpr.map");
    run(Command::new("gcc")
        .args(["-shared", "-Wl,-soname,libmpr.so.1", "-Wl,--gc-sections", "-Wl,--no-undefined"])
        .arg(format!("-Wl,--version-script={}", map.display()))
        .args(["-Wl,--whole-archive".as_ref(), archive.as_os_str()])
        .args(["-Wl,--no-whole-archive", "-lgcc_s", "-lm", "-lpthread", "-ldl", "-lc", "-o"])
        .arg(&beside));
    fs::rename(&beside, &file).expect("just written");
    let link = lib.join("libmpr.so");
    if fs::read_link(&link).is_err() {
        std::os::unix::fs::symlink("libmpr.so.1", &link).expect("the folder is ours");
    }
    lib
}

/// Runs a program of the build and fails with what it said.
pub(crate) fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}\nor run `cargo xtask stage`");
}

/// Tells whether a program that a test needs is there; if not, says that the test is skipped.
pub fn have(program: &str, test: &str) -> bool {
    let asked = Command::new(program).arg("--version").output();
    if asked.is_ok() {
        return true;
    }
    skip(test, &format!("there is no {program}"));
    false
}

/// Says that a test is skipped and why, on the terminal and in the file of `MPR_SKIPS`.
pub fn skip(test: &str, why: &str) {
    eprintln!("skipped {test}: {why}");
    if let Some(file) = std::env::var_os("MPR_SKIPS") {
        let file = OpenOptions::new().append(true).create(true).open(file);
        let _ = file.and_then(|mut file| writeln!(file, "mpr-conformance {test}: {why}"));
    }
}
