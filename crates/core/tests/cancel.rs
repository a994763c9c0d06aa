//! Disconnecting: `wnet.md` §5, U20, U21, U34, P9.

use mpr_core::ConnectionCaps;

use crate::parts::{Parts, SHARE};

#[test]
fn the_owner_alone_is_asked() {
    let mut parts = Parts::new();
    parts.provider("Q");
    let bench = parts.build();
    bench.providers[1].table.lock().unwrap().insert("S:".into(), (SHARE.into(), String::new()));
    assert_eq!(bench.cancel("S:", 0, false), 0);
    assert_eq!(bench.log(), ["cancel Q S: false"]);
}

/// P9: a provider that answers 0 to the cancel of any name.
#[test]
fn a_liar_first_does_not_hide_the_owner() {
    let mut parts = Parts::new();
    parts.providers[0].cancels = Some(0);
    parts.provider("Q");
    let bench = parts.build();
    bench.providers[1].table.lock().unwrap().insert("S:".into(), (SHARE.into(), String::new()));
    assert_eq!(bench.cancel("S:", 0, false), 0);
    assert!(bench.providers[1].table.lock().unwrap().is_empty());
    bench.log();
    assert_eq!(bench.cancel("S:", 0, false), 2250, "never a disconnect that did not happen");
    assert_eq!(bench.log(), [""; 0], "nor one that is not told: nobody is asked");
}

#[test]
fn who_failed_to_name_it_is_asked() {
    let mut parts = Parts::new();
    parts.providers[0].owns = Some(59);
    parts.providers[0].cancels = Some(0);
    parts.provider("Q").owns = Some(1208);
    let bench = parts.build();
    assert_eq!(bench.cancel("S:", 0, false), 2250, "59 says that it is not connected (P17)");
    bench.providers[1].table.lock().unwrap().insert("S:".into(), (SHARE.into(), String::new()));
    assert_eq!(bench.cancel("S:", 0, false), 0);
    assert_eq!(bench.log().last().map(String::as_str), Some("cancel Q S: false"));
}

/// A deferred connection has no name yet; its provider is asked, and believed.
#[test]
fn a_deferred_connection_can_be_cancelled() {
    let mut parts = Parts::new();
    let provider = &mut parts.providers[0];
    provider.caps = provider.caps | ConnectionCaps::DEFER;
    provider.cancels = Some(0);
    assert_eq!(parts.build().cancel("S:", 0, false), 0);
}

/// A provider that cannot name its connections is believed: there is no better word.
#[test]
fn a_mute_owner_is_believed() {
    let mut parts = Parts::new();
    parts.providers[0].caps = ConnectionCaps::CANCEL_CONNECTION;
    parts.providers[0].cancels = Some(0);
    assert_eq!(parts.build().cancel("S:", 0, false), 0);
}

#[test]
fn remote_names_go_round() {
    for (answers, expected, asked) in [
        (&[2250, 0, 0][..], 0, 2),
        (&[67, 2401, 0], 2401, 2),
        (&[2404, 0], 2404, 1),
        (&[5, 2250], 5, 2),
        (&[2250, 67, 53, 1200, 50, 87], 2250, 6),
    ] {
        let mut parts = Parts::new();
        parts.providers.clear();
        for (index, &answer) in answers.iter().enumerate() {
            parts.provider(&format!("P{index}")).cancels = Some(answer);
        }
        let bench = parts.build();
        assert_eq!(bench.cancel(SHARE, 1, false), expected, "{answers:?}");
        assert_eq!(bench.log().len(), asked, "{answers:?}");
    }
}

#[test]
fn names_that_cannot_be() {
    let bench = Parts::new().build();
    for (name, expected) in [("", 87), (r"S:\", 2250), ("x".repeat(260).as_str(), 67)] {
        assert_eq!(bench.cancel(name, 0, false), expected, "{name}");
    }
}

/// P17, U20, W15: whatever "not mine" comes as, a remembered device can be forgotten.
#[test]
fn odd_refusals_keep_nobody_from_forgetting() {
    for (answer, expected) in
        [(2, 0), (59, 0), (120, 0), (170, 0), (5, 5), (2401, 2401), (2404, 2404)]
    {
        let mut parts = Parts::new();
        parts.providers[0].caps = ConnectionCaps::CANCEL_CONNECTION;
        parts.providers[0].cancels = Some(answer);
        parts.profile = parts.profile.with("S:", SHARE, "P");
        let bench = parts.build();
        assert_eq!(bench.cancel("S:", 1, false), expected, "{answer}");
        assert_eq!(bench.profile.pairs().is_empty(), expected == 0, "{answer}");
    }
}
