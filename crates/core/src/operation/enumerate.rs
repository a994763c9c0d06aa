//! Enumeration in every scope (`wnet.md` §8).

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::error::{Error, ProviderError, WnError};
use crate::flags::{DisplayType, EnumerationCaps, ResourceType, ResourceUsage, Scope};
use crate::provider::{ListEnum, Provider, ResourceEnum, Taken};
use crate::resource::{NetResource, OwnedNetResource};
use crate::route::{self, Class};
use crate::router::Router;
use crate::trace::{Note, Phase, Trace};
use crate::wide::Wide;

/// An enumeration in progress.
pub struct Enumeration {
    parts: Vec<Part>,
    scope: Scope,
    resource_type: ResourceType,
    at: usize,
    /// Whether any part could be opened, and the first significant refusal until then.
    opened: bool,
    refusal: Option<Error>,
}

/// Entries from one source; providers are opened when their turn comes.
enum Part {
    Waiting(usize, Arc<dyn Provider>),
    Open { provider: Option<(usize, Arc<dyn Provider>)>, entries: Box<dyn ResourceEnum> },
    Done,
}

/// A source with an entry at hand, and whose it is.
type PartAtHand<'a> = (Option<&'a (usize, Arc<dyn Provider>)>, &'a mut dyn ResourceEnum);

impl Router {
    /// Begins an enumeration.
    ///
    /// `container` counts for `GLOBALNET` only: absent, the providers themselves are listed.
    #[doc(alias = "WNetOpenEnum")]
    pub fn open_enum(
        &self,
        scope: Scope,
        resource_type: ResourceType,
        usage: ResourceUsage,
        container: Option<&NetResource<'_>>,
        trace: &mut dyn Trace,
    ) -> Result<Enumeration, Error> {
        let both = ResourceType::DISK | ResourceType::PRINT;
        if resource_type.without(both) != ResourceType::ANY {
            return Err(WnError::INVALID_PARAMETER.into());
        }
        if scope == Scope::CONNECTED && container.is_some() {
            return Err(WnError::INVALID_PARAMETER.into());
        }
        let parts = match scope {
            Scope::CONNECTED => {
                self.check_network(|_, _| true)?;
                // Not gated on WNNC_ENUM_LOCAL (P4): a provider that cannot says so.
                self.waiting_parts(|_| true)
            }
            Scope::CONTEXT => {
                self.check_network(|_, _| true)?;
                let root = list_part(alloc::vec![context_root()]);
                let context = |caps: EnumerationCaps| caps.contains(EnumerationCaps::CONTEXT);
                core::iter::once(root).chain(self.waiting_parts(context)).collect()
            }
            Scope::REMEMBERED => alloc::vec![list_part(self.remembered_entries(resource_type)?)],
            Scope::RECENT => Vec::new(),
            Scope::GLOBALNET => {
                if usage.without(ResourceUsage::ALL) != ResourceUsage::NONE {
                    return Err(WnError::INVALID_PARAMETER.into());
                }
                self.check_network(|_, _| true)?;
                let root = container.is_none_or(|it| {
                    let absent = |name: Option<Wide<'_>>| name.is_none_or(Wide::is_empty);
                    absent(it.remote) && absent(it.provider)
                });
                match container.filter(|_| !root) {
                    None => alloc::vec![list_part(self.provider_roots())],
                    Some(it) => {
                        alloc::vec![self.open_container(it, resource_type, usage, trace)?]
                    }
                }
            }
            _ => return Err(WnError::INVALID_PARAMETER.into()),
        };
        Ok(Enumeration { parts, scope, resource_type, at: 0, opened: false, refusal: None })
    }

    fn waiting_parts(&self, takes: impl Fn(EnumerationCaps) -> bool) -> Vec<Part> {
        let numbered = self.providers().iter().enumerate();
        numbered
            .filter(|(_, it)| route::runs(&***it) && takes(it.enumeration_caps()))
            .map(|(index, it)| Part::Waiting(index, Arc::clone(it)))
            .collect()
    }

