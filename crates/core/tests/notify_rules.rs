//! Rules of `notify.md` §4 and §5 beyond the matrix.

use mpr_core::testing::Answer;
use mpr_core::{AddConnection, Availability};

use crate::parts::{Parts, SHARE};

const RETRY: Answer = Answer { code: 1237, context: None };

/// U4: on a retry those already told get a fresh PRE; the asker and those not reached do not.
#[test]
fn a_retry_closes_and_reopens() {
    let mut parts = Parts::new();
    parts.providers[0].next_adds.lock().unwrap().extend([59, 0]);
    parts.notifyee("a", 1);
    parts.notifyee("b", 2).next_post.lock().unwrap().push_back(RETRY);
    parts.notifyee("c", 3);
    let bench = parts.build();
    assert_eq!(bench.add("", 0), 0);
    let log: Vec<String> = bench.log().iter().map(|line| line.replace("add  ", "")).collect();
    let order: Vec<&str> = log.iter().map(|line| &line[..6]).collect();
    let expected = [
        "pre a ", "pre b ", "pre c ", "add P ", "post c", "post b", // b asks
        "pre c ", "add P ", "post c", "post b", "post a",
    ];
    assert_eq!(order, expected);
}

/// U31: a veto in a PRE made for a retry is final; the open ones are told.
#[test]
fn a_veto_on_retry_is_final() {
    let mut parts = Parts::new();
    parts.providers[0].adds = Some(59);
    parts.notifyee("a", 1).post.code = 1237;
    let second = parts.notifyee("b", 2);
    let veto = Answer { code: 5, context: Some(2) };
    second.next_pre.lock().unwrap().extend([Answer { code: 0, context: Some(2) }, veto]);
    let bench = parts.build();
    assert_eq!(bench.add("", 0), 5);
    let log = bench.log();
    assert_eq!(log.iter().filter(|line| line.starts_with("add ")).count(), 1);
    assert_eq!(log.last().map(|line| &line[..8]), Some("post a 5"), "{log:?}");
}

/// U5: the first replacement in POST order wins; later ones still see the operation's own status.
#[test]
fn the_first_replacement_wins() {
    let mut parts = Parts::new();
    parts.providers[0].adds = Some(59);
    parts.notifyee("a", 1).post.code = 5;
    parts.notifyee("b", 2).post.code = 1223;
    parts.notifyee("c", 3).post.code = 50;
    let bench = parts.build();
    assert_eq!(bench.add("", 0), 1223);
    assert!(
        bench
            .notified()
            .iter()
            .filter(|line| line.starts_with("post"))
            .all(|line| { line.contains(" 59 ") })
    );
}

/// U29: a context written in POST counts only with a retry, and then if it is not NULL.
#[test]
fn a_retry_may_change_the_context() {
    for (written, expected) in [(Some(0x77), "0x77"), (Some(0), "0x1"), (None, "0x1")] {
        let mut parts = Parts::new();
        parts.providers[0].next_adds.lock().unwrap().extend([59, 0]);
        let answer = Answer { code: 1237, context: written };
        parts.notifyee("a", 1).next_post.lock().unwrap().push_back(answer);
        let bench = parts.build();
        assert_eq!(bench.add("", 0), 0);
        assert!(bench.notified()[2].starts_with(&format!("post a 0 {expected}")));
    }
}

/// U11: what is refused up front notifies nobody.
#[test]
fn no_attempt_no_notification() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1);
    parts.profile = parts.profile.with("R:", r"\\other\share", "P");
    parts.surroundings.devices.push("C:");
    let bench = parts.build();
    let name = crate::parts::wide("nobody");
    assert_eq!(bench.add("S:", 0x2_0000), 87);
    assert_eq!(bench.add("S", 0), 1200);
    assert_eq!(bench.add("R:", 1), 1202);
    assert_eq!(bench.add("C:", 0), 85);
    assert_eq!(bench.add("", 0x80), 487, "U47");
    assert_eq!(bench.cancel("", 0, false), 87);
    assert_eq!(bench.cancel("S:", 2, false), 87);
    let (share, local) = (crate::parts::wide(SHARE), crate::parts::wide("S:"));
    let request = AddConnection {
        remote: Some(share.as_wide()),
        local: Some(local.as_wide()),
        provider: Some(name.as_wide()),
        ..AddConnection::default()
    };
    assert_eq!(crate::parts::code(bench.router.add_connection(&request, &mut ())), 1204);
    assert_eq!(bench.log(), [""; 0]);
}

