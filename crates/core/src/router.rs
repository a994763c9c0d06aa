//! The router: providers in order, notifyees, profile; one immutable snapshot.
//!
//! All operations take `&self` and run on the caller's thread. No lock is held while a provider or
//! notifyee is called, so that these may call the router back (U25, U26).

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU16, Ordering};

use crate::error::{DecidedBy, Error, ProviderError, WnError};
use crate::flags::ConnectionCaps;
use crate::name::LocalName;
use crate::notifyee::Notifyee;
use crate::profile::Profile;
use crate::provider::{Availability, Provider};
use crate::route::{self, Class, Refusals};
use crate::trace::{Actor, Note, Phase, Surroundings, Trace, TraceEvent};
use crate::wide::{Wide, WideString};

/// The multiple provider router.
pub struct Router {
    providers: Vec<Arc<dyn Provider>>,
    notifyees: Vec<Arc<dyn Notifyee>>,
    profile: Arc<dyn Profile>,
    surroundings: Arc<dyn Surroundings>,
    /// Whether there is a clock.
    measures: bool,
    guesses: Guesses,
}

impl Router {
    /// Makes a router. Providers are asked, and notifyees called, in the order given.
    pub fn new(
        providers: Vec<Arc<dyn Provider>>,
        notifyees: Vec<Arc<dyn Notifyee>>,
        profile: Arc<dyn Profile>,
        surroundings: Arc<dyn Surroundings>,
    ) -> Self {
        let measures = surroundings.now().is_some();
        Self { providers, notifyees, profile, surroundings, measures, guesses: Guesses::default() }
    }

    /// Returns the providers in provider order.
    pub fn providers(&self) -> &[Arc<dyn Provider>] {
        &self.providers
    }

    /// Returns the notifyees in the order of their PRE calls.
    pub fn notifyees(&self) -> &[Arc<dyn Notifyee>] {
        &self.notifyees
    }

    /// Returns the profile of remembered connections.
    pub fn profile(&self) -> &dyn Profile {
        &*self.profile
    }

