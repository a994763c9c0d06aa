//! One configuration file: TOML text to entries, each with its line.
//!
//! An entry with a mistake is reported and left out; the rest of the file counts.

use std::path::Path;
use std::time::Duration;

use toml_edit::{Document, Item, TableLike, Value};

use super::paths::Paths;
use super::value::{duration, expand, number, options};
use crate::settings::{
    NETWORK_CLASS, NotifyeeEntry, NotifyeeKind, Options, Origin, Problem, ProviderEntry, Scope,
};

/// A value and the line it stands on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) line: usize,
}

/// What one file says.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Parsed {
    pub(super) order: Vec<Located<String>>,
    pub(super) restore_connection: Option<Located<bool>>,
    pub(super) restore_timeout: Option<Located<Duration>>,
    pub(super) notifyees: Vec<NotifyeeEntry>,
    pub(super) providers: Vec<ProviderEntry>,
    /// Keys of providers that are left out for a reason already reported.
    pub(super) broken: Vec<String>,
    pub(super) problems: Vec<Problem>,
}

/// Reads the text of a configuration file.
pub(super) fn parse(text: &str, file: &Path, scope: Scope, paths: &Paths) -> Parsed {
    let mut parser = Parser { text, file, scope, paths, parsed: Parsed::default() };
    match Document::parse(text) {
        Ok(document) => parser.file(document.as_table()),
        Err(error) => {
            let line = error.span().map(|span| parser.line(span.start));
            let text = format!("file refused: {}", error.message().trim().replace('\n', ", "));
            parser.parsed.problems.push(Problem { file: file.to_owned(), line, text });
        }
    }
    parser.parsed
}

struct Parser<'a> {
    text: &'a str,
    file: &'a Path,
    scope: Scope,
    paths: &'a Paths,
    parsed: Parsed,
}

