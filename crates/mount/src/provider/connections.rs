//! What is connected, by the mount table, and how it is, by the notes beside it.

use mpr_core::{
    DisplayType, OwnedNetResource, ProviderError, ResourceType, ResourceUsage, Scope, Wide, WnError,
};

use super::{MountProvider, refusal};
use crate::kernel::KernelNote;
use crate::network::{Network, Resource};
use crate::note::{Note, ProcessId, State};
use crate::place::{Place, Spot};
use crate::table::{MountEntry, MountTable};

impl<N: Network> MountProvider<N> {
    pub(super) fn table(&self) -> Result<MountTable, ProviderError> {
        let read = match N::KERNEL {
            Some(system) => {
                let notes = KernelNote::all(&self.settings.runtime);
                MountTable::with_kernel(N::SUBTYPE, system.types, &notes)
            }
            None => MountTable::read(N::SUBTYPE),
        };
        read.map_err(|error| {
            refusal::<N>(WnError::UNEXP_NET_ERR, &format!("the mount table: {error}"))
        })
    }

    /// Returns place and mount of a local name; `NOT_CONNECTED` if there is none of ours.
    pub(super) fn mounted(&self, local: Wide<'_>) -> Result<(Place, MountEntry), ProviderError> {
        let place = Place::local(&self.settings.runtime, local)?;
        let entry = self.table()?.at(&place.dir).cloned().ok_or(WnError::NOT_CONNECTED)?;
        Ok((place, entry))
    }

    /// Goes through the caller's own connections.
    pub(super) fn connections(&self) -> Result<Vec<(Spot, MountEntry)>, ProviderError> {
        let runtime = &self.settings.runtime;
        let own = |entry: &&MountEntry| entry.user.is_none_or(|user| user == runtime.uid());
        let table = self.table()?;
        let entries = table.iter().filter(own);
        Ok(entries
            .filter_map(|entry| Some((Spot::of(runtime, &entry.mountpoint)?, entry.clone())))
            .collect())
    }

    /// Returns the connections without local name to a resource.
    pub(super) fn deviceless(
        &self,
        remote: &N::Resource,
    ) -> Result<Vec<MountEntry>, ProviderError> {
        let same = |entry: &MountEntry| {
            N::Resource::parse(&entry.source).is_some_and(|source| source.same(remote))
        };
        let connections = self.connections()?.into_iter();
        Ok(connections
            .filter(|(spot, entry)| *spot == Spot::Deviceless && same(entry))
            .map(|(_, entry)| entry)
            .collect())
    }

    /// Returns the place of a connection without local name.
    pub(super) fn deviceless_place(&self, remote: &N::Resource) -> Place {
        let (server, share) = remote.place();
        Place::deviceless(&self.settings.runtime, &server, &share)
    }

    /// Returns the place of a connection that there is.
    pub(super) fn place_of(&self, spot: &Spot, entry: &MountEntry) -> Option<Place> {
        match spot.local_name() {
            Some(local) => Place::local(&self.settings.runtime, local.as_wide()).ok(),
            None => Some(self.deviceless_place(&N::Resource::parse(&entry.source)?)),
        }
    }

    /// Tells what is wrong with a mount, as far as its note says; it is never touched.
    pub(super) fn ailment(&self, spot: &Spot, entry: &MountEntry) -> Option<String> {
        let place = self.place_of(spot, entry)?;
        let note = Note::about(&self.settings.runtime, &place, entry);
        let note = note.filter(|_| entry.is_fuse())?;
        if ProcessId::of(note.process.pid) != Some(note.process) {
            return Some("down: the process that served it is gone".into());
        }
        let state = note.health.state;
        let said = || format!("{}: {}", state.word(), note.health.reason);
        (state != State::Up).then(said)
    }

    /// Lists the caller's connections; one that cannot be used says so in its comment.
    pub(super) fn connected(&self) -> Result<Vec<OwnedNetResource>, ProviderError> {
        let connections = self.connections()?.into_iter();
        Ok(connections
            .map(|(spot, entry)| OwnedNetResource {
                scope: Scope::CONNECTED,
                resource_type: ResourceType::DISK,
                display_type: DisplayType::SHARE,
                usage: ResourceUsage::CONNECTABLE,
                local: spot.local_name(),
                comment: self.ailment(&spot, &entry).map(Into::into),
                remote: Some(entry.source.into()),
                provider: Some(self.name.clone()),
            })
            .collect())
    }
}
