//! Scripted parts for tests of whole operations: they answer what they are told to, and write what
//! they were asked into one log, in order.

use std::collections::{BTreeMap, VecDeque};
use std::format;
use std::string::{String, ToString};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::vec::Vec;

use crate::error::{ProviderError, WnError, status};
use crate::flags::{
    ConnectFlags, ConnectionCaps, DialogCaps, EnumerationCaps, ResourceType, ResourceUsage, Scope,
};
use crate::name::DeviceName;
use crate::notifyee::{AddDetails, CancelDetails, Notice, Notifyee};
use crate::profile::{Profile, RememberedConnection};
use crate::provider::{AddRequest, Availability, ListEnum, Provider, ResourceEnum};
use crate::resource::{InfoLevel, NetResource, OwnedNetResource, UniversalName};
use crate::trace::{Surroundings, Trace, TraceEvent};
use crate::wide::{Wide, WideString};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The order of everything that happened.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// Adds a line.
    pub fn push(&self, line: String) {
        lock(&self.0).push(line);
    }

    /// Takes all lines.
    pub fn take(&self) -> Vec<String> {
        core::mem::take(&mut lock(&self.0))
    }
}

/// A provider that answers from a script, and else keeps a table of connections.
pub struct ScriptedProvider {
    name: WideString,
    log: Log,
    /// Answers to the next adds; when used up, `adds`.
    pub next_adds: Mutex<VecDeque<u32>>,
    /// Answer to every add; `None`: connect, and keep the connection in the table.
    pub adds: Option<u32>,
    /// Answer to every cancel; `None`: look in the table.
    pub cancels: Option<u32>,
    /// Answer to every question who owns a local name; `None`: look in the table.
    pub owns: Option<u32>,
    /// Only remote names that begin so are its own; others get 67.
    pub prefix: &'static str,
    /// A name that it gives itself beside its own (P6).
    pub alias: &'static str,
    /// Whether it runs.
    pub availability: Availability,
    /// `WNNC_CONNECTION`.
    pub caps: ConnectionCaps,
    /// `WNNC_ENUMERATION`.
    pub enumeration: EnumerationCaps,
    /// `WNNC_CONNECTION_FLAGS`.
    pub flags: ConnectFlags,
    /// `WNNC_NET_TYPE`.
    pub net_type: u32,
    /// Whether there is a universal name.
    pub universal: bool,
    /// What it lists; `None`: `CONNECTED` lists its table, the rest is not supported.
    pub entries: Option<Vec<OwnedNetResource>>,
    /// Local name to (remote name, user).
    pub table: Mutex<BTreeMap<String, (String, String)>>,
}

impl ScriptedProvider {
    /// Makes a provider that takes every remote name.
    pub fn new(name: &str, log: &Log) -> Self {
        Self {
            name: name.into(),
            log: log.clone(),
            next_adds: Mutex::default(),
            adds: None,
            cancels: None,
            owns: None,
            prefix: "",
            alias: "",
            availability: Availability::Started,
            caps: ConnectionCaps(0x2f),
            enumeration: EnumerationCaps(0x7),
            flags: ConnectFlags::NONE,
            net_type: 0x0025_0000,
            universal: false,
            entries: None,
            table: Mutex::default(),
        }
    }

    /// Makes it answer every add so.
    pub fn answering(mut self, code: u32) -> Self {
        self.adds = Some(code);
        self
    }

    fn answer(&self, code: u32) -> Result<(), ProviderError> {
        match status(code) {
            Err(WnError::EXTENDED_ERROR) => {
                Err(ProviderError::extended(17, "scripted text", &self.name.to_string()))
            }
            other => other.map_err(Into::into),
        }
    }
}

