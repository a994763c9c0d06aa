//! The test matrix of `notify.md` §9 on scripted parts, a test a row.
//!
//! Rows 15 to 17 and 20 are about registration and layout too: their other halves stand with the
//! settings (`mpr-platform`) and the C types (`mpr-abi`), and all rows again on real modules.

use std::sync::{Arc, OnceLock, Weak};

use mpr_core::testing::Answer;
use mpr_core::{AddConnection, ResourceType, Router};

use crate::parts::{Parts, SHARE, wide};

#[test]
fn row_01_no_context_no_post() {
    let mut parts = Parts::new();
    parts.notifyee("a", 0);
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 0);
    assert_eq!(bench.notified(), [r"pre a add S: \\srv\share - 0x0"]);
}

#[test]
fn row_02_context_comes_back_in_post() {
    let mut parts = Parts::new();
    parts.notifyee("a", 0x1234);
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 0);
    let expected = [r"pre a add S: \\srv\share - 0x0", r"post a 0 0x1234 add S: \\srv\share P 0x0"];
    assert_eq!(bench.notified(), expected);
}

#[test]
fn row_03_post_carries_the_failure() {
    let mut parts = Parts::new();
    parts.providers[0].adds = Some(86);
    parts.notifyee("a", 0x1234);
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 86);
    assert_eq!(bench.notified()[1], r"post a 86 0x1234 add S: \\srv\share - 0x0");
}

#[test]
fn row_04_cancel_from_pre_vetoes() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1).pre.code = 1223;
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 1223);
    assert_eq!(bench.log(), [r"pre a add S: \\srv\share - 0x0"]);
}

#[test]
fn row_05_a_later_veto_is_told_to_the_earlier() {
    let mut parts = Parts::new();
    parts.notifyee("a", 7);
    parts.notifyee("b", 8).pre.code = 5;
    parts.notifyee("c", 9);
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 5);
    let expected = [
        r"pre a add S: \\srv\share - 0x0",
        r"pre b add S: \\srv\share - 0x0",
        r"post a 5 0x7 add S: \\srv\share - 0x0",
    ];
    assert_eq!(bench.log(), expected);
}

#[test]
fn row_05b_answers_after_a_veto_are_ignored() {
    for answer in [1237, 86] {
        let mut parts = Parts::new();
        parts.notifyee("a", 7).post.code = answer;
        parts.notifyee("b", 8).pre.code = 5;
        let bench = parts.build();
        assert_eq!(bench.add("S:", 0), 5);
        assert_eq!(bench.log().len(), 3, "PRE a, PRE b, POST a: nothing was repeated");
    }
}

#[test]
fn row_06_retry_from_pre_is_success() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1).pre.code = 1237;
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 0);
    assert_eq!(bench.notified().len(), 2);
}

#[test]
fn row_07_retry_from_post_repeats_once() {
    let mut parts = Parts::new();
    parts.providers[0].next_adds.lock().unwrap().extend([59, 0]);
    parts.notifyee("a", 1).next_post.lock().unwrap().push_back(retry());
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 0);
    let expected = [
        r"pre a add S: \\srv\share - 0x0",
        r"add P S: \\srv\share 0x0",
        r"post a 59 0x1 add S: \\srv\share - 0x0",
        r"add P S: \\srv\share 0x0",
        r"post a 0 0x1 add S: \\srv\share P 0x0",
    ];
    assert_eq!(bench.log(), expected);
}

#[test]
fn row_08_retries_are_bounded() {
    let mut parts = Parts::new();
    parts.providers[0].adds = Some(59);
    parts.notifyee("a", 1).post.code = 1237;
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 59);
    let log = bench.log();
    assert_eq!(log.iter().filter(|line| line.starts_with("add ")).count(), 5);
    assert_eq!(log.iter().filter(|line| line.starts_with("pre ")).count(), 1);
    assert_eq!(log.iter().filter(|line| line.starts_with("post ")).count(), 5);
}

#[test]
fn row_09_an_error_after_success_is_ignored() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1).post.code = 5;
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 0);
    assert!(bench.providers[0].table.lock().unwrap().contains_key("S:"));
}

#[test]
fn row_10_post_is_in_reverse_order() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1);
    parts.notifyee("b", 2);
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 0);
    let order: Vec<String> = bench.notified().iter().map(|line| line[..6].into()).collect();
    assert_eq!(order, ["pre a ", "pre b ", "post b", "post a"]);
}

