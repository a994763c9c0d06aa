//! Settings to router: every module behind a stand-in that loads it when it is first needed.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use mpr_core::{Availability, Notifyee, Provider, Router};
use mpr_platform::{Paths, ProfileFile, Settings};

use crate::lazy::{LazyNotifyee, LazyProvider, LoadedNotifyee};
use crate::module::LoadError;
use crate::reports::ExecReports;
use crate::surroundings::{Clock, HostSurroundings};

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
        for problem in &settings.problems {
            crate::module::note(problem);
        }
        // Who reads no clock reads no reports.
        let reports = match clock {
            Clock::Exact => ExecReports::kept(),
            Clock::None => ExecReports::default(),
        };
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
                    running: AtomicU64::new(0),
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
                    #[cfg(unix)]
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
            complaint: it.get().ok().and_then(|it| it.complaint()).map(|it| it.text.to_string()),
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
                #[cfg(unix)]
                Ok(LoadedNotifyee::Exec(_)) => ModuleState::Notifyee { add: true, cancel: true },
            },
            complaint: None,
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
    /// What keeps it from working all the same, as it says itself.
    pub complaint: Option<String>,
}

impl ModuleStatus {
    /// Tells whether anything can be done with it.
    pub fn works(&self) -> bool {
        !matches!(self.state, ModuleState::Failed(_)) && self.complaint.is_none()
    }
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
