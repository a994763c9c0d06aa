//! Routing of connects: `npapi.md` §5, design D1, U32, U33, U37, U38, P8, P14.

use mpr_core::{AddConnection, Availability, ConnectFlags, ConnectionCaps, EnumerationCaps};

use crate::parts::{Parts, SHARE, code, wide};

fn codes(answers: &[u32]) -> crate::parts::Bench {
    let mut parts = Parts::new();
    parts.providers.clear();
    for (index, &answer) in answers.iter().enumerate() {
        let provider = parts.provider(&format!("P{index}"));
        provider.adds = Some(answer).filter(|&code| code != 0);
    }
    parts.build()
}

/// U33: cycling goes on until one succeeds; only WN_CANCEL stops it.
#[test]
fn order_and_end_of_the_search() {
    for (answers, expected, asked) in [
        (&[67, 0, 0][..], 0, 2),
        (&[86, 0], 0, 2),
        (&[1223, 0], 1223, 1),
        (&[5, 67], 5, 2),
        (&[67, 5, 86], 5, 3),
        (&[1208, 67], 1208, 2),
    ] {
        let bench = codes(answers);
        assert_eq!(bench.add("", 0), expected, "{answers:?}");
        assert_eq!(bench.log().len(), asked, "{answers:?}");
    }
}

/// D1: a password goes no further than the provider that judged it.
#[test]
fn a_judged_password_goes_no_further() {
    for judged in [5, 86, 1219, 1326, 1327, 1330, 1331, 1907, 1909, 2202, 2242] {
        let bench = codes(&[67, judged, 0]);
        assert_eq!(bench.add_as("alice", "secret"), judged);
        assert_eq!(bench.log().len(), 2, "{judged}: the third provider never saw the password");
        let bench = codes(&[67, judged, 0]);
        assert_eq!(bench.add("", 0), 0, "{judged}: without password the next one is asked");
    }
    let bench = codes(&[59, 0]);
    assert_eq!(bench.add_as("alice", "secret"), 0, "59 judges no password");
}

/// P8: 85 ends routing only if a local name was given and really is in use.
#[test]
fn already_assigned_is_believed_if_true() {
    let bench = codes(&[85, 0]);
    assert_eq!(bench.add("", 0), 0, "W12: deviceless");
    let bench = codes(&[85, 0]);
    assert_eq!(bench.add("S:", 0), 0, "nobody has S:");

    let mut parts = Parts::new();
    parts.surroundings.devices.push("D:");
    parts.providers[0].adds = Some(85);
    let bench = parts.build();
    assert_eq!(bench.add("D:", 0), 85);
    assert_eq!(bench.log(), [""; 0], "found up front");
}

/// U37: named providers.
#[test]
fn a_named_provider_is_the_only_one() {
    let named = |bench: &crate::parts::Bench, name: &str| {
        let (remote, name) = (wide(SHARE), wide(name));
        let request = AddConnection {
            remote: Some(remote.as_wide()),
            provider: Some(name.as_wide()),
            ..AddConnection::default()
        };
        code(bench.router.add_connection(&request, &mut ()))
    };
    let bench = codes(&[0, 67, 0]);
    assert_eq!(named(&bench, "p1"), 67, "case does not matter, the code is verbatim");
    assert_eq!(bench.log(), [r"add P1  \\srv\share 0x0"]);
    assert_eq!(named(&bench, "P9"), 1204);
    assert_eq!(named(&bench, ""), 0, "empty: anyone");

    for (availability, expected) in [
        (Availability::Down, 1222),
        (Availability::Pending(Some(5)), 170),
        (Availability::LoadFailed, 1204),
    ] {
        let mut parts = Parts::new();
        parts.provider("Q").availability = availability;
        assert_eq!(named(&parts.build(), "Q"), expected);
    }
    let mut parts = Parts::new();
    parts.provider("Q").caps = ConnectionCaps::GET_CONNECTIONS;
    assert_eq!(named(&parts.build(), "Q"), 50);
}

/// P14: who cannot connect is no candidate and does not decide the error.
#[test]
fn credential_managers_do_not_count() {
    let mut parts = Parts::new();
    parts.providers[0].adds = Some(53);
    let manager = parts.provider("Q");
    manager.caps = ConnectionCaps::NONE;
    manager.enumeration = EnumerationCaps::NONE;
    let bench = parts.build();
    assert_eq!(bench.add("", 0), 53);
    assert_eq!(bench.log().len(), 1);

    // One that does not run is no reason to say that somebody is down.
    let mut parts = Parts::new();
    parts.providers[0].prefix = r"\\other\";
    let manager = parts.provider("Q");
    manager.caps = ConnectionCaps::NONE;
    manager.availability = Availability::Down;
    let bench = parts.build();
    assert_eq!(bench.add("", 0), 67);
    let asked = bench.router.connection(wide("S:").as_wide(), &mut ());
    assert_eq!(code(asked), 2250);
}

/// P13, U36: nobody waits for a provider that starts; it counts as down.
#[test]
fn somebody_down() {
    let mut parts = Parts::new();
    parts.providers[0].adds = Some(67);
    parts.provider("Q").availability = Availability::Pending(None);
    let bench = parts.build();
    assert_eq!(bench.add("", 0), 1203);
}

