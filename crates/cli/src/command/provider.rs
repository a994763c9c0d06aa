//! `mpr provider`: who connects, and in which order they are asked.

use std::path::PathBuf;

use clap::Subcommand;
use mpr_core::{ConnectionCaps, DialogCaps, EnumerationCaps, Provider};
use mpr_platform::{NewProvider, ProviderEntry};
use serde_json::{Value, json};

use crate::app::{App, Outcome};
use crate::failure::{FAILED, Failure};
use crate::names::path_json;
use crate::settings::{Kind, Whose, absolute, check, refused};
use crate::table::{Table, clean};

use super::notifyee::{check_modules, place, removed_from};

/// List, register, order and check providers
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the providers in the order in which they are asked
    List,
    /// Register a provider, at the end of the order
    Add(Add),
    /// Take a provider out of the configuration
    Remove {
        /// Its key
        key: String,
        #[command(flatten)]
        whose: Whose,
    },
    /// Set the order in which providers are asked, or show it
    Order {
        /// All keys in their new order
        keys: Vec<String>,
        #[command(flatten)]
        whose: Whose,
    },
    /// Load providers and say what they can do, or why they are skipped
    Check {
        /// Keys or names of the providers to check; all if none is given
        names: Vec<String>,
    },
}

#[derive(clap::Args, Debug)]
struct Add {
    /// The key for the provider order: letters, digits, - and _
    key: String,
    /// The module; %MPR_LIB% stands for /usr/lib/mpr
    path: PathBuf,
    /// The name that people use, such as "SMB Network"
    #[arg(long, short)]
    name: String,
    /// The network type, if the module does not say it
    #[arg(long = "type", value_name = "NUMBER")]
    provider_type: Option<u32>,
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
        Action::Remove { key, whose } => {
            let file = whose.file(app)?;
            let removed = file.remove_provider(&key).map_err(|error| refused(&error))?;
            removed_from(app, removed, "provider", &key, file.path())
        }
        Action::Order { keys, whose } => order(app, &keys, whose),
        Action::Check { names } => check_providers(app, &names),
    }
}

/// Lists what a provider can do, in the words of our commands.
pub(crate) fn abilities(provider: &dyn Provider) -> Vec<&'static str> {
    let (connection, dialog) = (provider.connection_caps(), provider.dialog_caps());
    let adds = ConnectionCaps::ADD_CONNECTION
        | ConnectionCaps::ADD_CONNECTION3
        | ConnectionCaps::ADD_CONNECTION4;
    let cancels = ConnectionCaps::CANCEL_CONNECTION | ConnectionCaps::CANCEL_CONNECTION2;
    let can = [
        (connection.intersects(adds), "connect"),
        (connection.intersects(cancels), "disconnect"),
        (connection.contains(ConnectionCaps::GET_CONNECTIONS), "get"),
        (connection.contains(ConnectionCaps::DEFER), "defer"),
        (provider.enumeration_caps().contains(EnumerationCaps::LOCAL), "list"),
        (provider.enumeration_caps().contains(EnumerationCaps::GLOBAL), "browse"),
        (dialog.contains(DialogCaps::GET_RESOURCE_INFORMATION), "explain"),
        (provider.knows_users(), "users"),
    ];
    can.into_iter().filter(|(has, _)| *has).map(|(_, word)| word).collect()
}

fn list(app: &App) -> Outcome {
    let settings = app.host().settings();
    let entry = |it: &ProviderEntry, place: Option<usize>| {
        json!({
            "order": place,
            "key": it.key,
            "name": it.name,
            "path": path_json(&it.path),
            "file": path_json(&it.origin.file),
            "line": it.origin.line,
        })
    };
    let json = || {
        let used = settings.providers.iter().enumerate().map(|(at, it)| entry(it, Some(at + 1)));
        let all = used.chain(settings.unused.iter().map(|it| entry(it, None)));
        json!({ "ok": true, "providers": all.collect::<Value>() })
    };
    app.show(json, || {
        if settings.providers.is_empty() && settings.unused.is_empty() {
            return "no provider is registered\n".into();
        }
        let mut table = Table::new(["Order", "Key", "Name", "File", "Registered in"]);
        let used =
            settings.providers.iter().enumerate().map(|(at, it)| (format!("{}", at + 1), it));
        for (order, entry) in used.chain(settings.unused.iter().map(|it| ("unused".into(), it))) {
            let file = entry.path.display().to_string();
            table.row([order, entry.key.clone(), entry.name.clone(), file, place(&entry.origin)]);
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
            check(app, self.whose.scope(app), &path, Kind::Provider)?;
        }
        let text = path.to_str().ok_or_else(|| {
            Failure::Configuration(format!("{} is not UTF-8; rename it", path.display()))
        })?;
        let provider = NewProvider {
            name: self.name.clone(),
            path: text.to_owned(),
            class: None,
            provider_type: self.provider_type,
        };
        file.add_provider(&self.key, &provider).map_err(|error| refused(&error))?;
        let place = file.path();
        app.confirm(
            || json!({ "ok": true, "name": self.key, "file": path_json(place) }),
            || format!("provider {} is registered in {}\n", clean(&self.key), place.display()),
        );
        Ok(0)
    }
}

fn order(app: &App, keys: &[String], whose: Whose) -> Outcome {
    let file = whose.file(app)?;
    if !keys.is_empty() {
        let settings = app.host().settings();
        let known = |key: &&String| {
            let registered = settings.providers.iter().chain(&settings.unused);
            registered.map(|it| &it.key).any(|known| known.eq_ignore_ascii_case(key))
        };
        if let Some(key) = keys.iter().find(|key| !known(key)) {
            let text = format!("no provider {} is registered; `mpr provider list`", clean(key));
            return Err(Failure::Configuration(text));
        }
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        file.set_order(&keys).map_err(|error| refused(&error))?;
    }
    let order = file.order().map_err(|error| refused(&error))?;
    let json = || json!({ "ok": true, "order": order, "file": path_json(file.path()) });
    let text = || order.iter().map(|key| format!("{}\n", clean(key))).collect();
    app.show(json, text);
    Ok(0)
}

fn check_providers(app: &App, names: &[String]) -> Outcome {
    let settings = app.host().settings();
    let known: Vec<_> =
        settings.providers.iter().map(|it| vec![it.key.clone(), it.name.clone()]).collect();
    if app.common.json || !names.is_empty() || known.is_empty() {
        return check_modules(app, names, 0, &known);
    }
    // For people: also what each can do, which only a provider has.
    let statuses = app.host().check_modules();
    let mut table = Table::new(["Name", "Works", "What it is", "Can", "File"]);
    let mut status = 0;
    for (provider, module) in app.host().router().providers().iter().zip(&statuses) {
        let failed = !module.works();
        if failed {
            status = FAILED;
        }
        table.row([
            module.name.clone(),
            if failed { "no" } else { "yes" }.into(),
            super::notifyee::said_of(module),
            abilities(&**provider).join(", "),
            module.path.display().to_string(),
        ]);
    }
    crate::output::put(&table.text());
    Ok(status)
}
