//! What is a name of ours, and which names are one.

use super::*;

#[test]
fn spellings_are_one_resource() {
    for (url, unc, export) in [
        ("nfs://files/srv/team", r"\\files@NFS\srv\team", "files:/srv/team"),
        ("nfs://10.0.0.1:20049/a%20b", r"\\10.0.0.1@NFS@20049\a b", "10.0.0.1:/a b"),
        ("nfs://[2001:db8::1]/x", r"\\2001-db8--1.ipv6-literal.net@NFS\x", "[2001:db8::1]:/x"),
        ("nfs://files/", r"\\files@NFS", "files:/"),
    ] {
        let (first, second) = (NfsName::parse(url).unwrap(), NfsName::parse(unc).unwrap());
        assert!(first.same(&second) && second.same(&first), "{url}");
        assert_eq!((first.name().as_str(), second.name().as_str()), (url, unc));
        assert_eq!((first.unc().as_str(), first.export().as_str()), (unc, export));
    }
    let odd = NfsName::parse("NFS://Files:2049//srv//Team/").unwrap();
    assert_eq!(odd.name(), "nfs://files/srv/Team");
    // Case tells directories apart.
    assert!(!odd.same(&NfsName::parse("nfs://files/srv/team").unwrap()));
}

#[test]
fn other_names_are_none_of_ours() {
    for text in [
        "",
        r"\\",
        r"\\host\share",
        r"\\host@SSH\x",
        r"\\host@NFS@0\x",
        r"\\host@NFS@1@2\x",
        r"\\host@NFS\\x",
        r"\\host@NFS\..\x",
        r"\\-host@NFS\x",
        "nfs:/host/x",
        "nfs:///x",
        "nfs://user@host/x",
        "nfs://-oexec/x",
        "nfs://host/a%2Fb",
        "nfs://host/..",
        "nfs://host/a%0Ab",
        "nfs://host:99999/x",
        "smb://host/x",
    ] {
        assert!(NfsName::parse(text).is_none(), "{text}");
    }
}

#[test]
fn kinship() {
    let (deep, server) =
        (NfsName::parse("nfs://h/a/b").unwrap(), NfsName::parse(r"\\h@NFS").unwrap());
    assert_eq!(deep.below(&server), Some(vec!["a".to_owned(), "b".to_owned()]));
    assert!(server.below(&deep).is_none() && server.parent().is_none());
    assert_eq!(deep.parent().map(|parent| parent.name()), Some("nfs://h/a".to_owned()));
    assert_eq!(server.child("c d").name(), r"\\h@NFS\c d");
    assert_eq!(deep.place(), ("h@NFS".to_owned(), "a/b".to_owned()));
}
