//! Why a command failed: who, what, which code, and what to do; as text, JSON and exit status.

use mpr_core::{DecidedBy, Error, Note, Router, WnError};
use serde_json::{Value, json};

use crate::names::code_json;
use crate::story::{Step, steps_json};
use crate::table::clean;

/// Exit status of an operation that failed.
pub(crate) const FAILED: u8 = 1;
/// Exit status of wrong usage.
pub(crate) const USAGE: u8 = 2;
/// Exit status of a configuration that was refused.
pub(crate) const REFUSED: u8 = 3;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The router, a provider, a notifyee or the profile said no.
    Operation(Box<Operation>),
    /// Something outside the router failed: a file, the terminal.
    Other(String),
    /// The command line makes no sense.
    Usage(String),
    /// A configuration, or a change to one, was refused.
    Configuration(String),
}

/// An operation that failed.
#[derive(Debug)]
pub(crate) struct Operation {
    code: WnError,
    kind: &'static str,
    name: Option<String>,
    /// Whether the message begins with whoever decided.
    named: bool,
    message: String,
    reason: Option<String>,
    extended: Option<(u32, String, String)>,
    steps: Vec<Step>,
}

/// What an operation was about, for its message.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct About<'a> {
    /// The name that it was about.
    pub(crate) name: &'a str,
    /// The user who was to be logged in.
    pub(crate) user: Option<&'a str>,
    /// What to do, if it is not what the code says.
    pub(crate) hint: Option<&'a str>,
}

impl Failure {
    /// Tells the story of an error of the router.
    pub(crate) fn operation(
        router: &Router,
        error: &Error,
        about: About<'_>,
        steps: Vec<Step>,
    ) -> Self {
        let name = router.decider(error.by).map(|name| clean(&name.to_string()));
        let kind = match error.by {
            DecidedBy::Router => "router",
            DecidedBy::Provider(_) => "provider",
            DecidedBy::Notifyee(_) => "notifyee",
            DecidedBy::Profile => "profile",
        };
        let decided = |step: &&Step| {
            step.kind == "notifyee" && matches!(step.note, Note::Veto | Note::Replaced)
        };
        let notified = steps.iter().rev().find(decided).filter(|_| kind == "notifyee");
        let reason = notified.and_then(Step::reason).map(clean);
        let extended = error
            .extended
            .as_deref()
            .map(|it| (it.code, clean(&it.text.to_string_lossy()), it.provider.to_string_lossy()));
        let text = extended.as_ref().map(|(_, text, _)| text.as_str()).filter(|it| !it.is_empty());
        let (said, more) = match text {
            Some(text) if error.code == WnError::EXTENDED_ERROR => {
                (format!("{text} ({})", error.code.code()), None)
            }
            text => (error.code.to_string(), text),
        };
        let known = name.clone().unwrap_or_default();
        // "Not mine" is the answer of all, whoever said it first.
        let all = kind == "provider" && error.code == WnError::BAD_NET_NAME && more.is_none();
        let mut message = match kind {
            "provider" if all => format!("no provider took the name: {said}"),
            "provider" => format!("{known}: {said}"),
            "notifyee" if notified.is_some_and(|step| step.note == Note::Replaced) => {
                format!("notifyee {known} replaced the error: {said}")
            }
            "notifyee" => format!("notifyee {known} vetoed: {said}"),
            "profile" => format!("profile: {said}"),
            _ => said,
        };
        if !about.name.is_empty() {
            message += &format!(" for {}", clean(about.name));
        }
        if let Some(user) = about.user {
            message += &format!(" as {}", clean(user));
        }
        if let Some(more) = more.or(reason.as_deref()) {
            message += &format!(": {more}");
        }
        let with_user = about.user.is_some() || user_in(about.name).is_some();
        let general = hint(error.code, kind, with_user);
        // Where a provider says what it found, a guess would only confuse.
        let allowed = with_user && more.is_some_and(|text| text.starts_with("open: "));
        let login = wants_login(error) && !allowed;
        let general = general.filter(|_| more.is_none() || login);
        if let Some(hint) = about.hint.or(general).filter(|_| kind != "notifyee") {
            message += &format!("; {hint}");
        }
        let (code, named) = (error.code, kind != "router" && !all);
        Self::Operation(Box::new(Operation {
            code,
            kind,
            name,
            named,
            message,
            reason,
            extended,
            steps,
        }))
    }

