//! The parts of a test, put together.

use std::sync::Arc;

use mpr_core::testing::{
    Lines, Log, MemoryProfile, ScriptedNotifyee, ScriptedProvider, TestSurroundings,
};
use mpr_core::{
    AddConnection, ConnectFlags, Credentials, Error, Notifyee, Password, Provider, Router,
    WideString,
};

pub(crate) const SHARE: &str = r"\\srv\share";

pub(crate) struct Parts {
    pub(crate) log: Log,
    pub(crate) providers: Vec<ScriptedProvider>,
    pub(crate) notifyees: Vec<ScriptedNotifyee>,
    pub(crate) profile: MemoryProfile,
    pub(crate) surroundings: TestSurroundings,
}

pub(crate) struct Bench {
    pub(crate) router: Router,
    pub(crate) log: Log,
    pub(crate) providers: Vec<Arc<ScriptedProvider>>,
    pub(crate) profile: Arc<MemoryProfile>,
}

impl Parts {
    /// One provider `P` that takes everything.
    pub(crate) fn new() -> Self {
        let log = Log::default();
        Self {
            providers: vec![ScriptedProvider::new("P", &log)],
            notifyees: Vec::new(),
            profile: MemoryProfile::default(),
            surroundings: TestSurroundings::default(),
            log,
        }
    }

    pub(crate) fn notifyee(&mut self, name: &str, context: usize) -> &mut ScriptedNotifyee {
        self.notifyees.push(ScriptedNotifyee::new(name, context, &self.log));
        self.notifyees.last_mut().expect("just pushed")
    }

    pub(crate) fn provider(&mut self, name: &str) -> &mut ScriptedProvider {
        self.providers.push(ScriptedProvider::new(name, &self.log));
        self.providers.last_mut().expect("just pushed")
    }

    pub(crate) fn build(self) -> Bench {
        let providers: Vec<_> = self.providers.into_iter().map(Arc::new).collect();
        let as_provider = |it: &Arc<ScriptedProvider>| Arc::clone(it) as Arc<dyn Provider>;
        let notifyees = self.notifyees.into_iter().map(|it| Arc::new(it) as Arc<dyn Notifyee>);
        let profile = Arc::new(self.profile);
        let router = Router::new(
            providers.iter().map(as_provider).collect(),
            notifyees.collect(),
            Arc::clone(&profile) as _,
            Arc::new(self.surroundings),
        );
        Bench { router, log: self.log, providers, profile }
    }
}

impl Bench {
    /// Connects a device (or nothing) to `SHARE`; the code that the caller gets.
    pub(crate) fn add(&self, local: &str, flags: u32) -> u32 {
        self.add_with(local, SHARE, flags, |_| {})
    }

    pub(crate) fn add_with(
        &self,
        local: &str,
        remote: &str,
        flags: u32,
        change: impl FnOnce(&mut AddConnection<'_>),
    ) -> u32 {
        let (local, remote) = (WideString::from(local), WideString::from(remote));
        let mut request = AddConnection {
            local: Some(local.as_wide()),
            remote: Some(remote.as_wide()),
            flags: ConnectFlags(flags),
            ..AddConnection::default()
        };
        change(&mut request);
        code(self.router.add_connection(&request, &mut ()))
    }

    /// Connects `S:` to `SHARE` as a user with a password; the code that the caller gets.
    pub(crate) fn add_as(&self, user: &str, password: &str) -> u32 {
        let (user, password) = (WideString::from(user), WideString::from(password));
        let (local, remote) = (WideString::from("S:"), WideString::from(SHARE));
        let request = AddConnection {
            local: Some(local.as_wide()),
            remote: Some(remote.as_wide()),
            credentials: Credentials::Named {
                user: Some(user.as_wide()),
                password: Some(Password::new(password.as_wide())),
            },
            flags: ConnectFlags(1),
            ..AddConnection::default()
        };
        code(self.router.add_connection(&request, &mut ()))
    }

    pub(crate) fn cancel(&self, name: &str, flags: u32, force: bool) -> u32 {
        let name = WideString::from(name);
        let flags = ConnectFlags(flags);
        code(self.router.cancel_connection(name.as_wide(), flags, force, &mut ()))
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.take()
    }

    /// The lines that notifyees wrote.
    pub(crate) fn notified(&self) -> Vec<String> {
        let told = |line: &String| line.starts_with("pre ") || line.starts_with("post ");
        self.log().into_iter().filter(told).collect()
    }

    /// Runs an add and returns its trace.
    pub(crate) fn traced_add(&self, local: &str) -> (u32, Vec<String>) {
        let (local, remote) = (WideString::from(local), WideString::from(SHARE));
        let request = AddConnection {
            local: Some(local.as_wide()),
            remote: Some(remote.as_wide()),
            ..AddConnection::default()
        };
        let mut lines = Lines::default();
        let result = self.router.add_connection(&request, &mut lines);
        (code(result), lines.0)
    }
}

pub(crate) fn code<T>(result: Result<T, Error>) -> u32 {
    result.err().map_or(0, |error| error.code.code())
}

pub(crate) fn wide(text: &str) -> WideString {
    text.into()
}
