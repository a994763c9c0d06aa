//! Our declarations, our headers and other people's headers say the same.

use std::collections::BTreeSet;

use crate::probe::{FUNCTIONS, Known, accepted, compile, have, include, program};

const OURS: Known<'_> = Known { constants: &[], functions: &[], pointers: true };

/// What mingw-w64 10 does not have (`npapi.md` §2), or says without `WINAPI` though its own import
/// library has `_WNetSetLastErrorW@12`.
const MINGW: Known<'_> = Known {
    constants: &[
        "CONNECT_REQUIRE_INTEGRITY",
        "CONNECT_REQUIRE_PRIVACY",
        "CONNECT_WRITE_THROUGH_SEMANTICS",
        "CONNECT_GLOBAL_MAPPING",
        "NETPROPERTY_PERSISTENT",
        "WNNC_CONNECTION_FLAGS",
        "WNNC_CON_ADDCONNECTION4",
        "WNNC_CON_CANCELCONNECTION2",
        "WNNC_CF_DEFAULT",
        "WNNC_CF_MAXIMUM",
    ],
    functions: &[
        "WNetAddConnection4A",
        "WNetAddConnection4W",
        "WNetUseConnection4A",
        "WNetUseConnection4W",
        "WNetFormatNetworkNameA",
        "WNetFormatNetworkNameW",
        // Declared for versions before Vista only.
        "WNetRestoreConnectionW",
        "WNetSetConnectionA",
        "WNetSetConnectionW",
        "WNetClearConnections",
        "WNetSetLastErrorA",
        "WNetSetLastErrorW",
        "NPAddConnection4",
        "NPCancelConnection2",
        "NPGetPersistentUseOptionsForConnection",
    ],
    pointers: false,
};

const WINDOWS: &str = "-D_WIN32_WINNT=0x0A00";

/// `notify.md` §9 row 20: the table of §3, both word sizes.
#[test]
fn row_20_sizes_and_offsets() {
    use mpr_abi::npapi::STRUCTURES;

    let size = |name: &str| STRUCTURES.iter().find(|it| it.name == name).map(|it| it.size);
    assert_eq!(size("NOTIFYINFO"), Some([12, 16]));
    assert_eq!(size("NOTIFYADD"), Some([40, 64]));
    assert_eq!(size("NOTIFYCANCEL"), Some([16, 24]));
    let add = STRUCTURES.iter().find(|it| it.name == "NOTIFYADD").map(|it| it.members);
    let expected = [("hwndOwner", [0, 0]), ("NetResource", [4, 8]), ("dwAddFlags", [36, 56])];
    assert_eq!(add, Some(&expected[..]));
}

#[test]
fn our_headers_on_this_system() {
    let include = include();
    let include = include.to_str().unwrap();
    for unicode in ["-DUNICODE", "-UUNICODE"] {
        let arguments = ["-std=c11", "-I", include, unicode];
        let column = mpr_abi::tables::COLUMN;
        accepted(&compile("gcc", &arguments, "ours.c", &program(column, OURS)));
    }
}

/// The self-contained branch for 32 bit; freestanding, since no 32-bit C library is at hand.
#[test]
#[cfg(target_arch = "x86_64")]
fn our_headers_with_32_bit() {
    let include = include();
    let arguments = ["-std=c11", "-m32", "-ffreestanding", "-I", include.to_str().unwrap()];
    accepted(&compile("gcc", &arguments, "ours32.c", &program(0, OURS)));
}

#[test]
fn our_headers_on_windows() {
    let include = include();
    let arguments = ["-std=c11", WINDOWS, "-I", include.to_str().unwrap()];
    for (compiler, column) in [("x86_64-w64-mingw32-gcc", 1), ("i686-w64-mingw32-gcc", 0)] {
        if have(compiler) {
            let name = format!("ours-windows-{column}.c");
            accepted(&compile(compiler, &arguments, &name, &program(column, OURS)));
        }
    }
}

/// The headers of mingw-w64; nothing of ours is in the include path.
#[test]
fn mingw_headers() {
    // Wide, because there `NPAddConnection3` and `NOTIFYADD` follow UNICODE.
    let arguments = ["-std=c11", WINDOWS, "-DUNICODE"];
    for (compiler, column) in [("x86_64-w64-mingw32-gcc", 1), ("i686-w64-mingw32-gcc", 0)] {
        if have(compiler) {
            let name = format!("mingw-{column}.c");
            accepted(&compile(compiler, &arguments, &name, &program(column, MINGW)));
        }
    }
}

/// A probe that cannot fail proves nothing.
#[test]
fn the_probe_notices_a_difference() {
    let include = include();
    let arguments = ["-std=c11", "-I", include.to_str().unwrap()];
    let right = program(1, OURS);
    for (from, to) in [
        ("sizeof(NOTIFYADD) == 64", "sizeof(NOTIFYADD) == 60"),
        ("(unsigned)(WN_RETRY) == 1237u", "(unsigned)(WN_RETRY) == 1238u"),
        ("DWORD (WINAPI *)(LPWSTR, BOOL)", "DWORD (WINAPI *)(LPWSTR, DWORD)"),
    ] {
        assert!(right.contains(from), "{from}");
        let wrong = right.replace(from, to);
        assert!(!compile("gcc", &arguments, "wrong.c", &wrong).status.success(), "{to}");
    }
}

#[test]
fn our_headers_in_cpp() {
    if !have("g++") {
        return;
    }
    let include = include();
    let arguments = ["-x", "c++", "-std=c++11", "-I", include.to_str().unwrap()];
    let program = "#include <npapi.h>\nconst WCHAR *name = u\"S:\";\n";
    accepted(&compile("g++", &arguments, "ours.cpp", program));
}

/// The headers declare no function that the tables, and so the Rust types, do not know.
#[test]
fn the_headers_declare_nothing_else() {
    let known: BTreeSet<&str> = FUNCTIONS.concat().iter().map(|function| function.name).collect();
    for header in ["winnetwk.h", "npapi.h"] {
        let text = std::fs::read_to_string(include().join(header)).unwrap();
        let declared =
            text.lines().filter_map(|line| line.split_once(" WINAPI ")?.1.split_once('('));
        for (name, _) in declared {
            assert!(known.contains(name), "{name} in {header}");
        }
    }
}

#[test]
fn no_name_is_declared_twice() {
    let functions = FUNCTIONS.concat();
    let names: BTreeSet<&str> = functions.iter().map(|function| function.name).collect();
    assert_eq!(names.len(), functions.len());
}
