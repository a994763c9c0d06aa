//! The session itself: connect, use, be refused, disconnect, restore.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use mpr_core::{
    AddConnection, AddVerb, ConnectFlags, DecidedBy, Error, NetResource, ResourceType,
    ResourceUsage, Scope, Wide, WideString,
};
use mpr_host::Host;
use serde_json::{Value, json};

use super::events::Show;
use super::server::Server;
use super::stage::{c_log, rust_log};
use crate::app::{App, Outcome};
use crate::command::notifyee::{state_text, status_json};
use crate::failure::{About, Failure};
use crate::layout::libexec;
use crate::mounts;
use crate::names::{directory, shown};

/// Runs the session in the root that the environment names.
pub(super) fn run(app: &App) -> Outcome {
    let root = app.paths.runtime_dir().ancestors().nth(2).unwrap_or(Path::new("/")).to_owned();
    let here = std::env::var_os("MPR_ROOT").is_some_and(|named| root == Path::new(&named));
    if !here || !app.paths.is_other_root() {
        return Err(Failure::Usage("a session needs a root of its own".into()));
    }
    let logs = vec![("10-rust", rust_log(&root)), ("20-c", c_log(&root))];
    let show = Show::new(app.common.json, app.host().exec_reports(), logs);
    let server = Server::start(&libexec(&app.paths), &root.join("server"))?;
    let mut session = Session { app, host: app.host(), show, root, url: server.url().to_owned() };
    session.welcome();
    session.registration()?;
    match can_mount() {
        Ok(()) => {
            session.connect()?;
            session.files()?;
            session.veto()?;
            session.failures()?;
            session.disconnect("Disconnect S: and keep it remembered", ConnectFlags::NONE)?;
            session.restore()?;
            let flags = ConnectFlags::UPDATE_PROFILE;
            session.disconnect("Disconnect S: and forget it", flags)?;
        }
        Err(why) => {
            let text = format!("no drive here: {why}; the parts without one follow");
            session.show.fact("note", &text, json!({}));
            session.browse()?;
            session.veto()?;
            session.failures()?;
        }
    }
    session.nothing_left()?;
    Ok(0)
}

/// Tells whether this machine lets us mount.
fn can_mount() -> Result<(), String> {
    let fuse = File::options().read(true).write(true).open("/dev/fuse");
    fuse.map(drop).map_err(|error| format!("/dev/fuse cannot be opened ({error})"))
}

struct Session<'a> {
    app: &'a App,
    host: &'a Host,
    show: Show,
    root: PathBuf,
    url: String,
}

