use super::*;

/// Every spelling in a row is one resource: URL name, UNC name, path for the server.
const SAME: &[(&[&str], &str, &str, &str)] = &[
    (
        &["sftp://Host.example/srv/a", "SSH://host.example/srv//a/", r"\\host.example@ssh\srv\a\"],
        "sftp://host.example/srv/a",
        r"\\host.example@SSH\srv\a",
        "/srv/a",
    ),
    (
        &["sftp://work", "sftp://work/~", "sftp://work/~/", r"\\work@SSH\~"],
        "sftp://work",
        r"\\work@SSH\~",
        ".",
    ),
    (
        &["sftp://work/", "sftp://work//", r"\\work@SSH", r"\\work@SSH\"],
        "sftp://work/",
        r"\\work@SSH",
        "/",
    ),
    (
        &["sftp://h:2222/~/a%20b/%C3%BC%25", r"\\h@SSH@2222\~\a b\ü%"],
        "sftp://h:2222/~/a%20b/ü%25",
        r"\\h@SSH@2222\~\a b\ü%",
        "a b/ü%",
    ),
    (
        &["sftp://bob%40corp@h/x", "ssh://bob@corp@h/x", r"\\bob@corp@h@SSH\x"],
        "sftp://bob%40corp@h/x",
        r"\\bob@corp@h@SSH\x",
        "/x",
    ),
    (
        &["sftp://ssh@ssh:1/x", r"\\ssh@ssh@SSH@1\x"],
        "sftp://ssh@ssh:1/x",
        r"\\ssh@ssh@SSH@1\x",
        "/x",
    ),
    (
        &["sftp://[2001:db8::1]:2222/x", r"\\2001-db8--1.ipv6-literal.net@SSH@2222\x"],
        "sftp://[2001:db8::1]:2222/x",
        r"\\2001-db8--1.ipv6-literal.net@SSH@2222\x",
        "/x",
    ),
    (&["sftp://h/a/~", r"\\h@SSH\a\~"], "sftp://h/a/~", r"\\h@SSH\a\~", "/a/~"),
];

#[test]
fn spellings_are_one_resource() {
    for (spellings, url, unc, path) in SAME {
        let first = Remote::parse(spellings[0]).unwrap_or_else(|| panic!("{}", spellings[0]));
        for spelling in *spellings {
            let remote = Remote::parse(spelling).unwrap_or_else(|| panic!("{spelling}"));
            assert!(remote.same(&first), "{spelling}");
            assert_eq!(remote.path(), *path, "{spelling}");
            assert!(remote.url_name().eq_ignore_ascii_case(url), "{spelling}");
            assert!(remote.unc().eq_ignore_ascii_case(unc), "{spelling}");
            assert_eq!(remote.name().starts_with('\\'), spelling.starts_with('\\'));
            assert_eq!(Remote::parse(&remote.name()), Some(remote.clone()), "{spelling}");
            assert!(Remote::parse(&remote.unc()).unwrap().same(&remote), "{spelling}");
        }
    }
}

#[test]
fn hosts_keep_their_case_for_the_configuration() {
    assert_eq!(Remote::parse("sftp://Work/x").unwrap().host(), "Work");
}

#[test]
fn other_names_and_tricks_are_none_of_ours() {
    for name in [
        "",
        r"\\server\share",
        r"\\server@SSL\x",
        r"\\server@SSH@0\x",
        r"\\server@SSH@22@23\x",
        r"\\@SSH\x",
        r"\\-oProxyCommand=x@SSH\x",
        r"\\-lroot@h@SSH\x",
        r"\\h@SSH\a\\b",
        r"\\h@SSH\a\..\b",
        "smb://h/x",
        "https://h/x",
        "sftp:/h",
        "sftp://",
        "sftp:///x",
        "sftp://user:pw@h/x",
        "sftp://user%3Apw@h/x",
        "sftp://@h/x",
        "sftp://-oProxyCommand=touch%20x/x",
        "sftp://-h/x",
        "sftp://-l@h/x",
        "sftp://%2Dl@h/x",
        "sftp://a;b@h/x",
        "sftp://a%60b@h/x",
        "sftp://$(x)/y",
        "sftp://h o/y",
        "sftp://h%0aProxyCommand/y",
        "sftp://a%0ab@h/y",
        "sftp://h:99999/x",
        "sftp://h:+22/x",
        "sftp://[::1/x",
        "sftp://[::1]22/x",
        "sftp://h/x?y",
        "sftp://h/%zz",
        "sftp://h/a%2Fb",
        "sftp://h/%2e%2e/x",
        "sftp://h/../x",
        "sftp://h/%00",
        "sftp://h/%ff",
        "sftp://h/a\nb",
    ] {
        assert_eq!(Remote::parse(name), None, "{name}");
    }
}

#[test]
fn kinship() {
    let remote = |name: &str| Remote::parse(name).unwrap();
    let (top, deep) = (remote("sftp://h/a"), remote(r"\\H@SSH\a\b\c"));
    assert_eq!(deep.below(&top), Some(vec!["b".to_owned(), "c".to_owned()]));
    assert_eq!(deep.below(&remote("sftp://h/")).unwrap().len(), 3);
    assert_eq!(deep.below(&remote("sftp://h")), None);
    assert_eq!(deep.below(&remote("sftp://u@h/a")), None);
    assert_eq!(deep.below(&remote("sftp://h:22/a")), None);
    assert_eq!(remote("sftp://h/~/x").below(&remote("sftp://h/")), None);
    assert_eq!(remote("sftp://h/~/x").below(&remote("sftp://h")), Some(vec!["x".to_owned()]));
    assert_eq!(remote("sftp://h").parent(), Some(remote("sftp://h/")));
    assert_eq!(remote("sftp://h/").child(HOME), remote("sftp://h"));
    assert_eq!(remote("sftp://h/").parent(), None);
    assert_eq!(remote("sftp://u@h").user(), Some("u"));
}
