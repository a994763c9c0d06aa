//! The profile file through the trait that core uses.

use std::fs::{self, File};
use std::os::unix::fs::{chown, symlink};
use std::time::Duration;

use mpr_core::{Profile, RememberedConnection, Wide, WideString, WnError};
use mpr_platform::{Environment, Paths, ProfileFile};

use super::world::{World, chmod, connection, is_root, mode};

fn get(profile: &ProfileFile, local: &str) -> Result<Option<RememberedConnection>, WnError> {
    profile.get(WideString::from(local).as_wide())
}

fn forget(profile: &ProfileFile, local: &str) -> Result<bool, WnError> {
    profile.forget(WideString::from(local).as_wide())
}

fn written(world: &World, text: &str) -> ProfileFile {
    world.write("config/mpr/network.toml", text);
    ProfileFile::of(&world.paths)
}

fn text(profile: &ProfileFile) -> String {
    fs::read_to_string(profile.path().unwrap()).unwrap()
}

#[test]
fn what_is_remembered_comes_back() {
    let world = World::new();
    let profile = ProfileFile::of(&world.paths);
    assert_eq!((profile.check(), profile.list()), (Ok(()), Ok(vec![])));
    assert_eq!((get(&profile, "S:"), forget(&profile, "S:")), (Ok(None), Ok(false)));
    assert!(!profile.path().unwrap().parent().unwrap().exists(), "reading makes nothing");

    let drive = connection("S:", r"\\srv\Übung 𝄞 'x' ''' \n");
    let path = RememberedConnection {
        user: WideString::default(),
        use_options: None,
        ..connection("/mnt/team", "https://dav.example/ü")
    };
    let printer = connection("LPT1", "\\\\srv\\\"printer\"\t\u{7f}");
    for entry in [&drive, &path, &printer] {
        profile.remember(entry).unwrap();
    }
    for local in ["S:", "s:"] {
        assert_eq!(get(&profile, local), Ok(Some(drive.clone())));
    }
    assert_eq!(get(&profile, "lpt1:"), Ok(Some(printer.clone())));
    assert_eq!(get(&profile, "/mnt/team/"), Ok(Some(path.clone())));
    assert_eq!(get(&profile, "/MNT/team"), Ok(None), "paths have case");
    assert_eq!(profile.list(), Ok(vec![path, printer, drive]));
    assert_eq!(mode(profile.path().unwrap()), 0o600);
    assert_eq!(mode(profile.path().unwrap().parent().unwrap()), 0o700);
    assert_eq!(forget(&profile, "s:"), Ok(true));
    assert_eq!(forget(&profile, "s:"), Ok(false));
    assert_eq!(get(&profile, "S:"), Ok(None));
}

#[test]
fn what_is_unknown_stays() {
    let before = "# my drives\nversion = 2\n\n[S] # team\nremote-path = '\\\\old\\x' # where\n\
                  provider-flags = 1\nnote = \"mine\"\n\n# other\n[T]\nremote-path = '\\\\t\\t'\n";
    let world = World::new();
    let profile = written(&world, before);
    profile.remember(&connection("S:", r"\\new\x")).unwrap();
    let after = text(&profile);
    for kept in [
        "# my drives\nversion = 2\n",
        "[S] # team\n",
        "# where\n",
        "provider-flags = 1\n",
        "note = \"mine\"\n",
        "\n# other\n[T]\nremote-path = '\\\\t\\t'\n",
    ] {
        assert!(after.contains(kept), "{kept} not in\n{after}");
    }
    assert_eq!(get(&profile, "S:").unwrap().unwrap().remote, r"\\new\x".into());
    profile.remember(&connection("Q:", r"\\q\q")).unwrap();
    assert!(text(&profile).contains("\n\n[Q]\nremote-path = "), "{}", text(&profile));
    assert!(!text(&profile).contains("password"));
    forget(&profile, "S:").unwrap();
    forget(&profile, "Q:").unwrap();
    assert!(text(&profile).ends_with("# other\n[T]\nremote-path = '\\\\t\\t'\n"));
    assert!(text(&profile).starts_with("# my drives\nversion = 2\n"));
}

