//! `mpr get NAME`: what a local name, or a path below one, stands for.

use std::path::PathBuf;

use mpr_core::{InfoLevel, UniversalName, WideString, WnError};
use serde_json::json;

use crate::app::{App, Outcome};
use crate::failure::{About, Failure};
use crate::mounts;
use crate::names::{directory, is_local, path_json};
use crate::output::complain;
use crate::table::clean;

/// Tell what a local name is connected to
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// S:, LPT1, a path, or a name below one such as S:\docs\a.txt
    name: String,
    /// Print the directory instead of the remote name
    #[arg(long)]
    path: bool,
}

impl Args {
    /// Asks about one name.
    pub(crate) fn of(name: String) -> Self {
        Self { name, path: false }
    }
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let host = app.network()?;
    let router = host.router();
    let args = &Args { name: on_drive(app, &args.name), path: args.path };
    let name = WideString::from(args.name.as_str());
    let mut story = app.story();
    let about = |hint| About { name: &args.name, user: None, hint };

    let found = if is_local(&args.name) {
        match router.connection(name.as_wide(), &mut story) {
            Err(error) if error.code == WnError::NOT_CONNECTED && args.name.starts_with('/') => {
                None
            }
            found => Some(found),
        }
    } else {
        None
    };
    // No local name itself: it may be a path below one.
    let Some(found) = found else { return below(app, args, &name) };
    let connection = match found {
        Ok(connection) => connection,
        Err(error) => return Err(app.failed(&error, about(None), story.into_steps())),
    };
    let remote = connection.remote.to_string_lossy();
    let Some(provider) = connection.provider else {
        let error = WnError::CONNECTION_UNAVAIL.into();
        let hint = format!("`mpr restore {}` connects it to {}", args.name, clean(&remote));
        return Err(app.failed(&error, about(Some(&hint)), story.into_steps()));
    };
    let user = router.user(Some(name.as_wide()), &mut story).ok();
    let level = InfoLevel::RemoteName;
    let universal = router.universal_name(name.as_wide(), level, &mut story).ok();
    let path = directory(&app.paths, name.as_wide());
    if args.path && path.is_none() {
        return Err(no_directory(&args.name));
    }
    let served = path.as_deref().and_then(|path| mounts::found(app.paths.runtime_dir(), path));
    let ailment = served.as_ref().and_then(mounts::Served::ailment);
    if let Some((state, reason)) = ailment.filter(|_| !app.common.json && !app.common.quiet) {
        complain(&format!("{} is {state}: {}", args.name, clean(reason)));
    }
    app.show(
        || {
            json!({
                "ok": true,
                "state": ailment.map_or("connected", |(state, _)| state),
                "reason": ailment.map(|(_, reason)| reason),
                "process": served.as_ref().and_then(mounts::Served::process),
                "local": args.name,
                "remote": remote,
                "provider": router.providers()[provider].name().to_string(),
                "user": user.as_ref().map(WideString::to_string_lossy),
                "universal": universal.and_then(|it| it.universal).map(|it| it.to_string_lossy()),
                "path": path.as_deref().map(path_json),
            })
        },
        || line(args.path.then_some(path.as_ref()).flatten(), &remote),
    );
    Ok(0)
}

/// Tells about a path below a local name.
fn below(app: &App, args: &Args, name: &WideString) -> Outcome {
    let router = app.host().router();
    let mut story = app.story();
    let found = router
        .universal_name(name.as_wide(), InfoLevel::RemoteName, &mut story)
        .map_err(|error| (error, story.into_steps()));
    let UniversalName { universal, connection, remaining } = found.map_err(|(error, steps)| {
        app.failed(&error, About { name: &args.name, ..About::default() }, steps)
    })?;
    let text = |name: Option<WideString>| name.map(|name| name.to_string_lossy());
    let (universal, connection, remaining) = (text(universal), text(connection), text(remaining));
    let path = file_path(app, &args.name);
    if args.path && path.is_none() {
        return Err(no_directory(&args.name));
    }
    app.show(
        || {
            json!({
                "ok": true,
                "name": args.name,
                "universal": universal,
                "remote": connection,
                "remaining": remaining,
                "path": path.as_deref().map(path_json),
            })
        },
        || {
            let joined =
                || connection.clone().unwrap_or_default() + remaining.as_deref().unwrap_or("");
            let name = universal.clone().unwrap_or_else(joined);
            line(args.path.then_some(path.as_ref()).flatten(), &name)
        },
    );
    Ok(0)
}

/// Turns a path in the directory of a drive into the drive's own spelling, `S:\docs\a.txt`.
fn on_drive(app: &App, name: &str) -> String {
    let inside = app.paths.runtime_dir().to_str().and_then(|dir| name.strip_prefix(dir));
    let drive = inside.and_then(|rest| rest.strip_prefix('/')?.split_at_checked(1));
    match drive {
        Some((letter, rest)) if rest.is_empty() || rest.starts_with('/') => {
            let spelled = format!("{letter}:{}", rest.trim_end_matches('/').replace('/', "\\"));
            if is_local(&spelled[..2]) { spelled } else { name.to_owned() }
        }
        _ => name.to_owned(),
    }
}

/// Turns `S:\docs\a.txt` into the path of the file; a path is one already.
fn file_path(app: &App, name: &str) -> Option<PathBuf> {
    if name.starts_with('/') {
        return Some(name.into());
    }
    let (drive, rest) = name.split_at_checked(2)?;
    let drive = directory(&app.paths, WideString::from(drive).as_wide())?;
    Some(drive.join(rest.replace('\\', "/").trim_start_matches('/')))
}

fn no_directory(name: &str) -> Failure {
    Failure::Other(format!("{} has no directory; only disks have", clean(name)))
}

/// A path is printed as it is, for `cd "$(mpr get S: --path)"`; a name is for people.
fn line(path: Option<&PathBuf>, name: &str) -> String {
    match path {
        Some(path) => format!("{}\n", path.display()),
        None => format!("{}\n", clean(name)),
    }
}