    /// Returns the exit status.
    pub(crate) const fn status(&self) -> u8 {
        match self {
            Self::Operation(_) | Self::Other(_) => FAILED,
            Self::Usage(_) => USAGE,
            Self::Configuration(_) => REFUSED,
        }
    }

    /// Tells whether the message begins with whoever decided.
    pub(crate) fn names_its_author(&self) -> bool {
        matches!(self, Self::Operation(it) if it.named)
    }

    /// Returns the text for people.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Operation(operation) => &operation.message,
            Self::Other(text) | Self::Usage(text) | Self::Configuration(text) => text,
        }
    }

    /// Returns the steps that led to it.
    pub(crate) fn steps(&self) -> &[Step] {
        if let Self::Operation(operation) = self { &operation.steps } else { &[] }
    }

    /// Returns the JSON object.
    pub(crate) fn json(&self) -> Value {
        let other = |kind| (None, kind, &None, &None, &None);
        let (code, kind, name, reason, extended) = match self {
            Self::Operation(it) => {
                (Some(it.code.code()), it.kind, &it.name, &it.reason, &it.extended)
            }
            Self::Other(_) => other("command"),
            Self::Usage(_) => other("usage"),
            Self::Configuration(_) => other("configuration"),
        };
        let (code, symbol) = code.map_or((Value::Null, Value::Null), code_json);
        let extended = extended.as_ref().map(
            |(code, text, provider)| json!({ "code": code, "text": text, "provider": provider }),
        );
        json!({
            "ok": false,
            "code": code,
            "name": symbol,
            "by": { "kind": kind, "name": name },
            "message": self.message(),
            "reason": reason,
            "extended": extended,
            "trace": steps_json(self.steps()),
        })
    }
}

/// Tells whether a code says that a user name or password is not good enough.
const fn judges_login(code: WnError) -> bool {
    matches!(code, WnError::ACCESS_DENIED | WnError::INVALID_PASSWORD | WnError::LOGON_FAILURE)
}

/// Tells whether another user name or password may help: whether the provider says no to the login
/// and not to something that comes before, like the server's key.
pub(crate) fn wants_login(error: &Error) -> bool {
    let said = error.extended.as_deref().map(|it| it.text.to_string_lossy()).unwrap_or_default();
    let early = ["resolve: ", "connect: ", "secure: ", "mount: "];
    judges_login(error.code) && !early.iter().any(|stage| said.starts_with(stage))
}

/// Returns the user whom an address names.
pub(crate) fn user_in(name: &str) -> Option<&str> {
    let authority = name.split_once("://")?.1.split(['/', '\\']).next()?;
    authority.rsplit_once('@').map(|(user, _)| user)
}

/// Says what to do about a code; nothing where the code says it.
fn hint(code: WnError, kind: &str, with_user: bool) -> Option<&'static str> {
    Some(match code {
        code if judges_login(code) => {
            if with_user {
                "check the name and the password"
            } else {
                "try --user"
            }
        }
        WnError::BAD_NET_NAME | WnError::NO_NET_OR_BAD_PATH => {
            "`mpr explain` says who was asked; `mpr provider list` says who could be"
        }
        WnError::BAD_NET_PATH | WnError::REM_NOT_LIST => "check the server's name and the network",
        WnError::ALREADY_ASSIGNED => "choose another, or free it with `mpr delete`",
        WnError::DEVICE_ALREADY_REMEMBERED => "choose another, or forget it with `mpr delete`",
        WnError::BAD_DEVICE => "a local name is S:, LPT1 or an absolute path",
        WnError::BAD_PROVIDER if kind == "router" => "`mpr provider list` shows who there is",
        WnError::BAD_PROVIDER => "`mpr provider check` says why",
        WnError::NO_NETWORK => "`mpr provider list` shows who there is, `mpr doctor` what is wrong",
        WnError::CANNOT_OPEN_PROFILE | WnError::BAD_PROFILE => {
            "`mpr doctor` says where; `mpr delete --keep` disconnects all the same"
        }
        WnError::OPEN_FILES | WnError::DEVICE_IN_USE => "close them, or use --force",
        WnError::NOT_CONNECTED => "`mpr list` shows what is",
        WnError::SESSION_CREDENTIAL_CONFLICT => "disconnect the other one first",
        WnError::TIMEOUT => "try again, or wait longer with --timeout",
        WnError::NO_MORE_ITEMS => "every drive letter is taken; free one with `mpr delete`",
        _ => return None,
    })
}
