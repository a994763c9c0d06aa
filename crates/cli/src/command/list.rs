//! `mpr list`: what is connected and what is remembered, together.
//!
//! Providers are asked side by side, each on a thread of its own, and waited for no longer than
//! the limit: a provider that hangs costs its own entries and nothing else.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use mpr_core::{
    Availability, Provider, RememberedConnection, ResourceType, ResourceUsage, Scope, Wide,
    WideString, WnError,
};
use serde_json::{Value, json};

use crate::app::{App, Outcome};
use crate::failure::FAILED;
use crate::names::{deviceless_directory, directory, path_json, shown, type_word};
use crate::output::complain;
use crate::table::{Table, clean};

/// How long providers may take to name their connections.
const LIMIT: Duration = Duration::from_secs(5);

/// Show what is connected and what is remembered
#[derive(clap::Args, Debug, Default)]
#[command(visible_alias = "ls")]
pub(crate) struct Args {}

/// One line of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) local: String,
    pub(crate) remote: String,
    pub(crate) provider: String,
    pub(crate) user: String,
    pub(crate) resource_type: ResourceType,
    pub(crate) connected: bool,
    pub(crate) remembered: bool,
    /// The place of the provider that listed it.
    by: Option<usize>,
    /// Why a connection cannot be used now: a word, and a reason for people.
    pub(crate) ailment: Option<(&'static str, String)>,
}

impl Row {
    /// Returns the word for how it is.
    fn state(&self) -> &'static str {
        match &self.ailment {
            Some((state, _)) => state,
            None if self.connected => "connected",
            None => "remembered",
        }
    }
}

/// Runs the command.
pub(crate) fn run(app: &App, _args: &Args) -> Outcome {
    let host = app.host();
    let mut problems = Vec::new();
    let limit = app.common.timeout.unwrap_or(LIMIT);
    let connected = connected(host.router().providers(), limit, &mut problems);
    let remembered = host.router().remembered().unwrap_or_else(|error| {
        let failure = app.failed(&error, crate::failure::About::default(), Vec::new());
        problems.push(failure.message().to_owned());
        Vec::new()
    });
    if host.settings().providers.is_empty() {
        problems.extend(host.settings().problems.first().map(ToString::to_string));
    }
    let same = |row: &Row, remote: Wide<'_>| {
        let known = WideString::from(&*row.remote);
        let by = |by| host.router().same_resource(by, known.as_wide(), remote);
        row.by.is_some_and(by)
    };
    let mut rows = join(connected, remembered, same);
    rows.iter_mut().for_each(|row| row.ailment = ailment(app, row));
    app.show(|| json(app, &rows, &problems), || text(&rows));
    if !app.common.json {
        problems.iter().for_each(|problem| complain(problem));
    }
    Ok(if problems.is_empty() { 0 } else { FAILED })
}

/// Looks up how a connection is, in the notes of who serves it: no mount is touched.
fn ailment(app: &App, row: &Row) -> Option<(&'static str, String)> {
    let local = WideString::from(row.local.as_str());
    let path = match row.local.is_empty() {
        true => deviceless_directory(&app.paths, &row.remote),
        false => directory(&app.paths, local.as_wide()),
    };
    let served = crate::mounts::found(app.paths.runtime_dir(), &path.filter(|_| row.connected)?)?;
    served.ailment().map(|(state, reason)| (state, reason.to_owned()))
}

/// Asks every provider what it has connected.
pub(crate) fn connected(
    providers: &[Arc<dyn Provider>],
    limit: Duration,
    problems: &mut Vec<String>,
) -> Vec<Row> {
    let (sender, answers) = mpsc::channel();
    for (index, provider) in providers.iter().enumerate() {
        let (provider, sender) = (Arc::clone(provider), sender.clone());
        // Not joined: whoever hangs is left behind when the program ends.
        std::thread::spawn(move || sender.send((index, ask(index, &*provider))));
    }
    drop(sender);
    let end = Instant::now() + limit;
    let mut parts: Vec<Option<Vec<Row>>> = vec![None; providers.len()];
    while let Ok((index, answer)) =
        answers.recv_timeout(end.saturating_duration_since(Instant::now()))
    {
        parts[index] = Some(answer.unwrap_or_else(|problem| {
            problems.push(format!("{}: {problem}", clean(&providers[index].name().to_string())));
            Vec::new()
        }));
    }
    for (provider, _) in providers.iter().zip(&parts).filter(|(_, part)| part.is_none()) {
        let name = clean(&provider.name().to_string());
        problems.push(format!("{name}: no answer within {limit:?}; its connections are missing"));
    }
    parts.into_iter().flatten().flatten().collect()
}

