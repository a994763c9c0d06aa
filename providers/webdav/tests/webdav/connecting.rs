//! Connecting, asking and disconnecting; what fails leaves nothing.

use std::fs::{self, File};
use std::net::TcpListener;

use mpr_core::{InfoLevel, Provider, ProviderError};
use rustix::process::{Pid, Signal, kill_process};

use crate::bench::{Bench, LONG, Served, eventually, text, wide};

fn said(error: &ProviderError) -> String {
    error.extended.as_ref().map(|said| said.text.to_string_lossy()).unwrap_or_default()
}

#[test]
fn a_drive_from_connect_to_cancel() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(Some(("alice", "s\u{e4}cret \"\\")));
    let url = served.server.url();
    let login = Some(("alice", "s\u{e4}cret \"\\"));
    assert_eq!(bench.connection("S:"), Err(2250));
    assert_eq!(bench.cancel("S:", false), Err(2250));
    let mount = bench.connect_as("S:", &url, login).unwrap();
    fs::write(mount.join("hello"), "world").unwrap();
    assert_eq!(served.read("hello"), b"world");
    let command = format!("/proc/{}/", bench.process("S"));
    for secret in ["cmdline", "environ"] {
        let shown = fs::read(command.clone() + secret).unwrap();
        assert!(!String::from_utf8_lossy(&shown).contains("cret"), "{secret}");
    }

    assert_eq!(bench.connection("s:"), Ok(url.clone()));
    assert_eq!(bench.connect_as("S:", &url, login).unwrap_err().code.code(), 85);
    let user = bench.provider.user(Some(wide("S:").as_wide())).unwrap();
    assert_eq!(text(user.as_wide()), "alice");
    let address = served.server.address();
    let path = wide(r"S:\dir\x y");
    let name = bench.provider.universal_name(path.as_wide(), InfoLevel::RemoteName).unwrap();
    let root = format!(r"\\127.0.0.1@{}\DavWWWRoot", address.port());
    assert_eq!(name.universal, Some(wide(&format!(r"{root}\dir\x y"))));
    assert_eq!(name.connection, Some(wide(&root)));
    assert_eq!(name.remaining, Some(wide(r"\dir\x y")));

    let open = File::open(mount.join("hello")).unwrap();
    assert_eq!(bench.cancel("S:", false), Err(2401));
    assert_eq!(bench.connection("S:"), Ok(url));
    drop(open);
    eventually("the handle is closed", || bench.cancel("S:", false) == Ok(()));
    bench.assert_nothing_left();
}

#[test]
fn unc_paths_and_deviceless() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let port = served.server.address().port();
    fs::create_dir_all(served.behind.path().join("team/x,y #1")).unwrap();
    fs::write(served.behind.path().join("team/x,y #1/f"), "found").unwrap();
    let unc = format!(r"\\127.0.0.1@{port}\DavWWWRoot\team\x,y #1");
    let mount = bench.connect("T:", &unc).unwrap();
    assert_eq!(bench.connection("T:"), Ok(unc.clone()));
    assert_eq!(fs::read(mount.join("f")).unwrap(), b"found");

    // A path is a local name; it is made, and goes with the connection.
    let path = bench.root.path().join("mnt");
    let local = path.to_str().unwrap();
    bench.connect(local, &unc).unwrap();
    assert_eq!(fs::read(path.join("f")).unwrap(), b"found");
    let inner = wide(&format!("{local}/f"));
    let name = bench.provider.universal_name(inner.as_wide(), InfoLevel::UniversalName).unwrap();
    assert_eq!(name.universal, Some(wide(&format!(r"{unc}\f"))));
    assert_eq!(bench.cancel(local, false), Ok(()));
    assert!(!path.exists());

    // One that was there stays; one that holds something is refused.
    fs::create_dir(&path).unwrap();
    bench.connect(local, &unc).unwrap();
    assert_eq!(bench.cancel(local, false), Ok(()));
    assert!(path.exists());
    fs::write(path.join("mine"), "").unwrap();
    let error = bench.connect(local, &unc).unwrap_err();
    assert_eq!((error.code.code(), said(&error).contains("not empty")), (183, true));

    // Without local name; the other spelling means the same resource.
    bench.connect("", &unc).unwrap();
    bench.connect("", &unc).unwrap();
    let url = format!("http://127.0.0.1:{port}/team/x%2Cy%20%231/");
    let place = bench.dir().join(format!("unc/127.0.0.1@{port}/team%2Fx,y #1"));
    assert_eq!(fs::read(place.join("f")).unwrap(), b"found");
    assert_eq!(bench.cancel(&url, false), Ok(()));
    assert_eq!(bench.cancel(&url, false), Err(2250));
    assert_eq!(bench.cancel("T:", false), Ok(()));
    bench.assert_nothing_left();
}

