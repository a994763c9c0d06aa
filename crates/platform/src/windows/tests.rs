//! The rules of the registry, on a hive in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

use mpr_core::{
    ConnectFlags, Profile, RememberedConnection, ResourceType, Wide, WideString, WnError,
};

use super::hive::{Failure, Hive, Tree, Value, Values};
use super::load::{NOTIFYEES, ORDER, SERVICES, load};
use super::names::{Places, Relative, module_path, order};
use super::profile::Remembered;
use crate::settings::Settings;

/// Keys by their names without case, as the registry compares them.
#[derive(Default)]
struct Memory {
    keys: Mutex<BTreeMap<(Tree, String), Values>>,
    /// What was written (or removed) in which order.
    steps: Mutex<Vec<(String, bool)>>,
    closed: bool,
}

impl Memory {
    fn with(self, key: &str, name: &str, value: Value) -> Self {
        self.write(Tree::Machine, key, &[(name, Some(value))]).unwrap();
        self
    }

    fn provider(self, key: &str, name: &str, path: Value) -> Self {
        let place = format!(r"{SERVICES}\{key}\NetworkProvider");
        self.with(&place, "Name", sz(name)).with(&place, "ProviderPath", path)
    }

    fn settings(&self) -> Settings {
        load(self, &Folders)
    }
}

impl Hive for Memory {
    fn values(&self, tree: Tree, key: &str) -> Result<Option<Values>, Failure> {
        if self.closed {
            return Err(Failure(5));
        }
        Ok(self.keys.lock().unwrap().get(&(tree, key.to_lowercase())).cloned())
    }

    fn children(&self, tree: Tree, key: &str) -> Result<Vec<String>, Failure> {
        if self.closed {
            return Err(Failure(5));
        }
        let above = format!(r"{}\", key.to_lowercase());
        let keys = self.keys.lock().unwrap();
        let below = keys.keys().filter(|(own, _)| *own == tree);
        Ok(below.filter_map(|(_, key)| key.strip_prefix(&above)).map(str::to_owned).collect())
    }

    fn check_writable(&self, _tree: Tree, _key: &str) -> Result<(), Failure> {
        if self.closed { Err(Failure(5)) } else { Ok(()) }
    }

    fn write(
        &self,
        tree: Tree,
        key: &str,
        values: &[(&str, Option<Value>)],
    ) -> Result<(), Failure> {
        self.check_writable(tree, key)?;
        let mut keys = self.keys.lock().unwrap();
        let known = keys.entry((tree, key.to_lowercase())).or_default();
        for (name, value) in values {
            self.steps.lock().unwrap().push(((*name).to_owned(), value.is_some()));
            known.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
            known.extend(value.clone().map(|value| ((*name).to_owned(), value)));
        }
        Ok(())
    }

    fn remove(&self, tree: Tree, key: &str) -> Result<bool, Failure> {
        self.check_writable(tree, key)?;
        Ok(self.keys.lock().unwrap().remove(&(tree, key.to_lowercase())).is_some())
    }
}

struct Folders;

impl Places for Folders {
    fn windows(&self) -> WideString {
        r"C:\windows".into()
    }

    fn system(&self) -> WideString {
        r"C:\windows\system32".into()
    }

