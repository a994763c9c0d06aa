//! The test matrix of `notify.md` §9, rows 16 and 17: which file a registration means.

use mpr_conformance::Root;

#[test]
fn row_16_a_variable_is_expanded_before_loading() {
    let mut root = Root::with_provider();
    root.install("a", "notify_script", "");
    root.register_notifyee("a", "%mpr_lib%/a.so"); // Case does not matter.
    root.register_notifyee("b", "%SystemRoot%/a.so"); // Not defined: left out.
    root.register_notifyee("c", "%PATH%/a.so"); // The environment is not used.
    assert_eq!(root.says(&[r"add S: \\srv\share 0"]).stdout, "add 0\n");
    assert_eq!(root.notified(), [r"pre a add S: \\srv\share - 0x0"]);
}

#[test]
fn row_17_the_same_file_is_called_once() {
    let mut root = Root::with_provider();
    let file = root.install("a", "notify_script", "");
    std::os::unix::fs::symlink("a.so", root.path("usr/lib/mpr/link.so")).unwrap();
    root.register_notifyee("1", "%MPR_LIB%/a.so");
    root.register_notifyee("2", "%MPR_LIB%/a.so");
    root.register_notifyee("3", "%MPR_LIB%/link.so");
    root.register_notifyee("4", file.to_str().unwrap());
    root.register_notifyee("5", &file.to_str().unwrap().replace("/mpr/", "/mpr/../mpr/"));
    assert_eq!(root.says(&[r"add S: \\srv\share 0"]).stdout, "add 0\n");
    assert_eq!(root.notified().len(), 1, "{:?}", root.log());
}