impl Parser<'_> {
    fn file(&mut self, table: &dyn TableLike) {
        for (key, item) in table.iter() {
            let line = self.line_of(table, key);
            let Some(section) = item.as_table_like() else {
                self.report(line, format!("unknown key `{key}`; remove it"));
                continue;
            };
            match key {
                "network-provider" => self.network_provider(section),
                "notifyees" => self.notifyees(section),
                "providers" => self.providers(section),
                _ => self.report(line, format!("unknown section `{key}`; remove it")),
            }
        }
    }

    fn network_provider(&mut self, section: &dyn TableLike) {
        for (key, item) in section.iter() {
            let line = self.line_of(section, key);
            let result = match key {
                "order" => self.order(item, line),
                "restore-connection" => item
                    .as_bool()
                    .map(|value| {
                        self.parsed.restore_connection = Some(Located { value, line });
                    })
                    .ok_or_else(|| "must be true or false".into()),
                "restore-timeout" => duration(item).map(|value| {
                    self.parsed.restore_timeout = Some(Located { value, line });
                }),
                _ => {
                    let known = "order, restore-connection or restore-timeout";
                    self.report(
                        line,
                        format!("unknown key `{key}` in [network-provider]; use {known}"),
                    );
                    Ok(())
                }
            };
            if let Err(why) = result {
                self.report(line, format!("`{key}` in [network-provider]: {why}"));
            }
        }
    }

    /// Reads the provider order: a list, or the registry's text with commas. Blanks around names
    /// and empty names do not count (`registry.md` §1).
    fn order(&mut self, item: &Item, line: usize) -> Result<(), String> {
        let mut push = |name: &str, line| {
            let name = name.trim();
            if !name.is_empty() {
                self.parsed.order.push(Located { value: name.to_owned(), line });
            }
        };
        match item.as_value() {
            Some(Value::String(text)) => {
                text.value().split(',').for_each(|name| push(name, line));
                Ok(())
            }
            Some(Value::Array(list)) => {
                let names: Option<Vec<_>> = list.iter().map(Value::as_str).collect();
                let names = names.ok_or("must be a list of provider keys, all of them text")?;
                for (name, value) in names.into_iter().zip(list.iter()) {
                    push(name, value.span().map_or(line, |s| line_at(self.text, s.start)));
                }
                Ok(())
            }
            _ => Err("must be a list of provider keys".into()),
        }
    }

    fn notifyees(&mut self, section: &dyn TableLike) {
        for (name, item) in section.iter() {
            let line = self.line_of(section, name);
            match self.notifyee(item) {
                Ok(kind) => {
                    let origin = self.origin(line);
                    self.parsed.notifyees.push(NotifyeeEntry { name: name.into(), kind, origin });
                }
                Err(why) => self.report(line, format!("notifyee `{name}` skipped: {why}")),
            }
        }
    }

    fn notifyee(&self, item: &Item) -> Result<NotifyeeKind, String> {
        if let Some(path) = item.as_str() {
            return self.path(path).map(NotifyeeKind::Module);
        }
        let wanted = "must be a path, or { exec = \"/path\", timeout = \"30s\" }";
        let table = item.as_table_like().ok_or(wanted)?;
        let mut program = None;
        let mut timeout = None;
        for (key, item) in table.iter() {
            match key {
                "exec" => {
                    let path = item.as_str().ok_or("`exec` must be a path")?;
                    program = Some(self.path(path)?);
                }
                "timeout" => {
                    let value = duration(item).map_err(|why| format!("`timeout`: {why}"))?;
                    if value.is_zero() {
                        return Err("`timeout` must be longer than nothing".into());
                    }
                    timeout = Some(value);
                }
                _ => return Err(format!("unknown key `{key}`; use exec or timeout")),
            }
        }
        let path = program.ok_or(wanted)?;
        Ok(NotifyeeKind::Exec { path, timeout })
    }

    fn providers(&mut self, section: &dyn TableLike) {
        for (key, item) in section.iter() {
            let line = self.line_of(section, key);
            match self.provider(key, item, line) {
                Ok(entry) => self.parsed.providers.push(entry),
                Err((at, why)) => {
                    self.parsed.broken.push(key.to_owned());
                    self.report(at.unwrap_or(line), format!("provider `{key}` skipped: {why}"));
                }
            }
        }
    }

    fn provider(
        &self,
        key: &str,
        item: &Item,
        line: usize,
    ) -> Result<ProviderEntry, (Option<usize>, String)> {
        let here = |why: &str| (None, why.to_owned());
        let table =
            item.as_table_like().ok_or_else(|| here("must be a table with name and path"))?;
        let (mut name, mut path, mut class, mut provider_type) = (None, None, NETWORK_CLASS, None);
        let mut free = Options::new();
        for (key, item) in table.iter() {
            let wrong = |why: &str| (Some(self.line_of(table, key)), format!("`{key}` {why}"));
            let whole = || number(item).ok_or_else(|| wrong("must be a whole number of 32 bits"));
            match key {
                "name" => {
                    let text = item.as_str().map(str::trim).filter(|text| usable_name(text));
                    name = Some(text.ok_or_else(|| wrong("must be text, and not empty"))?);
                }
                "path" => {
                    let text = item.as_str().ok_or_else(|| wrong("must be a path"))?;
                    path = Some(self.path(text).map_err(|why| wrong(&why))?);
                }
                "class" => class = whole()?,
                "provider-type" => provider_type = Some(whole()?),
                "options" => free = options(item).ok_or_else(|| wrong("must be a table"))?,
                _ => {
                    let known = "name, path, class, provider-type or options";
                    return Err(wrong(&format!("is an unknown key; use {known}")));
                }
            }
        }
        let path = path.ok_or_else(|| here("it has no path; add path = \"/...\""))?;
        let name = name.ok_or_else(|| here("it has no name; add name = \"...\""))?;
        if class & NETWORK_CLASS == 0 {
            return Err(here("its class has no bit 1, so it is only for credentials"));
        }
        Ok(ProviderEntry {
            key: key.to_owned(),
            name: name.to_owned(),
            path,
            class,
            provider_type,
            options: free,
            origin: self.origin(line),
        })
    }

    fn path(&self, text: &str) -> Result<std::path::PathBuf, String> {
        expand(text, self.paths, self.scope)
    }

    fn origin(&self, line: usize) -> Origin {
        Origin { file: self.file.to_owned(), line, scope: self.scope }
    }

    fn report(&mut self, line: usize, text: String) {
        self.parsed.problems.push(Problem { file: self.file.to_owned(), line: Some(line), text });
    }

    fn line(&self, offset: usize) -> usize {
        line_at(self.text, offset)
    }

    fn line_of(&self, table: &dyn TableLike, key: &str) -> usize {
        let span = table.get_key_value(key).and_then(|(key, item)| key.span().or(item.span()));
        span.map_or(1, |span| self.line(span.start))
    }
}

/// Counts lines up to a byte, from 1.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    before.iter().filter(|&&byte| byte == b'\n').count() + 1
}

/// Names go to C callers as text that ends at NUL.
fn usable_name(name: &str) -> bool {
    !name.is_empty() && !name.contains('\0')
}
