//! What a provider works with: where, with which helper, within which bounds, which options.

use std::path::PathBuf;
use std::time::Duration;

use mpr_platform::{OptionValue, Options, Paths};
use serde_json::{Map, Value};

use crate::helper::{helper_program, module_of};
use crate::network::{Network, OptionKind};
use crate::runtime::{Runtime, privileged};

/// The bound of connecting and browsing where nobody says another.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The bound of a file operation where nobody says another.
const IO_LIMIT: Duration = Duration::from_secs(20);

/// Where a provider keeps its mounts, what serves them, and how long things may take.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The user's runtime directory.
    pub runtime: Runtime,
    /// The program that serves a mount; `None` if it is not installed.
    pub helper: Option<PathBuf>,
    /// The bound of connecting and browsing: `MPR_CONNECT_TIMEOUT` seconds, the option
    /// `connect-timeout`, or 5 s.
    pub connect_limit: Duration,
    /// The bound of a file operation: `MPR_IO_TIMEOUT` seconds, the option `io-timeout`, or 20 s.
    pub io_limit: Duration,
    /// Where files go that a server would not take before its mount ended:
    /// `$XDG_STATE_HOME/mpr/unsaved`, or `var/lib/mpr/unsaved` under `MPR_ROOT`.
    pub unsaved: Option<PathBuf>,
    /// The file that remembers connections; only read, for the servers that it names.
    pub profile: Option<PathBuf>,
    /// What `[providers.KEY.options]` of `mpr.toml` says; the protocol's options go to the helper.
    pub options: Map<String, Value>,
    /// Whether the kernel's own file system is wanted instead of the serving program: the option
    /// `kernel`, or `MPR_KERNEL=1`.
    pub kernel: bool,
    /// Why nothing may be connected: an option that makes no sense. Falling back to a default
    /// would be looser than what the user wanted.
    pub problem: Option<String>,
}

impl Settings {
    /// Takes the settings of the calling user from the environment and `mpr.toml`.
    pub fn from_env<N: Network>() -> Self {
        let anchor = Self::from_env::<N> as *const () as usize;
        let paths = Paths::current();
        let mut options = options_of(N::NAME, anchor, &paths);
        let mut problem = None;
        let mut limit = |key: &str, variable: &str, usual: Duration| {
            let stated = options.remove(key).map(|value| (time(&value), value));
            match stated {
                Some((None, value)) => {
                    problem = Some(format!("`{key}` is no time in mpr.toml: {value}"));
                    usual
                }
                stated => {
                    seconds(variable).or(stated.and_then(|(limit, _)| limit)).unwrap_or(usual)
                }
            }
        };
        let connect_limit = limit("connect-timeout", "MPR_CONNECT_TIMEOUT", CONNECT_LIMIT);
        let io_limit = limit("io-timeout", "MPR_IO_TIMEOUT", IO_LIMIT);
        problem = problem.or_else(|| misunderstood(&options, N::OPTIONS));
        let kernel = options.remove("kernel") == Some(Value::Bool(true)) || demanded("MPR_KERNEL");
        Self {
            kernel,
            runtime: Runtime::from_env(),
            helper: helper_program(N::HELPER, anchor),
            connect_limit,
            io_limit,
            unsaved: unsaved_dir(),
            profile: paths.profile(),
            options,
            problem,
        }
    }

    /// Makes settings for tests and demonstrations: another runtime directory, this helper, and
    /// bounds as they are by default.
    pub fn new(runtime: Runtime, helper: PathBuf) -> Self {
        Self {
            kernel: false,
            runtime,
            helper: Some(helper),
            connect_limit: CONNECT_LIMIT,
            io_limit: IO_LIMIT,
            unsaved: None,
            profile: None,
            options: Map::new(),
            problem: None,
        }
    }
}

/// Reads the options of the provider that this module is registered as: by its file, or by its
/// name if it is not loaded from one.
fn options_of(name: &str, anchor: usize, paths: &Paths) -> Map<String, Value> {
    let settings = mpr_platform::Settings::load(paths);
    let own = module_of(anchor).and_then(|path| path.canonicalize().ok());
    let entries = || settings.providers.iter().chain(&settings.unused);
    let by_file = entries().find(|entry| own.is_some() && entry.path.canonicalize().ok() == own);
    let entry = by_file.or_else(|| entries().find(|entry| entry.name.eq_ignore_ascii_case(name)));
    entry.map(|entry| table(&entry.options)).unwrap_or_default()
}