fn ask(place: usize, provider: &dyn Provider) -> Result<Vec<Row>, String> {
    match provider.availability() {
        Availability::Started => {}
        Availability::LoadFailed => return Err("not loaded; `mpr provider check` says why".into()),
        Availability::Pending(_) | Availability::Down => return Ok(Vec::new()),
    }
    let (any, none) = (ResourceType::ANY, ResourceUsage::NONE);
    let mut entries = match provider.open_enum(Scope::CONNECTED, any, none, None) {
        Ok(entries) => entries,
        Err(error) if cannot_list(error.code) => return Ok(Vec::new()),
        Err(error) => return Err(error.to_string()),
    };
    let mut rows = Vec::new();
    while let Some(entry) = entries.peek().map_err(|error| error.to_string())? {
        let name = entry.local.filter(|it| !it.is_empty()).or(entry.remote);
        let user = match name {
            Some(name) if provider.knows_users() => provider.user(Some(name)).unwrap_or_default(),
            _ => WideString::default(),
        };
        let named = entry.provider.filter(|name| !name.is_empty());
        rows.push(Row {
            local: shown(entry.local),
            remote: shown(entry.remote),
            provider: named.unwrap_or_else(|| provider.name()).to_string(),
            user: user.to_string_lossy(),
            resource_type: entry.resource_type,
            connected: true,
            by: Some(place),
            ..Row::default()
        });
        entries.advance();
    }
    Ok(rows)
}

/// Tells whether a code only says that there is nothing to list.
fn cannot_list(code: WnError) -> bool {
    matches!(
        code,
        WnError::NOT_SUPPORTED
            | WnError::CALL_NOT_IMPLEMENTED
            | WnError::NO_MORE_ITEMS
            | WnError::NO_NETWORK
            | WnError::NOT_CONNECTED
    )
}

/// Joins both lists: a remembered name that is connected to the same resource is one line.
fn join(
    mut rows: Vec<Row>,
    remembered: Vec<RememberedConnection>,
    same_remote: impl Fn(&Row, Wide<'_>) -> bool,
) -> Vec<Row> {
    for entry in remembered {
        let same = |row: &&mut Row| {
            let local = WideString::from(&*row.local);
            let same_local = local.as_wide().eq_ignore_case(entry.local.as_wide());
            same_local && same_remote(row, entry.remote.as_wide())
        };
        if let Some(row) = rows.iter_mut().find(same) {
            row.remembered = true;
            continue;
        }
        rows.push(Row {
            local: entry.local.to_string_lossy(),
            remote: entry.remote.to_string_lossy(),
            provider: entry.provider.to_string_lossy(),
            user: entry.user.to_string_lossy(),
            resource_type: entry.connection_type,
            remembered: true,
            ..Row::default()
        });
    }
    rows.sort_by_key(|row| (row.local.is_empty(), row.local.clone(), !row.connected));
    rows
}

fn text(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "nothing is connected or remembered\n".into();
    }
    let mut table = Table::new(["State", "Local", "Remote", "Provider", "User", "Reason"]);
    for row in rows {
        let also = if row.connected && row.remembered { ", remembered" } else { "" };
        let state = format!("{}{also}", row.state());
        let reason = row.ailment.as_ref().map(|(_, reason)| reason.clone()).unwrap_or_default();
        let [local, remote, provider, user] =
            [&row.local, &row.remote, &row.provider, &row.user].map(Clone::clone);
        table.row([state, local, remote, provider, user, reason]);
    }
    table.text()
}

fn json(app: &App, rows: &[Row], problems: &[String]) -> Value {
    let filled = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let row = |row: &Row| {
        let local = WideString::from(row.local.as_str());
        let path = directory(&app.paths, local.as_wide()).filter(|_| row.connected);
        json!({
            "local": filled(&row.local),
            "remote": row.remote,
            "provider": filled(&row.provider),
            "user": filled(&row.user),
            "type": type_word(row.resource_type),
            "state": row.state(),
            "reason": row.ailment.as_ref().map(|(_, reason)| reason),
            "remembered": row.remembered,
            "path": path.as_deref().map(path_json),
        })
    };
    json!({
        "ok": problems.is_empty(),
        "connections": rows.iter().map(row).collect::<Value>(),
        "problems": problems,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(local: &str, remote: &str) -> Row {
        Row { local: local.into(), remote: remote.into(), connected: true, ..Row::default() }
    }

    fn entry(local: &str, remote: &str) -> RememberedConnection {
        let (local, remote) = (local.into(), remote.into());
        RememberedConnection { local, remote, ..RememberedConnection::default() }
    }

    #[test]
    fn one_line_for_what_is_both() {
        let connected = vec![row("", r"\\s\free"), row("T:", r"\\s\two"), row("S:", r"\\S\ONE\")];
        let remembered = vec![entry("S:", r"\\s\one"), entry("T:", r"\\s\other")];
        let same = |row: &Row, remote: Wide<'_>| {
            WideString::from(&*row.remote).as_wide().same_resource(remote)
        };
        let rows = join(connected, remembered, same);
        assert_eq!(
            text(&rows),
            "State                  Local  Remote\n\
             connected, remembered  S:     \\\\S\\ONE\\\n\
             connected              T:     \\\\s\\two\n\
             remembered             T:     \\\\s\\other\n\
             connected                     \\\\s\\free\n"
        );
    }

    #[test]
    fn what_cannot_be_used_says_why() {
        let down = Some(("down", "no answer".to_owned()));
        let rows = [Row { ailment: down, remembered: true, ..row("S:", r"\\s\one") }];
        assert_eq!(
            text(&rows),
            "State             Local  Remote   Reason\n\
             down, remembered  S:     \\\\s\\one  no answer\n"
        );
    }
}
