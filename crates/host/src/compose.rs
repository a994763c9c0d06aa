//! Settings to router: every module behind a stand-in that loads it when it is first needed.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use mpr_core::{
    AddDetails, AddRequest, Availability, CancelDetails, ConnectFlags, ConnectionCaps,
    ConnectionPerformance, DialogCaps, EnumerationCaps, ExtendedError, InfoLevel, NetResource,
    Notice, Notifyee, OwnedNetResource, Provider, ProviderError, ResourceEnum, ResourceInformation,
    ResourceType, ResourceUsage, Router, Scope, UniversalName, Wide, WideString, WnError,
};
use mpr_exec::{ExecNotifyee, ExecReport};
use mpr_platform::{NotifyeeKind, Paths, ProfileFile, Settings, Trust};

use crate::module::{LoadError, Module};
use crate::notifyee::CNotifyee;
use crate::provider::CProvider;
use crate::surroundings::{Clock, HostSurroundings};

/// Most reports of exec notifyees that wait to be read.
const MOST_REPORTS: usize = 256;

/// The router of this machine and user, and what it was made of.
pub struct Host {
    router: Arc<Router>,
    settings: Settings,
    paths: Paths,
    providers: Vec<Arc<LazyProvider>>,
    notifyees: Vec<Arc<LazyNotifyee>>,
    reports: ExecReports,
}

impl Host {
    /// Reads the settings and composes the router; no module is loaded yet (U13).
    pub fn open(paths: Paths, clock: Clock) -> Self {
        let settings = Settings::load(&paths);
        let reports = ExecReports::default();
        let providers: Vec<_> = settings
            .providers
            .iter()
            .map(|entry| {
                Arc::new(LazyProvider {
                    name: entry.name.as_str().into(),
                    key: entry.key.as_str().into(),
                    path: entry.path.clone(),
                    trust: paths.trust(entry.origin.scope),
                    loaded: OnceLock::new(),
                })
            })
            .collect();
        let notifyees: Vec<_> = settings
            .notifyees
            .iter()
            .map(|entry| {
                Arc::new(LazyNotifyee {
                    name: entry.name.as_str().into(),
                    kind: entry.kind.clone(),
                    trust: paths.trust(entry.origin.scope),
                    reports: reports.clone(),
                    loaded: OnceLock::new(),
                })
            })
            .collect();
        let router = Router::new(
            providers.iter().map(|it| Arc::clone(it) as Arc<dyn Provider>).collect(),
            notifyees.iter().map(|it| Arc::clone(it) as Arc<dyn Notifyee>).collect(),
            Arc::new(ProfileFile::of(&paths)),
            Arc::new(HostSurroundings::new(clock)),
        );
        let router = Arc::new(router);
        Self { router, settings, paths, providers, notifyees, reports }
    }

    /// Returns the router.
    pub fn router(&self) -> &Arc<Router> {
        &self.router
    }

    /// Returns the settings, with what was left out of them and why.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the places that the settings came from.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// Returns the reports of exec notifyees.
    pub fn exec_reports(&self) -> &ExecReports {
        &self.reports
    }

    /// Loads every module that is not loaded yet, and says what became of it: providers first.
    pub fn check_modules(&self) -> Vec<ModuleStatus> {
        let providers = self.providers.iter().map(|it| ModuleStatus {
            name: it.name.to_string_lossy(),
            path: it.path.clone(),
            state: match it.get() {
                Err(error) => ModuleState::Failed(error.clone()),
                Ok(provider) => ModuleState::Provider(provider.availability()),
            },
        });
        let notifyees = self.notifyees.iter().map(|it| ModuleStatus {
            name: it.name.to_string_lossy(),
            path: it.kind.path().into(),
            state: match it.get() {
                Err(error) => ModuleState::Failed(error.clone()),
                Ok(LoadedNotifyee::Module(module)) => {
                    let (add, cancel) = module.exports();
                    ModuleState::Notifyee { add, cancel }
                }
                Ok(LoadedNotifyee::Exec(_)) => ModuleState::Notifyee { add: true, cancel: true },
            },
        });
        providers.chain(notifyees).collect()
    }
}

/// One module, as `check_modules` found it.
#[derive(Clone, Debug)]
pub struct ModuleStatus {
    /// The provider's or notifyee's name.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Whether it works.
    pub state: ModuleState,
}

/// Whether a module works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModuleState {
    /// A provider that was loaded, and whether it runs.
    Provider(Availability),
    /// A notifyee that was loaded, and which of the two functions it has.
    Notifyee {
        /// It has `AddConnectNotify`.
        add: bool,
        /// It has `CancelConnectNotify`.
        cancel: bool,
    },
    /// It is skipped.
    Failed(LoadError),
}

