//! What the share promises, on a store in memory.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tempfile::TempDir;

use super::share::SpooledFile;
use super::testing::Memory;
use super::{Settings, Spooled};
use crate::{Change, FaultKind, OpenHow, RemotePath, Share};

struct Bench {
    memory: Memory,
    share: Arc<Spooled<Memory>>,
    unsaved: TempDir,
}

const READ: OpenHow =
    OpenHow { write: false, create: false, exclusive: false, truncate: false, mode: 0 };
const WRITE: OpenHow = OpenHow { write: true, ..READ };
const NEW: OpenHow = OpenHow { create: true, exclusive: true, ..WRITE };
const MIB: usize = 1024 * 1024;

fn path(text: &str) -> RemotePath {
    text.split('/').fold(RemotePath::root(), |path, part| path.join(part.as_bytes()))
}

fn bytes(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    (0..len).map(|_| next()).collect()
}

impl Bench {
    fn new() -> Self {
        let (memory, unsaved) = (Memory::new(), tempfile::tempdir().unwrap());
        let settings =
            Settings { unsaved: Some(unsaved.path().into()), patience: Duration::from_secs(60) };
        let share = Arc::new(Spooled::new(memory.clone(), settings));
        Self { memory, share, unsaved }
    }

    async fn open(&self, name: &str, how: OpenHow) -> SpooledFile<Memory> {
        self.share.open(&path(name), how).await.unwrap().file
    }

    async fn write(&self, file: &SpooledFile<Memory>, offset: usize, data: &[u8]) {
        let mut at = offset;
        for chunk in data.chunks(MIB) {
            self.share.write(file, at as u64, Bytes::copy_from_slice(chunk)).await.unwrap();
            at += chunk.len();
        }
    }

    async fn read(&self, file: &SpooledFile<Memory>, offset: usize, len: usize) -> Bytes {
        self.share.read(file, offset as u64, len).await.unwrap()
    }

    async fn flush(&self, file: &SpooledFile<Memory>) -> Result<(), FaultKind> {
        self.share.flush(file, false).await.map_err(|fault| fault.kind)
    }

