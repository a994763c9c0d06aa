//! Looking around on a server.

use mpr_engine::{Found, FoundKind, Protocol as _, Target};
use mpr_testkit::{SambaOptions, samba};
use provider_smb::Smb;

use crate::support::{LONG, target, with_server};

#[test]
fn shares_are_listed_without_hidden_ones() {
    let mut options =
        SambaOptions::default().share_with("Ours", &["comment = What is ours"]).share("secret$");
    // More than fits into one fragment of an answer.
    for at in 0..150 {
        options = options.share(&format!("share-{at:03}"));
    }
    with_server("shares_are_listed_without_hidden_ones", options, async |server| {
        let name = format!(r"\\127.0.0.1@{}", server.port());
        let found = Smb::browse(target(&name, samba::USER)).await.unwrap();
        assert_eq!(found.len(), 152);
        assert!(found.contains(&Found {
            name: "Ours".to_owned(),
            kind: FoundKind::Share,
            comment: Some("What is ours".to_owned()),
        }));
        assert!(found.iter().all(|found| !found.name.ends_with('$')));
        // Samba tells everybody what it has.
        assert_eq!(Smb::browse(Target::new(name, LONG)).await.unwrap().len(), 152);
    });
}

#[test]
fn folders_of_a_share_are_listed() {
    with_server("folders_of_a_share_are_listed", SambaOptions::default(), async |server| {
        std::fs::create_dir_all(server.path("team").join("a/b")).unwrap();
        std::fs::write(server.path("team").join("a/f"), "").unwrap();
        let mut found = Smb::browse(target(&server.url("team/a"), samba::USER)).await.unwrap();
        found.sort_by(|one, other| one.name.cmp(&other.name));
        let found: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.kind)).collect();
        assert_eq!(found, [("b", FoundKind::Directory), ("f", FoundKind::File)]);
    });
}
