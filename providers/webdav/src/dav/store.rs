//! A collection as a store of whole objects.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::SystemTime;

use http::{HeaderMap, header};
use mpr_engine::spool::{Condition, Object, ObjectStore, Reading, Upload, Version};
use mpr_engine::{Attributes, Entry, Fault, FaultKind, Kind, RemotePath, Space};

use super::body::Arriving;
use super::client::Client;
use super::error::DavError;
use super::multistatus;
use crate::remote::encode_into;

/// A mounted collection.
#[derive(Debug)]
pub struct DavStore {
    client: Client,
    /// The collection's path on the wire, without trailing slash.
    base: String,
    conditions: Known,
    times: AtomicU8,
}

/// Whether a server heeds `If-Match` and `If-None-Match` with PUT. Some do not: there another look
/// must do, just before.
#[derive(Debug, Default)]
struct Known(AtomicU8);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Heeds {
    Unknown,
    Yes,
    No,
}

impl Known {
    fn get(&self) -> Heeds {
        match self.0.load(Ordering::Relaxed) {
            0 => Heeds::Unknown,
            1 => Heeds::Yes,
            _ => Heeds::No,
        }
    }

    fn set(&self, heeds: bool) {
        self.0.store(if heeds { 1 } else { 2 }, Ordering::Relaxed);
    }
}

/// How a server can be told when a file changed last; after the last of them it cannot.
const TIMES: [fn(SystemTime) -> String; 2] = [win32_time, unix_time];

