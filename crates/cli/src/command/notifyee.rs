//! `mpr notifyee`: who is told of connections.

use std::path::PathBuf;
use std::time::Duration;

use clap::Subcommand;
use mpr_core::Availability;
use mpr_host::{ModuleState, ModuleStatus};
use mpr_platform::{NotifyeeKind, Origin};
use serde_json::{Value, json};

use crate::app::{App, Outcome, time};
use crate::failure::{FAILED, Failure};
use crate::names::{availability_word, path_json};
use crate::settings::{Kind, Whose, absolute, check, refused};
use crate::table::{Table, clean};

/// List, register and check notifyees
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the notifyees in the order in which they are told
    List,
    /// Register a module, or a program with --exec
    Add(Add),
    /// Take a notifyee out of the configuration
    Remove {
        /// The name it is registered under
        name: String,
        #[command(flatten)]
        whose: Whose,
    },
    /// Load notifyees and say what they export, or why they are skipped
    Check {
        /// The notifyees to check; all if none is given
        names: Vec<String>,
    },
}

#[derive(clap::Args, Debug)]
struct Add {
    /// The name to register it under; notifyees are called in the order of their names
    name: String,
    /// The module or program; %MPR_LIB% stands for /usr/lib/mpr
    path: PathBuf,
    /// It is a program that is run for each event
    #[arg(long)]
    exec: bool,
    /// How long the program may take
    #[arg(long = "limit", value_name = "TIME", value_parser = time, requires = "exec")]
    limit: Option<Duration>,
    /// Register it although it would be refused now
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    whose: Whose,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: Args) -> Outcome {
    match args.action {
        Action::List => list(app),
        Action::Add(add) => add.run(app),
        Action::Remove { name, whose } => {
            let file = whose.file(app)?;
            let removed = file.remove_notifyee(&name).map_err(|error| refused(&error))?;
            removed_from(app, removed, "notifyee", &name, file.path())
        }
        Action::Check { names } => {
            let settings = app.host().settings();
            let known: Vec<_> = settings.notifyees.iter().map(|it| vec![it.name.clone()]).collect();
            check_modules(app, &names, settings.providers.len(), &known)
        }
    }
}

/// Returns the word for what a notifyee is.
pub(crate) const fn kind_word(kind: &NotifyeeKind) -> &'static str {
    match kind {
        NotifyeeKind::Module(_) => "module",
        NotifyeeKind::Exec { .. } => "program",
    }
}

/// Writes where a setting is.
pub(crate) fn place(origin: &Origin) -> String {
    format!("{}:{}", origin.file.display(), origin.line)
}

fn list(app: &App) -> Outcome {
    let entries = &app.host().settings().notifyees;
    let json = || {
        let entry = |it: &mpr_platform::NotifyeeEntry| {
            json!({
                "name": it.name,
                "kind": kind_word(&it.kind),
                "path": path_json(it.kind.path()),
                "file": path_json(&it.origin.file),
                "line": it.origin.line,
            })
        };
        json!({ "ok": true, "notifyees": entries.iter().map(entry).collect::<Value>() })
    };
    app.show(json, || {
        if entries.is_empty() {
            return "no notifyee is registered\n".into();
        }
        let mut table = Table::new(["Name", "Kind", "File", "Registered in"]);
        for entry in entries {
            table.row([
                entry.name.clone(),
                kind_word(&entry.kind).into(),
                entry.kind.path().display().to_string(),
                place(&entry.origin),
            ]);
        }
        table.text()
    });
    Ok(0)
}

impl Add {
    fn run(self, app: &App) -> Outcome {
        let file = self.whose.file(app)?;
        let path = absolute(&self.path)?;
        if !self.force {
            let kind = if self.exec { Kind::Program } else { Kind::Notifyee };
            check(app, self.whose.scope(app), &path, kind)?;
        }
        let kind = if self.exec {
            NotifyeeKind::Exec { path, timeout: self.limit }
        } else {
            NotifyeeKind::Module(path)
        };
        file.add_notifyee(&self.name, &kind).map_err(|error| refused(&error))?;
        let place = file.path();
        app.confirm(
            || json!({ "ok": true, "name": self.name, "file": path_json(place) }),
            || format!("notifyee {} is registered in {}\n", clean(&self.name), place.display()),
        );
        Ok(0)
    }
}

