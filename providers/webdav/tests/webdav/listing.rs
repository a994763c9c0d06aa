//! Enumeration, information and names.

use std::fs;

use mpr_core::{
    DisplayType, NetResource, OwnedNetResource, Provider, ProviderError, ResourceType,
    ResourceUsage, Scope, WideString,
};

use crate::bench::{Bench, LONG, Served, wide};

fn enumerate(
    bench: &Bench,
    scope: Scope,
    usage: ResourceUsage,
    container: Option<&str>,
) -> Result<Vec<OwnedNetResource>, ProviderError> {
    let name = container.map(WideString::from);
    let container = name
        .as_ref()
        .map(|name| NetResource { remote: Some(name.as_wide()), ..NetResource::default() });
    let mut entries =
        bench.provider.open_enum(scope, ResourceType::DISK, usage, container.as_ref())?;
    let mut all = Vec::new();
    while let Some(entry) = entries.peek()? {
        all.push(entry.to_owned());
        entries.advance();
    }
    Ok(all)
}

fn names(entries: &[OwnedNetResource]) -> Vec<String> {
    entries.iter().map(|entry| entry.remote.as_ref().unwrap().to_string_lossy()).collect()
}

#[test]
fn a_collection_is_browsed_with_and_without_a_connection() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(Some(("alice", "secret")));
    let open = Served::new(None);
    for server in [&served, &open] {
        fs::create_dir_all(server.behind.path().join("top/inner dir")).unwrap();
        fs::write(server.behind.path().join("top/file"), "").unwrap();
    }
    let all = ResourceUsage::NONE;
    assert_eq!(enumerate(&bench, Scope::GLOBALNET, all, None), Ok(vec![]));
    assert_eq!(enumerate(&bench, Scope::GLOBALNET, all, Some("WebDAV Network")), Ok(vec![]));
    let top = format!("{}top", open.server.url());
    let found = enumerate(&bench, Scope::GLOBALNET, all, Some(&top)).unwrap();
    assert_eq!(names(&found), [format!("{top}/file"), format!("{top}/inner%20dir")]);
    assert_eq!(found[1].display_type, DisplayType::DIRECTORY);
    let containers = enumerate(&bench, Scope::GLOBALNET, ResourceUsage::CONTAINER, Some(&top));
    assert_eq!(names(&containers.unwrap()), [format!("{top}/inner%20dir")]);
    let file = enumerate(&bench, Scope::GLOBALNET, all, Some(&format!("{top}/file")));
    assert_eq!(file.unwrap_err().code.code(), 1207);

    // Without login 1244; through a connection it is seen.
    let locked = format!("{}top", served.server.url());
    let refused = enumerate(&bench, Scope::GLOBALNET, all, Some(&locked)).unwrap_err();
    assert_eq!(refused.code.code(), 1244);
    bench.connect_as("S:", &served.server.url(), Some(("alice", "secret"))).unwrap();
    let found = enumerate(&bench, Scope::GLOBALNET, all, Some(&locked)).unwrap();
    assert_eq!(names(&found), [format!("{locked}/file"), format!("{locked}/inner%20dir")]);

    let requests = served.server.faults().requests();
    let connected = enumerate(&bench, Scope::CONNECTED, all, None).unwrap();
    assert_eq!(connected.len(), 1);
    assert_eq!(connected[0].local, Some(wide("S:")));
    assert_eq!(connected[0].remote, Some(wide(&served.server.url())));
    assert_eq!(served.server.faults().requests(), requests);
    assert_eq!(bench.cancel("S:", false), Ok(()));
}

#[test]
fn a_silent_server_is_browsed_no_longer_than_connecting_takes() {
    let Some(mut bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let url = served.server.url();
    bench.connect("S:", &url).unwrap();
    served.server.faults().freeze(true);
    bench.settings.connect_limit = std::time::Duration::from_millis(300);
    bench.provider = provider_webdav::WebDav::new(bench.settings.clone());
    let name = wide(&url);
    let resource = NetResource { remote: Some(name.as_wide()), ..NetResource::default() };
    let (any, none) = (ResourceType::ANY, ResourceUsage::NONE);
    let listed = bench.provider.open_enum(Scope::GLOBALNET, any, none, Some(&resource));
    // The mount would take its own limit and then speak of an unexpected error.
    assert_eq!(listed.err().map(|error| error.code.code()), Some(1460));
    let told = bench.provider.resource_information(&resource);
    assert_eq!(told.err().map(|error| error.code.code()), Some(1460));
    assert_eq!(bench.cancel("S:", true), Ok(()));
}

#[test]
fn information_and_parents() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    fs::create_dir_all(served.behind.path().join("a/b")).unwrap();
    fs::write(served.behind.path().join("a/b/file"), "").unwrap();
    let url = served.server.url();
    let inform = |name: &str| {
        let name = wide(name);
        let resource = NetResource { remote: Some(name.as_wide()), ..NetResource::default() };
        let found =
            bench.provider.resource_information(&resource).map_err(|error| error.code.code())?;
        let system = found.system.map(|system| system.to_string_lossy());
        Ok::<_, u32>((found.resource.remote.unwrap().to_string_lossy(), system))
    };
    assert_eq!(inform(&format!("{url}a/b")), Ok((format!("{url}a/b"), None)));
    let file = Some(r"\file".to_owned());
    assert_eq!(inform(&format!("{url}a/b/file")), Ok((format!("{url}a/b"), file)));
    let missing = Some(r"\x\y".to_owned());
    assert_eq!(inform(&format!("{url}a/x/y")), Ok((format!("{url}a"), missing)));
    assert_eq!(inform(r"\\server\share"), Err(67));

    let parent = |name: &str| {
        let name = wide(name);
        let resource = NetResource { remote: Some(name.as_wide()), ..NetResource::default() };
        let parent = bench.provider.resource_parent(&resource).unwrap();
        parent.remote.map(|name| name.to_string_lossy())
    };
    assert_eq!(parent(r"\\h@SSL\a\b"), Some(r"\\h@SSL\DavWWWRoot\a".to_owned()));
    assert_eq!(parent("https://h/a"), Some("https://h/".to_owned()));
    assert_eq!(parent("https://h/"), None);
    let long = wide("https://host/a/rather/long/path");
    let short = bench.provider.format_network_name(long.as_wide(), 2, 12).unwrap();
    assert_eq!(short, wide("...long/path"));
}

#[test]
fn ten_thousand_files_are_listed() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    for number in 0..10_000 {
        fs::write(served.behind.path().join(format!("file {number}")), "").unwrap();
    }
    let mount = bench.connect("S:", &served.server.url()).unwrap();
    let mut seen = 0;
    for entry in fs::read_dir(&mount).unwrap() {
        let entry = entry.unwrap();
        assert!(entry.metadata().unwrap().is_file());
        seen += 1;
    }
    assert_eq!(seen, 10_000);
}
