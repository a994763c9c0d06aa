//! Several files together: what wins, what a user may add, what is refused whole.

use std::fs;
use std::os::unix::fs::{chown, symlink};

use mpr_platform::{Environment, Paths, Scope, Settings};

use super::world::{World, chmod, is_root};

fn provider(key: &str) -> String {
    format!("[providers.{key}]\nname = \"{key} network\"\npath = \"/lib/{key}.so\"\n")
}

fn order(keys: &str) -> String {
    format!("[network-provider]\norder = \"{keys}\"\n")
}

fn keys(settings: &Settings) -> Vec<&str> {
    settings.providers.iter().map(|entry| entry.key.as_str()).collect()
}

fn notifyees(settings: &Settings) -> Vec<&str> {
    settings.notifyees.iter().map(|entry| entry.name.as_str()).collect()
}

fn texts(settings: &Settings) -> String {
    settings.problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn nothing_configured_is_no_problem() {
    let settings = World::new().load();
    assert_eq!(settings, Settings::default());
    assert!(settings.restore_connection);
}

#[test]
fn drop_ins_add_in_name_order() {
    let world = World::new();
    world.system(&(order("a") + &provider("a")));
    world.write("etc/mpr/mpr.toml.d/50-c.toml", &(order("c,a") + &provider("c")));
    world.write("etc/mpr/mpr.toml.d/10-b.toml", &(order("b") + &provider("b")));
    world.write("etc/mpr/mpr.toml.d/20-x.toml.bak", "not toml");
    world.write("etc/mpr/mpr.toml.d/.hidden.toml", "not toml");
    let settings = world.load();
    assert_eq!(keys(&settings), ["a", "b", "c"]);
    assert_eq!(settings.problems, []);
}

#[test]
fn the_administrator_wins_over_packages() {
    let world = World::new();
    world.system(
        "[network-provider]\nrestore-timeout = 1\nrestore-connection = false\n\
                  [notifyees]\na = \"/lib/a.so\"\n",
    );
    world.write(
        "etc/mpr/mpr.toml.d/a.toml",
        "[network-provider]\nrestore-timeout = 2\nrestore-connection = true\n\
         [notifyees]\nA = \"/lib/b.so\"\n",
    );
    let settings = world.load();
    assert_eq!(settings.restore_timeout.unwrap().as_millis(), 1);
    assert!(!settings.restore_connection);
    assert_eq!(settings.notifyees[0].kind.path().to_str(), Some("/lib/a.so"));
    assert_eq!(settings.problems.len(), 3, "{}", texts(&settings));
    assert!(texts(&settings).contains("already set in"));
}

/// Design §4: a user adds, and never removes, reorders or replaces.
#[test]
fn a_user_only_adds() {
    let world = World::new();
    world.system(
        &(order("a,b")
            + &provider("a")
            + &provider("b")
            + &provider("off")
            + "[notifyees]\n50-audit = \"/lib/audit.so\"\n"),
    );
    world.user(
        &(order("own,b,a,off")
            + &provider("own")
            + &provider("A")
            + "[notifyees]\n00-mine = \"/lib/mine.so\"\n50-AUDIT = \"/lib/fake.so\"\n"),
    );
    let settings = world.load();
    assert_eq!(keys(&settings), ["a", "b", "own"]);
    assert_eq!(settings.providers[2].origin.scope, Scope::User);
    assert_eq!(settings.providers[0].path.to_str(), Some("/lib/a.so"));
    // The system's come first: a user's veto must not hide an attempt from them.
    assert_eq!(notifyees(&settings), ["50-audit", "00-mine"]);
    assert_eq!(settings.notifyees[0].kind.path().to_str(), Some("/lib/audit.so"));
    let texts = texts(&settings);
    for part in [
        "`b` keeps its place",
        "`a` keeps its place",
        "`off` is the system's and not in its order",
        "provider `A` skipped: already set by the system",
        "notifyee `50-AUDIT` skipped: already set by the system",
    ] {
        assert!(texts.contains(part), "{part} not in\n{texts}");
    }
    assert_eq!(settings.problems.len(), 5, "{texts}");
}

#[test]
fn notifyees_are_sorted_without_case() {
    let world = World::new();
    world.system(
        "[notifyees]\nb = \"/1\"\nC = \"/2\"\na = \"/3\"\n\"Ä\" = \"/4\"\n\"ä2\" = \"/5\"\n",
    );
    assert_eq!(notifyees(&world.load()), ["a", "b", "C", "Ä", "ä2"]);
}

/// U27: the same file is called once, whatever it is called by.
#[test]
fn row_17_the_same_file_is_called_once() {
    let world = World::new();
    let module = world.write("usr/lib/mpr/notify.so", "");
    symlink(&module, world.root.path().join("link.so")).unwrap();
    let dir = world.root.path().display();
    world.system(&format!(
        "[notifyees]\nb = \"{dir}/link.so\"\na = \"%MPR_LIB%/notify.so\"\nc = \"{dir}/etc/../usr/lib/mpr/notify.so\"\n"
    ));
    let settings = world.load();
    assert_eq!(notifyees(&settings), ["a"]);
    assert_eq!(settings.problems.len(), 2);
    assert!(texts(&settings).contains("`a` is the same file"));
}

#[test]
fn a_writable_file_is_refused_whole_and_alone() {
    let world = World::new();
    let bad = world.system("[notifyees]\na = \"/lib/a.so\"\n");
    chmod(&bad, 0o664);
    world.write("etc/mpr/mpr.toml.d/b.toml", "[notifyees]\nb = \"/lib/b.so\"\n");
    let settings = world.load();
    assert_eq!(notifyees(&settings), ["b"]);
    let text = texts(&settings);
    assert!(text.contains("file refused") && text.contains("chmod go-w"), "{text}");
}

#[test]
fn a_writable_directory_is_as_bad() {
    let world = World::new();
    world.write("etc/mpr/mpr.toml.d/b.toml", "[notifyees]\nb = \"/lib/b.so\"\n");
    chmod(&world.paths.drop_in_dir(), 0o777);
    let settings = world.load();
    assert_eq!(notifyees(&settings), [""; 0]);
    assert!(texts(&settings).contains("mpr.toml.d can be written by others (mode 0777)"));
}

#[test]
fn files_of_somebody_else_are_refused() {
    if !is_root() {
        return;
    }
    let world = World::new();
    let system = world.system("[notifyees]\na = \"/lib/a.so\"\n");
    let user = world.user("[notifyees]\nb = \"/lib/b.so\"\n");
    for file in [&system, &user] {
        chown(file, Some(54321), None).unwrap();
    }
    let settings = world.load();
    assert_eq!(notifyees(&settings), [""; 0]);
    let text = texts(&settings);
    assert_eq!(text.matches("is owned by 54321").count(), 2, "{text}");
    assert_eq!(text.matches("chown root").count(), 2, "{text}");
}

#[test]
fn what_is_no_file_is_refused() {
    let world = World::new();
    fs::create_dir_all(world.paths.system_config()).unwrap();
    world.write("etc/mpr/mpr.toml.d/x", "");
    symlink("/nonexistent/x", world.paths.drop_in_dir().join("a.toml")).unwrap();
    let status =
        std::process::Command::new("mkfifo").arg(world.paths.drop_in_dir().join("b.toml")).status();
    assert!(status.unwrap().success());
    fs::write(world.paths.drop_in_dir().join("c.toml"), [0xff, 0xfe]).unwrap();
    let text = texts(&world.load());
    assert_eq!(text.matches("is not a regular file").count(), 2, "{text}");
    assert!(text.contains("a.toml: file refused") && text.contains("not UTF-8"), "{text}");
    assert_eq!(text.lines().count(), 4, "{text}");
}

#[test]
fn borrowed_rights_load_nothing() {
    let paths = Paths::resolve(&Environment::new(1000, true).with("MPR_ROOT", "/nowhere"));
    let settings = Settings::load(&paths);
    assert!(settings.providers.is_empty() && settings.notifyees.is_empty());
    assert!(texts(&settings).contains("no module is loaded"));
}
