//! Names: listing, changing, removing, renaming.

use std::time::{Duration, SystemTime};

use mpr_engine::{Change, FaultKind, Kind, RemotePath, Share as _};

use crate::support::{CREATE, open, path, with_share};

#[test]
fn listings_tell_what_stat_tells() {
    with_share("listings_tell_what_stat_tells", async |server, share| {
        let team = server.path("team");
        std::fs::create_dir(team.join("dir")).unwrap();
        for at in 0..3_000 {
            std::fs::write(team.join(format!("dir/file-{at:05}")), vec![b'x'; at % 50]).unwrap();
        }
        std::fs::create_dir(team.join("dir/sub")).unwrap();
        let mut entries = share.list(&path("dir")).await.unwrap();
        assert_eq!(entries.len(), 3_001);
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        entries.dedup_by(|one, other| one.name == other.name);
        assert_eq!(entries.len(), 3_001);
        for entry in [&entries[0], &entries[1_234], &entries[3_000]] {
            let told = share.stat(&path("dir").join(&entry.name)).await.unwrap();
            assert_eq!(told, entry.attributes, "{:?}", String::from_utf8_lossy(&entry.name));
            assert!(told.id.is_some());
        }
        assert_eq!(entries[3_000].attributes.kind, Kind::Directory);
        assert_eq!(entries[1_234].attributes.size, 1_234 % 50);
        let missing = share.list(&path("none")).await.unwrap_err();
        assert_eq!(missing.kind, FaultKind::NotFound);
        let file = share.list(&path("dir/file-00001")).await.unwrap_err();
        assert_eq!(file.kind, FaultKind::NotADirectory);
        std::fs::create_dir(team.join("empty")).unwrap();
        assert_eq!(share.list(&path("empty")).await.unwrap(), []);
    });
}

#[test]
fn names_that_smb_forbids_come_back_as_they_were() {
    with_share("names_that_smb_forbids_come_back_as_they_were", async |_server, share| {
        let names: [&[u8]; 8] = [
            b"who?*.txt",
            b"a:b",
            b"tail.",
            b"tail ",
            b"back\\slash",
            "übel ☃ 𝄞".as_bytes(),
            b"\"q\"<|>",
            b"con\x01trol",
        ];
        for name in names {
            let path = RemotePath::root().join(name);
            let file = share.open(&path, CREATE).await.unwrap().file;
            share.close(file).await;
            assert_eq!(share.stat(&path).await.unwrap().kind, Kind::File);
        }
        let mut listed: Vec<_> = share
            .list(&RemotePath::root())
            .await
            .unwrap()
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        listed.sort();
        let mut expected: Vec<_> = names.iter().map(|name| name.to_vec()).collect();
        expected.sort();
        assert_eq!(listed, expected);
        let kind =
            async |name: &[u8]| share.stat(&RemotePath::root().join(name)).await.unwrap_err().kind;
        assert_eq!(kind(b"not \xff text").await, FaultKind::BadName);
        assert_eq!(kind(&[b'x'; 256]).await, FaultKind::NameTooLong);
        assert_eq!(kind(&[b'x'; 255]).await, FaultKind::NotFound);
    });
}

#[test]
fn case_does_not_tell_names_apart() {
    with_share("case_does_not_tell_names_apart", async |_server, share| {
        drop(open(&share, "Readme", CREATE).await);
        assert!(share.stat(&path("README")).await.is_ok());
        share.rename(&path("Readme"), &path("README"), false).await.unwrap();
        let listed = share.list(&RemotePath::root()).await.unwrap();
        assert_eq!(listed[0].name, b"README");
    });
}

#[test]
fn directories_are_removed_only_when_empty() {
    with_share("directories_are_removed_only_when_empty", async |_server, share| {
        share.make_directory(&path("d"), 0o755).await.unwrap();
        let again = share.make_directory(&path("d"), 0o755).await.unwrap_err();
        assert_eq!(again.kind, FaultKind::AlreadyExists);
        share.close(open(&share, "d/f", CREATE).await.file).await;
        let kind = |result: Result<(), mpr_engine::Fault>| result.unwrap_err().kind;
        assert_eq!(kind(share.remove_directory(&path("d")).await), FaultKind::NotEmpty);
        assert_eq!(kind(share.remove_file(&path("d")).await), FaultKind::IsADirectory);
        assert_eq!(kind(share.remove_directory(&path("d/f")).await), FaultKind::NotADirectory);
        share.remove_file(&path("d/f")).await.unwrap();
        share.remove_directory(&path("d")).await.unwrap();
        assert_eq!(kind(share.remove_directory(&path("d")).await), FaultKind::NotFound);
        assert_eq!(kind(share.remove_file(&path("none")).await), FaultKind::NotFound);
    });
}