    fn saved(&self) -> Vec<Vec<u8>> {
        let entries = std::fs::read_dir(self.unsaved.path()).unwrap();
        entries.map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_on_asks_twice_and_tolerates_overtaking() {
    let bench = Bench::new();
    let content = bytes(5 * MIB + 7);
    bench.memory.put_behind("f", &content);
    let file = bench.open("f", READ).await;
    let mut all = bench.read(&file, 0, 65536).await.to_vec();
    while all.len() < content.len() {
        // Each second part is asked for first.
        let (second, first) = (
            bench.read(&file, all.len() + 65536, 65536).await,
            bench.read(&file, all.len(), 65536).await,
        );
        all.extend_from_slice(&first);
        all.extend_from_slice(&second);
    }
    assert!(all == content);
    assert_eq!(bench.memory.take_log(), ["get f 0-1048576", "get f 1048576-"]);
    assert_eq!(bench.read(&file, content.len(), 10).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_state_of_the_file_is_not_mixed_with_the_first() {
    let bench = Bench::new();
    bench.memory.put_behind("f", &vec![1; 3 * MIB]);
    let file = bench.open("f", READ).await;
    assert_eq!(bench.read(&file, 0, 10).await, &[1; 10][..]);
    bench.memory.put_behind("f", &vec![2; 3 * MIB]);
    let part = bench.read(&file, MIB - 10, 20).await;
    assert_eq!(part, &[2; 20][..]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_file_is_sent_while_it_is_written() {
    let bench = Bench::new();
    let content = bytes(8 * MIB + 5);
    let file = bench.open("f", NEW).await;
    bench.write(&file, 0, &content).await;
    assert_eq!(bench.flush(&file).await, Ok(()));
    assert!(bench.memory.stored("f").unwrap() == content);
    assert_eq!(bench.memory.take_log(), ["put f 0", "put f -"]);
    // Going back sends all of it, once.
    bench.write(&file, 3, b"back").await;
    assert_eq!(bench.flush(&file).await, Ok(()));
    assert_eq!(&bench.memory.stored("f").unwrap()[3..7], b"back");
    assert_eq!(bench.memory.take_log(), [format!("put f {}", content.len())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stream_cannot_do_a_whole_upload_does() {
    for trouble in 0..4 {
        let bench = Bench::new();
        let content = bytes(4 * MIB);
        let file = bench.open("f", NEW).await;
        {
            let mut state = bench.memory.state.lock().unwrap();
            match trouble {
                0 => state.whole_only = true,
                1 => state.forgets = true,
                2 => state.cut = Some(MIB),
                _ => {}
            }
        }
        bench.write(&file, 0, &content).await;
        if trouble == 3 {
            bench.write(&file, 10, &content[10..20]).await;
        }
        assert_eq!(bench.flush(&file).await, Ok(()), "{trouble}");
        assert!(bench.memory.stored("f").unwrap() == content, "{trouble}");
        let file = bench.open("g", NEW).await;
        bench.memory.take_log();
        bench.write(&file, 0, &content).await;
        assert_eq!(bench.flush(&file).await, Ok(()), "{trouble}");
        let streamed = bench.memory.take_log().contains(&"put g -".to_owned());
        assert_eq!(streamed, trouble >= 2, "what it refuses is remembered");
        assert!(bench.saved().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_elses_change_is_overwritten() {
    for name in ["read", "truncated"] {
        let bench = Bench::new();
        bench.memory.put_behind("f", b"before");
        let truncate = name == "truncated";
        let file = bench.open("f", OpenHow { truncate, ..WRITE }).await;
        bench.write(&file, 0, b"ours").await;
        bench.memory.put_behind("f", b"theirs");
        assert_eq!(bench.flush(&file).await, Err(FaultKind::Changed), "{name}");
        assert_eq!(bench.memory.stored("f").unwrap(), b"theirs");
        let ours = if truncate { &b"ours"[..] } else { b"oursre" };
        assert_eq!(bench.saved(), [ours.to_vec()]);
        drop(file);
        let file = bench.open("f", WRITE).await;
        bench.write(&file, 0, b"T").await;
        assert_eq!(bench.flush(&file).await, Ok(()), "opened again it is as they left it");
        assert_eq!(bench.memory.stored("f").unwrap(), b"Theirs");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_uploads_are_no_conflict() {
    for cut in [None, Some(3)] {
        let bench = Bench::new();
        bench.memory.put_behind("f", b"before");
        let file = bench.open("f", WRITE).await;
        bench.write(&file, 0, b"after!").await;
        {
            let mut state = bench.memory.state.lock().unwrap();
            (state.mute, state.cut) = (cut.is_none(), cut);
        }
        assert_eq!(bench.flush(&file).await, Ok(()), "{cut:?}");
        assert_eq!(bench.memory.stored("f").unwrap(), b"after!");
        assert!(bench.saved().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_refuses_is_kept_named_and_offered_again() {
    let bench = Bench::new();
    let file = bench.open("f", NEW).await;
    bench.write(&file, 0, b"words").await;
    bench.memory.state.lock().unwrap().refuse = Some(FaultKind::NoSpace);
    assert_eq!(bench.flush(&file).await, Err(FaultKind::NoSpace));
    assert!(bench.share.set_len(&file, 10).await.is_ok());
    drop(file);
    let again = bench.open("f", READ).await;
    assert_eq!(bench.read(&again, 0, 100).await, &b"words\0\0\0\0\0"[..]);
    drop(again);
    bench.memory.state.lock().unwrap().refuse = None;
    bench.share.reconnect().await.unwrap();
    while bench.memory.stored("f").unwrap() != b"words\0\0\0\0\0" || !bench.saved().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_end_it_is_stored_or_saved() {
    let bench = Bench::new();
    for name in ["good", "bad"] {
        let file = bench.open(name, NEW).await;
        bench.write(&file, 0, name.as_bytes()).await;
        std::mem::forget(file);
    }
    bench.share.leave().await;
    assert_eq!(bench.memory.stored("good").unwrap(), b"good");
    assert!(bench.saved().is_empty());
    let file = bench.open("bad", WRITE).await;
    bench.write(&file, 0, b"BAD").await;
    bench.memory.state.lock().unwrap().refuse = Some(FaultKind::Denied);
    bench.share.leave().await;
    assert_eq!(bench.saved(), [b"BAD".to_vec()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_file_is_kept_by_who_has_it_open_and_stored_nowhere() {
    let bench = Bench::new();
    bench.memory.put_behind("f", b"content");
    let file = bench.open("f", WRITE).await;
    bench.share.remove_file(&path("f")).await.unwrap();
    assert_eq!(bench.read(&file, 0, 100).await, &b"content"[..]);
    bench.write(&file, 0, b"late").await;
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(77);
    let change = Change { modified: Some(time), ..Change::default() };
    bench.share.change_open(&file, None, change).await.unwrap();
    assert_eq!(bench.share.attributes(&file).await.unwrap().modified, time);
    assert_eq!(bench.flush(&file).await, Ok(()));
    assert_eq!(bench.read(&file, 0, 100).await, &b"lateent"[..]);
    drop(file);
    bench.share.leave().await;
    assert_eq!(bench.memory.stored("f"), None);
    assert!(bench.saved().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_nowhere_to_go_is_not_called_stored() {
    let bench = Bench::new();
    bench.share.make_directory(&path("d"), 0).await.unwrap();
    let file = bench.open("d/f", NEW).await;
    bench.write(&file, 0, b"words").await;
    // Another client takes the directory away.
    {
        let mut state = bench.memory.state.lock().unwrap();
        state.directories.clear();
        state.files.clear();
    }
    assert!(bench.flush(&file).await.is_err());
    drop(file);
    bench.share.leave().await;
    assert_eq!(bench.saved(), [b"words".to_vec()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_changes_during_a_transfer() {
    let bench = Bench::new();
    bench.share.make_directory(&path("d"), 0).await.unwrap();
    let files =
        [bench.open("f", NEW).await, bench.open("x", NEW).await, bench.open("d/y", NEW).await];
    for file in &files {
        bench.write(file, 0, b"words").await;
    }
    bench.memory.open.send_replace(false);
    let share = &bench.share;
    let flushes = async {
        for file in &files {
            share.flush(file, false).await.unwrap();
        }
    };
    let names = async {
        tokio::task::yield_now().await;
        bench.memory.open.send_replace(true);
        share.rename(&path("f"), &path("g"), true).await.unwrap();
        share.remove_file(&path("x")).await.unwrap();
        share.rename(&path("d"), &path("e"), true).await.unwrap();
    };
    tokio::join!(flushes, names);
    for file in files {
        assert_eq!(bench.flush(&file).await, Ok(()));
    }
    let names: Vec<_> = bench.memory.state.lock().unwrap().files.keys().cloned().collect();
    assert_eq!(names, ["e/y", "g"]);
    assert_eq!(bench.memory.stored("g").unwrap(), b"words");
    assert_eq!(bench.memory.stored("e/y").unwrap(), b"words");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_stops_waiting_loses_nothing() {
    let bench = Bench::new();
    let file = bench.open("f", NEW).await;
    bench.write(&file, 0, b"words").await;
    bench.memory.open.send_replace(false);
    let waited = tokio::time::timeout(Duration::from_millis(50), bench.flush(&file)).await;
    assert!(waited.is_err(), "it waits");
    assert_eq!(bench.read(&file, 0, 10).await, &b"words"[..], "reading waits for no upload");
    bench.memory.open.send_replace(true);
    assert_eq!(bench.flush(&file).await, Ok(()));
    assert_eq!(bench.memory.stored("f").unwrap(), b"words");
    assert_eq!(bench.memory.take_log(), ["put f 0", "put f 5"], "sent once");
}
