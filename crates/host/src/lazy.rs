//! Stand-ins for modules, which load them when they are first needed (U13).

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use mpr_core::{
    AddDetails, AddRequest, Availability, CancelDetails, ConnectFlags, ConnectionCaps,
    ConnectionPerformance, DialogCaps, EnumerationCaps, ExtendedError, InfoLevel, NetResource,
    Notice, Notifyee, OwnedNetResource, Provider, ProviderError, ResourceEnum, ResourceInformation,
    ResourceType, ResourceUsage, Scope, UniversalName, Wide, WideString, WnError,
};
#[cfg(unix)]
use mpr_exec::ExecNotifyee;
use mpr_platform::{NotifyeeKind, Trust, TrustError};

use crate::last_error;
use crate::module::{self, LoadError, Module};
use crate::notifyee::CNotifyee;
use crate::provider::CProvider;
#[cfg(unix)]
use crate::reports::ExecReports;

/// Fills a cell without a lock held while loading: a module's initialiser may call us back.
///
/// Once in the life of a module, so kept out of the way of every call.
#[cold]
#[inline(never)]
fn fill<T>(
    cell: &OnceLock<Result<T, LoadError>>,
    load: impl FnOnce() -> Result<T, LoadError>,
) -> Result<&T, &LoadError> {
    let loaded = load();
    if let Err(error) = &loaded {
        module::note(error);
    }
    // Two threads may both have loaded it, which loads it once; the first result stands.
    cell.get_or_init(|| loaded).as_ref()
}

/// Set beside the capabilities of a provider that runs.
const RUNNING: u64 = 1 << 32;

/// A provider whose module is loaded at its first call.
pub(crate) struct LazyProvider {
    pub(crate) name: WideString,
    pub(crate) key: WideString,
    pub(crate) path: PathBuf,
    pub(crate) trust: Trust,
    pub(crate) loaded: OnceLock<Result<CProvider, LoadError>>,
    /// Its connection capabilities, once it runs: what every operation asks first.
    pub(crate) running: AtomicU64,
}

impl LazyProvider {
    #[inline]
    pub(crate) fn get(&self) -> Result<&CProvider, &LoadError> {
        if let Some(loaded) = self.loaded.get() {
            return loaded.as_ref();
        }
        let load = || {
            let module = load_module(&self.path, &self.trust)?;
            CProvider::new(self.name.clone(), self.key.clone(), &module)
        };
        fill(&self.loaded, load)
    }

    fn ask<T>(
        &self,
        call: impl FnOnce(&CProvider) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        call(self.get().map_err(|_| ProviderError::from(WnError::BAD_PROVIDER))?)
    }
}

fn load_module(path: &Path, trust: &Trust) -> Result<Arc<Module>, LoadError> {
    let refused = |why: TrustError| LoadError::Refused { path: path.into(), why: why.to_string() };
    Module::load(&trust.module(path).map_err(refused)?)
}

impl Provider for LazyProvider {
    fn name(&self) -> Wide<'_> {
        self.name.as_wide()
    }

    fn is_named(&self, name: Wide<'_>) -> bool {
        // Nothing is loaded for a name that is in the settings.
        let known = |own: &WideString| own.as_wide().eq_ignore_case(name);
        known(&self.name) || known(&self.key)
    }

    fn answers_to(&self, name: Wide<'_>) -> bool {
        self.is_named(name)
            || matches!(self.loaded.get(), Some(Ok(provider)) if provider.answers_to(name))
    }

    fn availability(&self) -> Availability {
        self.get().map_or(Availability::LoadFailed, Provider::availability)
    }

    fn standing(&self) -> (Availability, ConnectionCaps) {
        let known = self.running.load(Ordering::Relaxed);
        if known & RUNNING != 0 {
            return (Availability::Started, ConnectionCaps(known as u32));
        }
        let Ok(provider) = self.get() else {
            return (Availability::LoadFailed, ConnectionCaps::NONE);
        };
        let (availability, caps) = provider.standing();
        if availability == Availability::Started {
            self.running.store(RUNNING | u64::from(caps.0), Ordering::Relaxed);
        }
        (availability, caps)
    }

    fn net_type(&self) -> u32 {
        self.get().map_or(0, Provider::net_type)
    }

    fn driver_version(&self) -> u32 {
        self.get().map_or(0, Provider::driver_version)
    }

    fn instance(&self) -> usize {
        self.get().map_or(0, Provider::instance)
    }

    fn connection_caps(&self) -> ConnectionCaps {
        self.get().map_or(ConnectionCaps::NONE, Provider::connection_caps)
    }

    fn enumeration_caps(&self) -> EnumerationCaps {
        self.get().map_or(EnumerationCaps::NONE, Provider::enumeration_caps)
    }

    fn dialog_caps(&self) -> DialogCaps {
        self.get().map_or(DialogCaps::NONE, Provider::dialog_caps)
    }

    fn knows_users(&self) -> bool {
        self.get().is_ok_and(Provider::knows_users)
    }

    fn connection_flags(&self) -> ConnectFlags {
        self.get().map_or(ConnectFlags::NONE, Provider::connection_flags)
    }

    fn add_connection(&self, request: &AddRequest<'_>) -> Result<(), ProviderError> {
        self.ask(|it| it.add_connection(request))
    }

    fn cancel_connection(
        &self,
        name: Wide<'_>,
        force: bool,
        flags: ConnectFlags,
    ) -> Result<(), ProviderError> {
        self.ask(|it| it.cancel_connection(name, force, flags))
    }

    fn connection(&self, local: Wide<'_>) -> Result<WideString, ProviderError> {
        self.ask(|it| it.connection(local))
    }

    fn owns(&self, local: Wide<'_>) -> Result<(), ProviderError> {
        self.ask(|it| it.owns(local))
    }

    fn universal_name(
        &self,
        path: Wide<'_>,
        level: InfoLevel,
    ) -> Result<UniversalName, ProviderError> {
        self.ask(|it| it.universal_name(path, level))
    }

    fn user(&self, name: Option<Wide<'_>>) -> Result<WideString, ProviderError> {
        self.ask(|it| it.user(name))
    }

    fn performance(&self, remote: Wide<'_>) -> Result<ConnectionPerformance, ProviderError> {
        self.ask(|it| it.performance(remote))
    }

    fn open_enum(
        &self,
        scope: Scope,
        resource_type: ResourceType,
        usage: ResourceUsage,
        container: Option<&NetResource<'_>>,
    ) -> Result<Box<dyn ResourceEnum>, ProviderError> {
        self.ask(|it| it.open_enum(scope, resource_type, usage, container))
    }

    fn resource_information(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<ResourceInformation, ProviderError> {
        self.ask(|it| it.resource_information(resource))
    }

    fn resource_parent(
        &self,
        resource: &NetResource<'_>,
    ) -> Result<OwnedNetResource, ProviderError> {
        self.ask(|it| it.resource_parent(resource))
    }

    fn format_network_name(
        &self,
        remote: Wide<'_>,
        flags: u32,
        characters_per_line: u32,
    ) -> Result<WideString, ProviderError> {
        self.ask(|it| it.format_network_name(remote, flags, characters_per_line))
    }

    fn persistent_use_options(
        &self,
        remote: Wide<'_>,
        options: &[u8],
    ) -> Result<Vec<u8>, ProviderError> {
        self.ask(|it| it.persistent_use_options(remote, options))
    }
}