/// notify.md §5: no network found before routing notifies nobody.
#[test]
fn no_network_no_notification() {
    for (availability, expected) in [
        (Availability::Down, 1222),
        (Availability::Pending(None), 170),
        (Availability::LoadFailed, 1222),
    ] {
        let mut parts = Parts::new();
        parts.providers[0].availability = availability;
        parts.notifyee("a", 1);
        let bench = parts.build();
        assert_eq!(bench.add("S:", 0), expected, "{availability:?}");
        assert_eq!(bench.cancel("S:", 0, false), expected);
        assert_eq!(bench.log(), [""; 0]);
    }
    let mut parts = Parts::new();
    parts.providers.clear();
    parts.notifyee("a", 1);
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 1222);
    assert_eq!(bench.log(), [""; 0]);
}

/// U18, U45: UPDATE_PROFILE in dwAddFlags tells the truth.
#[test]
fn told_flags_tell_the_truth() {
    let first = mpr_core::AddVerb::AddConnection;
    for (verb, local, flags, told) in [
        (mpr_core::AddVerb::AddConnection2, "S:", 0x1, "0x1"),
        (mpr_core::AddVerb::AddConnection2, "S:", 0x5, "0x4"),
        (mpr_core::AddVerb::AddConnection2, "", 0x1, "0x0"),
        (mpr_core::AddVerb::AddConnection2, "S:", 0x802, "0x802"),
        (first, "S:", 0, "0x1"),
        (first, "", 0, "0x0"),
    ] {
        let mut parts = Parts::new();
        parts.notifyee("a", 0);
        let bench = parts.build();
        assert_eq!(bench.add_with(local, SHARE, flags, |it| it.verb = verb), 0);
        let log = bench.notified();
        assert!(log[0].ends_with(&format!(" {told}")), "{log:?}");
    }
}

/// U20: a remembered device that is not connected.
#[test]
fn cancel_of_a_remembered_device_is_notified() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1);
    parts.profile = parts.profile.with("S:", SHARE, "P");
    let bench = parts.build();
    assert_eq!(bench.cancel("S:", 0, false), 2250);
    assert_eq!(bench.notified(), ["pre a cancel S: - 0", "post a 2250 0x1 cancel S: - 0"]);
    assert_eq!(bench.cancel("s:", 1, false), 0);
    assert_eq!(bench.notified(), ["pre a cancel s: - 1", "post a 0 0x1 cancel s: P 1"]);
    assert!(bench.profile.pairs().is_empty());
}

/// More notifyees than fit in line work the same.
#[test]
fn many_notifyees() {
    let mut parts = Parts::new();
    for n in 0..20 {
        parts.notifyee(&format!("n{n:02}"), n + 1);
    }
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 0);
    let log = bench.notified();
    assert_eq!(log.len(), 40);
    assert!(log[20].starts_with("post n19 0 0x14") && log[39].starts_with("post n00 0 0x1"));
}

/// D2: the trace tells who vetoed.
#[test]
fn the_trace_names_the_veto() {
    let mut parts = Parts::new();
    parts.notifyee("a", 1);
    parts.notifyee("b", 2).pre.code = 5;
    let bench = parts.build();
    let (code, trace) = bench.traced_add("S:");
    assert_eq!(code, 5);
    let expected = [
        "get-connection P 2250 not its resource",
        "pre a 0 accepted",
        "pre b 5 veto",
        "post a 0 done",
    ];
    assert_eq!(trace, expected);
}
