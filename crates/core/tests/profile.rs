//! When remembered connections change: `registry.md` §3.2, U43, U44, U62, restore.

use mpr_core::{AddConnection, Profile as _};

use crate::parts::{Parts, SHARE, code, wide};

#[test]
fn what_is_remembered() {
    let bench = Parts::new().build();
    assert_eq!(bench.add("S:", 1), 0);
    assert_eq!(bench.add("T:", 0), 0);
    assert_eq!(bench.add("U:", 5), 0, "TEMPORARY wins");
    assert_eq!(bench.add("", 1), 0, "deviceless ones never");
    assert_eq!(bench.profile.pairs(), [("S:".to_owned(), SHARE.to_owned())]);
    assert_eq!(bench.cancel("S:", 0, false), 0);
    assert_eq!(bench.profile.pairs().len(), 1, "flags 0 keep it");
    assert_eq!(bench.add("S:", 1), 0, "the same resource again is fine");
    assert_eq!(bench.cancel("S:", 1, false), 0);
    assert!(bench.profile.pairs().is_empty());
}

/// W22, U62: the user is kept, never the password.
#[test]
fn an_entry_has_the_user() {
    let bench = Parts::new().build();
    assert_eq!(bench.add_as("alice", "hunter2"), 0);
    let entry = bench.profile.get(wide("S:").as_wide()).unwrap().unwrap();
    assert_eq!((entry.user, entry.defer_flags), (wide("alice"), 1));
    assert_eq!((entry.provider, entry.provider_type), (wide("P"), 0x0025_0000));
    assert_eq!(entry.connection_type, mpr_core::ResourceType::DISK);
    let bench = Parts::new().build();
    assert_eq!(bench.add("S:", 1), 0);
    let entry = bench.profile.get(wide("S:").as_wide()).unwrap().unwrap();
    assert_eq!((entry.user, entry.defer_flags), (wide(""), 4));
}

