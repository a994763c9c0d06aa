//! What is a name of ours, and which names are one.

use super::*;

fn name(text: &str) -> SmbName {
    SmbName::parse(text).unwrap_or_else(|| panic!("{text}"))
}

/// Every spelling in a row is one resource: as a URL, as Windows spells it.
const SAME: &[(&[&str], &str, &str)] = &[
    (
        &["smb://Files/Team", r"\\FILES\team", "SMB://files:445//Team/", r"\\files\Team\"],
        "smb://files/Team",
        r"\\files\Team",
    ),
    (
        &["smb://10.0.0.1:1445/t/A b/%C3%BC,", r"\\10.0.0.1@1445\T\a B\Ü,"],
        "smb://10.0.0.1:1445/t/A%20b/ü%2C",
        r"\\10.0.0.1@1445\t\A b\ü,",
    ),
    (
        &["smb://[2001:DB8::1]/x", r"\\2001-db8--1.ipv6-literal.net\x"],
        "smb://[2001:db8::1]/x",
        r"\\2001-db8--1.ipv6-literal.net\x",
    ),
    (&["smb://files", r"\\files", "smb://files/", r"\\Files\"], "smb://files/", r"\\files"),
    (&["smb://files/c$/who%3F", r"\\files\C$\who?"], "smb://files/c$/who%3F", r"\\files\c$\who?"),
];

#[test]
fn spellings_are_one_resource() {
    for (spellings, url, unc) in SAME {
        let first = name(spellings[0]);
        assert_eq!((first.name().as_str(), first.unc().as_str()), (*url, *unc));
        for spelling in *spellings {
            let other = name(spelling);
            assert!(other.same(&first) && first.same(&other), "{spelling}");
            assert_eq!(other.name().starts_with('\\'), spelling.starts_with('\\'));
            assert_eq!(name(&other.name()).name(), other.name(), "{spelling}");
        }
    }
}

#[test]
fn other_names_are_none_of_ours() {
    for text in [
        "",
        r"\\",
        r"\server\share",
        r"\\server@SSL\share",
        r"\\server@ssl@8443\share",
        r"\\server@8080\DavWWWRoot\x",
        r"\\server\davwwwroot",
        r"\\server@SSH\share",
        r"\\server@0\share",
        r"\\server@99999\share",
        r"\\server@+1\share",
        r"\\server\\share",
        r"\\server\share\\",
        r"\\server\share\..\x",
        r"\\server\sh:are",
        r"\\server\sh/are",
        r"\\user@server\share",
        "smb:/server",
        "smb://",
        "smb:///share",
        "smb://user:secret@server/share",
        "smb://@server/share",
        "smb://server/share?x",
        "smb://server/a%2Fb",
        "smb://server/%2e%2e",
        "smb://server/%zz",
        "smb://server/%ff",
        "smb://server/a\nb",
        "smb://ser ver/a",
        "https://server/share",
        "sftp://server/share",
    ] {
        assert!(SmbName::parse(text).is_none(), "{text}");
    }
    assert!(SmbName::parse(&format!(r"\\server\{}", "x".repeat(81))).is_none());
}

#[test]
fn users_stay_in_urls_only() {
    for (text, user) in [
        ("smb://alice@files/t", "alice"),
        ("smb://WORK;alice@files/t", r"WORK\alice"),
        ("smb://alice%40example.org@files/t", "alice@example.org"),
    ] {
        let named = name(text);
        assert_eq!(named.user(), Some(user));
        assert_eq!(name(&named.name()).user(), Some(user), "{}", named.name());
        assert_eq!(named.unc(), r"\\files\t");
        assert!(named.same(&name(r"\\files\t")));
    }
}

#[test]
fn kinship() {
    let (server, share, deep) = (name(r"\\h"), name(r"\\h\S"), name("smb://H/s/A/b"));
    assert_eq!(deep.below(&share), Some(vec!["A".to_owned(), "b".to_owned()]));
    assert_eq!(deep.below(&server).map(|parts| parts.len()), Some(3));
    assert_eq!(share.below(&deep), None);
    assert_eq!(deep.below(&name(r"\\h@446\s")), None);
    assert!(share.parent().is_some_and(|parent| parent.same(&server)));
    assert!(server.parent().is_none());
    assert_eq!(server.child("data").name(), r"\\h\data");
    assert_eq!(deep.child("x y").name(), "smb://h/s/A/b/x%20y");
    assert_eq!(deep.place(), ("h".to_owned(), "s/A/b".to_owned()));
    assert_eq!(server.display_type(), DisplayType::SERVER);
    assert_eq!(share.display_type(), DisplayType::SHARE);
    assert_eq!(server.usage(), ResourceUsage::CONTAINER);
    assert_eq!((deep.share(), deep.path()), (Some("s"), &["A".to_owned(), "b".to_owned()][..]));
}