fn win32_time(time: SystemTime) -> String {
    let (space, time) = ("urn:schemas-microsoft-com:", httpdate::fmt_http_date(time));
    format!(r#"<Z:Win32LastModifiedTime xmlns:Z="{space}">{time}</Z:Win32LastModifiedTime>"#)
}

fn unix_time(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("<D:lastmodified>{}</D:lastmodified>", since.as_secs())
}

impl DavStore {
    /// Makes a store of a collection; `base` is its path on the wire, without trailing slash.
    pub fn new(client: Client, base: String) -> Self {
        Self { client, base, conditions: Known::default(), times: AtomicU8::new(0) }
    }

    fn wire(&self, path: &RemotePath) -> String {
        let mut text = String::with_capacity(self.base.len() + path.as_bytes().len() * 5 / 4 + 2);
        text.push_str(&self.base);
        for part in path.parts() {
            text.push('/');
            encode_into(&mut text, part);
        }
        text
    }

    fn wire_directory(&self, path: &RemotePath) -> String {
        self.wire(path) + "/"
    }

    /// Stores a file that must be missing.
    async fn create(&self, path: &str, upload: &Upload) -> Result<Version, Fault> {
        let missing = Some(("If-None-Match", "*"));
        if self.conditions.get() != Heeds::Yes {
            match self.client.stat(path).await {
                Ok(_) => return Err(FaultKind::AlreadyExists.into()),
                Err(DavError::Status(404 | 410)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let mut version = version_of(&self.client.put(path, upload, missing).await?);
        if self.conditions.get() == Heeds::Unknown && upload.is_empty() {
            // Now it is there, it is ours and holds nothing: whoever stores it again anyway heeds
            // no condition.
            match self.client.put(path, upload, missing).await {
                Err(DavError::Status(412)) => self.conditions.set(true),
                Ok(headers) => {
                    self.conditions.set(false);
                    version = version_of(&headers);
                }
                // It says nothing.
                Err(_) => {}
            }
        }
        Ok(version)
    }

    /// Stores a file over one state of it.
    async fn replace(
        &self,
        path: &str,
        upload: &Upload,
        version: &Version,
    ) -> Result<Version, Fault> {
        // A weak tag matches nothing.
        let tag = version.tag.as_deref().filter(|tag| !tag.starts_with("W/"));
        if tag.is_none() || self.conditions.get() != Heeds::Yes {
            match self.client.stat(path).await {
                Ok(entry) if version_of_entry(&entry).same(version) => {}
                Ok(_) | Err(DavError::Status(404 | 410)) => return Err(FaultKind::Changed.into()),
                Err(error) => return Err(error.into()),
            }
        }
        let condition = tag.map(|tag| ("If-Match", tag));
        match self.client.put(path, upload, condition).await {
            Ok(headers) => Ok(version_of(&headers)),
            Err(DavError::Status(412)) => Err(FaultKind::Changed.into()),
            Err(error) => Err(error.into()),
        }
    }
}

fn version_of(headers: &HeaderMap) -> Version {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    Version {
        tag: text(header::ETAG).map(str::to_owned),
        modified: text(header::LAST_MODIFIED).and_then(|text| httpdate::parse_http_date(text).ok()),
        size: None,
    }
}

fn version_of_entry(entry: &multistatus::Entry) -> Version {
    // Some leave the quotes out here, and want them in `If-Match`.
    let quoted = |tag: &String| match tag.ends_with('"') {
        true => tag.clone(),
        false => format!("\"{tag}\""),
    };
    let tag = entry.etag.as_ref().map(quoted);
    Version { tag, modified: entry.modified, size: Some(entry.size) }
}

fn attributes(entry: &multistatus::Entry) -> Attributes {
    Attributes {
        kind: if entry.collection { Kind::Directory } else { Kind::File },
        size: if entry.collection { 0 } else { entry.size },
        modified: entry.modified.unwrap_or(SystemTime::UNIX_EPOCH),
        accessed: None,
        mode: None,
        read_only: false,
        id: None,
    }
}

/// Splits `bytes 0-9/100` into start, end (not included) and total.
fn content_range(text: &str) -> Option<(u64, u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let end = last.trim().parse::<u64>().ok()?.checked_add(1)?;
    Some((first.trim().parse().ok()?, end, total.trim().parse().ok()))
}

impl ObjectStore for DavStore {
    type Body = Arriving;

    async fn stat(&self, path: &RemotePath) -> Result<Object, Fault> {
        let entry = self.client.stat(&self.wire(path)).await?;
        Ok(Object { attributes: attributes(&entry), version: version_of_entry(&entry) })
    }

    async fn list(&self, path: &RemotePath) -> Result<Vec<Entry>, Fault> {
        let entries = self.client.list(&self.wire_directory(path)).await?;
        let entry = |mut entry: multistatus::Entry| {
            let attributes = attributes(&entry);
            Some(Entry { name: entry.path.pop()?, attributes })
        };
        Ok(entries.into_iter().filter_map(entry).collect())
    }

    async fn read(
        &self,
        path: &RemotePath,
        start: u64,
        end: Option<u64>,
    ) -> Result<Option<Reading<Arriving>>, Fault> {
        let range = match (start, end) {
            (0, None) => None,
            (start, Some(end)) => Some(format!("bytes={start}-{}", end.saturating_sub(1))),
            (start, None) => Some(format!("bytes={start}-")),
        };
        let answer = self.client.get(&self.wire(path), range.as_deref()).await?;
        let mut version = version_of(&answer.headers);
        let (start, end, total) = match answer.status {
            416 => {
                let _ = answer.body.finish().await;
                return Ok(None);
            }
            206 => {
                let range = answer.header(header::CONTENT_RANGE).and_then(content_range);
                let (from, end, total) =
                    range.filter(|(from, ..)| *from == start).ok_or_else(|| {
                        Fault::new(FaultKind::Nonsense, "another part than asked for")
                    })?;
                (from, Some(end), total)
            }
            _ => {
                let len = answer.header(header::CONTENT_LENGTH).and_then(|len| len.parse().ok());
                (0, len, len)
            }
        };
        version.size = total;
        Ok(Some(Reading { body: answer.body, start, end, total, version }))
    }

    async fn put(
        &self,
        path: &RemotePath,
        upload: &Upload,
        condition: &Condition,
    ) -> Result<Version, Fault> {
        let wire = self.wire(path);
        let mut version = match condition {
            Condition::None => {
                let stored = self.client.put(&wire, upload, None).await;
                stored.map(|headers| version_of(&headers)).map_err(Fault::from)
            }
            Condition::Missing => self.create(&wire, upload).await,
            Condition::Unchanged(version) => self.replace(&wire, upload, version).await,
        };
        if let Ok(version) = &mut version {
            version.size = upload.len();
        }
        version.map_err(|fault| unstreamed(fault, upload))
    }

    async fn set_modified(&self, path: &RemotePath, time: SystemTime) -> Result<(), Fault> {
        let path = self.wire(path);
        let seconds = |time: SystemTime| {
            time.duration_since(SystemTime::UNIX_EPOCH).map(|since| since.as_secs()).ok()
        };
        loop {
            let way = self.times.load(Ordering::Relaxed);
            let Some(property) = TIMES.get(usize::from(way)) else {
                return Err(FaultKind::Unsupported.into());
            };
            let text = format!(
                r#"<?xml version="1.0" encoding="utf-8"?><D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>{}</D:prop></D:set></D:propertyupdate>"#,
                property(time)
            );
            match self.client.set_properties(&path, &text).await {
                // Some say yes and do nothing, so that Windows is content.
                Ok(()) => {
                    let entry = self.client.stat(&path).await?;
                    if entry.modified.and_then(seconds) == seconds(time) {
                        return Ok(());
                    }
                }
                Err(DavError::Status(401 | 404 | 410 | 423)) | Err(DavError::Broken(_)) => {
                    return Err(FaultKind::Unsupported.into());
                }
                Err(DavError::Status(_)) => {}
                Err(error) => return Err(error.into()),
            }
            let _ = self.times.compare_exchange(way, way + 1, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    async fn make_directory(&self, path: &RemotePath) -> Result<(), Fault> {
        match self.client.make_collection(&self.wire_directory(path)).await {
            Err(DavError::Status(405)) => Err(FaultKind::AlreadyExists.into()),
            result => Ok(result?),
        }
    }

    async fn remove_file(&self, path: &RemotePath) -> Result<(), Fault> {
        Ok(self.client.delete(&self.wire(path)).await?)
    }

    /// DELETE would take all that is in it, so it is looked at first.
    async fn remove_directory(&self, path: &RemotePath) -> Result<(), Fault> {
        let path = self.wire_directory(path);
        if !self.client.is_empty(&path).await? {
            return Err(FaultKind::NotEmpty.into());
        }
        Ok(self.client.delete(&path).await?)
    }

    async fn rename(
        &self,
        from: &RemotePath,
        to: &RemotePath,
        directory: bool,
        replace: bool,
    ) -> Result<(), Fault> {
        let (from, to) = match directory {
            true => (self.wire_directory(from), self.wire_directory(to)),
            false => (self.wire(from), self.wire(to)),
        };
        Ok(self.client.rename(&from, &to, replace).await?)
    }

    async fn space(&self) -> Result<Space, Fault> {
        let entry = self.client.quota(&self.wire_directory(&RemotePath::root())).await?;
        let free = entry.available.ok_or(FaultKind::Unsupported)?;
        Ok(Space { total: free.saturating_add(entry.used.unwrap_or(0)), free })
    }

    async fn ping(&self) -> Result<(), Fault> {
        self.client.stat(&self.wire_directory(&RemotePath::root())).await?;
        Ok(())
    }

    async fn reconnect(&self) -> Result<(), Fault> {
        self.client.disconnect();
        self.ping().await
    }
}

/// Tells an upload of unknown length that the server does not take from one that failed.
fn unstreamed(fault: Fault, upload: &Upload) -> Fault {
    // 411, 501, 400 and what else servers say to it; a whole upload tells what is really wrong.
    let unsure = matches!(fault.kind, FaultKind::Nonsense | FaultKind::Denied);
    if upload.len().is_none() && unsure {
        return Fault::new(FaultKind::Unsupported, fault.text);
    }
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        for (text, expected) in [
            ("bytes 0-9/100", Some((0, 10, Some(100)))),
            ("bytes 5-5/*", Some((5, 6, None))),
            ("bytes */100", None),
            ("bytes 0-18446744073709551615/1", None),
            ("items 0-1/2", None),
        ] {
            assert_eq!(content_range(text), expected, "{text}");
        }
    }
}
