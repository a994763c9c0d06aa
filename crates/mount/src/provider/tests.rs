//! The provider of a network that does not exist, with scripts in the part of the serving program.
//! What needs a mount is tested by the providers that mount.

use std::path::Path;
use std::process::Command;

use mpr_core::{AddCall, Credentials, Password};
use serde_json::{Value, json};

use super::*;
use crate::runtime::Runtime;

/// `test://[user@]host[/share[/directory...]]`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Name {
    user: Option<String>,
    parts: Vec<String>,
}

impl Resource for Name {
    fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("test://")?;
        let (user, rest) = match rest.split_once('@') {
            Some((user, rest)) => (Some(user.to_owned()), rest),
            None => (None, rest),
        };
        let parts = rest.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Some(Self { user, parts })
    }

    fn name(&self) -> String {
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        format!("test://{user}{}", self.parts.join("/"))
    }

    fn unc(&self) -> String {
        format!(r"\\{}", self.parts.join(r"\"))
    }

    fn same(&self, other: &Self) -> bool {
        self.parts == other.parts
    }

    fn parent(&self) -> Option<Self> {
        let (_, parts) = self.parts.split_last()?;
        (!parts.is_empty()).then(|| Self { parts: parts.to_vec(), ..self.clone() })
    }

    fn child(&self, name: &str) -> Self {
        let mut child = self.clone();
        child.parts.push(name.to_owned());
        child
    }

    fn below(&self, ancestor: &Self) -> Option<Vec<String>> {
        self.parts.strip_prefix(ancestor.parts.as_slice()).map(<[String]>::to_vec)
    }

    fn place(&self) -> (String, String) {
        (self.parts[0].clone(), self.parts[1..].join("/"))
    }

    fn display_type(&self) -> DisplayType {
        match self.parts.len() {
            1 => DisplayType::SERVER,
            2 => DisplayType::SHARE,
            _ => DisplayType::DIRECTORY,
        }
    }

    fn usage(&self) -> ResourceUsage {
        match self.parts.len() {
            1 => ResourceUsage::CONTAINER,
            _ => ResourceUsage::CONNECTABLE | ResourceUsage::CONTAINER,
        }
    }

    fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }
}

struct Net;

impl Network for Net {
    type Resource = Name;
    const NAME: &'static str = "Test Network";
    const NET_TYPE: u32 = 0x00ff_0000;
    const SUBTYPE: &'static str = "mpr-test-provider";
    const HELPER: &'static str = "mpr-serve-test";

    const PROMISES: ConnectFlags = ConnectFlags::REQUIRE_PRIVACY;

    fn check_promises(remote: &Name, flags: ConnectFlags) -> Result<(), String> {
        let open = remote.parts[0] == "open" && flags.contains(ConnectFlags::REQUIRE_PRIVACY);
        if open { Err("nothing encrypts it".into()) } else { Ok(()) }
    }

    fn check_user(user: &str) -> Result<(), WnError> {
        if user.contains(':') { Err(WnError::BAD_USERNAME) } else { Ok(()) }
    }
}

struct Bench {
    root: tempfile::TempDir,
    provider: MountProvider<Net>,
}

impl Bench {
    /// Makes a provider whose serving program is this script. It finds its order in the file
    /// `$order`, which stays for the test to read.
    fn new(script: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        let helper = root.path().join("helper");
        // Another process writes it: see `serve_tests.rs`.
        let write = r#"printf '#!/bin/sh\norder=%s\ncat > $order\n%s\n' "$1" "$2" > "$3"
            chmod 755 "$3""#;
        let mut command = Command::new("sh");
        command.args(["-c", write, "sh"]).arg(root.path().join("order")).arg(script).arg(&helper);
        assert!(command.status().unwrap().success());
        Self { provider: MountProvider::new(Settings::new(runtime, helper)), root }
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.provider.settings.clone();
        change(&mut settings);
        self.provider = MountProvider::new(settings);
        self
    }

