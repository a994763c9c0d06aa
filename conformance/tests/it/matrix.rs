//! The test matrix of `notify.md` §9 through the C API with real modules: rows 1 to 12,
//! on Linux and, by the same source, under Wine.
//!
//! Notifyees and provider do what their scripts say and share one log; the expected lines are those
//! of the twin on scripted parts, `mpr-core`'s `notify_matrix`.

use mpr_conformance::Root;

const PRE: &str = r"add S: \\srv\share - 0x0";
const MADE: &str = r"add S: \\srv\share P 0x0";
const ASKED: &str = r"add P S: \\srv\share 0x0";

/// A world with provider `P` and these notifyees.
fn world(notifyees: &[(&str, &str)]) -> Root {
    let mut root = Root::with_provider();
    for (name, script) in notifyees {
        root.notifyee(name, script);
    }
    root
}

/// Connects `S:`; the client's answer.
fn add(root: &Root) -> String {
    root.says(&[r"add S: \\srv\share 0"]).stdout
}

#[test]
fn row_01_no_context_no_post() {
    let root = world(&[("a", "")]);
    assert_eq!(add(&root), "add 0\n");
    assert_eq!(root.notified(), [format!("pre a {PRE}")]);
}

#[test]
fn row_02_context_comes_back_in_post() {
    let root = world(&[("a", "context 0x1234")]);
    assert_eq!(add(&root), "add 0\n");
    assert_eq!(root.notified(), [format!("pre a {PRE}"), format!("post a 0 0x1234 {MADE}")]);
    // §3: what else the structures say, before and after.
    let log = root.whole_log();
    let rest = "owner=0x0 scope=0 type=1 display=0 usage=0 comment=-";
    assert!(log[0].ends_with(&format!("| status=1 operation=0 context=0x0 {rest}")), "{log:?}");
    assert!(log[2].ends_with(&format!("| status=2 {rest}")), "{log:?}");
}

#[test]
fn row_03_post_carries_the_failure() {
    let mut root = Root::new();
    root.provider("P", "provider_script", "add 86").notifyee("a", "context 0x1234");
    assert_eq!(add(&root), "add 86\n");
    assert_eq!(root.notified()[1], format!("post a 86 0x1234 {PRE}"));
}

#[test]
fn row_04_cancel_from_pre_vetoes() {
    let root = world(&[("a", "context 1\npre-add 1223")]);
    assert_eq!(add(&root), "add 1223\n");
    assert_eq!(root.log(), [format!("pre a {PRE}")]);
}

#[test]
fn row_05_a_later_veto_is_told_to_the_earlier() {
    let root = world(&[("a", "context 7"), ("b", "context 8\npre-add 5"), ("c", "context 9")]);
    assert_eq!(add(&root), "add 5\n");
    let expected = [format!("pre a {PRE}"), format!("pre b {PRE}"), format!("post a 5 0x7 {PRE}")];
    assert_eq!(root.log(), expected);
}

#[test]
fn row_05b_answers_after_a_veto_are_ignored() {
    for answer in ["1237", "86"] {
        let first = format!("context 7\npost-add {answer}");
        let root = world(&[("a", &first), ("b", "context 8\npre-add 5")]);
        assert_eq!(add(&root), "add 5\n");
        assert_eq!(root.log().len(), 3, "PRE a, PRE b, POST a: nothing was repeated");
    }
}

#[test]
fn row_06_retry_from_pre_is_success() {
    let root = world(&[("a", "context 1\npre-add 1237")]);
    assert_eq!(add(&root), "add 0\n");
    assert_eq!(root.notified().len(), 2);
}

#[test]
fn row_07_retry_from_post_repeats_once() {
    let mut root = Root::new();
    root.provider("P", "provider_script", "add 59,0").notifyee("a", "context 1\npost-add 1237,0");
    assert_eq!(add(&root), "add 0\n");
    let expected = [
        format!("pre a {PRE}"),
        ASKED.into(),
        format!("post a 59 0x1 {PRE}"),
        ASKED.into(),
        format!("post a 0 0x1 {MADE}"),
    ];
    assert_eq!(root.log(), expected);
}

