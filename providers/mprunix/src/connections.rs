//! What is connected in this prefix, by the mount table and the notes beside the mounts.

use std::time::Duration;

use mpr_core::{
    DisplayType, OwnedNetResource, ProviderError, ResourceType, ResourceUsage, Scope, Wide,
    WideString, WnError,
};
use mpr_wine::{Mount, Note, Spot, mounts};

use crate::letters;
use crate::prefix::{Prefix, table};
use crate::provider::NAME;
use crate::system::{Mutex, read_unix};

/// One connection.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) spot: Spot,
    mount: Mount,
}

impl Connection {
    /// Returns all connections of a prefix; of several at one place, the one that is seen there.
    pub(crate) fn all(prefix: &Prefix) -> Result<Vec<Self>, ProviderError> {
        let table = table().map_err(|_| WnError::UNEXP_NET_ERR)?;
        let mut found: Vec<Self> = Vec::new();
        for mount in mounts(&table).filter(|mount| prefix.owns(mount)) {
            let Some(spot) = prefix.id.spot(&mount.mountpoint) else { continue };
            found.retain(|other| other.spot != spot);
            found.push(Self { spot, mount });
        }
        Ok(found)
    }

    /// Returns the connection of a letter; `NOT_CONNECTED` if there is none of ours.
    pub(crate) fn of_letter(prefix: &Prefix, letter: u8) -> Result<Self, ProviderError> {
        let is_it = |it: &Self| it.spot == Spot::Letter(letter);
        let found = Self::all(prefix)?.into_iter().find(is_it);
        found.ok_or_else(|| {
            clear(prefix, letter);
            WnError::NOT_CONNECTED.into()
        })
    }

    /// Returns what is known of it beside its mount.
    pub(crate) fn note(&self) -> Note {
        let text = read_unix(&format!("{}.note", self.mount.mountpoint)).unwrap_or_default();
        let note = Note::parse(&String::from_utf8_lossy(&text));
        if note.source == self.mount.source { note } else { Note::default() }
    }

    /// Returns the remote name.
    pub(crate) fn remote(&self) -> &str {
        &self.mount.source
    }

    /// Returns the remote name as Windows spells it.
    pub(crate) fn unc(&self) -> Option<String> {
        if self.mount.source.starts_with(r"\\") {
            return Some(self.mount.source.clone());
        }
        Some(self.note().unc).filter(|unc| !unc.is_empty())
    }

    /// Tells whether this is one of its names.
    pub(crate) fn is_named(&self, name: Wide<'_>) -> bool {
        let note = self.note();
        let names = [self.mount.source.as_str(), &note.remote, &note.unc];
        names.into_iter().any(|it| WideString::from(it).as_wide().same_resource(name))
    }

    /// Describes it.
    pub(crate) fn entry(&self) -> OwnedNetResource {
        let local = self.spot.letter().map(|letter| format!("{}:", char::from(letter)).into());
        OwnedNetResource {
            scope: Scope::CONNECTED,
            resource_type: ResourceType::DISK,
            display_type: DisplayType::SHARE,
            usage: ResourceUsage::CONNECTABLE,
            local,
            remote: Some(self.remote().into()),
            provider: Some(NAME.into()),
            comment: None,
        }
    }
}

/// Tells whether a letter stands for nothing; one of ours whose mount has gone is taken away first.
pub(crate) fn is_free(prefix: &Prefix, letter: u8) -> bool {
    letters::directory(letter).is_none()
        || (Connection::of_letter(prefix, letter).is_err() && letters::directory(letter).is_none())
}

/// The lock of a letter in its prefix.
pub(crate) fn hold(letter: u8, limit: Duration) -> Option<Mutex> {
    Mutex::take(&format!("OpenMPR {}:", char::from(letter)), limit)
}

/// Takes away a letter of ours whose mount has gone: it stands for an empty or missing directory,
/// and would keep the letter for ever.
fn clear(prefix: &Prefix, letter: u8) {
    let ours = |it: &String| prefix.id.spot(it) == Some(Spot::Letter(letter));
    if letters::directory(letter).filter(ours).is_none() {
        return;
    }
    // Whoever has the lock is connecting or disconnecting it.
    let Some(_held) = hold(letter, Duration::ZERO) else { return };
    let all = Connection::all(prefix).unwrap_or_default();
    if !all.iter().any(|it| it.spot == Spot::Letter(letter)) {
        let _ = letters::unmap(letter);
    }
}