#[test]
fn what_fails_names_its_stage_and_leaves_nothing() {
    let Some(mut bench) = Bench::new(LONG) else { return };
    let served = Served::new(Some(("alice", "secret")));
    fs::write(served.behind.path().join("file"), "").unwrap();
    let url = served.server.url();
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let alice = Some(("alice", "secret"));
    for (remote, login, stage, code) in [
        (url.clone(), Some(("alice", "wrong")), "log in", 86),
        (url.clone(), None, "log in", 5),
        (format!("{url}missing"), alice, "open", 67),
        (format!("{url}file"), alice, "open", 1207),
        (url.replace("http", "https"), alice, "secure", 59),
        (closed, alice, "connect", 51),
        ("http://no-such-host.invalid/x".to_owned(), alice, "resolve", 53),
    ] {
        let error = bench.connect_as("S:", &remote, login).unwrap_err();
        assert_eq!(error.code.code(), code, "{remote} {error:?}");
        let text = said(&error);
        assert!(text.starts_with(&format!("{stage}: ")), "{remote}: {text}");
        assert!(!text.contains("secret") && !text.contains("wrong"), "{text}");
        bench.assert_nothing_left();
    }
    for name in [r"\\server\share", "smb://h/x", "sftp://h/x"] {
        assert_eq!(bench.connect("S:", name).unwrap_err(), mpr_core::WnError::BAD_NET_NAME.into());
    }
    // Who accepts a connection and says nothing is given up in time.
    served.server.faults().freeze(true);
    bench.settings.connect_limit = std::time::Duration::from_millis(300);
    bench.provider = provider_webdav::WebDav::new(bench.settings.clone());
    let error = bench.connect_as("S:", &url, alice).unwrap_err();
    assert_eq!(error.code.code(), 1460, "{error:?}");
    bench.assert_nothing_left();
}

#[test]
fn trouble_on_this_side_asks_for_no_password() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    fs::create_dir(bench.root.path().join("run")).unwrap();
    fs::write(bench.dir(), "in the way").unwrap();
    let error = bench.connect("S:", &served.server.url()).unwrap_err();
    assert_eq!(error.code.code(), 31, "{error:?}");
    fs::remove_file(bench.dir()).unwrap();
    fs::create_dir(bench.dir()).unwrap();
    fs::set_permissions(bench.dir(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let error = bench.connect("S:", &served.server.url()).unwrap_err();
    assert_eq!(error.code.code(), 31, "{error:?}");
    assert!(said(&error).contains("not private"), "{error:?}");
}

#[test]
fn the_end_of_the_serving_process_is_survived() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let url = served.server.url();
    bench.connect("S:", &url).unwrap();
    let pid = Pid::from_raw(bench.process("S")).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    eventually("the mount is dead", || fs::read_dir(bench.dir().join("S")).is_err());
    assert_eq!(bench.connection("S:"), Ok(url.clone()), "the mount table still has it");
    assert_eq!(bench.cancel("S:", false), Ok(()));
    bench.assert_nothing_left();

    // Asked to end, it stores, unmounts and tidies up by itself.
    let mount = bench.connect("S:", &url).unwrap();
    fs::write(mount.join("f"), "stored").unwrap();
    let pid = Pid::from_raw(bench.process("S")).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    eventually("the mount is gone", || bench.connection("S:") == Err(2250));
    eventually("nothing is left", || !bench.dir().join("S").exists());
    assert_eq!(served.read("f"), b"stored");
    bench.assert_nothing_left();

    // Unmounted by hand, likewise.
    let mount = bench.connect("S:", &url).unwrap();
    rustix::mount::unmount(&mount, rustix::mount::UnmountFlags::empty()).unwrap();
    eventually("nothing is left", || !mount.exists());
    bench.assert_nothing_left();
}

#[test]
fn one_local_name_is_connected_once() {
    let Some(bench) = Bench::new(LONG) else { return };
    let served = Served::new(None);
    let url = served.server.url();
    let connected = std::thread::scope(|scope| {
        let attempts: Vec<_> = (0..4).map(|_| scope.spawn(|| bench.connect("S:", &url))).collect();
        let results = attempts.into_iter().map(|attempt| attempt.join().unwrap());
        results
            .filter(|result| result.as_ref().map_err(|error| error.code.code()) != Err(85))
            .count()
    });
    assert_eq!(connected, 1);
    assert_eq!(bench.cancel("S:", false), Ok(()));
    bench.assert_nothing_left();
}