/// U29: what POST sets counts only when that POST asks for a retry.
#[test]
fn row_07_the_context_of_a_retry_is_kept() {
    let mut root = Root::new();
    root.provider("P", "provider_script", "add 59,59,0");
    root.notifyee("a", "context 1\npost-add 1237,1237,0\npost-context 0x99");
    assert_eq!(add(&root), "add 0\n");
    let posts: Vec<String> =
        root.notified()[1..].iter().map(|line| line[..14].to_owned()).collect();
    assert_eq!(posts, ["post a 59 0x1 ", "post a 59 0x99", "post a 0 0x99 "]);
}

/// §4, Retry 2: who was told already is told anew, with an empty context.
#[test]
fn row_07_closed_notifyees_begin_again() {
    let mut root = Root::new();
    root.provider("P", "provider_script", "add 59,0");
    root.notifyee("a", "context 1\npost-add 1237,0").notifyee("b", "context 2");
    assert_eq!(add(&root), "add 0\n");
    let expected = [
        format!("pre a {PRE}"),
        format!("pre b {PRE}"),
        format!("post b 59 0x2 {PRE}"),
        format!("post a 59 0x1 {PRE}"),
        format!("pre b {PRE}"),
        format!("post b 0 0x2 {MADE}"),
        format!("post a 0 0x1 {MADE}"),
    ];
    assert_eq!(root.notified(), expected);
    let log = root.whole_log();
    let again = log.iter().filter(|line| line.starts_with("pre b")).nth(1).unwrap();
    assert!(again.contains("context=0x0 "), "{again}");
}

#[test]
fn row_08_retries_are_bounded() {
    let mut root = Root::new();
    root.provider("P", "provider_script", "add 59").notifyee("a", "context 1\npost-add 1237");
    assert_eq!(add(&root), "add 59\n");
    let log = root.log();
    let count = |start: &str| log.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!((count("add "), count("pre "), count("post ")), (5, 1, 5), "{log:?}");
}

#[test]
fn row_09_an_error_after_success_is_ignored() {
    let root = world(&[("a", "context 1\npost-add 5")]);
    let ran = root.says(&[r"add S: \\srv\share 0", "get S:"]);
    assert_eq!(ran.lines(), ["add 0", r"get 0 \\srv\share"]);
}

#[test]
fn row_10_post_is_in_reverse_order() {
    // U7: by name without regard to case, however they are registered.
    let root = world(&[("b", "context 2"), ("A", "context 1")]);
    assert_eq!(add(&root), "add 0\n");
    let order: Vec<String> = root.notified().iter().map(|line| line[..6].into()).collect();
    assert_eq!(order, ["pre A ", "pre b ", "post b", "post A"]);
}

#[test]
fn row_11_restore_notifies_nobody() {
    let root = world(&[("a", "context 1")]);
    let entry = "[S]\nremote-path = '\\\\srv\\share'\nprovider-name = \"P\"\n";
    for command in ["restore S:", "restore -", "restore1 S:"] {
        root.clear_log();
        root.remember(entry);
        let ran = root.says(&[command, "get S:"]);
        let verb = command.split(' ').next().unwrap();
        assert_eq!(ran.lines(), [&format!("{verb} 0"), r"get 0 \\srv\share"]);
        assert_eq!(root.log(), [ASKED], "{command}");
        assert_eq!(root.profile(), entry, "restoring changes nothing that is remembered");
    }
}

#[test]
fn row_12_bad_arguments_notify_nobody() {
    let root = world(&[("a", "context 1")]);
    let commands = [
        "type 7",
        r"add S: \\srv\share 0",
        "type 1",
        "add S: - 0",
        "add S: '' 0",
        "use S: - 0",
        r"add SS: \\srv\share 0",
        r"add LPT1 \\srv\share 0",
        r"add S: \\srv\share 0x02000000",
        r"add S: \\srv\share 0 Nobody",
        "cancel - 0 no",
        "cancel S: 2 no",
    ];
    let ran = root.says(&commands);
    let codes = ["87", "67", "67", "87", "1200", "66", "87", "1204", "87", "87"];
    let printed: Vec<&str> =
        ran.lines().into_iter().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(printed, codes);
    assert_eq!(root.log(), [""; 0]);
}