/// One run of an exec notifyee, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecNote {
    /// The name that the notifyee is registered under.
    pub notifyee: String,
    /// `None` before the attempt; after it, its status.
    pub status: Option<u32>,
    /// What the router got.
    pub answer: Option<u32>,
    /// Why it did not accept.
    pub reason: Option<String>,
    /// The end of what it printed, errors last.
    pub output: String,
}

/// What exec notifyees reported since somebody last asked.
#[derive(Clone, Debug, Default)]
pub struct ExecReports(Arc<Mutex<VecDeque<ExecNote>>>);

impl ExecReports {
    fn push(&self, report: &ExecReport) {
        let mut reports = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if reports.len() == MOST_REPORTS {
            reports.pop_front();
        }
        reports.push_back(ExecNote {
            notifyee: report.notifyee.clone(),
            status: report.status,
            answer: report.answer,
            reason: report.reason.clone(),
            output: format!("{}{}", report.stdout, report.stderr),
        });
    }

    /// Returns why a notifyee did not accept, the last time it was run.
    fn last_reason(&self, notifyee: &str) -> Option<String> {
        let reports = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reports.iter().rev().find(|note| note.notifyee == notifyee)?.reason.clone()
    }

    /// Takes all reports, oldest first.
    pub fn take(&self) -> Vec<ExecNote> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }
}

/// Fills a cell without a lock held while loading: a module's initialiser may call us back.
fn fill<T>(cell: &OnceLock<T>, load: impl FnOnce() -> T) -> &T {
    if let Some(loaded) = cell.get() {
        return loaded;
    }
    let loaded = load();
    // Two threads may both have loaded it, which loads it once; the first result stands.
    cell.get_or_init(|| loaded)
}

/// A provider whose module is loaded at its first call.
struct LazyProvider {
    name: WideString,
    key: WideString,
    path: PathBuf,
    trust: Trust,
    loaded: OnceLock<Result<CProvider, LoadError>>,
}

impl LazyProvider {
    fn get(&self) -> Result<&CProvider, &LoadError> {
        let load = || {
            let module = load_module(&self.path, &self.trust)?;
            CProvider::new(self.name.clone(), self.key.clone(), &module)
        };
        fill(&self.loaded, load).as_ref()
    }

    fn ask<T>(
        &self,
        call: impl FnOnce(&CProvider) -> Result<T, ProviderError>,
    ) -> Result<T, ProviderError> {
        call(self.get().map_err(|_| ProviderError::from(WnError::BAD_PROVIDER))?)
    }
}

fn load_module(path: &std::path::Path, trust: &Trust) -> Result<Arc<Module>, LoadError> {
    let refused = |why: mpr_platform::TrustError| LoadError::Refused {
        path: path.into(),
        why: why.to_string(),
    };
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
        self.get().map_or((Availability::LoadFailed, ConnectionCaps::NONE), Provider::standing)
    }

    fn net_type(&self) -> u32 {
        self.get().map_or(0, Provider::net_type)
    }

    fn driver_version(&self) -> u32 {
        self.get().map_or(0, Provider::driver_version)
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
struct LazyNotifyee {
    name: WideString,
    kind: NotifyeeKind,
    trust: Trust,
    reports: ExecReports,
    loaded: OnceLock<Result<LoadedNotifyee, LoadError>>,
}

enum LoadedNotifyee {
    Module(CNotifyee),
    Exec(ExecNotifyee),
}

impl LazyNotifyee {
    fn get(&self) -> Result<&LoadedNotifyee, &LoadError> {
        fill(&self.loaded, || self.load()).as_ref()
    }

    fn load(&self) -> Result<LoadedNotifyee, LoadError> {
        let (path, timeout) = match &self.kind {
            NotifyeeKind::Module(path) => {
                let module = load_module(path, &self.trust)?;
                return CNotifyee::new(self.name.clone(), &module).map(LoadedNotifyee::Module);
            }
            NotifyeeKind::Exec { path, timeout } => (path, *timeout),
        };
        let program = self
            .trust
            .program(path)
            .map_err(|why| LoadError::Refused { path: path.clone(), why: why.to_string() })?;
        let reports = self.reports.clone();
        let exec = ExecNotifyee::new(self.name.clone(), program)
            .with_listener(move |report| reports.push(report));
        Ok(LoadedNotifyee::Exec(match timeout {
            Some(timeout) => exec.with_timeout(timeout),
            None => exec,
        }))
    }

    fn inner(&self) -> Option<&dyn Notifyee> {
        match self.get().ok()? {
            LoadedNotifyee::Module(module) => Some(module),
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
        match self.get().ok()? {
            LoadedNotifyee::Module(_) => crate::last_error::take(),
            LoadedNotifyee::Exec(_) => {
                let text = self.reports.last_reason(&self.name.to_string_lossy())?;
                Some(ExtendedError { code: 0, text: text.into(), provider: self.name.clone() })
            }
        }
    }
}
