//! Asking about connections: `wnet.md` §6, `npapi.md` §5.3, U35, U58, U68.

use mpr_core::{
    AddConnection, Availability, Error, InfoLevel, NetResource, NetworkStatus, Phase, Trace,
    TraceEvent, UniversalName,
};

use crate::parts::{Parts, SHARE, code, wide};

#[test]
fn get_connection() {
    let mut parts = Parts::new();
    parts.provider("Q");
    parts.profile = parts.profile.with("R:", r"\\srv\remembered", "P");
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 0);
    let get = |name: &str| bench.router.connection(wide(name).as_wide(), &mut ());
    let found = get("s:").unwrap();
    assert_eq!((found.remote, found.provider), (wide(SHARE), Some(0)));
    let remembered = get("R:").unwrap();
    assert_eq!((remembered.remote, remembered.provider), (wide(r"\\srv\remembered"), None));
    assert_eq!(code(get("T:")), 2250);
    assert_eq!(code(get("T")), 1200);
}

/// Who was asked whether a local name is theirs.
#[derive(Default)]
struct Asked(Vec<usize>);

impl Trace for Asked {
    fn event(&mut self, event: &TraceEvent<'_>) {
        if event.phase == Phase::GetConnection {
            self.0.push(event.place);
        }
    }
}

/// P13, P16: the last owner is asked first, and believed only if it says so.
#[test]
fn the_last_owner_is_a_first_guess() {
    let mut parts = Parts::new();
    parts.provider("Q");
    parts.provider("R");
    let bench = parts.build();
    let connect = |provider: usize| {
        let entry = (SHARE.to_owned(), String::new());
        bench.providers[provider].table.lock().unwrap().insert("S:".into(), entry);
    };
    let owner = || {
        let mut asked = Asked::default();
        let found = bench.router.connection(wide("S:").as_wide(), &mut asked);
        (found.ok().and_then(|it| it.provider), asked.0)
    };
    assert_eq!(owner(), (None, vec![0, 1, 2]));
    connect(2);
    assert_eq!(owner(), (Some(2), vec![0, 1, 2]));
    assert_eq!(owner(), (Some(2), vec![2]));
    bench.providers[2].table.lock().unwrap().clear();
    connect(1);
    assert_eq!(owner(), (Some(1), vec![2, 0, 1]));
    bench.providers[1].table.lock().unwrap().clear();
    assert_eq!(owner(), (None, vec![1, 0, 2]));
    // Who connects a letter is known without asking.
    let (device, share, last) = (wide("S:"), wide(SHARE), wide("R"));
    let request = AddConnection {
        local: Some(device.as_wide()),
        remote: Some(share.as_wide()),
        provider: Some(last.as_wide()),
        ..AddConnection::default()
    };
    assert!(bench.router.add_connection(&request, &mut ()).is_ok());
    assert_eq!(owner(), (Some(2), vec![2]));
}

/// P17: "not mine" comes in many codes; anything else is told if nobody owns it.
#[test]
fn odd_refusals() {
    for (answer, expected) in [
        (2250, 2250),
        (50, 2250),
        (1200, 2250),
        (67, 2250),
        (2, 2250),
        (59, 2250),
        (1222, 1203),
        (5, 5),
    ] {
        let mut parts = Parts::new();
        parts.providers[0].owns = Some(answer);
        let bench = parts.build();
        let got = bench.router.connection(wide("S:").as_wide(), &mut ());
        assert_eq!(code(got), expected, "{answer}");
    }
    let mut parts = Parts::new();
    parts.provider("Q").availability = Availability::Down;
    let bench = parts.build();
    assert_eq!(code(bench.router.connection(wide("S:").as_wide(), &mut ())), 1203);
    let mut parts = Parts::new();
    parts.providers.clear();
    assert_eq!(code(parts.build().router.connection(wide("S:").as_wide(), &mut ())), 1222);
}

fn universal(path: &str, level: InfoLevel, own: bool) -> Result<UniversalName, Error> {
    let mut parts = Parts::new();
    parts.providers[0].universal = own;
    parts.profile = parts.profile.with("R:", SHARE, "P");
    let bench = parts.build();
    assert_eq!(bench.add("S:", 0), 0);
    assert_eq!(bench.add_with("T:", "https://host/dav", 0, |_| {}), 0);
    assert_eq!(bench.add("/mnt/team", 0), 0);
    bench.router.universal_name(wide(path).as_wide(), level, &mut ())
}

