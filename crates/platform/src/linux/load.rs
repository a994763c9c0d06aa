//! All configuration files together.
//!
//! Files are read in a fixed order: the system's `mpr.toml`, its drop-ins by name, the user's own.
//! The first file that says something wins, so that packages cannot overrule the administrator and
//! a user can overrule neither; provider orders are joined. What loses is reported.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mpr_core::WideString;

use super::file;
use super::parse::{Located, Parsed, parse};
use super::paths::Paths;
use crate::settings::{NotifyeeEntry, Origin, Problem, ProviderEntry, Scope, Settings};

impl Settings {
    /// Reads the configuration of this machine and user.
    ///
    /// It never fails: what cannot be used is in `problems`. A set-uid or set-gid process gets
    /// settings without any module (U28).
    pub fn load(paths: &Paths) -> Self {
        let mut merger = Merger::default();
        for (path, scope) in files(paths, &mut merger.settings.problems) {
            match read(paths, &path, scope) {
                Ok(Some(text)) => merger.add(parse(&text, &path, scope, paths), &path, scope),
                Ok(None) => {}
                Err(why) => merger.report_file(path, why),
            }
        }
        let mut settings = merger.finish();
        if paths.is_privileged() {
            settings.providers.clear();
            settings.unused.clear();
            settings.notifyees.clear();
            let text = "no module is loaded: this is a set-uid or set-gid process".into();
            settings.problems.push(Problem { file: paths.system_config(), line: None, text });
        }
        settings
    }
}

/// Lists the files in the order in which they are read.
fn files(paths: &Paths, problems: &mut Vec<Problem>) -> Vec<(PathBuf, Scope)> {
    let mut files = vec![(paths.system_config(), Scope::System)];
    let dir = paths.drop_in_dir();
    match fs::read_dir(&dir) {
        Ok(entries) => {
            let mut drop_ins: Vec<_> = entries
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| is_drop_in(path))
                .collect();
            drop_ins.sort();
            files.extend(drop_ins.into_iter().map(|path| (path, Scope::System)));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            let text = format!("directory not read: {error}");
            problems.push(Problem { file: dir, line: None, text });
        }
    }
    files.extend(paths.user_config().map(|path| (path, Scope::User)));
    files
}

fn is_drop_in(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden && path.extension().is_some_and(|extension| extension == "toml")
}

/// Reads a file if there is one and it may be believed.
fn read(paths: &Paths, path: &Path, scope: Scope) -> Result<Option<String>, String> {
    let checked = match paths.trust(scope).config(path) {
        Ok(checked) => checked,
        // A link that leads nowhere is a mistake, no file at all is not.
        Err(error) if error.is_missing() && fs::symlink_metadata(path).is_err() => return Ok(None),
        Err(error) => return Err(format!("file refused: {error}")),
    };
    file::read(&checked).map_err(|error| format!("file not read: {error}"))
}

#[derive(Default)]
struct Merger {
    settings: Settings,
    order: Vec<(Located<String>, Origin)>,
    restore_connection: Option<Origin>,
    restore_timeout: Option<Origin>,
    /// Every provider described, by its key without case.
    described: BTreeMap<Folded, ProviderEntry>,
    broken: Vec<Folded>,
}

impl Merger {
    fn add(&mut self, parsed: Parsed, file: &Path, scope: Scope) {
        self.settings.problems.extend(parsed.problems);
        let origin = |line| Origin { file: file.to_owned(), line, scope };
        if let Some(found) = parsed.restore_connection {
            if let Some(first) = self.restore_connection.clone() {
                self.lost(&origin(found.line), "`restore-connection`", &first);
            } else {
                self.settings.restore_connection = found.value;
                self.restore_connection = Some(origin(found.line));
            }
        }
        if let Some(found) = parsed.restore_timeout {
            if let Some(first) = self.restore_timeout.clone() {
                self.lost(&origin(found.line), "`restore-timeout`", &first);
            } else {
                self.settings.restore_timeout = Some(found.value);
                self.restore_timeout = Some(origin(found.line));
            }
        }
        self.broken.extend(parsed.broken.iter().map(|key| folded(key)));
        for entry in parsed.providers {
            self.add_provider(entry);
        }
        for entry in parsed.notifyees {
            self.add_notifyee(entry);
        }
        self.order.extend(parsed.order.into_iter().map(|item| {
            let origin = origin(item.line);
            (item, origin)
        }));
    }