impl Provider for ScriptedProvider {
    fn name(&self) -> Wide<'_> {
        self.name.as_wide()
    }

    fn answers_to(&self, name: Wide<'_>) -> bool {
        self.is_named(name) || name.eq_ignore_case(WideString::from(self.alias).as_wide())
    }

    fn availability(&self) -> Availability {
        self.availability
    }

    fn net_type(&self) -> u32 {
        self.net_type
    }

    fn connection_caps(&self) -> ConnectionCaps {
        self.caps
    }

    fn enumeration_caps(&self) -> EnumerationCaps {
        self.enumeration
    }

    fn dialog_caps(&self) -> DialogCaps {
        DialogCaps(0xa80)
    }

    fn knows_users(&self) -> bool {
        true
    }

    fn connection_flags(&self) -> ConnectFlags {
        self.flags
    }

    fn add_connection(&self, request: &AddRequest<'_>) -> Result<(), ProviderError> {
        let remote = request.remote.to_string();
        let local = request.local.map(|local| local.to_string()).unwrap_or_default();
        self.log.push(format!("add {} {local} {remote} {:#x}", self.name, request.flags.0));
        let scripted = lock(&self.next_adds).pop_front().or(self.adds);
        if let Some(code) = scripted.filter(|&code| code != 0) {
            return self.answer(code);
        }
        if !remote.starts_with(self.prefix) {
            return Err(WnError::BAD_NET_NAME.into());
        }
        let user = match request.credentials {
            crate::provider::Credentials::Named { user: Some(user), .. } => user.to_string(),
            _ => String::new(),
        };
        let key = if local.is_empty() { remote.clone() } else { local };
        lock(&self.table).insert(key, (remote, user));
        Ok(())
    }

    fn cancel_connection(
        &self,
        name: Wide<'_>,
        force: bool,
        _flags: ConnectFlags,
    ) -> Result<(), ProviderError> {
        self.log.push(format!("cancel {} {name} {force}", self.name));
        if let Some(code) = self.cancels {
            return self.answer(code);
        }
        let gone = lock(&self.table).remove(&name.to_string());
        gone.map(drop).ok_or(WnError::NOT_CONNECTED.into())
    }

    fn connection(&self, local: Wide<'_>) -> Result<WideString, ProviderError> {
        if let Some(code) = self.owns {
            self.answer(code)?;
        }
        match lock(&self.table).get(&local.to_string()) {
            Some((remote, _)) => Ok(remote.as_str().into()),
            None => Err(WnError::NOT_CONNECTED.into()),
        }
    }

    fn universal_name(
        &self,
        path: Wide<'_>,
        _level: InfoLevel,
    ) -> Result<UniversalName, ProviderError> {
        if !self.universal {
            return Err(WnError::NOT_SUPPORTED.into());
        }
        let universal = Some(format!(r"\\universal\{path}").into());
        Ok(UniversalName { universal, ..UniversalName::default() })
    }

    fn user(&self, name: Option<Wide<'_>>) -> Result<WideString, ProviderError> {
        let Some(name) = name else { return Ok("default".into()) };
        match lock(&self.table).get(&name.to_string()) {
            Some((_, user)) => Ok(user.as_str().into()),
            None => Err(WnError::NOT_CONNECTED.into()),
        }
    }

    fn open_enum(
        &self,
        scope: Scope,
        _resource_type: ResourceType,
        _usage: ResourceUsage,
        _container: Option<&NetResource<'_>>,
    ) -> Result<std::boxed::Box<dyn ResourceEnum>, ProviderError> {
        self.log.push(format!("enum {} {}", self.name, scope.0));
        if let Some(entries) = &self.entries {
            return Ok(std::boxed::Box::new(ListEnum::from(entries.clone())));
        }
        if scope != Scope::CONNECTED {
            return Err(WnError::NOT_SUPPORTED.into());
        }
        let table = lock(&self.table);
        let entry = |(local, (remote, _)): (&String, &(String, String))| OwnedNetResource {
            scope,
            local: Some(local.as_str().into()).filter(|_| local != remote),
            remote: Some(remote.as_str().into()),
            ..OwnedNetResource::default()
        };
        let entries: Vec<_> = table.iter().map(entry).collect();
        Ok(std::boxed::Box::new(ListEnum::from(entries)))
    }
}

/// One answer of a scripted notifyee: the code, and what it does to the context.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer {
    /// The code it returns.
    pub code: u32,
    /// What it leaves in the context, if anything.
    pub context: Option<usize>,
}

/// Something that a notifyee does while it is being told.
type Deed = std::boxed::Box<dyn Fn() + Send + Sync>;

/// A notifyee that answers from a script.
pub struct ScriptedNotifyee {
    name: WideString,
    log: Log,
    /// Answers to the next PRE calls; when used up, `pre`.
    pub next_pre: Mutex<VecDeque<Answer>>,
    /// Answer to every PRE call.
    pub pre: Answer,
    /// Answers to the next POST calls; when used up, `post`.
    pub next_post: Mutex<VecDeque<Answer>>,
    /// Answer to every POST call.
    pub post: Answer,
    /// Whether there is anything to call (U12).
    pub missing: bool,
    /// What it does when told.
    pub deed: Option<Deed>,
}

impl ScriptedNotifyee {
    /// Makes a notifyee that accepts with a context.
    pub fn new(name: &str, context: usize, log: &Log) -> Self {
        Self {
            name: name.into(),
            log: log.clone(),
            next_pre: Mutex::default(),
            pre: Answer { code: 0, context: Some(context).filter(|&context| context != 0) },
            next_post: Mutex::default(),
            post: Answer::default(),
            missing: false,
            deed: None,
        }
    }

