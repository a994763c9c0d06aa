//! A store in memory, for tests: it counts, refuses, loses and breaks off on demand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::sync::watch;

use super::node::file_attributes;
use super::store::{Body, Condition, Object, ObjectStore, Reading, Version};
use super::upload::Upload;
use crate::{Attributes, Entry, Fault, FaultKind, Kind, RemotePath};

/// What is on the server, and what is wrong with it.
#[derive(Default)]
pub(super) struct State {
    pub(super) files: BTreeMap<String, (Vec<u8>, u64)>,
    pub(super) directories: Vec<String>,
    last: u64,
    pub(super) refuse: Option<FaultKind>,
    /// No uploads of unknown length.
    pub(super) whole_only: bool,
    /// Uploads of unknown length are answered well, and lost.
    pub(super) forgets: bool,
    /// The next upload breaks off after so many bytes, which stay.
    pub(super) cut: Option<usize>,
    /// The next upload is carried out, and its answer gets lost.
    pub(super) mute: bool,
    /// What was asked for: `put f 3`, `put f -`, `get f 0-10`.
    pub(super) log: Vec<String>,
}

#[derive(Clone)]
pub(super) struct Memory {
    pub(super) state: Arc<Mutex<State>>,
    /// Uploads wait for this before they are answered.
    pub(super) open: watch::Sender<bool>,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self { state: Arc::default(), open: watch::Sender::new(true) }
    }

    pub(super) fn put_behind(&self, name: &str, content: &[u8]) {
        let mut state = self.state.lock().unwrap();
        state.last += 1;
        let version = state.last;
        state.files.insert(name.to_owned(), (content.to_vec(), version));
    }

    pub(super) fn stored(&self, name: &str) -> Option<Vec<u8>> {
        self.state.lock().unwrap().files.get(name).map(|(content, _)| content.clone())
    }

    pub(super) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().log)
    }
}

fn text(path: &RemotePath) -> String {
    path.as_str().unwrap().to_owned()
}

fn version(number: u64, size: usize) -> Version {
    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(number);
    Version {
        tag: Some(format!("\"{number}\"")),
        modified: Some(modified),
        size: Some(size as u64),
    }
}

/// Sends pieces of a fixed size.
pub(super) struct Pieces(Bytes);

impl Body for Pieces {
    async fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        let piece = self.0.split_to(self.0.len().min(100_000));
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }
}

impl ObjectStore for Memory {
    type Body = Pieces;

    async fn stat(&self, path: &RemotePath) -> Result<Object, Fault> {
        let state = self.state.lock().unwrap();
        if path.is_root() || state.directories.contains(&text(path)) {
            let attributes =
                Attributes { kind: Kind::Directory, ..file_attributes(0, SystemTime::UNIX_EPOCH) };
            return Ok(Object { attributes, version: Version::default() });
        }
        let (content, number) = state.files.get(&text(path)).ok_or(FaultKind::NotFound)?;
        let version = version(*number, content.len());
        let attributes = file_attributes(content.len() as u64, version.modified.unwrap());
        Ok(Object { attributes, version })
    }

    async fn list(&self, _: &RemotePath) -> Result<Vec<Entry>, Fault> {
        let state = self.state.lock().unwrap();
        let entry = |(name, (content, _)): (&String, &(Vec<u8>, u64))| Entry {
            name: name.as_bytes().to_vec(),
            attributes: file_attributes(content.len() as u64, SystemTime::UNIX_EPOCH),
        };
        Ok(state.files.iter().map(entry).collect())
    }

    async fn read(
        &self,
        path: &RemotePath,
        start: u64,
        end: Option<u64>,
    ) -> Result<Option<Reading<Pieces>>, Fault> {
        let mut state = self.state.lock().unwrap();
        let last = end.map(|end| end.to_string()).unwrap_or_default();
        state.log.push(format!("get {} {start}-{last}", text(path)));
        let (content, number) = state.files.get(&text(path)).ok_or(FaultKind::NotFound)?;
        let total = content.len() as u64;
        if start >= total {
            return Ok(None);
        }
        let end = end.unwrap_or(total).min(total);
        let part = &content[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()];
        Ok(Some(Reading {
            body: Pieces(Bytes::copy_from_slice(part)),
            start,
            end: Some(end),
            total: Some(total),
            version: version(*number, content.len()),
        }))
    }

