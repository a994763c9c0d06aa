//! Writes C programs that compile only if C and Rust agree, and compiles them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use mpr_abi::tables::{Constant, Function, Structure};
use mpr_abi::{codes, npapi, winnetwk, wnet};

pub(crate) const STRUCTURES: [&[Structure]; 2] = [winnetwk::STRUCTURES, npapi::STRUCTURES];
pub(crate) const CONSTANTS: [&[Constant]; 4] =
    [winnetwk::CONSTANTS, npapi::CONSTANTS, codes::WN_CODES, codes::ERROR_CODES];
pub(crate) const FUNCTIONS: [&[Function]; 2] = [wnet::FUNCTIONS, npapi::FUNCTIONS];

/// What a header is known to lack or to say otherwise.
#[derive(Clone, Copy, Default)]
pub(crate) struct Known<'a> {
    pub(crate) constants: &'a [&'a str],
    pub(crate) functions: &'a [&'a str],
    /// The header's pointer types are checked too.
    pub(crate) pointers: bool,
}

/// Writes a program that asserts our layout for 32 (0) or 64 (1) bit, constants and signatures.
pub(crate) fn program(column: usize, known: Known<'_>) -> String {
    let mut c = String::from("#include <stddef.h>\n#ifdef _WIN32\n#include <windows.h>\n#endif\n");
    c += "#include <winnetwk.h>\n#include <npapi.h>\n";
    c += "typedef LPSTR *PLPSTR;\ntypedef LPWSTR *PLPWSTR;\n";
    for structure in STRUCTURES.concat() {
        let (name, size) = (structure.name, structure.size[column]);
        writeln!(c, "_Static_assert(sizeof({name}) == {size}, \"{name}\");").unwrap();
        for (member, offset) in structure.members {
            let offset = offset[column];
            let place = format!("offsetof({name}, {member})");
            writeln!(c, "_Static_assert({place} == {offset}, \"{name}.{member}\");").unwrap();
        }
    }
    for Constant { name, value } in CONSTANTS.concat() {
        if !known.constants.contains(&name) {
            writeln!(c, "_Static_assert((unsigned)({name}) == {value}u, \"{name}\");").unwrap();
        }
    }
    for Function { name, result, parameters } in FUNCTIONS.concat() {
        if known.functions.contains(&name) {
            continue;
        }
        let parameters = if parameters.is_empty() { "void".into() } else { parameters.join(", ") };
        let ours = format!("{result} (WINAPI *)({parameters})");
        let mut same = |theirs: &str| {
            let same = format!("__builtin_types_compatible_p({theirs}, {ours})");
            writeln!(c, "_Static_assert({same}, \"{theirs}\");").unwrap();
        };
        same(&format!("__typeof__(&{name})"));
        if known.pointers && (name.starts_with("NP") || name.ends_with("ConnectNotify")) {
            same(&format!("PF_{name}"));
        }
    }
    c
}

/// The folder of our headers.
pub(crate) fn include() -> PathBuf {
    root().join("include")
}

/// The workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Tells whether a compiler is there; says so if it is not.
pub(crate) fn have(compiler: &str) -> bool {
    let version = Command::new(compiler).arg("--version").stdout(Stdio::null()).status();
    let have = version.is_ok_and(|status| status.success());
    if !have {
        crate::skip::skip("comparison of headers", &format!("{compiler} is not installed"));
    }
    have
}

/// Compiles a program from memory, without making anything of it.
pub(crate) fn compile(compiler: &str, arguments: &[&str], name: &str, program: &str) -> Output {
    let source = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&source, program).unwrap();
    let mut command = Command::new(compiler);
    command.args(["-fsyntax-only", "-Wall", "-Wextra", "-Werror"]).args(arguments).arg(&source);
    command.output().unwrap()
}

/// Fails with the compiler's own words.
pub(crate) fn accepted(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
