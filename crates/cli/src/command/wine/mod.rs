//! `mpr wine`: puts OpenMPR's router into a Wine prefix, and takes it out again.
//!
//! The registry is changed by Wine's own programs alone: its files belong to the wineserver, which
//! may run.

mod exported;
mod files;
mod prefix;
mod registration;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;

use self::files::{FileState, Files, ModuleFile};
use self::prefix::Prefix;
use self::registration::Registration;
use crate::app::{App, Outcome};
use crate::failure::{FAILED, Failure};
use crate::layout::libexec;
use crate::names::path_json;
use crate::table::Table;

/// Give Windows programs under Wine this router, and drive letters for what it connects
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Put mpr.dll, the provider for drive letters and `net use` into a prefix
    Install {
        #[command(flatten)]
        place: Place,
        /// The folder with x86_64 and i686, which hold mpr.dll, mprunix.dll and net.exe, instead of
        /// the installed one
        #[arg(long, value_name = "DIR")]
        dll: Option<PathBuf>,
    },
    /// Take them out again; Wine's own router is back
    Uninstall {
        #[command(flatten)]
        place: Place,
    },
    /// Say what is there, and which router a program gets
    Status {
        #[command(flatten)]
        place: Place,
    },
}

#[derive(clap::Args, Debug)]
struct Place {
    /// The prefix; else $WINEPREFIX, else ~/.wine
    #[arg(long, value_name = "DIR")]
    prefix: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    if app.paths.is_privileged() {
        return Err(Failure::Other("not with borrowed rights".into()));
    }
    match &args.action {
        Action::Install { place, dll } => install(app, place, dll.as_deref()),
        Action::Uninstall { place } => uninstall(app, place),
        Action::Status { place } => status(app, place),
    }
}

fn failed(text: String) -> Failure {
    Failure::Other(text)
}

/// Whether programs get a router that is not Wine's own.
struct Native {
    all: bool,
    /// Programs of 32 bit beside others, if they can be run.
    narrow: Option<bool>,
}

impl Native {
    fn of(prefix: &Prefix) -> Result<Self, Failure> {
        let all = prefix.loads_native("system32").map_err(failed)?.unwrap_or(false);
        Ok(Self { all, narrow: prefix.loads_native("syswow64").map_err(failed)? })
    }

    fn is_whole(&self) -> bool {
        self.all && self.narrow != Some(false)
    }
}

fn install(app: &App, place: &Place, dll: Option<&Path>) -> Outcome {
    let libexec = libexec(&app.paths);
    let from = dll.map_or_else(|| libexec.join("wine"), Path::to_owned);
    let bridge = libexec.join("mpr-wine-bridge");
    if !bridge.is_file() {
        return Err(failed(format!("{} is not installed", bridge.display())));
    }
    let prefix = Prefix::find(place.prefix.as_deref(), app.paths.user()).map_err(failed)?;
    let _lock = prefix.lock().map_err(failed)?;
    let files = Files::of(prefix.folder(), prefix.is_32_bit);
    let registration = Registration::read(&prefix).map_err(failed)?;
    registration.check().map_err(failed)?;
    // The files first: an override without them would leave the prefix without any router.
    files.install(&from).map_err(failed)?;
    registration.install(&prefix, &bridge).map_err(failed)?;
    let native = Native::of(&prefix)?;
    if !native.is_whole() {
        let text =
            "installed, but a program still gets Wine's own router: is WINEDLLOVERRIDES set?";
        return Err(failed(text.into()));
    }
    let folder = prefix.folder();
    app.confirm(
        || {
            let (native, native_32) = (native.all, native.narrow);
            json!({ "ok": true, "prefix": path_json(folder), "native": native, "native-32": native_32 })
        },
        || format!("installed in {}\n", folder.display()),
    );
    Ok(0)
}

fn uninstall(app: &App, place: &Place) -> Outcome {
    let prefix = Prefix::find(place.prefix.as_deref(), app.paths.user()).map_err(failed)?;
    let open = prefix.connected(&app.paths);
    if !open.is_empty() {
        let open = open.join(" ");
        return Err(failed(format!("still connected: {open}; disconnect with `mpr delete` first")));
    }
    let _lock = prefix.lock().map_err(failed)?;
    let registration = Registration::read(&prefix).map_err(failed)?;
    // The override first: while it stands, there must be a file to load.
    let changed = registration.uninstall(&prefix).map_err(failed)?;
    let removed = Files::of(prefix.folder(), prefix.is_32_bit).uninstall().map_err(failed)?;
    let folder = prefix.folder();
    app.confirm(
        || json!({ "ok": true, "prefix": path_json(folder), "changed": changed || removed }),
        || match changed || removed {
            true => format!("removed from {}\n", folder.display()),
            false => format!("nothing of OpenMPR is in {}\n", folder.display()),
        },
    );
    Ok(0)
}

fn status(app: &App, place: &Place) -> Outcome {
    let from = libexec(&app.paths).join("wine");
    let prefix = Prefix::find(place.prefix.as_deref(), app.paths.user()).map_err(failed)?;
    let files = Files::of(prefix.folder(), prefix.is_32_bit);
    let registration = Registration::read(&prefix).map_err(failed)?;
    let native = Native::of(&prefix)?;
    let bridge = registration.bridge.as_deref().map(Path::new);
    let bridge_there = bridge.is_some_and(Path::is_file);
    let states = files.states(&from);
    let files_whole = states.iter().all(|it| it.2 != FileState::WithoutWines);
    let is_whole = native.is_whole() && registration.is_whole() && bridge_there && files_whole;
    app.show(
        || {
            json!({
                "ok": true,
                "prefix": path_json(prefix.folder()),
                "installed": is_whole,
                "native": native.all,
                "native-32": native.narrow,
                "files": states.iter().map(|(folder, file, state)| {
                    json!({ "folder": folder, "name": file.name(), "state": state.word() })
                }).collect::<Vec<_>>(),
                "override": registration.override_says(),
                "order": registration.order(),
                "registered": registration.provider,
                "bridge": bridge.map(path_json),
                "bridge-found": bridge_there,
            })
        },
        || {
            let mut table = Table::plain();
            table.row(["prefix".into(), prefix.folder().display().to_string()]);
            for (folder, file, state) in &states {
                table.row([format!("{folder}/{}", file.name()), state.word().into()]);
            }
            let missing = if bridge.is_some() && !bridge_there { ", which is missing" } else { "" };
            for (what, said, more) in [
                ("override", registration.override_says(), ""),
                ("provider", registration.provider.as_deref(), ""),
                ("order", registration.order(), ""),
                ("bridge", registration.bridge.as_deref(), missing),
            ] {
                table.row([what.into(), format!("{}{more}", said.unwrap_or("none"))]);
            }
            let whose = |folder, native| {
                let ours = |it: &&(_, ModuleFile, FileState)| {
                    let state = matches!(it.2, FileState::Installed | FileState::OtherVersion);
                    it.0 == folder && it.1 == ModuleFile::Router && state
                };
                match (native, states.iter().any(|it| ours(&it))) {
                    (true, true) => "OpenMPR",
                    (true, false) => "somebody else",
                    (false, _) => "Wine",
                }
            };
            let mut text = table.text();
            text += &format!("programs get the router of {}\n", whose("system32", native.all));
            if let Some(native) = native.narrow {
                let whose = whose("syswow64", native);
                text += &format!("programs of 32 bit get the router of {whose}\n");
            }
            text
        },
    );
    Ok(if is_whole { 0 } else { FAILED })
}
