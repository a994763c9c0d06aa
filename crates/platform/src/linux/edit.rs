//! Editing an `mpr.toml`: what `mpr notifyee add` and `mpr provider order` do.
//!
//! An edit changes what it is about and nothing else: comments, blank lines, order and keys that
//! we do not know stay. The file is replaced in one step, under a lock.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::file::{self, LOCK_LIMIT, Lock};
use super::layout::{self, same};
use super::value::duration_text;
use crate::settings::{NotifyeeKind, Scope};

/// An `mpr.toml` to be edited; it need not exist yet.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: PathBuf,
    scope: Scope,
}

/// A provider to be added to a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewProvider {
    /// The name that people use.
    pub name: String,
    /// The module, written as it is given (`%MPR_LIB%` stays).
    pub path: String,
    /// `WN_*_CLASS` bits, if not the usual 1.
    pub class: Option<u32>,
    /// The network type, if it is to be stated.
    pub provider_type: Option<u32>,
}

/// Why a configuration file was not edited; it is then as it was.
#[derive(Debug)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file could not be read, locked or written.
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// Somebody else has been editing for too long.
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The file is no TOML, or a section in it is something else.
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// There is an entry of this name already.
    Exists {
        /// The file.
        path: PathBuf,
        /// The kind and name of the entry.
        what: String,
    },
    /// What was to be written is not valid.
    Invalid {
        /// What is wrong and what to do.
        why: String,
    },
}

