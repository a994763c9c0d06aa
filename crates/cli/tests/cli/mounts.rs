//! Sessions with a real server: Samba, the SMB provider, and what people see of it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use mpr_testkit::{Samba, SambaOptions};
use rustix::mount::UnmountFlags;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::bench::{Bench, build};
use super::skip::skip;

const LONG: Duration = Duration::from_secs(60);

/// A root with the SMB provider and these options, and a server with the share `team`.
struct Session {
    bench: Bench,
    samba: Samba,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.samba.freeze(false);
        for mount in self.mounts() {
            let _ = rustix::mount::unmount(mount, UnmountFlags::DETACH | UnmountFlags::FORCE);
        }
    }
}

impl Session {
    /// Makes one, or says why there is none.
    fn new(test: &str, options: &str, server: SambaOptions) -> Option<Self> {
        let fuse = fs::File::options().read(true).write(true).open("/dev/fuse");
        if let Some(why) =
            fuse.err().map(|why| why.to_string()).or(Samba::missing().map(Into::into))
        {
            skip(test, &why);
            return None;
        }
        let built = build(&["provider_smb"]);
        let bench = Bench::empty();
        let text = format!(
            "[network-provider]\norder = [\"smb\"]\n\n[providers.smb]\nname = \"SMB Network\"\n\
             path = \"{}\"\n\n[providers.smb.options]\n{options}\n",
            built.join("libprovider_smb.so").display()
        );
        bench.write("etc/mpr/mpr.toml", &text);
        let samba = server.share("team").start().unwrap();
        Some(Self { bench, samba })
    }

    fn url(&self) -> String {
        self.samba.url("team")
    }

    /// Runs `mpr use S: URL` with the login, and further options.
    fn connect(&self, options: &[&str]) -> (i32, Value) {
        let (user, password) = mpr_testkit::samba::USER;
        let url = self.url();
        let mut line = vec!["use", "S:", &url, "--user", user, "--password-stdin", "--json"];
        line.extend(options);
        let ran = self.bench.mpr_fed(&line, &format!("{password}\n"));
        (ran.status, serde_json::from_str(&ran.out).expect("JSON"))
    }

    fn runtime(&self) -> PathBuf {
        self.bench.root().join("run/mpr")
    }

    fn mounts(&self) -> Vec<PathBuf> {
        let table = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let points = table.lines().filter_map(|line| line.split(' ').nth(4));
        points.map(PathBuf::from).filter(|it| it.starts_with(self.bench.root())).collect()
    }

    fn assert_nothing_left(&self) {
        assert_eq!(self.mounts(), <Vec<PathBuf>>::new());
        eventually("nothing is left", || {
            let names = |dir: &Path| {
                let entries = fs::read_dir(dir).into_iter().flatten().flatten();
                entries.map(|entry| entry.file_name()).collect::<Vec<_>>()
            };
            let left = names(&self.runtime());
            left.iter().all(|name| name == ".serve")
                && names(&self.runtime().join(".serve")).is_empty()
        });
        eventually("no process is left", || {
            !processes().any(|(name, log)| {
                name.starts_with("mpr-serve") && log.starts_with(self.bench.root())
            })
        });
    }
}