    fn order(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.root.path().join("order")).unwrap()).unwrap()
    }

    fn connect(
        &self,
        remote: &str,
        login: (Option<&str>, Option<&str>),
        flags: ConnectFlags,
    ) -> Result<(), (u32, String)> {
        let (user, password) = (login.0.map(WideString::from), login.1.map(WideString::from));
        let (remote, local) = (WideString::from(remote), WideString::from("S:"));
        let request = AddRequest {
            call: AddCall::Add3,
            resource_type: ResourceType::DISK,
            local: Some(local.as_wide()),
            remote: remote.as_wide(),
            comment: 0,
            credentials: Credentials::Named {
                user: user.as_ref().map(WideString::as_wide),
                password: password.as_ref().map(|text| Password::new(text.as_wide())),
            },
            use_options: None,
            flags,
            owner: 0,
        };
        self.provider.add_connection(&request).map_err(|error| said(&error))
    }

    fn enumerate(&self, container: &str) -> Result<Vec<OwnedNetResource>, (u32, String)> {
        let name = WideString::from(container);
        let container = NetResource { remote: Some(name.as_wide()), ..NetResource::default() };
        let entries = self.provider.open_enum(
            Scope::GLOBALNET,
            ResourceType::ANY,
            ResourceUsage::NONE,
            Some(&container),
        );
        let mut entries = entries.map_err(|error| said(&error))?;
        let mut all = Vec::new();
        while let Some(entry) = entries.peek().unwrap() {
            all.push(entry.to_owned());
            entries.advance();
        }
        Ok(all)
    }

    fn inform(&self, name: &str) -> Result<(String, Option<String>), (u32, String)> {
        let name = WideString::from(name);
        let resource = NetResource { remote: Some(name.as_wide()), ..NetResource::default() };
        let found = self.provider.resource_information(&resource);
        let found = found.map_err(|error| said(&error))?;
        let system = found.system.map(|system| system.to_string_lossy());
        Ok((found.resource.remote.unwrap().to_string_lossy(), system))
    }
}

fn said(error: &ProviderError) -> (u32, String) {
    let text = error.extended.as_ref().map(|said| said.text.to_string_lossy());
    (error.code.code(), text.unwrap_or_default())
}

const NOBODY: (Option<&str>, Option<&str>) = (None, None);