/// U68: what the provider cannot say is built from the remote name.
#[test]
fn universal_names() {
    use InfoLevel::{RemoteName, UniversalName as Universal};
    let own = universal(r"S:\a", Universal, true).unwrap();
    assert_eq!(own.universal, Some(wide(r"\\universal\S:\a")));
    let built = universal(r"s:\docs\a.txt", RemoteName, false).unwrap();
    assert_eq!(built.universal, Some(wide(r"\\srv\share\docs\a.txt")));
    assert_eq!(built.connection, Some(wide(SHARE)));
    assert_eq!(built.remaining, Some(wide(r"\docs\a.txt")));
    let bare = universal("S:", RemoteName, false).unwrap();
    assert_eq!((bare.universal, bare.remaining), (Some(wide(SHARE)), Some(wide(""))));
    let url = universal(r"T:\x", RemoteName, false).unwrap();
    assert_eq!((url.universal, url.connection), (None, Some(wide("https://host/dav"))));
    let path = universal("/mnt/team/a/b", RemoteName, false).unwrap();
    assert_eq!(path.remaining, Some(wide(r"\a\b")));
    for (path, level, expected) in [
        (r"S:\a", Universal, 50),
        (r"R:\a", RemoteName, 1201),
        (r"Q:\a", RemoteName, 2250),
        (r"\\srv\share\a", RemoteName, 1200),
        ("S:a", RemoteName, 1200),
        ("", RemoteName, 1200),
        ("/elsewhere/a", RemoteName, 2250),
    ] {
        assert_eq!(code(universal(path, level, false)), expected, "{path}");
    }
}

#[test]
fn users() {
    let bench = Parts::new().build();
    assert_eq!(bench.add_as("alice", "pw"), 0);
    let user = |name: Option<&str>| {
        let name = name.map(wide);
        bench.router.user(name.as_ref().map(|name| name.as_wide()), &mut ())
    };
    assert_eq!(user(None).unwrap(), wide("tester"), "U58");
    assert_eq!(user(Some("")).unwrap(), wide("tester"));
    assert_eq!(user(Some("S:")).unwrap(), wide("alice"));
    assert_eq!(user(Some("P")).unwrap(), wide("default"));
    assert_eq!(code(user(Some("T:"))), 2250);
    assert_eq!(code(user(Some(r"\\no\where"))), 2250);
}

#[test]
fn networks() {
    let mut parts = Parts::new();
    parts.provider("Q").net_type = 0x0039_0000;
    parts.provider("R").availability = Availability::Pending(None);
    let bench = parts.build();
    let name = |net_type| bench.router.provider_name(net_type).map(|name| name.to_string());
    assert_eq!(name(0x0039_1234).unwrap(), "Q", "the low word does not count");
    assert_eq!(code(name(0x0001_0000)), 1222);
    let information = bench.router.network_information(wide("q").as_wide()).unwrap();
    assert_eq!((information.net_type, information.status), (0x39, NetworkStatus::Running));
    let starting = bench.router.network_information(wide("R").as_wide()).unwrap();
    assert_eq!(starting.status, NetworkStatus::Busy);
    assert_eq!(code(bench.router.network_information(wide("Z").as_wide())), 1204);
}

/// Names are formatted by their provider, or stay as they are.
#[test]
fn formatted_names() {
    let bench = Parts::new().build();
    let format = |provider: &str| {
        let (provider, remote) = (wide(provider), wide(SHARE));
        let (provider, remote) = (provider.as_wide(), remote.as_wide());
        bench.router.format_network_name(provider, remote, 1, 20, &mut ())
    };
    assert_eq!(format("P").unwrap(), wide(SHARE));
    assert_eq!(code(format("nobody")), 1204);
}

#[test]
fn resources() {
    let bench = Parts::new().build();
    let (remote, provider) = (wide(SHARE), wide("P"));
    let ask = NetResource { remote: Some(remote.as_wide()), ..NetResource::default() };
    let nameless = NetResource::default();
    let router = &bench.router;
    assert_eq!(code(router.resource_information(&ask, &mut ())), 50);
    assert_eq!(code(router.resource_information(&nameless, &mut ())), 67);
    assert_eq!(code(router.resource_parent(&ask, &mut ())), 1204, "the provider is required");
    let named = NetResource { provider: Some(provider.as_wide()), ..ask };
    assert_eq!(code(router.resource_parent(&named, &mut ())), 50);
}

#[test]
fn performance() {
    let bench = Parts::new().build();
    assert_eq!(bench.add("S:", 0), 0);
    let (local, remote) = (wide("S:"), wide(SHARE));
    let ask = |local, remote| code(bench.router.performance(local, remote, None, &mut ()));
    assert_eq!(ask(Some(local.as_wide()), None), 50);
    assert_eq!(ask(None, Some(remote.as_wide())), 50);
    assert_eq!(ask(None, None), 67);
    assert_eq!(ask(Some(wide("T:").as_wide()), None), 2250);
}

/// npapi.md §5.3: who cannot name its connections is asked if nobody else owns the name.
#[test]
fn mute_providers_are_asked() {
    let mut parts = Parts::new();
    parts.providers[0].caps = mpr_core::ConnectionCaps(0xb);
    parts.providers[0].universal = true;
    let bench = parts.build();
    assert_eq!(bench.add_as("alice", "pw"), 0);
    let user = bench.router.user(Some(wide("S:").as_wide()), &mut ());
    assert_eq!(user.unwrap(), wide("alice"));
    let path = wide(r"s:\a");
    let name = bench.router.universal_name(path.as_wide(), InfoLevel::UniversalName, &mut ());
    assert_eq!(name.unwrap().universal, Some(wide(r"\\universal\S:\a")), "upper-case (§3)");
}