#[test]
fn renaming_replaces_only_if_it_may() {
    with_share("renaming_replaces_only_if_it_may", async |server, share| {
        let team = server.path("team");
        let write = |name: &str, text: &str| std::fs::write(team.join(name), text).unwrap();
        let read = |name: &str| std::fs::read_to_string(team.join(name)).unwrap();
        let rename = async |from, to, replace| {
            share.rename(&path(from), &path(to), replace).await.map_err(|fault| fault.kind)
        };
        write("a", "1");
        write("b", "2");
        assert_eq!(rename("a", "b", false).await, Err(FaultKind::AlreadyExists));
        assert_eq!(rename("a", "b", true).await, Ok(()));
        assert_eq!(read("b"), "1");
        assert_eq!(rename("a", "c", true).await, Err(FaultKind::NotFound));
        for dir in ["full", "full/in", "empty", "other"] {
            std::fs::create_dir(team.join(dir)).unwrap();
        }
        assert_eq!(rename("b", "empty", true).await, Err(FaultKind::IsADirectory));
        assert_eq!(rename("other", "b", true).await, Err(FaultKind::NotADirectory));
        assert_eq!(rename("other", "full", true).await, Err(FaultKind::NotEmpty));
        assert_eq!(rename("full", "empty", false).await, Err(FaultKind::AlreadyExists));
        assert_eq!(rename("full", "empty", true).await, Ok(()));
        assert!(team.join("empty/in").is_dir() && !team.join("full").exists());
        // Over a file that can only be read, as programs that replace theirs do.
        write("new", "3");
        share.change(&path("b"), Change { mode: Some(0o444), ..Change::default() }).await.unwrap();
        assert_eq!(rename("new", "b", true).await, Ok(()));
        assert_eq!(read("b"), "3");
    });
}

#[test]
fn times_and_the_read_only_attribute_are_kept() {
    with_share("times_and_the_read_only_attribute_are_kept", async |server, share| {
        let local = server.path("team").join("f");
        std::fs::write(&local, "x").unwrap();
        let modified = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_700);
        let accessed = SystemTime::UNIX_EPOCH + Duration::from_secs(1_100_000_000);
        let times = Change { modified: Some(modified), accessed: Some(accessed), mode: None };
        share.change(&path("f"), times).await.unwrap();
        let told = share.stat(&path("f")).await.unwrap();
        assert_eq!(
            (told.modified, told.accessed, told.read_only),
            (modified, Some(accessed), false)
        );
        assert_eq!(std::fs::metadata(&local).unwrap().modified().unwrap(), modified);
        let mode = |mode| Change { mode: Some(mode), ..Change::default() };
        share.change(&path("f"), mode(0o444)).await.unwrap();
        let told = share.stat(&path("f")).await.unwrap();
        assert_eq!((told.modified, told.read_only), (modified, true));
        share.change(&path("f"), mode(0o644)).await.unwrap();
        assert!(!share.stat(&path("f")).await.unwrap().read_only);
        share.change(&path("f"), mode(0o400)).await.unwrap();
        share.remove_file(&path("f")).await.unwrap();
        assert!(!local.exists());
        share.make_directory(&path("d"), 0o755).await.unwrap();
        share.change(&path("d"), times).await.unwrap();
        share.change(&path("d"), mode(0o555)).await.unwrap();
        assert_eq!(share.stat(&path("d")).await.unwrap().modified, modified);
    });
}

#[test]
fn free_space_is_told() {
    with_share("free_space_is_told", async |_server, share| {
        let space = share.space().await.unwrap();
        assert!(space.total > 1 << 20 && space.free <= space.total, "{space:?}");
    });
}

#[test]
fn links_are_refused() {
    with_share("links_are_refused", async |_server, share| {
        let refused = share.make_link(&path("l"), b"target").await.unwrap_err();
        assert_eq!(refused.kind, FaultKind::Unsupported);
        let refused = share.make_hard_link(&path("a"), &path("b")).await.unwrap_err();
        assert_eq!(refused.kind, FaultKind::Unsupported);
    });
}
