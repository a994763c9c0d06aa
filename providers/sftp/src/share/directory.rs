//! Listing directories.

use std::collections::VecDeque;
use std::sync::Arc;

use mpr_engine::{Entry, Fault};

use super::refuse;
use crate::sftp::{Fields, Packet, Pending, RawAttributes, Reply, Session, kind, status};

/// How many parts of a listing are asked for at once. A server answers them in order, and those
/// beyond the end cost it nothing.
const AT_ONCE: usize = 8;

/// Lists a directory without `.` and `..`.
pub(crate) async fn list(session: &Arc<Session>, path: &[u8]) -> Result<Vec<Entry>, Fault> {
    let fill = |packet: &mut Packet| {
        packet.text(path);
    };
    // Closed by being dropped: nobody has to wait for that.
    let directory = match session.ask(kind::OPENDIR, fill).await? {
        Reply::Handle(handle) => handle,
        other => return Err(refuse(other)),
    };
    let mut entries = Vec::new();
    let mut parts: VecDeque<Pending> = VecDeque::with_capacity(AT_ONCE);
    loop {
        while parts.len() < AT_ONCE {
            let fill = |packet: &mut Packet| {
                packet.text(directory.bytes());
            };
            parts.push_back(session.send(kind::READDIR, fill).await?);
        }
        let Some(part) = parts.pop_front() else { return Ok(entries) };
        match part.await? {
            Reply::Names { count, mut fields } => read(&mut entries, count, &mut fields)?,
            Reply::Status { code: status::EOF, .. } => return Ok(entries),
            other => return Err(refuse(other)),
        }
    }
}

fn read(entries: &mut Vec<Entry>, count: u32, fields: &mut Fields) -> Result<(), Fault> {
    for _ in 0..count {
        let (name, line) = (fields.text()?, fields.text()?);
        let raw = RawAttributes::read(fields)?;
        let odd = name.is_empty() || name.contains(&b'/') || name.contains(&0);
        if odd || &*name == b"." || &*name == b".." {
            continue;
        }
        entries.push(Entry { name: name.to_vec(), attributes: raw.attributes(&line) });
    }
    Ok(())
}
