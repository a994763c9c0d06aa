//! Editing the configuration: which file, and what is refused.

use std::path::{Path, PathBuf};

use mpr_core::WideString;
use mpr_host::{CNotifyee, CProvider, Module};
use mpr_platform::{Scope, SettingsError, SettingsFile};

use crate::app::App;
use crate::failure::Failure;

/// Whose configuration is edited.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub(crate) struct Whose {
    /// Edit the system's configuration; root's default
    #[arg(long, conflicts_with = "user")]
    system: bool,
    /// Edit the user's own configuration; everybody else's default
    #[arg(long)]
    user: bool,
}

impl Whose {
    /// Returns the scope that is meant.
    pub(crate) fn scope(self, app: &App) -> Scope {
        let roots = app.paths.user() == 0 || app.paths.is_other_root();
        if self.system || (roots && !self.user) { Scope::System } else { Scope::User }
    }

    /// Returns the file to edit.
    pub(crate) fn file(self, app: &App) -> Result<SettingsFile, Failure> {
        let scope = self.scope(app);
        if app.paths.is_privileged() {
            // Whoever may run it would choose what root loads.
            let text = "a set-uid or set-gid program changes no configuration";
            return Err(Failure::Configuration(text.into()));
        }
        let path = app.paths.config_of(scope).ok_or_else(|| {
            Failure::Configuration("there is no home for a configuration of your own".into())
        })?;
        Ok(SettingsFile::new(path, scope))
    }
}

/// Turns an edit that was not made into a failure.
pub(crate) fn refused(error: &SettingsError) -> Failure {
    match error {
        SettingsError::Io { .. } | SettingsError::Busy { .. } => Failure::Other(error.to_string()),
        _ => Failure::Configuration(error.to_string()),
    }
}

/// Makes a path absolute as the shell's user sees it; `%MPR_LIB%/x` stays as it is.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    if path.to_string_lossy().starts_with('%') {
        return Ok(path.to_owned());
    }
    std::path::absolute(path)
        .map_err(|error| Failure::Other(format!("{}: {error}", path.display())))
}

/// What a file is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Provider,
    Notifyee,
    Program,
}

/// Checks that a file would be loaded or run if it were registered (U28), and is what it is to be.
pub(crate) fn check(app: &App, scope: Scope, path: &Path, kind: Kind) -> Result<(), Failure> {
    let text = path.to_string_lossy();
    let path = match text.strip_prefix("%MPR_LIB%/") {
        Some(name) => app.paths.module_dir().join(name),
        // Other names in a path are for the settings to know.
        None if text.contains('%') => return Ok(()),
        None => path.to_owned(),
    };
    let trust = app.paths.trust(scope);
    let refused = |error: &dyn std::fmt::Display| {
        Failure::Configuration(format!("{error}; --force registers it anyway"))
    };
    if kind == Kind::Program {
        return trust.program(&path).map(drop).map_err(|error| refused(&error));
    }
    let file = trust.module(&path).map_err(|error| refused(&error))?;
    let functions = Module::load(&file).and_then(|module| match kind {
        Kind::Provider => {
            CProvider::new(WideString::default(), WideString::default(), &module).map(drop)
        }
        _ => CNotifyee::new(WideString::default(), &module).map(drop),
    });
    functions.map_err(|error| {
        let begins = |mark: &[u8]| std::fs::read(&path).is_ok_and(|bytes| bytes.starts_with(mark));
        if kind == Kind::Notifyee && begins(b"#!") {
            return Failure::Configuration(format!("{} is a program: --exec", path.display()));
        }
        refused(&error)
    })
}