    async fn put(
        &self,
        path: &RemotePath,
        upload: &Upload,
        condition: &Condition,
    ) -> Result<Version, Fault> {
        let name = text(path);
        let cut = {
            let mut state = self.state.lock().unwrap();
            let len = upload.len().map_or("-".to_owned(), |len| len.to_string());
            state.log.push(format!("put {name} {len}"));
            if let Some(kind) = state.refuse {
                return Err(kind.into());
            }
            if state.whole_only && upload.len().is_none() {
                return Err(FaultKind::Unsupported.into());
            }
            let parent = path.parent().filter(|parent| !parent.is_root());
            if parent.is_some_and(|parent| !state.directories.contains(&text(&parent))) {
                return Err(FaultKind::NotFound.into());
            }
            match (condition, state.files.get(&name)) {
                (Condition::Missing, Some(_)) => return Err(FaultKind::AlreadyExists.into()),
                (Condition::Unchanged(known), Some((content, number)))
                    if version(*number, content.len()).same(known) => {}
                (Condition::Unchanged(_), _) => return Err(FaultKind::Changed.into()),
                _ => {}
            }
            state.cut.take()
        };
        let (mut source, mut content) = (upload.start(), Vec::new());
        let mut broken = None;
        while let Some(chunk) = source.chunk().await {
            content.extend_from_slice(&chunk.map_err(|_| Fault::from(FaultKind::Lost))?);
            if let Some(cut) = cut.filter(|cut| content.len() >= *cut) {
                content.truncate(cut);
                broken = Some(FaultKind::Lost);
                break;
            }
        }
        let _ = self.open.subscribe().wait_for(|open| *open).await;
        let mut state = self.state.lock().unwrap();
        state.last += 1;
        let number = state.last;
        if std::mem::take(&mut state.mute) {
            broken = Some(FaultKind::Lost);
        }
        if state.forgets && upload.len().is_none() {
            content.clear();
        }
        let version = version(number, content.len());
        state.files.insert(name, (content, number));
        broken.map_or(Ok(version), |kind| Err(kind.into()))
    }

    async fn set_modified(&self, _: &RemotePath, _: SystemTime) -> Result<(), Fault> {
        Err(FaultKind::Unsupported.into())
    }

    async fn make_directory(&self, path: &RemotePath) -> Result<(), Fault> {
        self.state.lock().unwrap().directories.push(text(path));
        Ok(())
    }

    async fn remove_file(&self, path: &RemotePath) -> Result<(), Fault> {
        let removed = self.state.lock().unwrap().files.remove(&text(path));
        removed.map(drop).ok_or(FaultKind::NotFound.into())
    }

    async fn remove_directory(&self, path: &RemotePath) -> Result<(), Fault> {
        self.state.lock().unwrap().directories.retain(|own| *own != text(path));
        Ok(())
    }

    async fn rename(
        &self,
        from: &RemotePath,
        to: &RemotePath,
        directory: bool,
        _: bool,
    ) -> Result<(), Fault> {
        let (from, to) = (text(from), text(to));
        let mut state = self.state.lock().unwrap();
        if directory {
            state.directories.retain(|own| *own != from);
            state.directories.push(to.clone());
        }
        let moved: Vec<_> = state
            .files
            .keys()
            .filter(|name| **name == from || name.starts_with(&format!("{from}/")))
            .cloned()
            .collect();
        for name in moved {
            let file = state.files.remove(&name).unwrap();
            state.files.insert(to.clone() + &name[from.len()..], file);
        }
        Ok(())
    }

    async fn ping(&self) -> Result<(), Fault> {
        Ok(())
    }

    async fn reconnect(&self) -> Result<(), Fault> {
        Ok(())
    }
}