    fn remembered_entries(
        &self,
        resource_type: ResourceType,
    ) -> Result<Vec<OwnedNetResource>, Error> {
        let wanted = |kind: ResourceType| {
            resource_type == ResourceType::ANY || resource_type.intersects(kind)
        };
        let entries = self.remembered()?.into_iter().filter(|it| wanted(it.connection_type));
        let entries = entries.map(|it| OwnedNetResource {
            scope: Scope::REMEMBERED,
            resource_type: it.connection_type,
            display_type: DisplayType::SHARE,
            usage: ResourceUsage::CONNECTABLE,
            local: Some(it.local),
            remote: Some(it.remote),
            comment: None,
            provider: Some(it.provider),
        });
        Ok(entries.collect())
    }

    /// One entry per provider that can browse its network (U50).
    fn provider_roots(&self) -> Vec<OwnedNetResource> {
        let global = |it: &&Arc<dyn Provider>| {
            route::runs(&***it) && it.enumeration_caps().contains(EnumerationCaps::GLOBAL)
        };
        let root = |it: &Arc<dyn Provider>| OwnedNetResource {
            scope: Scope::GLOBALNET,
            resource_type: ResourceType::ANY,
            display_type: DisplayType::NETWORK,
            usage: ResourceUsage::CONTAINER | ResourceUsage::RESERVED,
            local: None,
            remote: Some(it.name().into()),
            comment: None,
            provider: Some(it.name().into()),
        };
        self.providers().iter().filter(global).map(root).collect()
    }

    /// Opens a container: its own provider's, or whoever takes it.
    fn open_container(
        &self,
        container: &NetResource<'_>,
        resource_type: ResourceType,
        usage: ResourceUsage,
        trace: &mut dyn Trace,
    ) -> Result<Part, Error> {
        let said = container.usage;
        if said != ResourceUsage::NONE && !said.contains(ResourceUsage::CONTAINER) {
            return Err(WnError::NOT_CONTAINER.into());
        }
        let named = match self.named_provider(container.provider)? {
            Some(index) => Some(index),
            // A provider's root entry, with its lpProvider lost on the way.
            None => container.remote.and_then(|name| self.find_provider(name).ok()),
        };
        let mut open = |router: &Self, index: usize| {
            let provider = &router.providers()[index];
            if !provider.enumeration_caps().contains(EnumerationCaps::GLOBAL) {
                return Err(ProviderError::from(WnError::NOT_SUPPORTED));
            }
            let entries = router.ask(index, trace, Phase::Query, Note::NotMine, |it| {
                it.open_enum(Scope::GLOBALNET, resource_type, usage, Some(container))
            })?;
            Ok(Part::Open { provider: Some((index, Arc::clone(provider))), entries })
        };
        if let Some(index) = named {
            self.check_running(index)?;
            return open(self, index).map_err(|error| Error::provider(index, error));
        }
        self.first_to_take(
            |it, _| it.enumeration_caps().contains(EnumerationCaps::GLOBAL),
            |index| open(self, index),
        )
    }
}

impl Enumeration {
    /// Returns the entry at hand and the place of its provider, or `None` at the end.
    ///
    /// Where several providers are listed, one that fails ends its own part; only if none could be
    /// opened at all is the first significant refusal the answer.
    #[doc(alias = "WNetEnumResource")]
    pub fn peek(&mut self) -> Result<Option<(NetResource<'_>, Option<usize>)>, Error> {
        let Some((provider, entries)) = self.part_at_hand()? else { return Ok(None) };
        let index = provider.map(|(index, _)| *index);
        let Ok(Some(mut entry)) = entries.peek() else { return Ok(None) };
        if entry.provider.is_none_or(Wide::is_empty) {
            entry.provider = provider.map(|(_, provider)| provider.name());
        }
        Ok(Some((entry, index)))
    }