/// U43: remote names compare without case and trailing backslash.
#[test]
fn another_resource_on_a_remembered_device() {
    let mut parts = Parts::new();
    parts.profile = parts.profile.with("S:", r"\\SRV\SHARE\", "P");
    let bench = parts.build();
    assert_eq!(bench.add_with("S:", r"\\srv\other", 1, |_| {}), 1202);
    assert_eq!(bench.add_with("S:", r"\\srv\other", 0, |_| {}), 0, "not remembered: no matter");
    assert_eq!(bench.cancel("S:", 0, true), 0);
    assert_eq!(bench.add("S:", 1), 0);
}

/// U44: found up front, a broken profile stops the connect; found late, it is undone.
#[test]
fn an_error_means_that_nothing_changed() {
    let mut parts = Parts::new();
    parts.profile.broken = 1205;
    let bench = parts.build();
    assert_eq!(bench.add("S:", 1), 1205);
    assert_eq!(bench.log(), [""; 0]);
    assert_eq!(bench.add("S:", 0), 0, "nothing to remember, nothing broken");

    let mut parts = Parts::new();
    parts.profile.unwritable = 1205;
    parts.notifyee("a", 1);
    let bench = parts.build();
    assert_eq!(bench.add("S:", 1), 1205);
    let expected = [
        r"pre a add S: \\srv\share - 0x1",
        r"add P S: \\srv\share 0x0",
        "cancel P S: true",
        r"post a 1205 0x1 add S: \\srv\share - 0x1",
    ];
    assert_eq!(bench.log(), expected, "U19: POST carries it; no cancel notification");
}

/// U44: if undoing fails, the connection stays, and the text says so.
#[test]
fn what_could_not_be_undone_is_told() {
    let mut parts = Parts::new();
    parts.profile.unwritable = 1205;
    parts.providers[0].cancels = Some(2401);
    let bench = parts.build();
    let (local, remote) = (wide("S:"), wide(SHARE));
    let request = AddConnection {
        local: Some(local.as_wide()),
        remote: Some(remote.as_wide()),
        flags: mpr_core::ConnectFlags::UPDATE_PROFILE,
        ..AddConnection::default()
    };
    let error = bench.router.add_connection(&request, &mut ()).unwrap_err();
    assert_eq!(error.code.code(), 1205);
    assert!(error.extended.unwrap().text.to_string().contains("could not be undone"));
}

#[test]
fn a_failed_cancel_forgets_nothing() {
    let mut parts = Parts::new();
    parts.providers[0].cancels = Some(2401);
    let bench = parts.build();
    assert_eq!(bench.add("S:", 1), 0);
    assert_eq!(bench.cancel("S:", 1, false), 2401);
    assert_eq!(bench.profile.pairs().len(), 1);
}

/// wnet.md §5: with the network down a remembered device can still be forgotten.
#[test]
fn forgetting_needs_no_network() {
    let mut parts = Parts::new();
    parts.providers[0].availability = mpr_core::Availability::Down;
    parts.profile = parts.profile.with("S:", SHARE, "P");
    let bench = parts.build();
    assert_eq!(bench.cancel("S:", 0, false), 1222);
    assert_eq!(bench.cancel("S:", 1, false), 0);
    assert!(bench.profile.pairs().is_empty());
}

/// registry.md §4.
#[test]
fn restore() {
    let mut parts = Parts::new();
    parts.providers[0].adds = Some(67);
    parts.provider("Q");
    parts.profile = parts
        .profile
        .with("R:", SHARE, "Q")
        .with("S:", SHARE, "gone")
        .with("T:", SHARE, "P")
        .with("U:", SHARE, "Q");
    let bench = parts.build();
    let restore =
        |name: &str| code(bench.router.restore_connection(wide(name).as_wide(), false, &mut ()));
    assert_eq!(restore("R:"), 0);
    assert_eq!(bench.log(), [r"add Q R: \\srv\share 0x0"], "its own provider alone");
    assert_eq!(restore("S:"), 0);
    assert_eq!(bench.log().len(), 2, "unknown provider: everyone, in order");
    assert_eq!(restore("T:"), 67);
    assert_eq!(restore("R:"), 85, "never overridden");
    assert_eq!(restore("V:"), 1201);
    assert_eq!(restore("V"), 1200);
    assert_eq!(bench.profile.pairs().len(), 4, "nothing is forgotten");
}

/// D1: whoever asked for the password gets it, and nobody else, whatever the entry says.
#[test]
fn restore_with_a_password() {
    let mut parts = Parts::new();
    parts.providers[0].adds = Some(86);
    parts.provider("Q");
    parts.profile = parts.profile.with("R:", SHARE, "Q").with("S:", SHARE, "gone");
    let bench = parts.build();
    let secret = wide("hunter2");
    let restore = |name: &str, provider| {
        let password = mpr_core::Password::new(secret.as_wide());
        let name = wide(name);
        bench.router.restore_with_password(name.as_wide(), provider, password, &mut ())
    };
    assert_eq!(restore("S:", 0).unwrap_err().code.code(), 86);
    assert_eq!(bench.log(), [r"add P S: \\srv\share 0x0"], "no second opinion");
    assert_eq!(restore("S:", 1), Ok(1));
    assert_eq!(restore("R:", 1), Ok(1));
    assert_eq!(restore("R:", 1).unwrap_err().code.code(), 85);
}

#[test]
fn set_persistent() {
    let bench = Parts::new().build();
    let set = |on| code(bench.router.set_persistent(wide("S:").as_wide(), on, &mut ()));
    assert_eq!(set(true), 2250);
    assert_eq!(bench.add("S:", 0), 0);
    assert_eq!(set(true), 0);
    assert_eq!(bench.profile.pairs(), [("S:".to_owned(), SHARE.to_owned())]);
    assert_eq!(set(false), 0);
    assert!(bench.profile.pairs().is_empty());
}

/// An entry of the same connection says more than WNetSetConnection can ask for.
#[test]
fn set_persistent_weakens_nothing() {
    let mut parts = Parts::new();
    parts.profile = parts.profile.with("S:", SHARE, "P");
    let bench = parts.build();
    let mut entry = bench.profile.get(wide("S:").as_wide()).unwrap().unwrap();
    entry.connect_flags = mpr_core::ConnectFlags::REQUIRE_PRIVACY;
    entry.use_options = Some(vec![1, 2]);
    bench.profile.remember(&entry).unwrap();
    assert_eq!(bench.add("S:", 0), 0);
    let set = bench.router.set_persistent(wide("S:").as_wide(), true, &mut ());
    assert_eq!(set, Ok(()));
    assert_eq!(bench.profile.get(wide("S:").as_wide()), Ok(Some(entry)));
}

/// registry.md §3: a port is a printer in the profile, whatever type the caller gave.
#[test]
fn ports_are_remembered_as_printers() {
    let bench = Parts::new().build();
    assert_eq!(bench.add("COM1", 1), 0);
    let entry = bench.profile.get(wide("COM1").as_wide()).unwrap().unwrap();
    assert_eq!(entry.connection_type, mpr_core::ResourceType::PRINT);
}

/// U62: an authentication block cannot be used again without asking.
#[test]
fn blocks_ask_again() {
    let mut parts = Parts::new();
    parts.providers[0].caps = mpr_core::ConnectionCaps(0x1f);
    let bench = parts.build();
    let block = |it: &mut AddConnection<'_>| {
        it.verb = mpr_core::AddVerb::AddConnection4;
        it.credentials = mpr_core::Credentials::Block(b"blob");
    };
    assert_eq!(bench.add_with("S:", SHARE, 1, block), 0);
    let entry = bench.profile.get(wide("S:").as_wide()).unwrap().unwrap();
    assert_eq!(entry.defer_flags, 1);
}

/// U70: options that cannot go back with the user are not dropped in silence.
#[test]
fn options_are_not_dropped_on_restore() {
    let mut parts = Parts::new();
    parts.providers[0].caps = mpr_core::ConnectionCaps(0x1f);
    parts.profile = parts.profile.with("S:", SHARE, "P");
    let bench = parts.build();
    let mut entry = bench.profile.get(wide("S:").as_wide()).unwrap().unwrap();
    (entry.use_options, entry.user) = (Some(vec![1]), wide("alice"));
    bench.profile.remember(&entry).unwrap();
    let restored = bench.router.restore_connection(wide("S:").as_wide(), false, &mut ());
    assert_eq!(code(restored), 50);
}