/// Reports a removal, or that there was nothing to remove.
pub(crate) fn removed_from(
    app: &App,
    removed: bool,
    what: &str,
    name: &str,
    file: &std::path::Path,
) -> Outcome {
    if !removed {
        let text = format!("there is no {what} {} in {}", clean(name), file.display());
        return Err(Failure::Other(text));
    }
    app.confirm(
        || json!({ "ok": true, "name": name, "file": path_json(file) }),
        || format!("{what} {} is removed from {}\n", clean(name), file.display()),
    );
    Ok(0)
}

/// Loads modules and reports them: `known` are the names of each, from the place `first` on.
pub(crate) fn check_modules(
    app: &App,
    wanted: &[String],
    first: usize,
    known: &[Vec<String>],
) -> Outcome {
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    if let Some(stranger) =
        wanted.iter().find(|name| !known.iter().flatten().any(|it| same(it, name)))
    {
        return Err(Failure::Other(format!("{} is not configured", clean(stranger))));
    }
    let statuses = app.host().check_modules();
    let statuses: Vec<_> = statuses
        .iter()
        .skip(first)
        .zip(known)
        .filter(|(_, names)| {
            wanted.is_empty() || wanted.iter().any(|it| names.iter().any(|name| same(name, it)))
        })
        .map(|(status, _)| status)
        .collect();
    let bad = statuses.iter().filter(|it| !it.works()).count();
    app.show(
        || {
            let modules = statuses.iter().map(|it| status_json(it)).collect::<Value>();
            json!({ "ok": bad == 0, "modules": modules })
        },
        || {
            let mut table = Table::new(["Name", "Works", "What it is", "File"]);
            for status in &statuses {
                let works = if status.works() { "yes" } else { "no" };
                let file = status.path.display().to_string();
                table.row([status.name.clone(), works.into(), said_of(status), file]);
            }
            if statuses.is_empty() { "nothing is configured\n".into() } else { table.text() }
        },
    );
    Ok(if bad == 0 { 0 } else { FAILED })
}

/// Says what a module is, or what it complains of.
pub(crate) fn said_of(status: &ModuleStatus) -> String {
    status.complaint.clone().unwrap_or_else(|| state_text(&status.state))
}

/// Says what became of a module.
pub(crate) fn state_text(state: &ModuleState) -> String {
    match state {
        ModuleState::Provider(availability) => {
            format!("provider, {}", availability_word(*availability))
        }
        ModuleState::Notifyee { add: true, cancel: true } => {
            "told of connect and disconnect".into()
        }
        ModuleState::Notifyee { add: true, cancel: false } => {
            "told of connect only: it has no CancelConnectNotify".into()
        }
        ModuleState::Notifyee { .. } => {
            "told of disconnect only: it has no AddConnectNotify".into()
        }
        ModuleState::Failed(error) => error.to_string(),
    }
}

/// Returns what became of a module as JSON.
pub(crate) fn status_json(status: &ModuleStatus) -> Value {
    let (works, kind, exports): (bool, _, Vec<&str>) = match &status.state {
        ModuleState::Provider(availability) => {
            (*availability != Availability::LoadFailed, "provider", vec!["NPGetCaps"])
        }
        ModuleState::Notifyee { add, cancel } => {
            let names = [(*add, "AddConnectNotify"), (*cancel, "CancelConnectNotify")];
            let names = names.into_iter().filter(|(has, _)| *has).map(|(_, name)| name);
            (true, "notifyee", names.collect())
        }
        ModuleState::Failed(_) => (false, "unknown", Vec::new()),
    };
    json!({
        "name": status.name,
        "path": path_json(&status.path),
        "works": works && status.works(),
        "kind": kind,
        "exports": exports,
        "message": said_of(status),
    })
}