    /// Shows entries one after the other, until `take` has enough or none is left; otherwise as
    /// [`peek`](Self::peek) and [`advance`](Self::advance).
    pub fn each(&mut self, take: &mut dyn FnMut(&NetResource<'_>) -> Taken) -> Result<(), Error> {
        let mut last = Taken::More;
        while let Some((provider, entries)) = self.part_at_hand()? {
            let ended = entries.each(&mut |entry| {
                last = if entry.provider.is_none_or(Wide::is_empty) {
                    let provider = provider.map(|(_, provider)| provider.name());
                    take(&NetResource { provider, ..*entry })
                } else {
                    take(entry)
                };
                last
            });
            if last != Taken::More {
                break;
            }
            let index = provider.map_or(0, |(index, _)| *index);
            self.end_part(ended.map_err(|error| Error::provider(index, error)))?;
        }
        Ok(())
    }

    /// Returns the source of the entry at hand, or `None` at the end.
    fn part_at_hand(&mut self) -> Result<Option<PartAtHand<'_>>, Error> {
        while self.at < self.parts.len() {
            self.open_part();
            let answer = match &mut self.parts[self.at] {
                Part::Open { provider, entries } => match entries.has_entry() {
                    Ok(true) => break,
                    Ok(false) => Ok(()),
                    Err(error) => {
                        let index = provider.as_ref().map_or(0, |(index, _)| *index);
                        Err(Error::provider(index, error))
                    }
                },
                Part::Waiting(..) | Part::Done => Ok(()),
            };
            self.end_part(answer)?;
        }
        if let Some(Part::Open { provider, entries }) = self.parts.get_mut(self.at) {
            return Ok(Some((provider.as_ref(), &mut **entries)));
        }
        match self.refusal.take() {
            Some(refusal) if !self.opened => Err(refusal),
            _ => Ok(None),
        }
    }

    /// Goes on to the next source.
    ///
    /// One provider's own listing must not look like all of it when it is half.
    fn end_part(&mut self, answer: Result<(), Error>) -> Result<(), Error> {
        self.parts[self.at] = Part::Done;
        self.at += 1;
        if self.scope == Scope::GLOBALNET { answer } else { Ok(()) }
    }

    /// Goes on to the next entry.
    pub fn advance(&mut self) {
        if let Some(Part::Open { entries, .. }) = self.parts.get_mut(self.at) {
            entries.advance();
        }
    }

    /// Closes every provider's part; the first error counts.
    #[doc(alias = "WNetCloseEnum")]
    pub fn close(mut self) -> Result<(), Error> {
        let mut first = Ok(());
        for part in &mut self.parts {
            let Part::Open { provider, entries } = part else { continue };
            let index = provider.as_ref().map_or(0, |(index, _)| *index);
            if let (Err(error), Ok(())) = (entries.close(), &first) {
                first = Err(Error::provider(index, error));
            }
        }
        first
    }

    fn open_part(&mut self) {
        let part = &mut self.parts[self.at];
        let Part::Waiting(index, provider) = part else {
            self.opened |= matches!(part, Part::Open { .. });
            return;
        };
        match provider.open_enum(self.scope, self.resource_type, ResourceUsage::NONE, None) {
            Ok(entries) => {
                let provider = Some((*index, Arc::clone(provider)));
                *part = Part::Open { provider, entries };
                self.opened = true;
            }
            Err(error) => {
                if route::classify(error.code) != Class::NotMine {
                    self.refusal.get_or_insert(Error::provider(*index, error));
                }
                *part = Part::Done;
            }
        }
    }
}

fn list_part(entries: Vec<OwnedNetResource>) -> Part {
    Part::Open { provider: None, entries: Box::new(ListEnum::from(entries)) }
}

/// The first entry of a context enumeration: everything (U51).
fn context_root() -> OwnedNetResource {
    OwnedNetResource {
        scope: Scope::GLOBALNET,
        resource_type: ResourceType::ANY,
        display_type: DisplayType::ROOT,
        usage: ResourceUsage::CONTAINER,
        comment: Some("Entire Network".into()),
        ..OwnedNetResource::default()
    }
}