#[test]
fn the_order_says_what_the_serving_program_needs() {
    let bench = Bench::new(r#"echo '{"stage":"log in","code":86,"text":"wrong"}'"#);
    let bench = bench.with(|settings| {
        settings.options =
            json!({ "pin": "ab", "require-privacy": false }).as_object().unwrap().clone();
        settings.io_limit = Duration::from_secs(8);
    });
    let flags = ConnectFlags::REQUIRE_PRIVACY | ConnectFlags::UPDATE_PROFILE;
    let refused = bench.connect("test://h/s", (Some("alice"), Some("secret")), flags);
    assert_eq!(refused, Err((86, "log in: wrong".to_owned())));
    let order = bench.order();
    assert_eq!(order["action"], "mount");
    assert_eq!((&order["source"], &order["user"]), (&json!("test://h/s"), &json!("alice")));
    assert_eq!(order["password"], "secret");
    assert_eq!(order["subtype"], "mpr-test-provider");
    let settings = &order["settings"];
    assert_eq!((&settings["probe-ms"], &settings["io-ms"]), (&json!(5000), &json!(8000)));
    // What the configuration leaves open, or denies, a caller may demand.
    assert_eq!(settings["options"], json!({ "pin": "ab", "require-privacy": true }));
    let runtime = bench.provider.settings.runtime.dir();
    let left = |dir: &Path| std::fs::read_dir(dir).unwrap().count();
    assert_eq!((left(runtime), left(&runtime.join(".serve"))), (1, 0));
}

#[test]
fn a_user_comes_from_the_caller_or_from_the_name() {
    let bench = Bench::new(r#"echo '{"stage":"open","code":67,"text":"none"}'"#);
    let own = settings::login_name(rustix::process::geteuid().as_raw());
    for (name, login, user, password) in [
        ("test://h/s", NOBODY, Value::Null, Value::Null),
        ("test://bob@h/s", NOBODY, json!("bob"), Value::Null),
        ("test://bob@h/s", (Some("eve"), None), json!("eve"), Value::Null),
        ("test://h/s", (Some("eve"), Some("")), json!("eve"), json!("")),
        ("test://h/s", (None, Some("x")), json!(own), json!("x")),
    ] {
        let refused = bench.connect(name, login, ConnectFlags::NONE);
        assert_eq!(refused, Err((67, "open: none".to_owned())));
        let order = bench.order();
        assert_eq!((&order["user"], &order["password"]), (&user, &password), "{name} {login:?}");
    }
    let refused = bench.connect("test://h/s", (Some("a:b"), None), ConnectFlags::NONE);
    assert_eq!(refused.unwrap_err().0, WnError::BAD_USERNAME.code());
}

#[test]
fn what_cannot_be_connected_is_not_tried() {
    let bench = Bench::new("exit 1");
    let connect = |name| bench.connect(name, NOBODY, ConnectFlags::NONE).unwrap_err();
    assert_eq!(connect("other://h/s"), (67, String::new()));
    let (code, text) = connect("test://h");
    assert_eq!((code, text.contains("is a server")), (67, true), "{text}");
    let refused = bench.connect("test://open/s", NOBODY, ConnectFlags::REQUIRE_PRIVACY);
    assert_eq!(refused, Err((59, "secure: nothing encrypts it".to_owned())));
    assert!(!bench.root.path().join("order").exists());
    let bench = bench.with(|settings| settings.problem = Some("`io-timeout` is no time".into()));
    let refused = bench.connect("test://h/s", NOBODY, ConnectFlags::NONE);
    assert_eq!(refused, Err((31, "`io-timeout` is no time".to_owned())));
    let bench = bench.with(|settings| {
        settings.problem = None;
        settings.kernel = true;
    });
    let (code, text) = bench.connect("test://h/s", NOBODY, ConnectFlags::NONE).unwrap_err();
    assert_eq!((code, text.contains("never mounted through the kernel")), (59, true), "{text}");
    let bench = bench.with(|settings| {
        settings.kernel = false;
        settings.helper = None;
    });
    let (code, text) = bench.connect("test://h/s", NOBODY, ConnectFlags::NONE).unwrap_err();
    assert_eq!((code, text.contains("mpr-serve-test is not installed")), (31, true), "{text}");
}

#[test]
fn a_server_is_browsed_by_its_serving_program() {
    let bench = Bench::new(
        r#"echo '{"found":[{"name":"team","kind":"share","comment":"all of us"}]}'
           echo '{"found":[{"name":"laser","kind":"printer"},{"name":"deep","kind":"directory"}]}'
           echo '{"found":[{"name":"a file","kind":"file"}]}'
           echo '{"ok":true}'"#,
    );
    let found = bench.enumerate("test://bob@h").unwrap();
    assert_eq!(
        (&bench.order()["action"], &bench.order()["user"]),
        (&json!("browse"), &json!("bob"))
    );
    let entry = |at: usize| {
        let entry: &OwnedNetResource = &found[at];
        let name = entry.remote.as_ref().unwrap().to_string_lossy();
        (name, entry.resource_type, entry.display_type, entry.usage)
    };
    let both = ResourceUsage::CONNECTABLE | ResourceUsage::CONTAINER;
    let (disk, print) = (ResourceType::DISK, ResourceType::PRINT);
    let name = |name: &str| format!("test://bob@h/{name}");
    assert_eq!(entry(0), (name("a file"), disk, DisplayType::FILE, ResourceUsage::NONE));
    assert_eq!(entry(1), (name("deep"), disk, DisplayType::DIRECTORY, both));
    assert_eq!(entry(2), (name("laser"), print, DisplayType::SHARE, ResourceUsage::CONNECTABLE));
    assert_eq!(entry(3), (name("team"), disk, DisplayType::SHARE, both));
    assert_eq!(found[3].comment, Some("all of us".into()));

    // A server that wants to know who asks is one thing, silence another.
    let locked = Bench::new(r#"echo '{"stage":"log in","code":5,"text":"who?"}'"#);
    assert_eq!(locked.enumerate("test://h").unwrap_err(), (1244, "log in: who?".to_owned()));
    let silent = Bench::new("exec sleep 1000");
    let silent = silent.with(|settings| settings.connect_limit = Duration::from_millis(1));
    assert_eq!(silent.enumerate("test://h").unwrap_err().0, 1460);
}

#[test]
fn known_servers_are_the_top() {
    let bench = Bench::new("exit 1");
    let profile = bench.root.path().join("network.toml");
    let entry =
        |letter: &str, remote: &str| format!("[\"{letter}:\"]\nremote-path = \"{remote}\"\n");
    let text = ["test://b/s", "test://a/s/d", "test://b/t", "other://c/s"];
    let text = ["P", "Q", "R", "T"].iter().zip(text).map(|(letter, name)| entry(letter, name));
    std::fs::write(&profile, text.collect::<String>()).unwrap();
    std::fs::set_permissions(&profile, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .unwrap();
    let bench = bench.with(|settings| settings.profile = Some(profile));
    let found = bench.enumerate("Test Network").unwrap();
    let names: Vec<_> = found.iter().map(|it| it.remote.as_ref().unwrap().to_string()).collect();
    assert_eq!(names, ["test://a", "test://b"]);
    assert_eq!(found[0].display_type, DisplayType::SERVER);
}

#[test]
fn a_name_is_split_where_the_containers_end() {
    // Share `s` with a directory `d`, which holds a file `f`.
    let bench = Bench::new(
        r#"case "$(cat $order)" in
             *'test://h"'*) echo '{"stage":"open","code":67,"text":"no share"}' ;;
             *'test://h/s/d/f"'*) echo '{"stage":"open","code":1207,"text":"a file"}' ;;
             *'test://h/s/d"'*|*'test://h/s"'*) echo '{"ok":true}' ;;
             *'test://gone'*) echo '{"stage":"connect","code":51,"text":"refused"}' ;;
             *) echo '{"stage":"open","code":67,"text":"missing"}' ;;
           esac"#,
    );
    let whole = |name: &str| Ok((name.to_owned(), None));
    assert_eq!(bench.inform("test://h/s/d"), whole("test://h/s/d"));
    assert_eq!(bench.inform("test://h/s"), whole("test://h/s"));
    assert_eq!(bench.inform("test://h"), whole("test://h"));
    let split = |name: &str, rest: &str| Ok((name.to_owned(), Some(rest.to_owned())));
    assert_eq!(bench.inform("test://h/s/d/f"), split("test://h/s/d", r"\f"));
    assert_eq!(bench.inform("test://h/x/y"), split("test://h", r"\x\y"));
    assert_eq!(bench.inform("test://gone/s"), Err((51, "connect: refused".to_owned())));
    assert_eq!(bench.inform("other://h"), Err((67, String::new())));
}

