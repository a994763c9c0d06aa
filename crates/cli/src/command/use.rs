//! `mpr use [LOCAL] REMOTE`: connects.

use mpr_core::{
    AddConnection, AddVerb, ConnectFlags, Connected, Credentials, DecidedBy, Error, LocalName,
    MAX_REMOTE_NAME, ResourceType, WideString, WnError,
};
use serde_json::json;

use crate::app::{App, Outcome};
use crate::failure::{About, Failure, user_in, wants_login};
use crate::interrupt;
use crate::names::{deviceless_directory, directory, is_local, path_json};
use crate::output::put;
use crate::password::{self, Secret};
use crate::story::{Step, steps_json, steps_text};
use crate::table::clean;

/// Connect a remote name, to a local name if one is given
///
/// Without names it lists connections; with a local name alone it tells what that is.
#[derive(clap::Args, Debug)]
#[command(override_usage = "mpr use [OPTIONS] [[LOCAL] REMOTE]")]
pub(crate) struct Args {
    /// LOCAL is S:, LPT1, an absolute path, or '*' for the next free letter
    #[arg(value_name = "NAME", num_args = 0..=3)]
    names: Vec<String>,
    /// Log in as this user
    #[arg(long, short)]
    user: Option<String>,
    /// Read the password from the first line of stdin
    #[arg(long)]
    password_stdin: bool,
    /// Remember the connection, so that it is restored
    #[arg(long, short)]
    persistent: bool,
    /// Ask this provider only
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Connect a printer
    #[arg(long)]
    printer: bool,
    /// Fail unless the connection is encrypted
    #[arg(long)]
    require_privacy: bool,
    /// Fail unless the connection is signed
    #[arg(long)]
    require_integrity: bool,
    /// Write through every cache
    #[arg(long)]
    write_through: bool,
    /// Mount through the kernel's own file system; only for root
    #[arg(long)]
    pub(crate) kernel: bool,
    /// Show what each notifyee and provider said, and how long it took
    #[arg(long)]
    explain: bool,
}

/// Runs the command.
pub(crate) fn run(app: &App, args: &Args) -> Outcome {
    let (local, remote, ask) = match &*args.names {
        [] => return super::list::run(app, &super::list::Args::default()),
        [only] if is_local(only) => {
            return super::get::run(app, &super::get::Args::of(only.clone()));
        }
        [remote] => (None, remote, false),
        // An unset variable of a script, not a wish to have no drive.
        [empty, ..] if empty.is_empty() => {
            return Err(Failure::Usage("the local name is empty; leave it out for none".into()));
        }
        [local, remote] => (Some(&**local), remote, false),
        [local, remote, star] if star == "*" => (Some(&**local), remote, true),
        names => {
            return Err(Failure::Usage(match names.iter().find(|it| is_option(it)) {
                Some(word) => {
                    format!("`{}` is no option; `mpr use --help` lists them", clean(word))
                }
                None => {
                    "a password is never an argument: use --password-stdin, or wait to be asked"
                        .into()
                }
            }));
        }
    };
    password::must_not_be_in(remote)?;
    interrupt::watch();
    let attempt = Attempt { app, args, local, remote };
    let mut secret = match (args.password_stdin, ask) {
        (true, _) => Some(password::from_stdin().map_err(|error| {
            Failure::Other(format!("no password could be read from stdin: {error}"))
        })?),
        (false, true) => Some(attempt.ask()?),
        (false, false) => None,
    };
    loop {
        match attempt.connect(secret.as_ref()) {
            Ok(status) => return Ok(status),
            Err((error, steps)) => {
                if secret.is_none() && attempt.may_ask(&error) {
                    secret = Some(attempt.ask()?);
                    continue;
                }
                if args.explain && !app.common.json {
                    put(&steps_text(&steps));
                }
                return Err(attempt.failure(&error, steps, secret.is_some()));
            }
        }
    }
}

/// Tells whether a word is meant as an option in the manner of `net use`: `/persistant:yes`.
fn is_option(word: &str) -> bool {
    let name = word.strip_prefix('/').and_then(|word| word.split_once(':'));
    name.is_some_and(|(name, _)| name.bytes().all(|it| it.is_ascii_alphabetic()))
}

/// Says what is wrong with a name that nobody takes, where that can be seen.
fn misspelt(remote: &str) -> Option<&'static str> {
    if remote.encode_utf16().count() > MAX_REMOTE_NAME {
        Some("a remote name has at most 259 characters")
    } else if remote.starts_with('\\') && !remote.starts_with(r"\\") {
        Some(r"the shell has taken backslashes: quote the name, '\\server\share'")
    } else if user_in(remote).is_some() && remote.starts_with(['h', 'd']) {
        // http and dav; others may take it there.
        Some("name the user with --user, not in the address")
    } else if remote.starts_with("//") {
        Some(r"write '\\server\share' or smb://server/share")
    } else {
        None
    }
}

/// One connection that is wanted.
struct Attempt<'a> {
    app: &'a App,
    args: &'a Args,
    local: Option<&'a str>,
    remote: &'a str,
}