impl Session<'_> {
    fn welcome(&mut self) {
        let root = self.root.display().to_string();
        let text = format!("A session with real parts, below {root}");
        self.show.headline(&text, json!({ "event": "start", "root": root, "server": self.url }));
    }

    fn registration(&mut self) -> Result<(), Failure> {
        self.show.step("What is registered");
        let settings = self.host.settings();
        let modules = self.host.check_modules();
        for (at, module) in modules.iter().enumerate() {
            let kind = if at < settings.providers.len() { "provider" } else { "notifyee" };
            let file = module.path.file_name().unwrap_or_default().to_string_lossy();
            let (name, state) = (&module.name, state_text(&module.state));
            let text = format!("{kind:<8}  {name:<14}  {file:<18}  {state}");
            self.show.fact("registered", &text, status_json(module));
            if matches!(module.state, mpr_host::ModuleState::Failed(_)) {
                return Err(wrong(&format!("{name} was not loaded: {state}")));
            }
        }
        let problem = settings.problems.first();
        problem.map_or(Ok(()), |problem| Err(wrong(&problem.to_string())))
    }

    fn connect(&mut self) -> Result<(), Failure> {
        let url = self.url.clone();
        self.show.step(&format!("Connect S: to {url} and remember it"));
        let result = self.add("S:", &url, ConnectFlags::UPDATE_PROFILE);
        result.map_err(|error| self.failure(&error, &url))?;
        self.expect_told(6)?;
        let place = self.drive().display().to_string();
        self.show.result(true, &format!("S: is connected, at {place}"), Value::Null);
        Ok(())
    }

    fn files(&mut self) -> Result<(), Failure> {
        self.show.step("Write and read a file on the drive");
        let (name, text) = ("greeting.txt", "hello from S:\n");
        let file = self.drive().join(name);
        let failed = |error: std::io::Error| wrong(&format!("{}: {error}", file.display()));
        fs::write(&file, text).map_err(failed)?;
        let back = fs::read_to_string(&file).map_err(failed)?;
        let mut names: Vec<_> = fs::read_dir(self.drive())
            .map_err(failed)?
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        let arrived = fs::read_to_string(self.root.join("server").join(name)).map_err(failed)?;
        let facts = [
            ("written", format!("wrote {} bytes to {}", text.len(), file.display())),
            ("read", format!("read back {:?}", back.trim_end())),
            ("listed", format!("S: holds {}", names.join(", "))),
            ("arrived", format!("the server's own disk has {:?}", arrived.trim_end())),
        ];
        for (kind, text) in facts {
            self.show.fact("file", &text, json!({ "what": kind, "name": name }));
        }
        if back != text || arrived != text || !names.iter().any(|known| known == name) {
            return Err(wrong("the file is not what was written"));
        }
        Ok(())
    }

    fn veto(&mut self) -> Result<(), Failure> {
        let remote = format!("{}secret", self.url);
        self.show.step(&format!("Connect T: to {remote}, which a notifyee forbids"));
        let result = self.add("T:", &remote, ConnectFlags::NONE);
        let Err(error) = result else { return Err(wrong("nobody forbade it")) };
        if !matches!(error.by, DecidedBy::Notifyee(_)) {
            return Err(self.failure(&error, &remote));
        }
        self.refused(&error, &remote);
        self.show.take_told();
        Ok(())
    }

    fn failures(&mut self) -> Result<(), Failure> {
        let listener = TcpListener::bind("127.0.0.1:0");
        let dead =
            listener.and_then(|it| it.local_addr()).map_err(|error| wrong(&error.to_string()))?;
        let cases = [
            (format!("http://{dead}/"), "where nobody listens"),
            (format!("{}nowhere/", self.url), "which does not exist"),
        ];
        for (remote, what) in cases {
            self.show.step(&format!("Connect T: to {remote}, {what}"));
            let result = self.add("T:", &remote, ConnectFlags::NONE);
            let Err(error) = result else { return Err(wrong("it was connected")) };
            self.refused(&error, &remote);
            self.show.take_told();
        }
        Ok(())
    }

    fn disconnect(&mut self, title: &str, flags: ConnectFlags) -> Result<(), Failure> {
        self.show.step(title);
        let name = WideString::from("S:");
        let router = self.host.router();
        let result = router.cancel_connection(name.as_wide(), flags, false, &mut self.show);
        result.map_err(|error| self.failure(&error, "S:"))?;
        self.expect_told(6)?;
        let kept = self.host.router().profile().get(name.as_wide()).is_ok_and(|it| it.is_some());
        let text = if kept { "S: is disconnected, and still remembered" } else { "S: is gone" };
        self.show.result(true, text, Value::Null);
        Ok(())
    }

    fn restore(&mut self) -> Result<(), Failure> {
        self.show.step("Restore what is remembered; no notifyee is told of that");
        let name = WideString::from("S:");
        let router = self.host.router();
        let result = router.restore_connection(name.as_wide(), false, &mut self.show);
        result.map_err(|error| self.failure(&error, "S:"))?;
        self.expect_told(0)?;
        let file = self.drive().join("greeting.txt");
        let text = fs::read_to_string(&file).map_err(|error| wrong(&error.to_string()))?;
        let text = format!("S: is back, with {:?} on it; notifyees told: 0", text.trim_end());
        self.show.result(true, &text, Value::Null);
        Ok(())
    }

    fn browse(&mut self) -> Result<(), Failure> {
        let url = self.url.clone();
        self.show.step(&format!("Look at what {url} holds, without connecting"));
        let remote = WideString::from(url.as_str());
        let container = NetResource { remote: Some(remote.as_wide()), ..NetResource::default() };
        let mut names = Vec::new();
        let mut read = || -> Result<(), Error> {
            let (scope, any, none) = (Scope::GLOBALNET, ResourceType::ANY, ResourceUsage::NONE);
            let router = self.host.router();
            let mut open = router.open_enum(scope, any, none, Some(&container), &mut self.show)?;
            while let Some((entry, _)) = open.peek()? {
                names.push(shown(entry.remote));
                open.advance();
            }
            open.close()
        };
        read().map_err(|error| self.failure(&error, &url))?;
        self.show.result(
            true,
            &format!("{} entries: {}", names.len(), names.join(", ")),
            json!({}),
        );
        Ok(())
    }

    fn nothing_left(&mut self) -> Result<(), Failure> {
        self.show.step("What is left");
        let mounts =
            mounts::ours().into_iter().filter(|it| it.path.starts_with(&self.root)).count();
        let remembered = self.host.router().profile().list().map_or(0, |entries| entries.len());
        let text = format!("mounts: {mounts}, remembered: {remembered}");
        let fields = json!({ "mounts": mounts, "remembered": remembered });
        self.show.fact("left", &text, fields);
        if mounts + remembered > 0 { Err(wrong(&text)) } else { Ok(()) }
    }

    fn add(&mut self, local: &str, remote: &str, flags: ConnectFlags) -> Result<(), Error> {
        let (local, remote) = (WideString::from(local), WideString::from(remote));
        let request = AddConnection {
            verb: AddVerb::AddConnection2,
            resource_type: ResourceType::DISK,
            local: Some(local.as_wide()),
            remote: Some(remote.as_wide()),
            flags,
            ..AddConnection::default()
        };
        self.host.router().add_connection(&request, &mut self.show).map(drop)
    }

    /// Shows a refusal that was to be shown.
    fn refused(&mut self, error: &Error, remote: &str) {
        let failure = self.failure(error, remote);
        self.show.result(false, failure.message(), failure.json());
    }

    fn failure(&mut self, error: &Error, name: &str) -> Failure {
        let steps = self.show.take_steps();
        self.app.failed(error, About { name, ..About::default() }, steps)
    }

    /// Checks how often notifyees were told: three of them, before and after.
    fn expect_told(&mut self, expected: usize) -> Result<(), Failure> {
        self.show.take_steps();
        let told = self.show.take_told();
        if told == expected {
            return Ok(());
        }
        Err(wrong(&format!("notifyees were told {told} times and not {expected} times")))
    }

    fn drive(&self) -> PathBuf {
        let units: Vec<u16> = "S:".encode_utf16().collect();
        directory(&self.app.paths, Wide::new(&units)).unwrap_or_default()
    }
}

/// A demonstration that shows something else than it should is a failure.
fn wrong(what: &str) -> Failure {
    Failure::Other(format!("the demonstration went wrong: {what}"))
}