#[test]
fn parents_of_three_levels() {
    let bench = Bench::new("exit 1");
    let parent = |name: &str| {
        let name = WideString::from(name);
        let resource = NetResource { remote: Some(name.as_wide()), ..NetResource::default() };
        let parent = bench.provider.resource_parent(&resource).unwrap();
        (parent.remote.map(|name| name.to_string_lossy()), parent.display_type)
    };
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(parent("test://h/s/d"), (some("test://h/s"), DisplayType::SHARE));
    assert_eq!(parent("test://h/s"), (some("test://h"), DisplayType::SERVER));
    assert_eq!(parent("test://h"), (None, DisplayType::NETWORK));
    let long = WideString::from("test://h/rather/long/path");
    let short = bench.provider.format_network_name(long.as_wide(), 2, 12).unwrap();
    assert_eq!(short, "...long/path".into());
    let called = bench.provider.format_network_name(long.as_wide(), 0x21, u32::MAX).unwrap();
    assert!(called.as_wide().starts_with(r"\\h"), "{called}: one name for all spellings");
}

#[test]
fn a_note_tells_how_a_mount_is_while_its_process_lives() {
    use crate::note::{Health, Note, ProcessId, State};
    use crate::place::{Place, Spot};

    let bench = Bench::new("exit 1");
    let runtime = &bench.provider.settings.runtime;
    runtime.create().unwrap();
    let place = Place::deviceless(runtime, "h", "s");
    let entry = crate::table::MountEntry {
        mountpoint: place.dir.clone(),
        source: "test://h/s".into(),
        fstype: "fuse.mpr-test-provider".into(),
        user: None,
        device: 1,
    };
    let ailment = || bench.provider.ailment(&Spot::Deviceless, &entry);
    assert_eq!(ailment(), None, "nothing is known");
    let process = ProcessId::of(std::process::id()).unwrap();
    let note = |health, process| {
        let (mountpoint, source) = (entry.mountpoint.clone(), entry.source.clone());
        let note = Note { mountpoint, source, process, user: None, made_dir: true, health };
        note.write(runtime, &place).unwrap();
    };
    note(Health::up(), process);
    assert_eq!(ailment(), None);
    note(Health::now(State::Reconnecting, "h does not answer"), process);
    assert_eq!(ailment().as_deref(), Some("reconnecting: h does not answer"));
    note(Health::now(State::Down, "refused"), process);
    assert_eq!(ailment().as_deref(), Some("down: refused"));
    note(Health::up(), ProcessId { started: process.started + 1, ..process });
    assert_eq!(ailment().as_deref(), Some("down: the process that served it is gone"));
}