    fn expand(&self, text: Wide<'_>) -> WideString {
        text.to_string().replace("%SystemRoot%", r"C:\windows").as_str().into()
    }
}

fn sz(text: &str) -> Value {
    Value::Text(text.into())
}

fn expand(text: &str) -> Value {
    Value::Expandable(text.into())
}

fn keys(settings: &Settings) -> Vec<&str> {
    settings.providers.iter().map(|it| it.key.as_str()).collect()
}

/// P12, U28, W18: nothing depends on the current directory.
#[test]
fn paths_are_fixed() {
    let path = |value: Value, relative| module_path(&value, relative, &Folders);
    let found = [
        (sz(r"C:\a\b.dll"), r"C:\a\b.dll"),
        (sz("  c:/a/b.dll "), r"c:\a\b.dll"),
        (sz(r"\\?\C:\a\b.dll"), r"\\?\C:\a\b.dll"),
        (sz("b.dll"), r"C:\windows\system32\b.dll"),
        (sz(r"System32\b.dll"), r"C:\windows\System32\b.dll"),
        (expand(r"%SystemRoot%\b.dll"), r"C:\windows\b.dll"),
    ];
    for (value, expected) in found {
        assert_eq!(path(value, Relative::FromWindows).unwrap(), expected.into());
    }
    let refused = [
        (sz(""), "empty"),
        (sz("  "), "empty"),
        (sz(r"\\server\share\b.dll"), "network"),
        (sz(r"\\.\pipe\b.dll"), "network"),
        (sz(r"\a\b.dll"), "current directory"),
        (sz("C:b.dll"), "current directory"),
        (sz(r"a\..\..\b.dll"), "leaves"),
        (sz("b.dll:hidden"), "colon"),
        (Value::Number(1), "must be text"),
        (Value::Binary(vec![1]), "must be text"),
    ];
    for (value, part) in refused {
        let why = path(value, Relative::FromWindows).unwrap_err();
        assert!(why.contains(part), "{part}: {why}");
    }
    // As it is: only REG_EXPAND_SZ is expanded.
    assert!(path(sz(r"%SystemRoot%\b.dll"), Relative::Refused).is_err());
    assert!(path(sz(r"System32\b.dll"), Relative::Refused).is_err());
    assert!(path(sz("b.dll"), Relative::Refused).is_ok());
}

/// W17.
#[test]
fn blanks_in_the_order_do_not_count() {
    let order = |text: &str| order(WideString::from(text).as_wide());
    assert_eq!(order("npA, npB"), ["npA", "npB"]);
    assert_eq!(order(" ,npA ,,\tnp B,"), ["npA", "np B"]);
    assert!(order("").is_empty());
}

#[test]
fn providers_in_their_order() {
    let hive = Memory::default()
        .with(ORDER, "providerorder", sz("two, ONE,missing,two,cred,nameless,pathless,odd"))
        .provider("one", "First", sz("one.dll"))
        .provider("two", "Second", expand(r"%SystemRoot%\two.dll"))
        .provider("spare", "Spare", sz("spare.dll"))
        .provider("cred", "Credentials", sz("cred.dll"))
        .with(&format!(r"{SERVICES}\cred\NetworkProvider"), "Class", Value::Number(2))
        .with(&format!(r"{SERVICES}\nameless\NetworkProvider"), "ProviderPath", sz("n.dll"))
        .with(&format!(r"{SERVICES}\pathless\NetworkProvider"), "Name", sz("P"))
        .provider("odd", "Odd", Value::Binary(vec![0]));
    let settings = hive.settings();
    assert_eq!(keys(&settings), ["two", "ONE"]);
    assert_eq!(settings.providers[0].name, "Second");
    assert_eq!(settings.providers[0].path, PathBuf::from(r"C:\windows\two.dll"));
    let problems: Vec<_> = settings.problems.iter().map(ToString::to_string).collect();
    for part in ["`missing`", "`cred` skipped", "no `Name`", "no `ProviderPath`", "must be text"] {
        assert!(problems.iter().any(|it| it.contains(part)), "{part}: {problems:?}");
    }
    assert_eq!(problems.len(), 5);
}

#[test]
fn an_order_may_be_expandable_and_a_name_old() {
    let place = format!(r"{SERVICES}\one\NetworkProvider");
    let hive = Memory::default()
        .with(ORDER, "ProviderOrder", expand("one"))
        .with(&place, "ProviderName", sz("Old Net"))
        .with(&place, "ProviderPath", sz("one.dll"));
    assert_eq!(hive.settings().providers[0].name, "Old Net");
}

/// P15: an empty order is made where there is none, and only there.
#[test]
fn p15_an_order_is_made() {
    let hive = Memory::default();
    assert!(hive.settings().providers.is_empty());
    let values = hive.values(Tree::Machine, ORDER).unwrap().unwrap();
    assert_eq!(values, [("ProviderOrder".to_owned(), sz(""))]);
    let odd = Memory::default().with(ORDER, "ProviderOrder", Value::Number(1));
    assert_eq!(odd.settings().problems.len(), 1);
    let values = odd.values(Tree::Machine, ORDER).unwrap().unwrap();
    assert_eq!(values, [("ProviderOrder".to_owned(), Value::Number(1))]);
}

#[test]
fn a_registry_that_is_closed_is_reported() {
    let hive = Memory { closed: true, ..Memory::default() };
    let settings = hive.settings();
    assert!(settings.providers.is_empty() && settings.notifyees.is_empty());
    assert!(settings.problems.iter().any(|it| it.text.contains("error 5")));
}

/// U7, U27; `notify.md` §9 rows 16 and 17 on Windows.
#[test]
fn notifyees_by_name_each_file_once() {
    let hive = Memory::default()
        .with(NOTIFYEES, "b", expand(r"%SystemRoot%\b.dll"))
        .with(NOTIFYEES, "A", sz(r"C:\n\a.dll"))
        .with(NOTIFYEES, "c", sz(r"c:\WINDOWS\B.dll"))
        .with(NOTIFYEES, "", sz("bare.dll"))
        .with(NOTIFYEES, "d", Value::Binary(vec![1, 2]))
        .with(NOTIFYEES, "e", sz(""))
        .with(NOTIFYEES, "f", sz(r"sub\f.dll"));
    let settings = hive.settings();
    let found: Vec<_> = settings
        .notifyees
        .iter()
        .map(|it| (it.name.as_str(), it.kind.path().to_string_lossy().into_owned()))
        .collect();
    let expected =
        [("", r"C:\windows\system32\bare.dll"), ("A", r"C:\n\a.dll"), ("b", r"C:\windows\b.dll")];
    assert_eq!(found, expected.map(|(name, path)| (name, path.to_owned())));
    assert_eq!(settings.problems.len(), 4, "{:?}", settings.problems);
}

fn entry() -> RememberedConnection {
    RememberedConnection {
        local: "Z:".into(),
        remote: r"\\server\share".into(),
        user: "alice".into(),
        provider: "P".into(),
        provider_type: 0x2_0000,
        connection_type: ResourceType::DISK,
        connect_flags: ConnectFlags(0x4000),
        defer_flags: 1,
        use_options: Some(vec![1, 2, 3]),
    }
}

fn wide(text: &str) -> WideString {
    text.into()
}

#[test]
fn entries_are_keys_below_network() {
    let hive = Memory::default();
    let profile = Remembered(&hive);
    profile.remember(&entry()).unwrap();
    profile.remember(&RememberedConnection { local: "LPT1".into(), ..entry() }).unwrap();
    let values = hive.values(Tree::User, r"Network\Z").unwrap().unwrap();
    let find = |name: &str| values.iter().find(|(own, _)| own == name).map(|(_, value)| value);
    assert_eq!(find("RemotePath"), Some(&sz(r"\\server\share")));
    assert_eq!(find("UserName"), Some(&sz("alice")));
    assert_eq!(find("ConnectionType"), Some(&Value::Number(1)));
    assert_eq!(find("UseOptions"), Some(&Value::Binary(vec![1, 2, 3])));
    assert_eq!(profile.get(wide("z:").as_wide()), Ok(Some(entry())));
    let list = profile.list().unwrap();
    assert_eq!(list.iter().map(|it| it.local.to_string()).collect::<Vec<_>>(), ["LPT1", "Z:"]);
    assert_eq!(profile.forget(wide("Z:").as_wide()), Ok(true));
    assert_eq!(profile.forget(wide("Z:").as_wide()), Ok(false));
    assert_eq!(profile.get(wide("Z:").as_wide()), Ok(None));
}

/// `registry.md` §3: values that we do not know are kept, and what is no longer said goes.
#[test]
fn rewriting_keeps_what_others_wrote() {
    let hive = Memory::default();
    let others = [("ProviderFlags", Some(Value::Number(1))), ("Odd", Some(Value::Other))];
    hive.write(Tree::User, r"Network\Z", &others).unwrap();
    let profile = Remembered(&hive);
    assert_eq!(profile.get(wide("Z:").as_wide()), Ok(None), "no remote name, no entry");
    profile.remember(&entry()).unwrap();
    let plain = RememberedConnection { user: wide(""), use_options: None, ..entry() };
    profile.remember(&plain).unwrap();
    assert_eq!(profile.get(wide("Z:").as_wide()), Ok(Some(plain)));
    let values = hive.values(Tree::User, r"Network\Z").unwrap().unwrap();
    for name in ["ProviderFlags", "Odd", "UserName"] {
        assert!(values.iter().any(|(own, _)| own == name), "{name}");
    }
    assert!(!values.iter().any(|(own, _)| own == "UseOptions"));
}

#[test]
fn malformed_entries_are_left_out() {
    let remote = ("RemotePath", Some(sz(r"\\s\t")));
    let table = [
        ("UserName", Value::Number(0), Ok(true)),
        ("UserName", Value::Number(1), Err(WnError::BAD_PROFILE)),
        ("RemotePath", expand(r"\\s\t"), Err(WnError::BAD_PROFILE)),
        ("RemotePath", sz(""), Ok(false)),
        ("ProviderType", sz("1"), Err(WnError::BAD_PROFILE)),
        ("ConnectionType", Value::Number(3), Err(WnError::BAD_PROFILE)),
        ("UseOptions", sz("x"), Err(WnError::BAD_PROFILE)),
    ];
    for (name, value, expected) in table {
        let hive = Memory::default();
        let good = [remote.clone()];
        hive.write(Tree::User, r"Network\Y", &good).unwrap();
        hive.write(Tree::User, r"Network\Y:", &good).unwrap();
        hive.write(Tree::User, r"Network\Persistent", &good).unwrap();
        hive.write(Tree::User, r"Network\Z", &[remote.clone(), (name, Some(value))]).unwrap();
        let profile = Remembered(&hive);
        let found = profile.get(wide("Z:").as_wide()).map(|entry| entry.is_some());
        assert_eq!(found, expected, "{name}");
        let listed = profile.list().unwrap();
        assert_eq!(listed.len(), if expected == Ok(true) { 2 } else { 1 }, "{name}");
        assert_eq!(profile.forget(wide("Z:").as_wide()), Ok(true), "{name}");
    }
}

#[test]
fn a_profile_that_is_closed_says_so() {
    let hive = Memory { closed: true, ..Memory::default() };
    let profile = Remembered(&hive);
    let closed = WnError::CANNOT_OPEN_PROFILE;
    assert_eq!(profile.check(), Err(closed));
    assert_eq!(profile.get(wide("Z:").as_wide()), Err(closed));
    assert_eq!(profile.list(), Err(closed));
    assert_eq!(profile.remember(&entry()), Err(closed));
}

/// The remote name goes first and comes last: no moment shows an entry of two halves.
#[test]
fn an_entry_is_never_half_written() {
    let hive = Memory::default();
    Remembered(&hive).remember(&entry()).unwrap();
    let steps = hive.steps.lock().unwrap();
    assert_eq!(steps.first().unwrap(), &("RemotePath".to_owned(), false));
    assert_eq!(steps.last().unwrap(), &("RemotePath".to_owned(), true));
}