    fn told(&self, notice: &mut Notice, what: String) -> Option<u32> {
        if self.missing {
            return None;
        }
        let (when, next, always) = match notice.outcome {
            None => (format!("pre {}", self.name), &self.next_pre, self.pre),
            Some(code) => {
                let when = format!("post {} {code} {:#x}", self.name, notice.context);
                (when, &self.next_post, self.post)
            }
        };
        if notice.outcome.is_none() {
            assert_eq!(notice.context, 0, "context is NULL on entry to PRE");
        }
        self.log.push(format!("{when} {what}"));
        if let Some(deed) = &self.deed {
            deed();
        }
        let answer = lock(next).pop_front().unwrap_or(always);
        if let Some(context) = answer.context {
            notice.context = context;
        }
        Some(answer.code)
    }
}

impl Notifyee for ScriptedNotifyee {
    fn name(&self) -> Wide<'_> {
        self.name.as_wide()
    }

    fn add_connection(&self, notice: &mut Notice, details: &AddDetails<'_>) -> Option<u32> {
        let local = details.local.map(|local| local.to_string()).unwrap_or_default();
        let provider = details.provider.map_or("-".to_string(), |name| name.to_string());
        let flags = details.flags.0;
        self.told(notice, format!("add {local} {} {provider} {flags:#x}", details.remote))
    }

    fn cancel_connection(&self, notice: &mut Notice, details: &CancelDetails<'_>) -> Option<u32> {
        let provider = details.provider.map_or("-".to_string(), |name| name.to_string());
        self.told(notice, format!("cancel {} {provider} {}", details.name, details.flags.0))
    }
}

/// A profile in memory that fails on demand.
#[derive(Default)]
pub struct MemoryProfile {
    entries: Mutex<BTreeMap<String, RememberedConnection>>,
    /// The code that opening it answers, 0 if it works.
    pub broken: u32,
    /// The code that writing answers, 0 if it works.
    pub unwritable: u32,
}

impl MemoryProfile {
    /// Puts an entry there.
    pub fn with(self, local: &str, remote: &str, provider: &str) -> Self {
        let entry = RememberedConnection {
            local: local.into(),
            remote: remote.into(),
            provider: provider.into(),
            connection_type: ResourceType::DISK,
            ..RememberedConnection::default()
        };
        lock(&self.entries).insert(local.to_string(), entry);
        self
    }

    /// Returns local and remote names.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let entries = lock(&self.entries);
        entries.iter().map(|(local, entry)| (local.clone(), entry.remote.to_string())).collect()
    }
}

impl Profile for MemoryProfile {
    fn check(&self) -> Result<(), WnError> {
        status(self.broken)
    }

    fn get(&self, local: Wide<'_>) -> Result<Option<RememberedConnection>, WnError> {
        self.check()?;
        Ok(lock(&self.entries).get(&local.to_string()).cloned())
    }

    fn list(&self) -> Result<Vec<RememberedConnection>, WnError> {
        self.check()?;
        Ok(lock(&self.entries).values().cloned().collect())
    }

    fn remember(&self, connection: &RememberedConnection) -> Result<(), WnError> {
        status(self.unwritable)?;
        lock(&self.entries).insert(connection.local.to_string(), connection.clone());
        Ok(())
    }

    fn forget(&self, local: Wide<'_>) -> Result<bool, WnError> {
        status(self.unwritable)?;
        Ok(lock(&self.entries).remove(&local.to_string()).is_some())
    }
}

/// Surroundings of one thread under test.
#[derive(Default)]
pub struct TestSurroundings {
    inside: AtomicBool,
    /// Devices of this machine, as `"C:"`.
    pub devices: Vec<&'static str>,
}

impl Surroundings for TestSurroundings {
    fn enter_notifyee(&self) -> bool {
        self.inside.swap(true, Ordering::SeqCst)
    }

    fn leave_notifyee(&self) {
        self.inside.store(false, Ordering::SeqCst);
    }

    fn in_notifyee(&self) -> bool {
        self.inside.load(Ordering::SeqCst)
    }

    fn is_local_device(&self, device: &DeviceName) -> bool {
        self.devices.contains(&device.to_string().as_str())
    }

    fn current_user(&self) -> WideString {
        "tester".into()
    }

    fn paths_are_local_names(&self) -> bool {
        true
    }
}

/// A trace that keeps every step as a line.
#[derive(Default)]
pub struct Lines(pub Vec<String>);

impl Trace for Lines {
    fn event(&mut self, event: &TraceEvent<'_>) {
        let actor = match event.actor {
            crate::trace::Actor::Router => "router".to_string(),
            crate::trace::Actor::Profile => "profile".to_string(),
            crate::trace::Actor::Provider(name) | crate::trace::Actor::Notifyee(name) => {
                name.to_string()
            }
        };
        let (phase, note) = (event.phase.word(), event.note.words());
        self.0.push(format!("{phase} {actor} {} {note}", event.code));
    }
}