impl SettingsFile {
    /// Names a file; one that is new gets mode 0644 (system) or 0600 (user).
    pub fn new(path: impl Into<PathBuf>, scope: Scope) -> Self {
        Self { path: path.into(), scope }
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Registers a notifyee. Paths are written as they are given.
    pub fn add_notifyee(&self, name: &str, kind: &NotifyeeKind) -> Result<(), SettingsError> {
        nonempty(name, "the name of a notifyee")?;
        let path = text_of(kind.path())?;
        let value = match kind {
            NotifyeeKind::Module(_) => Value::from(path),
            NotifyeeKind::Exec { timeout, .. } => {
                let mut table = InlineTable::new();
                table.insert("exec", path.into());
                if let Some(timeout) = timeout {
                    table.insert("timeout", duration_text(*timeout).into());
                }
                Value::from(table)
            }
        };
        self.edit(|document| {
            let section = self.section(document, "notifyees", false)?;
            if find(section, name).is_some() {
                return Err(self.exists("notifyee", name));
            }
            section.insert(name, Item::Value(value));
            Ok(true)
        })
        .map(drop)
    }

    /// Removes a notifyee; tells whether there was one.
    pub fn remove_notifyee(&self, name: &str) -> Result<bool, SettingsError> {
        self.edit(|document| self.remove(document, "notifyees", name))
    }

    /// Describes a provider and puts it at the end of the provider order.
    pub fn add_provider(&self, key: &str, provider: &NewProvider) -> Result<(), SettingsError> {
        provider_key(key)?;
        nonempty(&provider.name, "the name of a provider")?;
        nonempty(&provider.path, "the path of a provider")?;
        let mut table = Table::new();
        table.insert("name", Item::Value(provider.name.as_str().into()));
        table.insert("path", Item::Value(provider.path.as_str().into()));
        if let Some(class) = provider.class {
            table.insert("class", Item::Value(i64::from(class).into()));
        }
        if let Some(number) = provider.provider_type {
            table.insert("provider-type", Item::Value(i64::from(number).into()));
        }
        self.edit(|document| {
            let mut order = self.read_order(document)?;
            if !order.iter().any(|known| same(known, key)) {
                order.push(key.to_owned());
                self.write_order(document, &order)?;
            }
            let section = self.section(document, "providers", true)?;
            if find(section, key).is_some() {
                return Err(self.exists("provider", key));
            }
            section.insert(key, Item::Table(table));
            Ok(true)
        })
        .map(drop)
    }

    /// Removes a provider and its place in the order; tells whether there was either.
    pub fn remove_provider(&self, key: &str) -> Result<bool, SettingsError> {
        self.edit(|document| {
            let described = self.remove(document, "providers", key)?;
            let mut order = self.read_order(document)?;
            let before = order.len();
            order.retain(|known| !same(known, key));
            let ordered = order.len() != before;
            if ordered {
                self.write_order(document, &order)?;
            }
            Ok(described || ordered)
        })
    }

    /// Returns the provider order as this file has it.
    pub fn order(&self) -> Result<Vec<String>, SettingsError> {
        self.read_order(&self.document(&self.path)?)
    }

    /// Sets the provider order of this file.
    pub fn set_order(&self, keys: &[&str]) -> Result<(), SettingsError> {
        let mut order: Vec<String> = Vec::new();
        for key in keys {
            provider_key(key)?;
            if !order.iter().any(|known| same(known, key)) {
                order.push((*key).to_owned());
            }
        }
        self.edit(|document| self.write_order(document, &order).map(|()| true)).map(drop)
    }

    /// Reads, changes and replaces the file under its lock; a change that is none writes nothing.
    fn edit(
        &self,
        change: impl FnOnce(&mut DocumentMut) -> Result<bool, SettingsError>,
    ) -> Result<bool, SettingsError> {
        let failed = |source| self.io(source);
        let (dir_mode, file_mode) = match self.scope {
            Scope::System => (0o755, 0o644),
            Scope::User => (0o700, 0o600),
        };
        file::make_dir(file::parent(&self.path), dir_mode).map_err(failed)?;
        let lock = Lock::take(&self.path, LOCK_LIMIT).map_err(failed)?;
        let mut document = self.document(lock.target())?;
        if !change(&mut document)? {
            return Ok(false);
        }
        let mode = fs::metadata(lock.target()).map_or(file_mode, |old| old.permissions().mode());
        lock.replace(&document.to_string(), mode & 0o777).map_err(failed)?;
        Ok(true)
    }

    fn document(&self, path: &Path) -> Result<DocumentMut, SettingsError> {
        let text = file::read(path).map_err(|source| self.io(source))?.unwrap_or_default();
        text.parse().map_err(|error: toml_edit::TomlError| {
            self.malformed(error.to_string().trim().replace('\n', ", "))
        })
    }

    /// Returns a section, made if it is missing; `implicit` ones have no header of their own.
    fn section<'a>(
        &self,
        document: &'a mut DocumentMut,
        name: &str,
        implicit: bool,
    ) -> Result<&'a mut dyn TableLike, SettingsError> {
        if !document.contains_key(name) {
            let mut table = Table::new();
            table.set_implicit(implicit);
            layout::keep_comments_first(document, &mut table);
            document.insert(name, Item::Table(table));
        }
        let item = &mut document[name];
        item.as_table_like_mut().ok_or_else(|| self.malformed(format!("`{name}` is no table")))
    }

    fn remove(
        &self,
        document: &mut DocumentMut,
        section: &str,
        name: &str,
    ) -> Result<bool, SettingsError> {
        if !document.contains_key(section) {
            return Ok(false);
        }
        let section = self.section(document, section, true)?;
        let Some(name) = find(section, name) else { return Ok(false) };
        Ok(section.remove(&name).is_some())
    }

    fn read_order(&self, document: &DocumentMut) -> Result<Vec<String>, SettingsError> {
        let Some(section) = document.get("network-provider") else { return Ok(Vec::new()) };
        let names: Vec<String> = match section.get("order").and_then(Item::as_value) {
            None => Vec::new(),
            Some(Value::String(text)) => text.value().split(',').map(str::to_owned).collect(),
            Some(Value::Array(list)) => {
                list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Some(_) => {
                return Err(self.malformed("`order` is no list of provider keys".into()));
            }
        };
        let names = names.iter().map(|name| name.trim());
        Ok(names.filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// Writes the order. In a list, items that stay keep the comments around them.
    fn write_order(
        &self,
        document: &mut DocumentMut,
        order: &[String],
    ) -> Result<(), SettingsError> {
        let section = self.section(document, "network-provider", false)?;
        if let Some(Item::Value(Value::Array(list))) = section.get_mut("order") {
            layout::rearrange(list, order);
        } else if let Some(Item::Value(old)) = section.get_mut("order") {
            let decor = old.decor().clone();
            *old = Value::Array(order.iter().collect());
            *old.decor_mut() = decor;
        } else {
            section.insert("order", Item::Value(Value::Array(order.iter().collect())));
        }
        Ok(())
    }

    fn exists(&self, kind: &str, name: &str) -> SettingsError {
        SettingsError::Exists { path: self.path.clone(), what: format!("{kind} `{name}`") }
    }

    fn malformed(&self, why: String) -> SettingsError {
        SettingsError::Malformed { path: self.path.clone(), why }
    }

    fn io(&self, source: io::Error) -> SettingsError {
        let path = self.path.clone();
        if source.kind() == io::ErrorKind::WouldBlock {
            SettingsError::Busy { path }
        } else {
            SettingsError::Io { path, source }
        }
    }
}

/// Finds the key that is this one without case.
fn find(table: &dyn TableLike, name: &str) -> Option<String> {
    table.iter().map(|(key, _)| key).find(|key| same(key, name)).map(str::to_owned)
}

fn nonempty(text: &str, what: &str) -> Result<(), SettingsError> {
    if text.trim().is_empty() || text.contains('\0') {
        return Err(SettingsError::Invalid { why: format!("{what} cannot be empty") });
    }
    Ok(())
}

/// A key that the order can name: no comma, and no blanks around it.
fn provider_key(key: &str) -> Result<(), SettingsError> {
    nonempty(key, "the key of a provider")?;
    if key.contains(',') || key.trim() != key {
        let why = format!("`{key}` is no key of a provider; leave out commas and blanks");
        return Err(SettingsError::Invalid { why });
    }
    Ok(())
}

fn text_of(path: &Path) -> Result<&str, SettingsError> {
    let text = path.to_str().filter(|text| !text.is_empty() && !text.contains('\0'));
    text.ok_or_else(|| SettingsError::Invalid {
        why: format!("`{}` is no path that can be written; use UTF-8", path.display()),
    })
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => {
                write!(f, "{} not changed: {source}", path.display())
            }
            Self::Busy { path } => {
                write!(f, "{} not changed: somebody else is editing it; try again", path.display())
            }
            Self::Malformed { path, why } => {
                write!(f, "{} not changed: {why}; mend it first", path.display())
            }
            Self::Exists { path, what } => {
                write!(f, "{what} is in {} already; remove it first", path.display())
            }
            Self::Invalid { why } => f.write_str(why),
        }
    }
}

impl std::error::Error for SettingsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let Self::Io { source, .. } = self { Some(source) } else { None }
    }
}