/// npapi.md §5.4, U38, U70: the call and its flags.
#[test]
fn flags_are_masked_and_promises_kept() {
    let with = |caps: u32, accepted: u32, flags: u32| {
        let mut parts = Parts::new();
        parts.providers[0].caps = ConnectionCaps(caps);
        parts.providers[0].flags = ConnectFlags(accepted);
        let bench = parts.build();
        (bench.add("S:", flags), bench.log())
    };
    let passed = |flags: &str| (0, vec![format!(r"add P S: \\srv\share {flags}")]);
    assert_eq!(with(0x8, 0, 0x1), passed("0x0"), "the profile is the router's business");
    assert_eq!(with(0x8, 0, 0x1c), passed("0x1c"));
    assert_eq!(with(0x88, 0, 0x400), passed("0x400"), "deferred where it can");
    assert_eq!(with(0x8, 0, 0x400), passed("0x0"), "and dropped where it cannot");
    assert_eq!(with(0x1, 0, 0x400).0, 50, "but for NPAddConnection");
    assert_eq!(with(0x1, 0, 0x8), passed("0x0"), "NPAddConnection has no flags");
    assert_eq!(with(0x8, 0xc01c, 0x8004), passed("0x8004"));
    for promise in [0x4000, 0x8000, 0x1_0000, 0x4_0000] {
        let (code, log) = with(0x8, 0, promise);
        assert_eq!((code, log.len()), (50, 0), "{promise:#x}: never less safe than asked");
    }
}

/// U38: blocks go to NPAddConnection4 alone.
#[test]
fn credential_blocks_are_never_guessed_at() {
    let block = |it: &mut AddConnection<'_>| {
        it.verb = mpr_core::AddVerb::AddConnection4;
        it.credentials = mpr_core::Credentials::Block(b"blob");
    };
    for (caps, expected) in [(0x8, 50), (0x18, 0), (0x10, 0)] {
        let mut parts = Parts::new();
        parts.providers[0].caps = ConnectionCaps(caps);
        assert_eq!(parts.build().add_with("S:", SHARE, 0, block), expected, "{caps:#x}");
    }
    let mut parts = Parts::new();
    parts.providers[0].caps = ConnectionCaps(0x10);
    assert_eq!(parts.build().add_as("alice", "secret"), 50, "no buffer to make of a password");
}

/// npapi.md §5.2: the text goes with its code, whoever is asked later.
#[test]
fn extended_text_stays_with_its_code() {
    let bench = codes(&[1208, 1208, 67]);
    let remote = wide(SHARE);
    let request = AddConnection { remote: Some(remote.as_wide()), ..AddConnection::default() };
    let error = bench.router.add_connection(&request, &mut ()).unwrap_err();
    let extended = error.extended.unwrap();
    assert_eq!((extended.code, extended.provider.to_string()), (17, "P0".to_owned()));
    assert_eq!(bench.router.decider(error.by).unwrap().to_string(), "P0");
}

/// D2: the trace tells why the search went on.
#[test]
fn the_trace_tells_the_search() {
    let (code, trace) = codes(&[67, 5, 0]).traced_add("");
    assert_eq!(code, 0);
    let expected =
        ["add P0 67 not its resource", "add P1 5 error kept, next one asked", "add P2 0 done"];
    assert_eq!(trace, expected);
}

/// P14, npapi.md §5.2: where nobody can connect there is no network, and nobody is notified.
#[test]
fn without_a_network_nobody_is_told() {
    let mut parts = Parts::new();
    parts.providers[0].caps = ConnectionCaps::NONE;
    parts.notifyee("a", 1);
    let bench = parts.build();
    assert_eq!((bench.add("S:", 0), bench.cancel("S:", 0, false)), (1222, 1222));
    assert_eq!(bench.log(), [""; 0]);
    let mut parts = Parts::new();
    parts.providers[0].caps = ConnectionCaps::NONE;
    parts.provider("Q").availability = Availability::Pending(None);
    assert_eq!(parts.build().add("S:", 0), 170, "the only candidate starts (U36)");
}

/// U14: neither a password nor an authentication block shows itself.
#[test]
fn credentials_do_not_show() {
    let block = mpr_core::Credentials::Block(b"secret");
    assert_eq!(format!("{block:?}"), "Block(..)");
}

/// P6, wnet.md §4.2: a name that a provider only gives itself never takes that of another one,
/// nor the password that goes with it.
#[test]
fn a_registered_name_is_its_owners() {
    let mut parts = Parts::new();
    parts.providers[0].alias = "Q";
    parts.provider("Q");
    let bench = parts.build();
    let (remote, name) = (wide(SHARE), wide("q"));
    let mut request = AddConnection {
        remote: Some(remote.as_wide()),
        provider: Some(name.as_wide()),
        ..AddConnection::default()
    };
    assert_eq!(code(bench.router.add_connection(&request, &mut ())), 0);
    assert_eq!(bench.log(), [r"add Q  \\srv\share 0x0"]);
    let mut parts = Parts::new();
    parts.providers[0].alias = "other";
    let (bench, other) = (parts.build(), wide("other"));
    request.provider = Some(other.as_wide());
    assert_eq!(code(bench.router.add_connection(&request, &mut ())), 0, "but is one of its names");
}
