//! Editing keeps what it is not about.

use std::fs;
use std::time::Duration;

use mpr_platform::{NewProvider, NotifyeeKind, Scope, SettingsError, SettingsFile};

use super::world::{World, chmod, mode};

const BEFORE: &str = r#"# the machine's networks

[network-provider] # order matters
order = [
    "smb",    # the file server
    "webdav", # the web
]
restore-connection = true

[future]
key = "kept"

[notifyees]
# the VPN must be up
10-vpn = "/usr/lib/mpr/notify_vpn.so" # ours

[providers.smb]
# comment of smb
name = "SMB Network"
path = "%MPR_LIB%/provider_smb.so"

[providers.webdav]
name = "Web Folders"
path = "/usr/lib/mpr/provider_webdav.so"
"#;

fn file(world: &World, text: &str) -> SettingsFile {
    SettingsFile::new(world.system(text), Scope::System)
}

fn nfs() -> NewProvider {
    NewProvider {
        name: "NFS".into(),
        path: "%MPR_LIB%/provider_nfs.so".into(),
        class: None,
        provider_type: Some(0x420000),
    }
}

fn text(file: &SettingsFile) -> String {
    fs::read_to_string(file.path()).unwrap()
}

#[test]
fn add_and_remove_leave_no_trace() {
    let world = World::new();
    let file = file(&world, BEFORE);
    let module = NotifyeeKind::Module("/lib/a.so".into());
    file.add_notifyee("20-a", &module).unwrap();
    assert_eq!(text(&file), BEFORE.replace(" # ours\n", " # ours\n20-a = \"/lib/a.so\"\n"));
    assert!(file.remove_notifyee("20-A").unwrap());
    assert!(!file.remove_notifyee("20-a").unwrap());
    assert_eq!(text(&file), BEFORE);
}

#[test]
fn exec_notifyees_are_inline_tables() {
    let world = World::new();
    let file = file(&world, "");
    let timeout = Some(Duration::from_secs(5));
    file.add_notifyee("a", &NotifyeeKind::Exec { path: "/hook".into(), timeout }).unwrap();
    file.add_notifyee("b", &NotifyeeKind::Exec { path: "/%MPR_ETC%".into(), timeout: None })
        .unwrap();
    let expected = "[notifyees]\na = { exec = \"/hook\", timeout = \"5s\" }\n\
                    b = { exec = \"/%MPR_ETC%\" }\n";
    assert_eq!(text(&file), expected);
}

#[test]
fn providers_come_with_their_place() {
    let world = World::new();
    let file = file(&world, BEFORE);
    file.add_provider("nfs", &nfs()).unwrap();
    assert_eq!(file.order().unwrap(), ["smb", "webdav", "nfs"]);
    let after = text(&file);
    let added = "\n[providers.nfs]\nname = \"NFS\"\npath = \"%MPR_LIB%/provider_nfs.so\"\n\
                 provider-type = 4325376\n";
    let placed = BEFORE.replace("# the web\n", "# the web\n    \"nfs\",\n");
    assert_eq!(after, placed + added);
    let settings = world.load();
    assert_eq!(settings.providers.len(), 3, "{:?}", settings.problems);
    assert!(file.remove_provider("NFS").unwrap());
    assert_eq!(file.order().unwrap(), ["smb", "webdav"]);
    assert_eq!(text(&file), BEFORE);
}

/// As a package ships it: all comments, nothing set.
#[test]
fn comments_of_an_empty_file_stay_first() {
    let world = World::new();
    let file = file(&world, "# see mpr.toml(5)\n#[providers.x]\n");
    file.add_provider("nfs", &nfs()).unwrap();
    let start = "# see mpr.toml(5)\n#[providers.x]\n\n[network-provider]\norder = [\"nfs\"]\n\n[";
    assert!(text(&file).starts_with(start), "{}", text(&file));
}

#[test]
fn order_moves_items_with_their_comments() {
    let world = World::new();
    let file = file(&world, BEFORE);
    file.set_order(&["webdav", "smb", "WEBDAV"]).unwrap();
    assert_eq!(file.order().unwrap(), ["webdav", "smb"]);
    let (smb, webdav) = ("    \"smb\",    # the file server\n", "    \"webdav\", # the web\n");
    let expected = BEFORE.replace(&format!("{smb}{webdav}"), &format!("{webdav}{smb}"));
    assert_eq!(text(&file), expected);
    let keys: Vec<_> = world.load().providers.into_iter().map(|entry| entry.key).collect();
    assert_eq!(keys, ["webdav", "smb"]);
}

#[test]
fn order_in_registry_style_becomes_a_list() {
    let world = World::new();
    let file = file(&world, "[network-provider]\norder = \"a, b\" # both\n");
    assert_eq!(file.order().unwrap(), ["a", "b"]);
    file.set_order(&["b"]).unwrap();
    assert_eq!(text(&file), "[network-provider]\norder = [\"b\"] # both\n");
}

#[test]
fn new_files_have_the_mode_of_their_scope() {
    let world = World::new();
    for (scope, wanted) in [(Scope::System, 0o644), (Scope::User, 0o600)] {
        let path = world.paths.config_of(scope).unwrap();
        let file = SettingsFile::new(path, scope);
        file.add_provider("nfs", &nfs()).unwrap();
        assert_eq!(mode(file.path()), wanted);
        chmod(file.path(), 0o640);
        file.set_order(&[]).unwrap();
        assert_eq!(mode(file.path()), 0o640, "kept");
    }
    assert_eq!(mode(world.paths.user_dir().unwrap()), 0o700);
    let expected = "[network-provider]\norder = [\"nfs\"]\n\n[providers.nfs]\nname = \"NFS\"\n\
                    path = \"%MPR_LIB%/provider_nfs.so\"\nprovider-type = 4325376\n";
    let fresh = SettingsFile::new(world.root.path().join("x.toml"), Scope::System);
    fresh.add_provider("nfs", &nfs()).unwrap();
    assert_eq!(text(&fresh), expected);
}

#[test]
fn refusals_change_nothing() {
    let world = World::new();
    let file = file(&world, BEFORE);
    let module = NotifyeeKind::Module("/lib/a.so".into());
    let errors = [
        file.add_notifyee("10-VPN", &module),
        file.add_notifyee(" ", &module),
        file.add_provider("SMB", &nfs()),
        file.add_provider("a,b", &nfs()),
        file.set_order(&["smb", " x"]),
    ];
    let texts: Vec<_> = errors.into_iter().map(|error| error.unwrap_err().to_string()).collect();
    assert!(texts[0].contains("notifyee `10-VPN` is in"), "{texts:?}");
    assert!(texts[2].contains("provider `SMB` is in"), "{texts:?}");
    assert_eq!(text(&file), BEFORE);

    for broken in ["a = = 1", "notifyees = 5\nproviders = 5\nnetwork-provider = 5\n"] {
        fs::write(file.path(), broken).unwrap();
        let malformed = |error| matches!(error, SettingsError::Malformed { .. });
        assert!(malformed(file.add_notifyee("a", &module).unwrap_err()));
        assert!(malformed(file.add_provider("nfs", &nfs()).unwrap_err()));
        assert_eq!(text(&file), broken);
    }
}
