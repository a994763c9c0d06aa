//! Open files: reading, writing, opening in every way.

use bytes::Bytes;
use mpr_engine::{FaultKind, Kind, Share as _};

use crate::support::{CREATE, EXCLUSIVE, READ, TRUNCATE, WRITE, open, path, with_share};

#[test]
fn files_are_written_and_read_anywhere() {
    with_share("files_are_written_and_read_anywhere", async |server, share| {
        let opened = open(&share, "data", CREATE).await;
        assert_eq!((opened.attributes.kind, opened.attributes.size), (Kind::File, 0));
        let file = opened.file;
        share.write(&file, 0, Bytes::from_static(b"hello")).await.unwrap();
        share.write(&file, 4_294_967_300, Bytes::from_static(b"far")).await.unwrap();
        assert_eq!(share.attributes(&file).await.unwrap().size, 4_294_967_303);
        assert_eq!(&share.read(&file, 1, 3).await.unwrap()[..], b"ell");
        assert_eq!(&share.read(&file, 4_294_967_299, 100).await.unwrap()[..], b"\0far");
        assert_eq!(share.read(&file, 4_294_967_303, 10).await.unwrap().len(), 0);
        assert_eq!(share.read(&file, u64::MAX / 4, 10).await.unwrap().len(), 0);
        share.set_len(&file, 3).await.unwrap();
        share.set_len(&file, 6).await.unwrap();
        assert_eq!(&share.read(&file, 0, 100).await.unwrap()[..], b"hel\0\0\0");
        share.flush(&file, false).await.unwrap();
        share.flush(&file, true).await.unwrap();
        share.close(file).await;
        assert_eq!(std::fs::read(server.path("team").join("data")).unwrap(), b"hel\0\0\0");
    });
}

#[test]
fn large_content_arrives_whole_with_many_in_flight() {
    with_share("large_content_arrives_whole_with_many_in_flight", async |server, share| {
        let abilities = share.abilities();
        assert!(abilities.max_read >= 1 << 19 && abilities.max_write >= 1 << 19);
        let content: Vec<u8> =
            (0..32u32 << 20).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let content = Bytes::from(content);
        let file = open(&share, "large", CREATE).await.file;
        let (share, file) = (std::sync::Arc::new(share), std::sync::Arc::new(file));
        let mut tasks = tokio::task::JoinSet::new();
        for start in (0..content.len()).step_by(abilities.max_write) {
            let end = content.len().min(start + abilities.max_write);
            let piece = content.slice(start..end);
            let (share, file) = (share.clone(), file.clone());
            tasks.spawn(async move { share.write(&file, start as u64, piece).await.unwrap() });
        }
        tasks.join_all().await;
        assert!(std::fs::read(server.path("team").join("large")).unwrap() == content);
        let mut tasks = tokio::task::JoinSet::new();
        for start in (0..content.len()).step_by(abilities.max_read) {
            let (share, file, content) = (share.clone(), file.clone(), content.clone());
            tasks.spawn(async move {
                let data = share.read(&file, start as u64, abilities.max_read).await.unwrap();
                assert!(data == content[start..start + data.len()] && !data.is_empty());
                data.len()
            });
        }
        assert_eq!(tasks.join_all().await.into_iter().sum::<usize>(), content.len());
    });
}

#[test]
fn the_server_decides_what_opening_means() {
    with_share("the_server_decides_what_opening_means", async |server, share| {
        let kind = async |name, how| {
            share.open(&path(name), how).await.map(drop).map_err(|fault| fault.kind)
        };
        assert_eq!(kind("new", READ).await, Err(FaultKind::NotFound));
        assert_eq!(kind("new", WRITE).await, Err(FaultKind::NotFound));
        assert_eq!(kind("no/new", CREATE).await, Err(FaultKind::NotFound));
        assert_eq!(kind("new", EXCLUSIVE).await, Ok(()));
        assert_eq!(kind("new", EXCLUSIVE).await, Err(FaultKind::AlreadyExists));
        std::fs::write(server.path("team").join("new"), b"content").unwrap();
        let opened = open(&share, "new", CREATE).await;
        assert_eq!(opened.attributes.size, 7);
        let opened = open(&share, "new", TRUNCATE).await;
        assert_eq!(opened.attributes.size, 0);
        assert_eq!(std::fs::metadata(server.path("team").join("new")).unwrap().len(), 0);
        share.make_directory(&path("dir"), 0o755).await.unwrap();
        assert_eq!(kind("dir", READ).await, Err(FaultKind::IsADirectory));
        assert_eq!(kind("dir", CREATE).await, Err(FaultKind::IsADirectory));
        assert_eq!(kind("", READ).await, Err(FaultKind::IsADirectory));
        // What overwriting would refuse: Samba calls files with a dot hidden.
        std::fs::write(server.path("team").join(".hidden"), b"content").unwrap();
        assert_eq!(kind(".hidden", TRUNCATE).await, Ok(()));
        assert_eq!(std::fs::metadata(server.path("team").join(".hidden")).unwrap().len(), 0);
    });
}

#[test]
fn open_files_can_be_opened_renamed_and_removed() {
    with_share("open_files_can_be_opened_renamed_and_removed", async |server, share| {
        let one = open(&share, "a", CREATE).await.file;
        let two = open(&share, "a", WRITE).await.file;
        share.write(&one, 0, Bytes::from_static(b"12")).await.unwrap();
        share.write(&two, 2, Bytes::from_static(b"34")).await.unwrap();
        share.rename(&path("a"), &path("b"), false).await.unwrap();
        assert_eq!(&share.read(&one, 0, 9).await.unwrap()[..], b"1234");
        share.remove_file(&path("b")).await.unwrap();
        assert_eq!(share.stat(&path("b")).await.unwrap_err().kind, FaultKind::NotFound);
        assert_eq!(&share.read(&two, 0, 9).await.unwrap()[..], b"1234");
        share.close(one).await;
        share.close(two).await;
        assert!(!server.path("team").join("b").exists());
    });
}

#[test]
fn dropped_calls_leave_no_file_open() {
    with_share("dropped_calls_leave_no_file_open", async |server, share| {
        drop(open(&share, "x", CREATE).await);
        for round in 0..200 {
            let name = path("x");
            let request = share.open(&name, CREATE);
            // Some are dropped before they are sent, some after, some once they are answered.
            let _ =
                tokio::time::timeout(std::time::Duration::from_micros(round * 10), request).await;
        }
        share.ping().await.unwrap();
        // A directory with nothing in it but files that are gone can be removed on the server; a
        // file that is open still is there after it was removed.
        let removed = async {
            loop {
                match share.remove_file(&path("x")).await {
                    Ok(()) => {}
                    Err(fault) => assert_eq!(fault.kind, FaultKind::NotFound),
                }
                if !server.path("team").join("x").exists() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        };
        removed.await;
    });
}