    /// Returns the name of whoever decided a result, if it was not the router or the profile.
    pub fn decider(&self, by: DecidedBy) -> Option<Wide<'_>> {
        match by {
            DecidedBy::Provider(index) => self.providers.get(index).map(|it| it.name()),
            DecidedBy::Notifyee(index) => self.notifyees.get(index).map(|it| it.name()),
            DecidedBy::Router | DecidedBy::Profile => None,
        }
    }

    pub(crate) fn surroundings(&self) -> &Arc<dyn Surroundings> {
        &self.surroundings
    }

    /// Parses a local name as this platform allows.
    pub(crate) fn parse_local<'a>(&self, text: Wide<'a>) -> Result<LocalName<'a>, WnError> {
        LocalName::parse(text, self.surroundings.paths_are_local_names())
    }

    /// Finds a provider by one of its names (U37, P6).
    pub(crate) fn find_provider(&self, name: Wide<'_>) -> Result<usize, Error> {
        let registered = self.providers.iter().position(|provider| provider.is_named(name));
        let found = registered
            .or_else(|| self.providers.iter().position(|provider| provider.answers_to(name)));
        found.ok_or(Error::router(WnError::BAD_PROVIDER))
    }

    /// Finds the provider that `lpProvider` names; absent and empty mean "any".
    pub(crate) fn named_provider(&self, name: Option<Wide<'_>>) -> Result<Option<usize>, Error> {
        match name {
            Some(name) if !name.is_empty() => self.find_provider(name).map(Some),
            _ => Ok(None),
        }
    }

    /// Tells whether two remote names stand for one resource: as U43 says, or as a provider writes
    /// them, which knows its own spellings (`smb://server/share` and `\\server\share`; design §4).
    pub fn same_resource(&self, provider: usize, a: Wide<'_>, b: Wide<'_>) -> bool {
        /// `WNFMT_MULTILINE` and `WNFMT_CONNECTION`: all of it, as a connection is called.
        const WHOLE: u32 = 0x21;
        let written = |name| {
            let provider = self.providers.get(provider)?;
            provider.format_network_name(name, WHOLE, u32::MAX).ok()
        };
        let alike = |(a, b): (WideString, WideString)| a.as_wide().same_resource(b.as_wide());
        a.same_resource(b) || written(a).zip(written(b)).is_some_and(alike)
    }

    /// Checks that somebody able can be asked: `NO_NETWORK`, or `BUSY` while the only one starts
    /// (U36, P14).
    pub(crate) fn check_network(&self, able: Able) -> Result<(), Error> {
        let mut down = None;
        let mut count = 0;
        for candidate in self.candidates(able) {
            let Err(index) = candidate else { return Ok(()) };
            down = Some(index);
            count += 1;
        }
        let starts =
            |index: usize| matches!(self.providers[index].availability(), Availability::Pending(_));
        let starting = count == 1 && down.is_some_and(starts);
        Err(Error::router(if starting { WnError::BUSY } else { WnError::NO_NETWORK }))
    }

    /// Lists the places of those who are able, in order: `Err` for one that does not run.
    ///
    /// Who is known not to be able is no candidate, and has no part in the choice of the error
    /// (P14).
    pub(crate) fn candidates(&self, able: Able) -> impl Iterator<Item = Result<usize, usize>> {
        (0..self.providers.len()).filter_map(move |index| self.candidate(index, able))
    }

    fn candidate(&self, index: usize, able: Able) -> Option<Result<usize, usize>> {
        let provider = &*self.providers[index];
        let (availability, caps) = provider.standing();
        if route::cannot(availability, able(provider, caps)) {
            return None;
        }
        Some(if availability == Availability::Started { Ok(index) } else { Err(index) })
    }

    /// Checks that a named provider can be asked (U37).
    pub(crate) fn check_running(&self, index: usize) -> Result<(), Error> {
        let code = match self.providers[index].availability() {
            Availability::Started => return Ok(()),
            Availability::Pending(_) => WnError::BUSY,
            Availability::Down => WnError::NO_NETWORK,
            Availability::LoadFailed => WnError::BAD_PROVIDER,
        };
        Err(Error::provider(index, code.into()))
    }

    /// Finds the provider that connected a local name; the first to say so owns it.
    pub(crate) fn owner(&self, local: Wide<'_>, trace: &mut dyn Trace) -> Result<usize, Nobody> {
        self.find_owner(local, trace, |provider| provider.owns(local)).map(|(index, ())| index)
    }

    /// Asks in order until one answers that a local name is its own (`npapi.md` §5.3).
    ///
    /// Whoever owned it last is asked first, so that a provider that takes its time is not waited
    /// for because of a name that is another's (P13); but only its own word makes it the owner (P16).
    pub(crate) fn find_owner<T>(
        &self,
        local: Wide<'_>,
        trace: &mut dyn Trace,
        ask: impl Fn(&dyn Provider) -> Result<T, ProviderError>,
    ) -> Result<(usize, T), Nobody> {
        let mut nobody = Nobody::default();
        let names: Able = |_, caps| caps.contains(ConnectionCaps::GET_CONNECTIONS);
        let last = self.guesses.of(local).and_then(|index| self.candidate(index, names));
        let last = last.filter(Result::is_ok);
        let others = self.candidates(names).filter(|candidate| Some(*candidate) != last);
        for candidate in last.into_iter().chain(others) {
            let Ok(index) = candidate else {
                nobody.down = true;
                continue;
            };
            match self.ask(index, trace, Phase::GetConnection, Note::NotMine, &ask) {
                Ok(answer) => {
                    self.guesses.note(local, index);
                    return Ok((index, answer));
                }
                Err(error) if is_not_connected(error.code) => nobody.denied.add(index),
                Err(error) if error.code == WnError::NO_NETWORK => nobody.down = true,
                Err(error) => {
                    nobody.refusal.get_or_insert(Error::provider(index, error));
                }
            }
        }
        Err(nobody)
    }

    /// Asks those who are able in order until one does it; else the refusal that tells most (U32).
    pub(crate) fn first_to_take<T>(
        &self,
        able: Able,
        mut ask: impl FnMut(usize) -> Result<T, ProviderError>,
    ) -> Result<T, Error> {
        let mut refusals = Refusals::default();
        for candidate in self.candidates(able) {
            let Ok(index) = candidate else {
                refusals.add_down();
                continue;
            };
            match ask(index) {
                Ok(answer) => return Ok(answer),
                Err(error) if route::classify(error.code) == Class::Cancelled => {
                    return Err(Error::provider(index, error));
                }
                Err(error) => refusals.add(index, error),
            };
        }
        Err(refusals.verdict())
    }

    /// Tells the trace what became of a change of the profile.
    pub(crate) fn told_profile<T>(
        &self,
        trace: &mut dyn Trace,
        changed: Result<T, WnError>,
    ) -> Result<T, WnError> {
        let code = changed.as_ref().err().map_or(0, |code| code.code());
        let note = if code == 0 { Note::Written } else { Note::Stopped };
        self.profile_event(trace, code, note);
        changed
    }

    pub(crate) fn profile_event(&self, trace: &mut dyn Trace, code: u32, note: Note) {
        let (actor, phase) = (Actor::Profile, Phase::Profile);
        trace.event(&TraceEvent { actor, place: 0, phase, code, note, micros: None });
    }

    /// Notes who has just connected a local name.
    pub(crate) fn note_owner(&self, local: Wide<'_>, index: usize) {
        self.guesses.note(local, index);
    }

    /// Tells whether a local name is connected by a provider, or a device of this machine.
    pub(crate) fn in_use(&self, local: &LocalName<'_>, trace: &mut dyn Trace) -> bool {
        // The provider first: a look at a device whose server is gone may take its time, and the
        // provider knows such a one without.
        self.owner(local.as_wide(), trace).is_ok()
            || local.device().is_some_and(|device| self.surroundings.is_local_device(device))
    }

    /// Asks one provider, and tells the trace; `refused` is the note if it refuses.
    pub(crate) fn ask<T>(
        &self,
        index: usize,
        trace: &mut dyn Trace,
        phase: Phase,
        refused: Note,
        call: impl FnOnce(&dyn Provider) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        let provider = &*self.providers[index];
        let actor = Actor::Provider(provider.name());
        trace.asking(actor, phase);
        let (result, micros) = self.timed(|| call(provider));
        let code = result.as_ref().err().map_or(0, |error| error.code.code());
        let note = if code == 0 { Note::Done } else { refused };
        trace.event(&TraceEvent { actor, place: index, phase, code, note, micros });
        result
    }

    /// Runs a call and measures it, where there is a clock.
    pub(crate) fn timed<T>(&self, call: impl FnOnce() -> T) -> (T, Option<u64>) {
        if !self.measures {
            return (call(), None);
        }
        let start = self.surroundings.now();
        let value = call();
        let took = start.zip(self.surroundings.now()).map(|(start, end)| end.saturating_sub(start));
        (value, took)
    }
}

