//! `mpr browse [REMOTE]`: what there is on the network.

use mpr_core::{NetResource, ResourceType, ResourceUsage, Scope, WideString};
use serde_json::{Value, json};

use crate::app::{App, Outcome};
use crate::failure::About;
use crate::names::{display_word, resource_json, shown, type_word};
use crate::table::Table;

/// Show the networks, or what a server or container holds
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// A network, server or other container; without it, the networks themselves
    remote: Option<String>,
    /// Ask this provider only
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let router = app.network()?.router();
    let wide = |text: &Option<String>| text.as_deref().map(WideString::from);
    let (remote, provider) = (wide(&args.remote), wide(&args.provider));
    let container = NetResource {
        remote: remote.as_ref().map(WideString::as_wide),
        provider: provider.as_ref().map(WideString::as_wide),
        ..NetResource::default()
    };
    let container = (remote.is_some() || provider.is_some()).then_some(&container);

    let mut story = app.story();
    let mut table = Table::new(["Name", "Kind", "Type", "Provider", "Comment"]);
    let mut entries: Vec<Value> = Vec::new();
    let watch = app.watch();
    let mut read = || {
        let (scope, any, none) = (Scope::GLOBALNET, ResourceType::ANY, ResourceUsage::NONE);
        let mut open = router.open_enum(scope, any, none, container, &mut story)?;
        watch.asking("the next part of the list");
        while let Some((entry, _)) = open.peek()? {
            watch.answered();
            table.row([
                shown(entry.remote),
                display_word(entry.display_type).into(),
                type_word(entry.resource_type).into(),
                shown(entry.provider),
                shown(entry.comment),
            ]);
            entries.push(resource_json(&entry));
            open.advance();
            watch.asking("the next part of the list");
        }
        watch.answered();
        open.close()
    };
    if let Err(error) = read() {
        let name = args.remote.as_deref().unwrap_or_default();
        return Err(app.failed(&error, About { name, ..About::default() }, story.into_steps()));
    }
    let empty = entries.is_empty();
    app.show(
        || json!({ "ok": true, "remote": args.remote, "entries": entries }),
        || if empty { "nothing is here\n".into() } else { table.text() },
    );
    Ok(0)
}
