//! The sample network, asked as the router asks it.

use mpr_core::AddCall;

use super::*;

fn wide(text: &str) -> WideString {
    text.into()
}

fn add(sample: &Sample, local: &str, remote: &str) -> Result<(), WnError> {
    let (local, remote) = (wide(local), wide(remote));
    let request = AddRequest {
        call: AddCall::Add3,
        resource_type: ResourceType::DISK,
        local: Some(local.as_wide()),
        remote: remote.as_wide(),
        comment: 0,
        credentials: Credentials::DEFAULT,
        use_options: None,
        flags: ConnectFlags::NONE,
        owner: 0,
    };
    sample.add_connection(&request).map_err(|error| error.code)
}

fn cancel(sample: &Sample, name: &str, force: bool) -> Result<(), WnError> {
    let name = wide(name);
    sample.cancel_connection(name.as_wide(), force, ConnectFlags::NONE).map_err(|error| error.code)
}

#[test]
fn claims_only_its_own_names() {
    let sample = Sample::new();
    for (remote, answer) in [
        (r"\\sample\docs", Ok(())),
        (r"\\SAMPLE\Docs\", Ok(())),
        (r"\\sample\any", Ok(())),
        (r"\\sample", Err(WnError::BAD_NET_NAME)),
        (r"\\sampler\docs", Err(WnError::BAD_NET_NAME)),
        (r"\\other\docs", Err(WnError::BAD_NET_NAME)),
        ("", Err(WnError::BAD_NET_NAME)),
        (r"\\sample\broken", Err(WnError::EXTENDED_ERROR)),
    ] {
        assert_eq!(add(&sample, "", remote), answer, "{remote}");
    }
}

#[test]
fn a_device_is_connected_once_and_found_again() {
    let sample = Sample::new();
    assert_eq!(add(&sample, "S:", r"\\sample\docs"), Ok(()));
    assert_eq!(add(&sample, "s:", r"\\sample\music"), Err(WnError::ALREADY_ASSIGNED));
    assert_eq!(sample.connection(wide("S:").as_wide()).unwrap(), wide(r"\\sample\docs"));
    let name = sample.universal_name(wide(r"s:\a\b").as_wide(), InfoLevel::RemoteName).unwrap();
    assert_eq!(name.universal, Some(wide(r"\\sample\docs\a\b")));
    assert_eq!(name.remaining, Some(wide(r"\a\b")));
    assert_eq!(cancel(&sample, "S:", false), Ok(()));
    assert_eq!(cancel(&sample, "S:", false), Err(WnError::NOT_CONNECTED));
}

/// `wnet.md` §5: a remote name breaks the deviceless connections only.
#[test]
fn a_remote_name_cancels_deviceless_connections() {
    let sample = Sample::new();
    add(&sample, "S:", r"\\sample\busy").unwrap();
    add(&sample, "", r"\\sample\busy").unwrap();
    assert_eq!(cancel(&sample, r"\\sample\busy", false), Err(WnError::OPEN_FILES));
    assert_eq!(cancel(&sample, r"\\sample\busy", true), Ok(()));
    assert!(sample.connection(wide("S:").as_wide()).is_ok());
}

#[test]
fn browses_from_the_top_down() {
    let sample = Sample::new();
    let names = |remote: Option<&str>, resource_type| {
        let remote = remote.map(wide);
        let container =
            NetResource { remote: remote.as_ref().map(WideString::as_wide), ..Default::default() };
        let usage = ResourceUsage::NONE;
        let mut open = sample
            .open_enum(Scope::GLOBALNET, resource_type, usage, Some(&container))
            .map_err(|error| error.code)?;
        let mut names = Vec::new();
        while let Some(entry) = open.peek().unwrap() {
            names.push(entry.remote.unwrap().to_string());
            open.advance();
        }
        Ok(names)
    };
    assert_eq!(names(None, ResourceType::ANY).unwrap(), [r"\\sample"]);
    assert_eq!(names(Some("sample network"), ResourceType::DISK).unwrap(), [r"\\sample"]);
    let prints = names(Some(r"\\sample"), ResourceType::PRINT);
    assert_eq!(prints.unwrap(), [r"\\sample\printer"]);
    assert_eq!(names(Some(r"\\sample\docs"), ResourceType::ANY), Err(WnError::NOT_CONTAINER));
    assert_eq!(names(Some(r"\\other"), ResourceType::ANY), Err(WnError::BAD_NET_NAME));
}

#[test]
fn splits_and_climbs_names() {
    let sample = Sample::new();
    let name = wide(r"\\sample\docs\a\b");
    let resource = NetResource { remote: Some(name.as_wide()), ..Default::default() };
    let found = sample.resource_information(&resource).unwrap();
    assert_eq!(found.resource.remote, Some(wide(r"\\sample\docs")));
    assert_eq!(found.system, Some(wide(r"\a\b")));
    let server = sample.resource_parent(&resource).unwrap();
    assert_eq!(server.remote, Some(wide(r"\\sample")));
    assert_eq!(sample.resource_parent(&server.borrow()).unwrap().remote, None);
}