/// A notifyee whose module is loaded at the first connect or disconnect of the process.
pub(crate) struct LazyNotifyee {
    pub(crate) name: WideString,
    pub(crate) kind: NotifyeeKind,
    pub(crate) trust: Trust,
    #[cfg(unix)]
    pub(crate) reports: ExecReports,
    pub(crate) loaded: OnceLock<Result<LoadedNotifyee, LoadError>>,
}

pub(crate) enum LoadedNotifyee {
    Module(CNotifyee),
    #[cfg(unix)]
    Exec(ExecNotifyee),
}

impl LazyNotifyee {
    #[inline]
    pub(crate) fn get(&self) -> Result<&LoadedNotifyee, &LoadError> {
        if let Some(loaded) = self.loaded.get() {
            return loaded.as_ref();
        }
        fill(&self.loaded, || self.load())
    }

    fn load(&self) -> Result<LoadedNotifyee, LoadError> {
        match &self.kind {
            NotifyeeKind::Module(path) => {
                let module = load_module(path, &self.trust)?;
                CNotifyee::new(self.name.clone(), &module).map(LoadedNotifyee::Module)
            }
            NotifyeeKind::Exec { path, timeout } => self.load_program(path, *timeout),
        }
    }

    /// The settings of other systems have no programs.
    #[cfg(not(unix))]
    fn load_program(
        &self,
        path: &Path,
        _timeout: Option<Duration>,
    ) -> Result<LoadedNotifyee, LoadError> {
        let why = "programs as notifyees are for Unix".into();
        Err(LoadError::Refused { path: path.into(), why })
    }

    #[cfg(unix)]
    fn load_program(
        &self,
        path: &Path,
        timeout: Option<Duration>,
    ) -> Result<LoadedNotifyee, LoadError> {
        let program = self
            .trust
            .program(path)
            .map_err(|why| LoadError::Refused { path: path.into(), why: why.to_string() })?;
        let reports = self.reports.clone();
        let exec = ExecNotifyee::new(self.name.clone(), program).with_listener(move |report| {
            // On the thread of the operation: the text of its answer, like a module's.
            last_error::take();
            if let Some(reason) = &report.reason {
                let (text, provider) = (reason.as_str().into(), report.notifyee.as_str().into());
                last_error::keep(ExtendedError { code: 0, text, provider });
            }
            reports.push(report);
        });
        Ok(LoadedNotifyee::Exec(match timeout {
            Some(timeout) => exec.with_timeout(timeout),
            None => exec,
        }))
    }

    fn inner(&self) -> Option<&dyn Notifyee> {
        match self.get().ok()? {
            LoadedNotifyee::Module(module) => Some(module),
            #[cfg(unix)]
            LoadedNotifyee::Exec(exec) => Some(exec),
        }
    }
}

impl Notifyee for LazyNotifyee {
    fn name(&self) -> Wide<'_> {
        self.name.as_wide()
    }

    fn add_connection(&self, notice: &mut Notice, details: &AddDetails<'_>) -> Option<u32> {
        self.inner()?.add_connection(notice, details)
    }

    fn cancel_connection(&self, notice: &mut Notice, details: &CancelDetails<'_>) -> Option<u32> {
        self.inner()?.cancel_connection(notice, details)
    }

    fn reason(&self) -> Option<ExtendedError> {
        last_error::take()
    }
}
