//! The test matrix of `notify.md` §9 through the C API, rows 13 to 23: what only real modules show.
//!
//! Under Wine too; rows 16 and 17 are in `matrix_settings.rs`, since settings are another matter there.

use std::fs;

use mpr_conformance::{Form, NON_ASCII, Root, client};

#[test]
fn row_13_an_ansi_call_reaches_notifyees_in_utf_16() {
    let mut root = Root::with_provider();
    root.notifyee("a", "context 1\ndump dump.bin");
    let name = format!(r"\\srv\{NON_ASCII}");
    let ran = root.says_a(&[&format!("add S: {name} 0"), "get S:", "cancel S: 0 no"]);
    assert_eq!(ran.lines(), ["add 0", &format!("get 0 {name}"), "cancel 0"]);
    let expected = [
        format!("pre a add S: {name} - 0x0"),
        format!("post a 0 0x1 add S: {name} P 0x0"),
        "pre a cancel S: - 0".into(),
        "post a 0 0x1 cancel S: P 0".into(),
    ];
    assert_eq!(root.notified(), expected);
    let dumped = fs::read(root.path("cwd/dump.bin")).unwrap();
    let wide: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    assert!(dumped.windows(wide.len()).any(|at| at == wide));
}

#[test]
fn row_14_what_a_notifyee_overwrites_is_its_own_copy() {
    let mut root = Root::with_provider();
    root.notifyee("a", "context 1\noverwrite").notifyee("b", "context 2\noverwrite");
    let ran = root.says(&[r"add S: \\srv\share 0x4 P", "get S:", "cancel S: 0 no"]);
    assert_eq!(ran.lines(), ["add 0", r"get 0 \\srv\share", "cancel 0"]);
    let expected = [
        r"pre a add S: \\srv\share P 0x4",
        r"pre b add S: \\srv\share P 0x4",
        r"add P S: \\srv\share 0x4",
        r"post b 0 0x2 add S: \\srv\share P 0x4",
        r"post a 0 0x1 add S: \\srv\share P 0x4",
        "pre a cancel S: - 0",
        "pre b cancel S: - 0",
        "cancel P S: false",
        "post b 0 0x2 cancel S: P 0",
        "post a 0 0x1 cancel S: P 0",
    ];
    assert_eq!(root.log(), expected);
}

#[test]
fn row_15_a_missing_file_changes_nothing() {
    let mut root = Root::with_provider();
    root.register_notifyee("0-gone", "/nowhere/gone.so").notifyee("a", "context 1");
    // No module at all, and a library without the two functions.
    fs::write(root.module_file("text"), "not a module\n").unwrap();
    root.install("zoo_nothing", "zoo_nothing", "");
    root.register_notifyee("1-text", "%MPR_LIB%/text.so");
    root.register_notifyee("2-nothing", "%MPR_LIB%/zoo_nothing.so");
    assert_eq!(root.says(&[r"add S: \\srv\share 0"]).stdout, "add 0\n");
    assert_eq!(root.notified().len(), 2, "a alone is told");
}

/// U12: one of the two functions is enough.
#[test]
fn row_15_one_export_is_enough() {
    let mut root = Root::with_provider();
    let built = mpr_conformance::module("notify_cancel_only");
    root.install_file("half", &built, "");
    root.register_notifyee("half", "%MPR_LIB%/half.so");
    let ran = root.says(&[r"add S: \\srv\share 0", "cancel S: 0 no"]);
    assert_eq!(ran.lines(), ["add 0", "cancel 0"]);
    assert_eq!(root.notified(), ["pre half cancel"]);
}

