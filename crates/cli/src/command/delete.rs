//! `mpr delete NAME`: disconnects.

use mpr_core::{ConnectFlags, WideString, WnError};
use serde_json::json;

use crate::app::{App, Outcome};
use crate::failure::{About, Failure};
use crate::interrupt;
use crate::names::is_local;
use crate::output::put;
use crate::story::{steps_json, steps_text};
use crate::table::clean;

/// Disconnect a local name, or the deviceless connections to a remote name
///
/// A local name is forgotten too, as by `net use S: /delete`.
#[derive(clap::Args, Debug)]
#[command(visible_alias = "disconnect")]
pub(crate) struct Args {
    /// S:, LPT1, an absolute path, or a remote name
    name: String,
    /// Disconnect even if files are open
    #[arg(long, short)]
    force: bool,
    /// Keep the local name remembered, so that it can be restored
    #[arg(long)]
    keep: bool,
    /// Show what each notifyee and provider said, and how long it took
    #[arg(long)]
    explain: bool,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    if args.name == "*" {
        return Err(Failure::Usage("name one connection; `mpr list` shows them".into()));
    }
    interrupt::watch();
    let host = app.host();
    let name = WideString::from(args.name.as_str());
    let local = is_local(&args.name);
    let forget = local && !args.keep;
    let flags = if forget { ConnectFlags::UPDATE_PROFILE } else { ConnectFlags::NONE };
    let remembered = || host.router().profile().get(name.as_wide()).is_ok_and(|it| it.is_some());
    let was_remembered = local && remembered();
    let mut story = app.story();
    let result = host.router().cancel_connection(name.as_wide(), flags, args.force, &mut story);
    let steps = story.into_steps();
    app.tell_left_out(&steps);
    if args.explain && !app.common.json {
        put(&steps_text(&steps));
    }
    let cancelled = match result {
        Ok(cancelled) => cancelled,
        Err(error) => {
            if host.settings().providers.is_empty() {
                app.network()?;
            }
            let shown = if local { args.name.to_uppercase() } else { args.name.clone() };
            let shown = if args.name.starts_with('/') { args.name.clone() } else { shown };
            let hint = (error.code == WnError::NOT_CONNECTED && was_remembered && !forget)
                .then_some("it is only remembered; without --keep it is forgotten");
            return Err(app.failed(&error, About { name: &shown, user: None, hint }, steps));
        }
    };
    let forgotten = forget && was_remembered;
    app.confirm(
        || {
            json!({
                "ok": true,
                "name": args.name,
                "disconnected": cancelled.disconnected.is_some(),
                "forgotten": forgotten,
                "provider": cancelled.provider(host.router()).map(|name| name.to_string()),
                "trace": steps_json(&steps),
            })
        },
        || {
            let what = match (cancelled.disconnected.is_some(), forgotten) {
                (true, true) => "is disconnected and forgotten",
                (true, false) => "is disconnected",
                (false, _) => "is forgotten; it was not connected",
            };
            format!("{} {what}\n", clean(&args.name))
        },
    );
    Ok(0)
}
