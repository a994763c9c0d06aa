//! `mpr doctor`: everything that is configured, and everything that is wrong with it.

use std::fs::File;
use std::path::{Path, PathBuf};

use mpr_core::Profile as _;
use mpr_host::{ModuleState, ModuleStatus};
use mpr_platform::ProfileFile;
use serde_json::{Value, json};

use crate::app::{App, Outcome};
use crate::failure::FAILED;
use crate::layout::libexec;
use crate::mounts::{self, Mount, Served};
use crate::names::path_json;
use crate::table::Table;

use super::notifyee::{kind_word, state_text, status_json};

/// Show everything that is configured, and what is wrong with it
#[derive(clap::Args, Debug)]
pub(crate) struct Args {}

/// Something that is wrong.
struct Finding {
    /// `configuration`, `module`, `profile`, `mount` or `system`.
    kind: &'static str,
    file: PathBuf,
    line: Option<usize>,
    text: String,
}

/// What was found.
struct Report {
    files: Vec<(PathBuf, bool)>,
    modules: Vec<ModuleStatus>,
    remembered: Option<usize>,
    mounts: Vec<(Mount, Served)>,
    fuse: Result<(), String>,
    fusermount: Option<PathBuf>,
    findings: Vec<Finding>,
}

/// Runs the command.
pub(crate) fn run(app: &App, _args: &Args) -> Outcome {
    let report = examine(app);
    app.show(|| report.json(app), || report.text(app));
    Ok(if report.findings.is_empty() { 0 } else { FAILED })
}

fn examine(app: &App) -> Report {
    let host = app.host();
    let mut findings: Vec<Finding> = Vec::new();
    for problem in &host.settings().problems {
        let (file, text) = (problem.file.clone(), problem.text.clone());
        findings.push(Finding { kind: "configuration", file, line: problem.line, text });
    }
    let modules = host.check_modules();
    let providers = host.settings().providers.iter().map(|it| &it.origin);
    let origins = providers.chain(host.settings().notifyees.iter().map(|it| &it.origin));
    for (module, origin) in modules.iter().zip(origins) {
        let text = match (&module.state, &module.complaint) {
            (ModuleState::Failed(error), _) => format!("{} is skipped: {error}", module.name),
            (_, Some(why)) => format!("{} connects nothing: {why}", module.name),
            _ => continue,
        };
        let (file, line) = (origin.file.clone(), Some(origin.line));
        findings.push(Finding { kind: "module", file, line, text });
    }
    let remembered = examine_profile(app, &mut findings);
    let mounts = examine_mounts(app, &mut findings);
    let mut files = vec![app.paths.system_config()];
    let drop_ins = app.paths.drop_in_dir();
    let mut others: Vec<_> = std::fs::read_dir(drop_ins)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    others.retain(|path| path.extension().is_some_and(|it| it == "toml"));
    others.sort();
    files.extend(others);
    files.extend(app.paths.user_config());
    let files = files.into_iter().map(|path| (path.clone(), path.exists())).collect();
    let opened = File::options().read(true).write(true).open("/dev/fuse");
    let fuse = opened.map(drop).map_err(|error| error.to_string());
    let fusermount = find_program("fusermount3");
    let mounts_any = |key: &str| libexec(&app.paths).join(format!("mpr-serve-{key}")).is_file();
    if let Err(why) = &fuse
        && host.settings().providers.iter().any(|it| mounts_any(&it.key))
    {
        let text = format!("{why}; nothing can be mounted: `modprobe fuse`, or allow the device");
        findings.push(Finding { kind: "system", file: "/dev/fuse".into(), line: None, text });
    }
    Report { files, modules, remembered, mounts, fuse, fusermount, findings }
}

/// Counts what is remembered, and reports what keeps an entry from being read.
fn examine_profile(app: &App, findings: &mut Vec<Finding>) -> Option<usize> {
    let profile = ProfileFile::of(&app.paths);
    let mut report = |line, text: String| {
        let file = profile.path().unwrap_or(Path::new("network.toml")).to_owned();
        findings.push(Finding { kind: "profile", file, line, text });
    };
    match (profile.check(), profile.damage()) {
        (Err(code), Some((line, what))) => {
            report(Some(line), format!("{code}: {what}; mend it, or remove the file"));
        }
        (Err(code), None) => report(None, format!("{code}; see who may write to it")),
        (Ok(()), _) => {}
    }
    let entries = profile.list().ok()?;
    for key in profile.malformed().unwrap_or_default() {
        report(None, format!("the entry `{key}` cannot be read; mend it or take it out"));
    }
    Some(entries.len())
}

/// Finds mounts that nobody serves any more, or whose server cannot be reached.
fn examine_mounts(app: &App, findings: &mut Vec<Finding>) -> Vec<(Mount, Served)> {
    let runtime = app.paths.runtime_dir();
    let here = |mount: &Mount| mount.path.starts_with(runtime) || !app.paths.is_other_root();
    let mounts = mounts::ours().into_iter().filter(here);
    let mounts: Vec<_> = mounts
        .map(|mount| {
            let served = mounts::served(runtime, &mount);
            (mount, served)
        })
        .collect();
    for (mount, served) in &mounts {
        let drive = mount.path.strip_prefix(runtime).ok().and_then(Path::to_str);
        let name = match drive {
            Some(letter) if letter.len() == 1 => format!("{letter}:"),
            _ => mount.path.display().to_string(),
        };
        let text = match served {
            Served::By(_) | Served::Unknown => continue,
            Served::Ailing { state, reason, .. } => format!(
                "{} is {state}: {reason}; it comes back by itself, or `mpr delete {name} --force --keep`",
                mount.source
            ),
            Served::Nobody => format!(
                "the process that served {} is gone; take it away with `mpr delete {name} --force --keep`",
                mount.source
            ),
        };
        findings.push(Finding { kind: "mount", file: mount.path.clone(), line: None, text });
    }
    mounts
}

fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

impl Finding {
    fn text(&self) -> String {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        format!("{}{line}: {}", self.file.display(), self.text)
    }

    fn json(&self) -> Value {
        json!({
            "kind": self.kind,
            "file": path_json(&self.file),
            "line": self.line,
            "text": self.text,
        })
    }
}

impl Report {
    fn text(&self, app: &App) -> String {
        let settings = app.host().settings();
        let mut text = String::from("Configuration\n");
        let mut table = Table::indented();
        for (file, exists) in &self.files {
            let state = if *exists { "found" } else { "not there" };
            table.row([file.display().to_string(), state.into()]);
        }
        text += &table.text();

        let (providers, notifyees) = self.modules.split_at(settings.providers.len());
        text += "\nProviders, in the order in which they are asked\n";
        let mut table = Table::indented();
        for (entry, status) in settings.providers.iter().zip(providers) {
            let state = short(&status.state);
            table.row([
                entry.key.clone(),
                entry.name.clone(),
                state,
                entry.path.display().to_string(),
            ]);
        }
        for entry in &settings.unused {
            let file = entry.path.display().to_string();
            table.row([entry.key.clone(), entry.name.clone(), "not in the order".into(), file]);
        }
        text += &or_none(&table);
        if settings.providers.is_empty() {
            text += "  Nothing can be connected without; `mpr provider add` registers one.\n";
        }

        text += "\nNotifyees, in the order in which they are told\n";
        let mut table = Table::indented();
        for (entry, status) in settings.notifyees.iter().zip(notifyees) {
            let file = entry.kind.path().display().to_string();
            let kind = kind_word(&entry.kind).into();
            table.row([entry.name.clone(), kind, short(&status.state), file]);
        }
        text += &or_none(&table);

        text += "\nRemembered connections\n";
        let profile = ProfileFile::of(&app.paths);
        let place = profile.path().map(|path| path.display().to_string()).unwrap_or_default();
        let count = self.remembered.map_or("not read".into(), |count| count.to_string());
        text += &format!("  {count}  {place}\n");

        text += "\nMounts\n";
        let mut table = Table::indented();
        for (mount, served) in &self.mounts {
            let served = match served {
                Served::By(pid) => format!("served by process {pid}"),
                Served::Ailing { pid, state, .. } => format!("{state}, served by process {pid}"),
                Served::Nobody => "served by nobody".into(),
                Served::Unknown => "served by another runtime directory".into(),
            };
            table.row([mount.path.display().to_string(), mount.source.clone(), served]);
        }
        text += &or_none(&table);

        text += "\nSystem\n";
        let mut table = Table::indented();
        let fuse = self.fuse.as_ref().map_or_else(|why| why.clone(), |()| "can be opened".into());
        table.row(["/dev/fuse".into(), fuse]);
        let fusermount = self.fusermount.as_ref().map(|path| path.display().to_string());
        let missing = || "not there; ordinary users need it to mount (package fuse3)".into();
        table.row(["fusermount3".into(), fusermount.unwrap_or_else(missing)]);
        table.row(["modules and helpers".into(), libexec(&app.paths).display().to_string()]);
        text += &table.text();

        text += &match self.findings.len() {
            0 => "\nNo problems.\n".into(),
            1 => "\n1 problem\n".into(),
            count => format!("\n{count} problems\n"),
        };
        for finding in &self.findings {
            text += &format!("  {}\n", crate::table::clean(&finding.text()));
        }
        text
    }

    fn json(&self, app: &App) -> Value {
        let mounts = self.mounts.iter().map(|(mount, served)| {
            let (state, pid) = match served {
                Served::By(pid) => ("served", Some(*pid)),
                Served::Ailing { pid, state, .. } => (*state, Some(*pid)),
                Served::Nobody => ("stale", None),
                Served::Unknown => ("unknown", None),
            };
            json!({
                "path": path_json(&mount.path),
                "remote": mount.source,
                "fstype": mount.fstype,
                "state": state,
                "pid": pid,
            })
        });
        let files = self.files.iter();
        let files = files.map(|(path, found)| json!({ "path": path_json(path), "found": found }));
        json!({
            "ok": self.findings.is_empty(),
            "files": files.collect::<Value>(),
            "modules": self.modules.iter().map(status_json).collect::<Value>(),
            "remembered": self.remembered,
            "mounts": mounts.collect::<Value>(),
            "fuse": self.fuse.is_ok(),
            "fusermount3": self.fusermount.as_deref().map(path_json),
            "libexec": path_json(&libexec(&app.paths)),
            "problems": self.findings.iter().map(Finding::json).collect::<Value>(),
        })
    }
}

/// What became of a module, where the reason is told elsewhere.
fn short(state: &ModuleState) -> String {
    match state {
        ModuleState::Failed(_) => "skipped".into(),
        ModuleState::Provider(availability) => {
            crate::names::availability_word(*availability).into()
        }
        ModuleState::Notifyee { .. } => state_text(state),
    }
}

fn or_none(table: &Table) -> String {
    let text = table.text();
    if text.is_empty() { "  none\n".into() } else { text }
}