/// Names and logs of all processes.
fn processes() -> impl Iterator<Item = (String, PathBuf)> {
    fs::read_dir("/proc").unwrap().flatten().map(|entry| {
        let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        (name, fs::read_link(entry.path().join("fd/2")).unwrap_or_default())
    })
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + LONG;
    while !holds() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_drive_of_samba_and_how_it_is() {
    let options = "io-timeout = \"2s\"";
    let Some(session) = Session::new("cli/samba", options, SambaOptions::default()) else { return };
    let (status, said) = session.connect(&["--persistent"]);
    assert_eq!((status, &said["provider"]), (0, &"SMB Network".into()), "{said}");
    let drive = PathBuf::from(said["path"].as_str().unwrap());
    fs::write(drive.join("hello"), "world").unwrap();
    assert_eq!(fs::read(session.samba.path("team").join("hello")).unwrap(), b"world");

    let (_, found) = session.bench.json(&["get", "S:"]);
    assert_eq!((&found["provider"], &found["user"]), (&"SMB Network".into(), &"mpr".into()));
    assert_eq!((&found["state"], &found["reason"]), (&"connected".into(), &Value::Null));
    assert!(found["process"].as_u64().is_some_and(|pid| pid > 1), "{found}");
    let (status, known) = session.bench.json(&["browse", "SMB Network"]);
    assert_eq!(status, 0, "{known}");
    let server = session.url().trim_end_matches("/team").to_owned();
    assert_eq!(known["entries"][0]["kind"], "server", "{known}");
    assert_eq!(known["entries"][0]["remote"].as_str().unwrap().trim_end_matches('/'), server);

    // The server stops: whoever touches the drive is told in time, and the list says why.
    let state = || session.bench.json(&["list"]).1["connections"][0].clone();
    assert_eq!(state()["state"], "connected");
    session.samba.freeze(true);
    let toucher = std::thread::spawn(move || fs::read(drive.join("other")).is_err());
    eventually("the list tells", || state()["state"] != "connected");
    assert!(toucher.join().unwrap(), "an error, in time");
    let ailing = state();
    assert!(ailing["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{ailing}");
    let (status, doctor) = session.bench.json(&["doctor"]);
    assert_eq!((status, &doctor["problems"][0]["kind"]), (1, &"mount".into()), "{doctor}");
    session.samba.freeze(false);
    eventually("it comes back by itself", || state()["state"] == "connected");

    let (status, said) = session.bench.json(&["delete", "S:", "--force"]);
    assert_eq!(status, 0, "{said}");
    session.assert_nothing_left();
}

/// Both spellings of one resource are one remote name when compared (design §4).
#[test]
fn spellings_of_one_resource_are_one() {
    let Some(session) = Session::new("cli/spellings", "", SambaOptions::default()) else { return };
    let (user, password) = mpr_testkit::samba::USER;
    let address = session.url();
    let (server, _) = address.trim_start_matches("smb://").split_once('/').unwrap();
    let unc = format!(r"\\{}\TEAM", server.replace(':', "@"));
    for spelling in [&format!("{address}/"), &unc] {
        let line = ["use", "S:", spelling, "--user", user, "--password-stdin", "--persistent"];
        let ran = session.bench.mpr_fed(&line, &format!("{password}\n"));
        assert_eq!(ran.status, 0, "{ran:?}");
        let (_, listed) = session.bench.json(&["list"]);
        assert_eq!(listed["connections"].as_array().unwrap().len(), 1, "{listed}");
        assert_eq!(listed["connections"][0]["remembered"], true, "{listed}");
        let restored = session.bench.mpr(&["restore"]);
        assert!(restored.status == 0 && restored.out.contains("already"), "{restored:?}");
        // Remembered otherwise spelt, it can still be connected again (U43).
        let ended = session.bench.mpr(&["delete", "S:", "--keep"]);
        assert_eq!(ended.status, 0, "{ended:?}");
    }
    session.assert_nothing_left();
}

#[test]
fn a_frozen_server_is_given_up_in_time() {
    let Some(session) = Session::new("cli/frozen", "", SambaOptions::default()) else { return };
    session.samba.freeze(true);
    let started = Instant::now();
    let (status, said) = session.connect(&["--timeout", "500ms"]);
    assert!(started.elapsed() < LONG);
    assert_eq!((status, &said["code"]), (1, &1460.into()), "{said}");
    let text = said["extended"]["text"].as_str().unwrap();
    let stages = ["resolve: ", "connect: ", "secure: ", "log in: ", "open: "];
    assert!(stages.iter().any(|stage| text.starts_with(stage)), "{text}");
    session.assert_nothing_left();
}

/// U65: no password is kept, so somebody has to be asked; D1: by the provider that wants it.
#[test]
fn what_is_remembered_asks_for_its_password() {
    let name = "cli/restore-asks";
    let Some(session) = Session::new(name, "", SambaOptions::default()) else { return };
    let (status, said) = session.connect(&["--persistent"]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(session.bench.mpr(&["delete", "S:", "--keep"]).status, 0);
    let ran = session.bench.mpr(&["restore"]);
    assert!(ran.status == 1 && ran.err.contains("at a terminal"), "{ran:?}");
    let (_, password) = mpr_testkit::samba::USER;
    for (typed, status) in [("hunter2", 1), (password, 0)] {
        let mut asked = session.bench.at_terminal(&["restore"]);
        asked.await_question();
        writeln!(asked.keyboard, "{typed}").unwrap();
        assert_eq!(asked.child.wait().unwrap().code(), Some(status));
        let mut shown = [0; 4096];
        let length = asked.keyboard.read(&mut shown).unwrap();
        let shown = String::from_utf8_lossy(&shown[..length]);
        let asks = format!("Password of mpr for {}: ", session.url());
        assert!(shown.contains(&asks) && !shown.contains(typed), "{shown}");
    }
    let drive = session.runtime().join("S");
    fs::write(drive.join("restored"), "").unwrap();
    assert!(session.samba.path("team").join("restored").exists());
    let profile = fs::read_to_string(session.bench.root().join("config/mpr/network.toml"));
    assert!(!profile.unwrap().contains(password));
    assert_eq!(session.bench.mpr(&["delete", "S:"]).status, 0);
    session.assert_nothing_left();
}

/// mpr.toml(5): nothing passes silently, and what keeps a provider from connecting is not only told
/// when somebody connects.
#[test]
fn an_option_that_nobody_knows_is_found() {
    let name = "cli/option";
    let options = "io-timeuot = \"3s\"";
    let Some(session) = Session::new(name, options, SambaOptions::default()) else { return };
    for (line, words) in [
        (&["doctor"][..], "SMB Network connects nothing: unknown option `io-timeuot`"),
        (&["provider", "check"], "unknown option `io-timeuot`"),
    ] {
        let ran = session.bench.mpr(line);
        assert!(ran.status == 1 && ran.out.contains(words), "{ran:?}");
    }
    assert_eq!(session.connect(&[]).0, 1);
}

/// A drive that nobody serves any more does not count as restored.
#[test]
fn a_dead_drive_is_not_restored() {
    let name = "cli/restore-dead";
    let Some(session) = Session::new(name, "", SambaOptions::default()) else { return };
    let (status, said) = session.connect(&["--persistent"]);
    assert_eq!(status, 0, "{said}");
    assert_eq!(session.bench.mpr(&["restore"]).status, 0, "it is there");
    let (_, found) = session.bench.json(&["get", "S:"]);
    let pid = i32::try_from(found["process"].as_i64().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
    eventually("it is gone", || !Path::new(&format!("/proc/{pid}/exe")).exists());
    let ran = session.bench.mpr(&["restore"]);
    assert!(ran.status == 1 && ran.err.contains("served it is gone"), "{ran:?}");
    assert_eq!(session.bench.mpr(&["delete", "S:", "--force"]).status, 0);
    session.assert_nothing_left();
}

#[test]
fn an_interrupted_connect_leaves_nothing() {
    let options = "connect-timeout = \"120s\"";
    let Some(session) = Session::new("cli/interrupted", options, SambaOptions::default()) else {
        return;
    };
    session.samba.freeze(true);
    let mut command = session.bench.command(&["use", "S:", &session.url(), "--no-input"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let log = session.runtime().join(".serve/S.log");
    let serving = || processes().any(|(name, its)| name.starts_with("mpr-serve") && its == log);
    eventually("it is being connected", serving);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    child.wait().unwrap();
    eventually("the serving process ends", || !serving());
    session.assert_nothing_left();
}

#[test]
fn options_of_the_configuration_reach_the_serving_program() {
    let server = || SambaOptions::default().global("server smb encrypt = off");
    let options = "require-privacy = true";
    let Some(session) = Session::new("cli/options", options, server()) else { return };
    let (status, said) = session.connect(&[]);
    assert_eq!(status, 1, "a server that cannot encrypt: {said}");
    assert!(said["extended"]["text"].as_str().is_some_and(|it| it.contains("encr")), "{said}");
    session.assert_nothing_left();

    let options = "io-timeout = \"soon\"";
    let Some(session) = Session::new("cli/options", options, server()) else { return };
    let (status, said) = session.connect(&[]);
    let text = said["extended"]["text"].as_str().unwrap_or_default();
    assert_eq!((status, text.contains("`io-timeout` is no time")), (1, true), "{said}");
    session.assert_nothing_left();
}