#[test]
fn row_11_restore_notifies_nobody() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1);
    parts.profile = parts.profile.with("S:", SHARE, "P");
    let bench = parts.build();
    let restored = bench.router.restore_connection(wide("S:").as_wide(), false, &mut ());
    assert_eq!(restored, Ok(0));
    assert_eq!(bench.log(), [r"add P S: \\srv\share 0x0"]);
}

#[test]
fn row_12_bad_arguments_notify_nobody() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1);
    let bench = parts.build();
    let of_type = |it: &mut AddConnection<'_>| it.resource_type = ResourceType(7);
    assert_eq!(bench.add_with("S:", SHARE, 0, of_type), 87);
    assert_eq!(bench.add_with("S:", SHARE, 0, |it| it.remote = None), 67);
    assert_eq!(bench.log(), [""; 0]);
}

#[test]
fn row_13_names_are_utf_16() {
    let mut parts = Parts::new();
    parts.notifyee("a", 0);
    let bench = parts.build();
    assert_eq!(bench.add_with("S:", r"\\srv\Übung-日本-😀", 0, |_| {}), 0);
    assert_eq!(bench.notified(), [r"pre a add S: \\srv\Übung-日本-😀 - 0x0"]);
}

/// In core the details are borrowed read-only, so that nobody can write; what a C module writes is
/// tested with real modules.
#[test]
fn row_14_everybody_sees_the_originals() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1);
    parts.notifyee("b", 2);
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0x4), 0);
    let log = bench.log();
    assert!(log.iter().all(|line| line.contains(r"S: \\srv\share")), "{log:?}");
}

#[test]
fn row_15_a_missing_module_changes_nothing() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1).missing = true;
    parts.notifyee("b", 2);
    let bench = parts.build();
    let (code, trace) = bench.traced_add("S:");
    assert_eq!(code, 0);
    assert_eq!(bench.notified().len(), 2, "b alone is told");
    assert!(trace.contains(&"pre a 0 skipped".to_owned()), "{trace:?}");
}

#[test]
fn row_18_no_password_reaches_a_notifyee() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1);
    let bench = parts.build();
    assert_eq!(bench.add_as("alice", "hunter2"), 0);
    let log = bench.log().concat();
    assert!(!log.contains("hunter2") && !log.contains("alice"), "{log}");
}

#[test]
fn row_19_calls_from_inside_work_and_are_not_notified() {
    let router: Arc<OnceLock<Weak<Router>>> = Arc::default();
    let inner = Arc::clone(&router);
    let mut parts = Parts::new();
    parts.notifyee("a", 1).deed = Some(Box::new(move || {
        let router = inner.get().and_then(Weak::upgrade).unwrap();
        let (local, remote) = (wide("T:"), wide(r"\\srv\nested"));
        let _ = router.connection(local.as_wide(), &mut ());
        let request = AddConnection {
            local: Some(local.as_wide()),
            remote: Some(remote.as_wide()),
            ..AddConnection::default()
        };
        let _ = router.add_connection(&request, &mut ());
    }));
    let bench = parts.build();
    let shared = Arc::new(bench.router);
    router.set(Arc::downgrade(&shared)).unwrap();
    let (local, remote) = (wide("S:"), wide(SHARE));
    let request = AddConnection {
        local: Some(local.as_wide()),
        remote: Some(remote.as_wide()),
        ..AddConnection::default()
    };
    assert!(shared.add_connection(&request, &mut ()).is_ok());
    let log = bench.log.take();
    let told = log.iter().filter(|line| line.starts_with("pre") || line.starts_with("post"));
    assert_eq!(told.count(), 2, "one pair, for the outer call: {log:?}");
    assert!(log.contains(&r"add P T: \\srv\nested 0x0".to_owned()), "the inner call worked");
}

#[test]
fn row_21_cancel_tells_the_provider_afterwards() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1);
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 0);
    bench.log();
    assert_eq!(bench.cancel("S:", 0, false), 0);
    assert_eq!(bench.notified(), ["pre a cancel S: - 0", "post a 0 0x1 cancel S: P 0"]);
}

#[test]
fn row_22_open_files_reach_post() {
    let mut parts = Parts::new();
    parts.providers[0].cancels = Some(2401);
    parts.notifyee("a", 1);
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 0);
    bench.log();
    assert_eq!(bench.cancel("S:", 0, false), 2401);
    assert_eq!(bench.notified()[1], "post a 2401 0x1 cancel S: - 0");
}

#[test]
fn row_23_not_supported_from_pre_is_no_veto_and_no_post() {
    let mut parts = Parts::new();
    parts.notifyee("a", 0x99).pre.code = 50;
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 0);
    assert_eq!(bench.notified().len(), 1);
}

fn retry() -> Answer {
    Answer { code: 1237, context: None }
}