/// Says which option nobody would obey, and why.
fn misunderstood(options: &Map<String, Value>, known: &[(&str, OptionKind)]) -> Option<String> {
    options.iter().find_map(|(name, value)| {
        let kind = known.iter().find(|(known, _)| known == name).map(|(_, kind)| kind);
        match kind {
            None => {
                let known = known.iter().map(|(name, _)| *name);
                let known: Vec<_> =
                    ["connect-timeout", "io-timeout"].into_iter().chain(known).collect();
                Some(format!("unknown option `{name}` in mpr.toml; use {}", known.join(", ")))
            }
            Some(OptionKind::Flag) if !value.is_boolean() => {
                Some(format!("`{name}` must be true or false in mpr.toml"))
            }
            Some(OptionKind::Text) if !value.is_string() => {
                Some(format!("`{name}` must be text in mpr.toml"))
            }
            Some(_) => None,
        }
    })
}

fn table(options: &Options) -> Map<String, Value> {
    options.iter().map(|(name, option)| (name.clone(), value(option))).collect()
}

fn value(option: &OptionValue) -> Value {
    match option {
        OptionValue::Text(text) => Value::from(text.as_str()),
        OptionValue::Integer(number) => Value::from(*number),
        OptionValue::Float(number) => Value::from(*number),
        OptionValue::Bool(truth) => Value::from(*truth),
        OptionValue::List(list) => list.iter().map(value).collect(),
        OptionValue::Table(options) => Value::Object(table(options)),
    }
}

/// Reads a time as `mpr.toml` writes it: `20s`, `500ms`, or a number of milliseconds.
fn time(value: &Value) -> Option<Duration> {
    let limit = match value {
        Value::String(text) => mpr_platform::parse_duration(text).ok()?,
        number => Duration::from_millis(number.as_u64()?),
    };
    Some(limit).filter(|limit| !limit.is_zero())
}

fn unsaved_dir() -> Option<PathBuf> {
    let variable = |name| {
        let value = std::env::var_os(name).filter(|_| !privileged()).map(PathBuf::from);
        value.filter(|path| path.is_absolute())
    };
    if let Some(root) = variable("MPR_ROOT") {
        return Some(root.join("var/lib/mpr/unsaved"));
    }
    let state = variable("XDG_STATE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/state")));
    state.map(|state| state.join("mpr/unsaved"))
}

/// Tells whether a variable is set to 1 by a caller who may say so.
fn demanded(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| value == "1") && !privileged()
}

fn seconds(variable: &str) -> Option<Duration> {
    let value: f64 = std::env::var(variable).ok().filter(|_| !privileged())?.parse().ok()?;
    Duration::try_from_secs_f64(value).ok().filter(|limit| !limit.is_zero())
}

/// Returns the login name of a user, or its number.
pub(super) fn login_name(uid: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| uid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_and_options() {
        assert_eq!(time(&json!("500ms")), Some(Duration::from_millis(500)));
        assert_eq!(time(&json!("8s")), Some(Duration::from_secs(8)));
        assert_eq!(time(&json!(8)), Some(Duration::from_millis(8)));
        for wrong in [json!(0), json!(-1), json!(0.5), json!("soon"), json!(true), json!([])] {
            assert_eq!(time(&wrong), None, "{wrong}");
        }
        let inner = Options::from([("port".to_owned(), OptionValue::Integer(7))]);
        let options = Options::from([
            ("a".to_owned(), OptionValue::List(vec![OptionValue::Bool(true)])),
            ("b".to_owned(), OptionValue::Table(inner)),
        ]);
        assert_eq!(Value::Object(table(&options)), json!({ "a": [true], "b": { "port": 7 } }));
    }

    #[test]
    fn an_option_that_nobody_obeys_is_a_problem() {
        let known = [("require-privacy", OptionKind::Flag), ("pin", OptionKind::Text)];
        let check = |options: Value| misunderstood(options.as_object().unwrap(), &known);
        assert_eq!(check(json!({ "require-privacy": false, "pin": "ab" })), None);
        for (options, why) in [
            (json!({ "require-privcy": true }), "unknown option `require-privcy`"),
            (json!({ "require-privacy": "yes" }), "must be true or false"),
            (json!({ "pin": 7 }), "must be text"),
        ] {
            let problem = check(options).unwrap_or_default();
            assert!(problem.contains(why), "{problem}");
        }
    }
}