#[test]
fn people_write_it_otherwise() {
    let world = World::new();
    let profile = written(
        &world,
        "s = { remote-path = '\\\\a\\b', user-name = 0, use-options = 'DE AD' }\n\
         [\"T:\"]\nremote-path = 'x'\nprovider-type = 0x20000\n[lpt2]\nremote-path = 'p'\n\
         [E]\nuser-name = 'no remote name'\n[t]\nremote-path = 'twin'\n",
    );
    let s = get(&profile, "S:").unwrap().unwrap();
    assert_eq!((s.user, s.use_options), (WideString::default(), Some(vec![0xde, 0xad])));
    assert_eq!(get(&profile, "T:").unwrap().unwrap().provider_type, 0x20000);
    assert_eq!(get(&profile, "LPT2").unwrap().unwrap().connection_type.0, 2);
    assert_eq!(get(&profile, "E:"), Ok(None), "no remote name, no entry");
    let names = |list: Vec<RememberedConnection>| -> Vec<String> {
        list.iter().map(|entry| format!("{}={}", entry.local, entry.remote)).collect()
    };
    assert_eq!(names(profile.list().unwrap()), ["LPT2=p", r"S:=\\a\b", "T:=x"]);
    profile.remember(&connection("S:", "new")).unwrap();
    profile.remember(&connection("T:", "new")).unwrap();
    assert_eq!(names(profile.list().unwrap()), ["LPT2=p", "S:=new", "T:=new"]);
    assert!(text(&profile).contains("[\"T:\"]") && !text(&profile).contains("[t]"));
}

/// `registry.md` §3: 1206 for operations on that entry, and enumeration goes on.
#[test]
fn malformed_entries_stand_alone() {
    for bad in [
        "remote-path = 5",
        "remote-path = 'a\\b'\nuser-name = 1",
        "remote-path = 'a'\nprovider-type = -1",
        "remote-path = 'a'\nprovider-type = 4294967296",
        "remote-path = 'a'\nconnection-type = 3",
        "remote-path = 'a'\nuse-options = 'abc'",
        "remote-path = 'a'\nconnect-flags = 'x'",
        "remote-path = \"a\\u0000b\"",
    ] {
        let world = World::new();
        let profile = written(&world, &format!("[S]\n{bad}\n[T]\nremote-path = 't'\n"));
        assert_eq!(get(&profile, "S:"), Err(WnError::BAD_PROFILE), "{bad}");
        assert!(get(&profile, "T:").unwrap().is_some());
        assert_eq!(profile.list().unwrap().len(), 1, "{bad}");
        assert_eq!((profile.check(), profile.malformed()), (Ok(()), Ok(vec!["S".into()])));
        assert_eq!(forget(&profile, "S:"), Ok(true), "that is how to get rid of it");
        assert_eq!(get(&profile, "S:"), Ok(None));
    }
    let world = World::new();
    let profile = written(&world, "S = 5\n");
    assert_eq!(get(&profile, "S:"), Err(WnError::BAD_PROFILE));
    assert_eq!(profile.remember(&connection("S:", "x")), Err(WnError::BAD_PROFILE));
    assert_eq!(text(&profile), "S = 5\n");
}

#[test]
fn an_unreadable_text_is_a_bad_profile() {
    let long = "#".repeat(5 << 20);
    for bad in ["a = = 1", "[S]\n[S]\n", long.as_str()] {
        let world = World::new();
        let profile = written(&world, bad);
        assert_eq!(profile.check(), Err(WnError::BAD_PROFILE));
        assert_eq!(profile.list(), Err(WnError::BAD_PROFILE));
        assert_eq!(get(&profile, "S:"), Err(WnError::BAD_PROFILE));
        assert_eq!(forget(&profile, "S:"), Err(WnError::BAD_PROFILE));
        assert_eq!(profile.remember(&connection("S:", "x")), Err(WnError::BAD_PROFILE));
        assert_eq!(text(&profile), bad, "unchanged");
    }
}