#[test]
fn row_18_no_password_in_any_byte() {
    let mut root = Root::new();
    root.provider("P", "provider_script", "credentials").notifyee("a", "context 1\ndump dump.bin");
    let password = "Xq7zPassword";
    let commands = [
        format!(r"add S: \\srv\share 1 P Xq7zUser {password}"),
        "cancel S: 1 force".into(),
        format!(r"add3 T: \\srv\share 8 - Xq7zUser {password}"),
        format!(r"use U: \\srv\share 0 - Xq7zUser {password}"),
    ];
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    for ran in [root.says(&commands), root.says_a(&commands)] {
        assert!(!ran.stdout.contains(" 1"), "all of them work: {}", ran.stdout);
    }
    let dumped = fs::read(root.path("cwd/dump.bin")).unwrap();
    assert!(dumped.len() > 1000, "something was dumped");
    for secret in ["Xq7z", password] {
        let narrow = secret.as_bytes();
        let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for needle in [narrow, &wide] {
            assert!(!dumped.windows(needle.len()).any(|at| at == needle), "{secret}");
        }
    }
    let told = root.log().iter().filter(|line| line.contains(password)).count();
    assert_eq!(told, 6, "the provider, and only the provider, got it");
    // U65: nor is it kept anywhere.
    let mut files = vec![root.folder().to_path_buf()];
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(fs::read_dir(path).unwrap().map(|it| it.unwrap().path()));
        } else if !path.ends_with("log") {
            let text = fs::read(&path).unwrap();
            let found = text.windows(password.len()).any(|at| at == password.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}

#[test]
fn row_19_calls_from_inside_work_and_are_not_notified() {
    let mut root = Root::with_provider();
    root.notifyee("a", "context 1\nnested").notifyee("b", "context 2");
    let ran = root.says(&[r"add S: \\srv\share 0", "get S:", "get T:"]);
    assert_eq!(ran.lines(), ["add 0", r"get 0 \\srv\share", "get 2250"]);
    let expected = [
        r"pre a add S: \\srv\share - 0x0",
        r"add P T: \\srv\nested 0x0",
        "cancel P T: true",
        "nested a pre asked=2250 added=0 cancelled=0",
        r"pre b add S: \\srv\share - 0x0",
        r"add P S: \\srv\share 0x0",
        r"post b 0 0x2 add S: \\srv\share P 0x0",
        r"post a 0 0x1 add S: \\srv\share P 0x0",
        r"add P T: \\srv\nested 0x0",
        "cancel P T: true",
        "nested a post asked=0 added=0 cancelled=0",
    ];
    assert_eq!(root.log(), expected);
}

/// U30: the text of the operation survives what notifyees do afterwards.
#[test]
fn row_19_the_error_text_is_the_operations_own() {
    let mut root = Root::new();
    root.provider("P", "provider_script", "add 1208\ntext the cable is out");
    root.notifyee("a", "context 1\nlast-error\nnested");
    let ran = root.says(&[r"add S: \\srv\share 0", "error"]);
    assert_eq!(ran.lines(), ["add 1208", "error 0 17 'the cable is out' 'Script'"]);
}

/// The table of §3, from C; the other word size is `mpr-abi`'s to check.
#[test]
fn row_20_sizes_and_offsets() {
    let root = Root::new();
    let ran = root.run(&client("layout", Form::W), &[]);
    let narrow = cfg!(target_pointer_width = "32");
    let expected = if narrow {
        "NOTIFYINFO 12: 0 4 8\nNOTIFYADD 40: 0 4 36\nNETRESOURCE in it: 4 8 12 16 20 24 28 32\n\
         NOTIFYCANCEL 16: 0 4 8 12\n"
    } else {
        "NOTIFYINFO 16: 0 4 8\nNOTIFYADD 64: 0 8 56\nNETRESOURCE in it: 8 12 16 20 24 32 40 48\n\
         NOTIFYCANCEL 24: 0 8 16 20\n"
    };
    assert_eq!(ran.stdout, expected);
}

#[test]
fn row_21_cancel_tells_the_provider_afterwards() {
    let mut root = Root::with_provider();
    root.notifyee("a", "context 1");
    let ran = root.says(&[r"add S: \\srv\share 0", "cancel S: 0 no"]);
    assert_eq!(ran.lines(), ["add 0", "cancel 0"]);
    assert_eq!(root.notified()[2..], ["pre a cancel S: - 0", "post a 0 0x1 cancel S: P 0"]);
}

#[test]
fn row_22_open_files_reach_post() {
    let mut root = Root::new();
    root.provider("P", "provider_script", "cancel 2401").notifyee("a", "context 1");
    let ran =
        root.says(&[r"add S: \\srv\share 0", "cancel S: 1 no", "get S:", "cancel S: 0 force"]);
    assert_eq!(ran.lines(), ["add 0", "cancel 2401", r"get 0 \\srv\share", "cancel 0"]);
    let expected = [
        "pre a cancel S: - 1",
        "post a 2401 0x1 cancel S: - 1",
        "pre a cancel S: - 0",
        "post a 0 0x1 cancel S: P 0",
    ];
    assert_eq!(root.notified()[2..], expected);
    let forced = root.whole_log().iter().filter(|line| line.ends_with("force=1")).count();
    assert_eq!(forced, 2, "PRE and POST of the last cancel");
}

#[test]
fn row_23_not_supported_from_pre_is_no_veto_and_no_post() {
    let mut root = Root::with_provider();
    root.notifyee("a", "context 0x99\npre-add 50");
    assert_eq!(root.says(&[r"add S: \\srv\share 0"]).stdout, "add 0\n");
    assert_eq!(root.notified().len(), 1);
}
