//! Arguments of connects, automatic devices, access names and types (`wnet.md` §4).

use mpr_core::{AccessName, AddConnection, AddVerb, ConnectFlags, LocalName, ResourceType};

use crate::parts::{Bench, Parts, SHARE, wide};

#[test]
fn types_and_devices() {
    let typed = |kind: u32, local: &str| {
        let of_type = |it: &mut AddConnection<'_>| it.resource_type = ResourceType(kind);
        Parts::new().build().add_with(local, SHARE, 0, of_type)
    };
    for (kind, local, expected) in [
        (1, "S:", 0),
        (0, "S:", 0), // U39
        (2, "LPT1", 0),
        (2, "S:", 66),
        (1, "LPT1:", 66),
        (1, "/mnt/team", 0),
        (2, "/mnt/team", 66),
        (1, r"S:\", 1200),
        (3, "S:", 87),
        (u32::MAX, "", 87),
    ] {
        assert_eq!(typed(kind, local), expected, "type {kind}, {local}");
    }
}

#[test]
fn remote_names() {
    let bench = Parts::new().build();
    assert_eq!(bench.add_with("", "", 0, |_| {}), 67);
    assert_eq!(bench.add_with("", &"x".repeat(260), 0, |_| {}), 67);
    assert_eq!(bench.add_with("", &"x".repeat(259), 0, |_| {}), 0);
    let used = |it: &mut AddConnection<'_>| {
        it.verb = AddVerb::UseConnection;
        it.remote = None;
    };
    assert_eq!(bench.add_with("", SHARE, 0, used), 87, "WNetUseConnection says 87");
}

#[test]
fn a_device_in_use_is_refused() {
    let mut parts = Parts::new();
    parts.provider("Q");
    let bench = parts.build();
    assert_eq!((bench.add("S:", 0), bench.add("s:", 0)), (0, 85));
    assert_eq!(bench.log().len(), 1);
}

fn use_device(
    bench: &Bench,
    kind: u32,
    room: Option<usize>,
) -> Result<String, (u32, Option<usize>)> {
    let remote = wide(SHARE);
    let request = AddConnection {
        verb: AddVerb::UseConnection,
        resource_type: ResourceType(kind),
        remote: Some(remote.as_wide()),
        flags: ConnectFlags::REDIRECT,
        access_name: room.map(|capacity| AccessName { capacity, measure: |name| name.len() }),
        ..AddConnection::default()
    };
    let made = bench.router.add_connection(&request, &mut ());
    made.map(|made| made.access_name().to_string())
        .map_err(|error| (error.code.code(), error.needed))
}

/// U46: Z: down to C:, LPT1 up; used and remembered ones are left out.
#[test]
fn devices_are_chosen() {
    let mut parts = Parts::new();
    parts.profile = parts.profile.with("Y:", r"\\other\share", "P");
    parts.surroundings.devices.push("X:");
    let bench = parts.build();
    assert_eq!(use_device(&bench, 1, None).unwrap(), "Z:");
    assert_eq!(use_device(&bench, 1, Some(3)).unwrap(), "W:");
    assert_eq!(use_device(&bench, 2, None).unwrap(), "LPT1");
    assert_eq!(use_device(&bench, 2, None).unwrap(), "LPT2");
    assert_eq!(use_device(&bench, 0, None).unwrap_err().0, 87, "ANY cannot choose");
    for letter in ('C'..='V').rev() {
        assert_eq!(use_device(&bench, 1, None).unwrap(), format!("{letter}:"));
    }
    assert_eq!(use_device(&bench, 1, None).unwrap_err().0, 259);
}

/// U46: a letter that the provider says is taken is passed over, within one pair.
#[test]
fn a_refused_letter_is_passed_over() {
    let mut parts = Parts::new();
    parts.providers[0].next_adds.lock().unwrap().extend([85, 85, 0]);
    parts.notifyee("a", 1);
    let bench = parts.build();
    assert_eq!(use_device(&bench, 1, None).unwrap(), "X:");
    let told = bench.notified();
    assert_eq!(told.len(), 2);
    assert!(told[0].contains("add Z: ") && told[1].contains("add X: "), "{told:?}");
}

/// wnet.md §4.4: the buffer is checked before anything is attempted.
#[test]
fn a_small_access_name_connects_nothing() {
    let bench = Parts::new().build();
    assert_eq!(use_device(&bench, 1, Some(1)).unwrap_err(), (234, Some(3)));
    assert_eq!(use_device(&bench, 1, Some(0)).unwrap_err(), (87, None));
    assert_eq!(bench.log(), [""; 0]);
    assert_eq!(use_device(&bench, 1, Some(3)).unwrap(), "Z:");
}

#[test]
fn a_deviceless_use_tells_the_remote_name() {
    let bench = Parts::new().build();
    let remote = wide(SHARE);
    let request = AddConnection {
        verb: AddVerb::UseConnection,
        remote: Some(remote.as_wide()),
        ..AddConnection::default()
    };
    let made = bench.router.add_connection(&request, &mut ()).unwrap();
    assert_eq!((made.local, made.access_name().to_string()), (None, SHARE.to_owned()));
}

/// Design D4.
#[test]
fn a_path_is_a_local_name() {
    let bench = Parts::new().build();
    let (local, remote) = (wide("/mnt/team/"), wide(SHARE));
    let request = AddConnection {
        local: Some(local.as_wide()),
        remote: Some(remote.as_wide()),
        ..AddConnection::default()
    };
    let made = bench.router.add_connection(&request, &mut ()).unwrap();
    assert!(matches!(made.local, Some(LocalName::Path(_))));
    assert_eq!(bench.log(), [r"add P /mnt/team \\srv\share 0x0"]);
    assert_eq!(bench.cancel("/mnt/team", 0, false), 0);
}

/// wnet.md §4.3.
#[test]
fn deferred_needs_a_device() {
    let bench = Parts::new().build();
    assert_eq!(bench.add("", 0x400), 87);
}

/// U46: with no letter left, the provider's own answer tells more than 259.
#[test]
fn a_provider_that_takes_no_letter_is_told() {
    let mut parts = Parts::new();
    parts.providers[0].adds = Some(85);
    let bench = parts.build();
    assert_eq!(use_device(&bench, 1, None).unwrap_err().0, 85);
}