#[test]
fn names_that_cannot_be_written_change_nothing() {
    let world = World::new();
    let profile = written(&world, "# empty\n");
    let odd = || WideString::from(vec![0x61, 0xd800]);
    let entry = connection("S:", "x");
    for entry in [
        RememberedConnection { remote: odd(), ..entry.clone() },
        RememberedConnection { user: odd(), ..entry.clone() },
        RememberedConnection { provider: odd(), ..entry.clone() },
        RememberedConnection { local: vec![0x2f, 0x61, 0xd800].into(), ..entry.clone() },
    ] {
        assert_eq!(profile.remember(&entry), Err(WnError::BAD_PROFILE));
    }
    for local in ["", "S", r"\\srv\share", "CON"] {
        let entry = RememberedConnection { local: local.into(), ..entry.clone() };
        assert_eq!(profile.remember(&entry), Err(WnError::BAD_DEVICE));
        assert_eq!((get(&profile, local), forget(&profile, local)), (Ok(None), Ok(false)));
    }
    assert_eq!(profile.get(Wide::new(&[0x2f, 0xd800])), Ok(None));
    assert_eq!(text(&profile), "# empty\n");
}

#[test]
fn no_home_no_profile() {
    let profile = ProfileFile::of(&Paths::resolve(&Environment::new(1000, false)));
    let closed = WnError::CANNOT_OPEN_PROFILE;
    assert_eq!(profile.check(), Err(closed));
    assert_eq!(profile.list(), Err(closed));
    assert_eq!(get(&profile, "S:"), Err(closed));
    assert_eq!(profile.remember(&connection("S:", "x")), Err(closed));
    assert_eq!(forget(&profile, "S:"), Err(closed));
}

#[test]
fn what_cannot_be_opened() {
    let closed = Err(WnError::CANNOT_OPEN_PROFILE);
    let world = World::new();
    // A file where the directory should be, and a directory where the file should be.
    let below_file = ProfileFile::new(world.write("file", "").join("network.toml"));
    fs::create_dir_all(world.root.path().join("dir/network.toml")).unwrap();
    let directory = ProfileFile::new(world.root.path().join("dir/network.toml"));
    for profile in [below_file, directory] {
        assert_eq!(profile.check(), closed);
        assert_eq!(profile.remember(&connection("S:", "x")), closed);
    }
}

/// Root with somebody's home must not leave files there that they cannot change.
#[test]
fn directories_of_somebody_else_are_left_alone() {
    if !is_root() {
        return;
    }
    let world = World::new();
    let profile = written(&world, "[S]\nremote-path = 'x'\n");
    let dir = profile.path().unwrap().parent().unwrap().to_owned();
    chown(&dir, Some(54321), None).unwrap();
    assert_eq!(profile.check(), Err(WnError::CANNOT_OPEN_PROFILE));
    assert_eq!(profile.remember(&connection("S:", "y")), Err(WnError::CANNOT_OPEN_PROFILE));
    assert_eq!(profile.list().unwrap().len(), 1, "reading is harmless");
}

#[test]
fn a_link_stays_a_link() {
    let world = World::new();
    let real = world.write("dotfiles/net.toml", "# mine\n");
    fs::create_dir_all(world.paths.user_dir().unwrap()).unwrap();
    let profile = ProfileFile::of(&world.paths);
    symlink(&real, profile.path().unwrap()).unwrap();
    profile.remember(&connection("S:", "x")).unwrap();
    assert!(fs::symlink_metadata(profile.path().unwrap()).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().starts_with("# mine\n"));
    assert_eq!(profile.list().unwrap().len(), 1);
}

#[test]
fn a_wide_mode_is_narrowed() {
    let world = World::new();
    let profile = written(&world, "");
    chmod(profile.path().unwrap(), 0o666);
    profile.remember(&connection("S:", "x")).unwrap();
    assert_eq!(mode(profile.path().unwrap()), 0o600);
}

#[test]
fn a_lock_that_never_comes_is_not_waited_for() {
    let world = World::new();
    let profile = written(&world, "").with_lock_limit(Duration::ZERO);
    profile.remember(&connection("S:", "x")).unwrap();
    let lock = File::open(profile.path().unwrap().with_file_name(".network.toml.lock")).unwrap();
    lock.lock().unwrap();
    let closed = Err(WnError::CANNOT_OPEN_PROFILE);
    assert_eq!(profile.remember(&connection("S:", "y")), closed);
    assert_eq!(forget(&profile, "S:"), closed.map(|()| true));
    assert!(get(&profile, "S:").unwrap().is_some(), "readers need no lock");
    lock.unlock().unwrap();
    assert_eq!(forget(&profile, "S:"), Ok(true));
}