impl Attempt<'_> {
    fn connect(&self, secret: Option<&Secret>) -> Result<u8, (Error, Vec<Step>)> {
        let args = self.args;
        let choose = self.local == Some("*");
        let wide = |text: Option<&str>| text.map(WideString::from);
        let local = wide(self.local.filter(|_| !choose));
        let remote = WideString::from(self.remote);
        let (user, provider) = (wide(args.user.as_deref()), wide(args.provider.as_deref()));
        let request = AddConnection {
            verb: AddVerb::UseConnection,
            resource_type: match (args.printer, choose) {
                (true, _) => ResourceType::PRINT,
                (false, true) => ResourceType::DISK,
                (false, false) => ResourceType::ANY,
            },
            local: local.as_ref().map(WideString::as_wide),
            remote: Some(remote.as_wide()),
            provider: provider.as_ref().map(WideString::as_wide),
            credentials: Credentials::Named {
                user: user.as_ref().map(WideString::as_wide),
                password: secret.map(Secret::password),
            },
            flags: self.flags(choose),
            ..AddConnection::default()
        };
        let mut story = self.app.story();
        let result = self.app.host().router().add_connection(&request, &mut story);
        let steps = story.into_steps();
        self.app.tell_left_out(&steps);
        let connected = result.map_err(|error| (error, steps.clone()))?;
        self.report(&connected, &steps);
        Ok(0)
    }

    fn flags(&self, choose: bool) -> ConnectFlags {
        let args = self.args;
        let flags = [
            (args.persistent, ConnectFlags::UPDATE_PROFILE),
            (choose, ConnectFlags::REDIRECT),
            (args.require_privacy, ConnectFlags::REQUIRE_PRIVACY),
            (args.require_integrity, ConnectFlags::REQUIRE_INTEGRITY),
            (args.write_through, ConnectFlags::WRITE_THROUGH_SEMANTICS),
        ];
        let set = flags.into_iter().filter(|(set, _)| *set);
        set.fold(ConnectFlags::NONE, |all, (_, flag)| all | flag)
    }

    fn report(&self, connected: &Connected<'_>, steps: &[Step]) {
        let router = self.app.host().router();
        let provider = router.providers()[connected.provider].name().to_string();
        let local = connected.local.as_ref().map(LocalName::to_string);
        let path = match &connected.local {
            Some(local) => directory(&self.app.paths, local.as_wide()),
            None => deviceless_directory(&self.app.paths, self.remote),
        };
        let path = path.filter(|path| crate::mounts::ours().iter().any(|it| it.path == *path));
        let remembered = self.args.persistent && local.is_some();
        let json = || {
            json!({
                "ok": true,
                "local": local,
                "remote": self.remote,
                "provider": provider,
                "path": path.as_deref().map(path_json),
                "remembered": remembered,
                "trace": steps_json(steps),
            })
        };
        let text = || {
            let story = if self.args.explain { steps_text(steps) } else { String::new() };
            let (remote, provider) = (clean(self.remote), clean(&provider));
            let at = match (&path, &local) {
                (Some(path), Some(local)) if path.to_str() != Some(local) => {
                    format!(", at {}", path.display())
                }
                (Some(path), None) => format!(", at {}", path.display()),
                _ => String::new(),
            };
            let kept = if remembered { ", and remembered" } else { "" };
            match &local {
                Some(local) => {
                    format!("{story}{local} is connected to {remote} by {provider}{at}{kept}\n")
                }
                None => format!("{story}{remote} is connected by {provider}{at}\n"),
            }
        };
        if self.args.explain { self.app.show(json, text) } else { self.app.confirm(json, text) }
    }

    /// Tells whether a password might help, and somebody can be asked for it.
    fn may_ask(&self, error: &Error) -> bool {
        let by_provider = matches!(error.by, DecidedBy::Provider(_));
        wants_login(error) && by_provider && !self.app.common.no_input && password::can_ask()
    }

    fn ask(&self) -> Result<Secret, Failure> {
        if self.app.common.no_input || !password::can_ask() {
            return Err(Failure::Usage("nobody can be asked here: use --password-stdin".into()));
        }
        password::ask(self.remote, self.args.user.as_deref())
    }

    fn failure(&self, error: &Error, steps: Vec<Step>, with_password: bool) -> Failure {
        if let Err(refused) = self.app.network() {
            return refused;
        }
        let local = self.local.unwrap_or_default();
        let name = match (error.code, error.by) {
            // These are about the local name.
            (WnError::BAD_DEVICE | WnError::BAD_DEV_TYPE, DecidedBy::Router) => local,
            (WnError::ALREADY_ASSIGNED | WnError::DEVICE_ALREADY_REMEMBERED, _) => local,
            (WnError::BAD_PROVIDER, DecidedBy::Router) => {
                self.args.provider.as_deref().unwrap_or_default()
            }
            _ => self.remote,
        };
        let user = self.args.user.as_deref().filter(|_| matches!(error.by, DecidedBy::Provider(_)));
        let unasked = wants_login(error) && user.is_some() && !with_password;
        let hint = unasked.then_some("give the password with --password-stdin");
        let hint = hint.or_else(|| misspelt(self.remote).filter(|_| name == self.remote));
        self.app.failed(error, About { name, user, hint }, steps)
    }
}