/// Who owned each drive letter last: its place and one more, 0 if nobody did.
///
/// A hint and nothing else, so that threads need not agree on it.
#[derive(Default)]
struct Guesses([AtomicU16; 26]);

impl Guesses {
    fn slot(&self, local: Wide<'_>) -> Option<&AtomicU16> {
        let &[letter @ 0x41..=0x5a, 0x3a] = local.units() else { return None };
        self.0.get(usize::from(letter - 0x41))
    }

    fn of(&self, local: Wide<'_>) -> Option<usize> {
        usize::from(self.slot(local)?.load(Ordering::Relaxed)).checked_sub(1)
    }

    fn note(&self, local: Wide<'_>, index: usize) {
        if let (Some(slot), Ok(known)) = (self.slot(local), u16::try_from(index + 1)) {
            slot.store(known, Ordering::Relaxed);
        }
    }
}

/// Tells whether a provider with these connection capabilities can do what is wanted.
pub(crate) type Able = fn(&dyn Provider, ConnectionCaps) -> bool;

/// What is known of a local name that nobody says is theirs.
#[derive(Default)]
pub(crate) struct Nobody {
    /// Somebody who might own it could not be asked.
    pub(crate) down: bool,
    /// The first odd answer.
    pub(crate) refusal: Option<Error>,
    /// Who said that it is not theirs.
    pub(crate) denied: Denied,
}

/// The providers that said of a local name that it is not theirs; without the heap (D3).
#[derive(Clone, Copy, Default)]
pub(crate) struct Denied(u128);

impl Denied {
    fn add(&mut self, index: usize) {
        self.0 |= 1u128.checked_shl(index as u32).unwrap_or(0);
    }

    pub(crate) fn contains(self, index: usize) -> bool {
        self.0 & 1u128.checked_shl(index as u32).unwrap_or(0) != 0
    }
}

/// Tells whether a code only says "not connected by me" (`npapi.md` §5.3, P17).
pub(crate) fn is_not_connected(code: WnError) -> bool {
    matches!(
        code,
        WnError::NOT_CONNECTED
            | WnError::NOT_SUPPORTED
            | WnError::BAD_DEVICE
            | WnError::BAD_NET_NAME
            | WnError::FILE_NOT_FOUND
            | WnError::UNEXP_NET_ERR
            | WnError::CALL_NOT_IMPLEMENTED
    )
}