    fn add_provider(&mut self, entry: ProviderEntry) {
        let key = folded(&entry.key);
        if let Some(first) = self.described.get(&key) {
            let first = first.origin.clone();
            self.lost(&entry.origin, &format!("provider `{}`", entry.key), &first);
        } else {
            self.described.insert(key, entry);
        }
    }

    fn add_notifyee(&mut self, entry: NotifyeeEntry) {
        let name = folded(&entry.name);
        let first = self.settings.notifyees.iter().find(|known| folded(&known.name) == name);
        if let Some(first) = first.map(|known| known.origin.clone()) {
            self.lost(&entry.origin, &format!("notifyee `{}`", entry.name), &first);
        } else {
            self.settings.notifyees.push(entry);
        }
    }

    fn finish(mut self) -> Settings {
        self.order_providers();
        self.order_notifyees();
        self.settings
    }

    /// Puts the described providers into the order, each once, at its first place.
    fn order_providers(&mut self) {
        let mut placed: Vec<Folded> = Vec::new();
        for (item, origin) in std::mem::take(&mut self.order) {
            let key = folded(&item.value);
            if placed.contains(&key) {
                if origin.scope == Scope::User && self.is_system(&key) {
                    self.report(
                        &origin,
                        format!(
                            "`{}` keeps its place: the system orders its own providers",
                            item.value
                        ),
                    );
                }
                continue;
            }
            let Some(entry) = self.described.get(&key) else {
                if !self.broken.contains(&key) {
                    let text = format!(
                        "provider `{0}` in the order is not installed; add [providers.{0}] or remove it",
                        item.value
                    );
                    self.report(&origin, text);
                }
                continue;
            };
            if origin.scope == Scope::User && entry.origin.scope == Scope::System {
                let text = format!(
                    "`{}` is the system's and not in its order; only root can add it there",
                    item.value
                );
                self.report(&origin, text);
                continue;
            }
            let entry = entry.clone();
            let twin =
                self.settings.providers.iter().find(|p| folded(&p.name) == folded(&entry.name));
            if let Some(twin) = twin {
                let text = format!(
                    "provider `{}` has the same name as `{}`, \"{}\"; by name the latter is found",
                    entry.key, twin.key, twin.name
                );
                self.report(&entry.origin, text);
            }
            placed.push(key);
            self.settings.providers.push(entry);
        }
        let described = std::mem::take(&mut self.described);
        let unused = described.into_iter().filter(|(key, _)| !placed.contains(key));
        self.settings.unused = unused.map(|(_, entry)| entry).collect();
    }

    fn is_system(&self, key: &Folded) -> bool {
        self.described.get(key).is_some_and(|entry| entry.origin.scope == Scope::System)
    }

    /// Sorts by name (U7), the system's first: a user's notifyee may veto what the system's have
    /// seen, not keep it from them. One file is called once (U27).
    fn order_notifyees(&mut self) {
        let mut notifyees = std::mem::take(&mut self.settings.notifyees);
        notifyees
            .sort_by_cached_key(|entry| (entry.origin.scope == Scope::User, folded(&entry.name)));
        let mut files: Vec<(PathBuf, String)> = Vec::new();
        notifyees.retain(|entry| {
            let path = entry.kind.path();
            let file = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            if let Some((_, first)) = files.iter().find(|(known, _)| *known == file) {
                let text = format!(
                    "notifyee `{}` skipped: `{first}` is the same file, which is called once",
                    entry.name
                );
                self.report(&entry.origin, text);
                return false;
            }
            files.push((file, entry.name.clone()));
            true
        });
        self.settings.notifyees = notifyees;
    }

    fn lost(&mut self, origin: &Origin, what: &str, first: &Origin) {
        let whose = if origin.scope == first.scope { "" } else { " by the system" };
        let (file, line) = (first.file.display(), first.line);
        self.report(origin, format!("{what} skipped: already set{whose} in {file}:{line}"));
    }

    fn report(&mut self, origin: &Origin, text: String) {
        let (file, line) = (origin.file.clone(), Some(origin.line));
        self.settings.problems.push(Problem { file, line, text });
    }

    fn report_file(&mut self, file: PathBuf, text: String) {
        self.settings.problems.push(Problem { file, line: None, text });
    }
}

/// A name without case, as Windows compares it.
#[derive(Clone, Debug)]
struct Folded(WideString);

impl Ord for Folded {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.as_wide().cmp_ignore_case(other.0.as_wide())
    }
}

impl PartialOrd for Folded {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Folded {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Folded {}

fn folded(name: &str) -> Folded {
    Folded(name.into())
}
