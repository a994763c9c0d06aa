//! What is remembered, through the C API: `registry.md` §3, U10, U44, U45.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use mpr_conformance::{Form, Root, client, stage};

const ENTRY: &str = "[S]
remote-path = '\\\\srv\\share'
user-name = \"\"
provider-name = \"P\"
provider-type = 2424832
connection-type = 1
connect-flags = 0
defer-flags = 4
";

fn same(profile: &str, expected: &str) -> bool {
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(|it| it.replace('\'', "\"").replace("\\\\\\\\", "\\\\")).collect()
    };
    let trimmed = |text: &str| lines(text.trim()).join("\n").replace("\\\\", "\\");
    trimmed(profile) == trimmed(expected)
}

#[test]
fn update_profile_remembers_and_forgets() {
    let root = Root::with_provider();
    assert_eq!(root.says(&[r"add S: \\srv\share 1"]).stdout, "add 0\n");
    assert!(same(&root.profile(), ENTRY), "{}", root.profile());
    // The next process finds it remembered, not connected.
    let ran = root.says(&["get S:", "enum 3", "cancel S: 0 no"]);
    let expected = [
        r"get 1201 \\srv\share",
        "enum 0",
        r"  scope=3 type=1 display=3 usage=0x1 S: \\srv\share - P",
        "  end 259 count=0 close=0",
        "cancel 2250",
    ];
    assert_eq!(ran.lines(), expected);
    assert!(same(&root.profile(), ENTRY), "a cancel without the flag forgets nothing");
    assert_eq!(root.says(&["cancel S: 1 no", "get S:"]).lines(), ["cancel 0", "get 2250"]);
    assert!(!root.profile().contains("[S]"), "{}", root.profile());
}

/// `registry.md` §3.2 and `wnet.md` §4.3: when entries change, and when not.
#[test]
fn what_is_not_remembered() {
    let mut root = Root::new();
    root.provider("P", "provider_script", "cancel 2401");
    let commands = [
        r"add S: \\srv\a 0",
        r"add T: \\srv\b 5",
        r"add - \\srv\c 1",
        r"use - \\srv\d 1",
        r"add U: \\foreign\x 1",
    ];
    let ran = root.says(&commands);
    assert_eq!(ran.lines()[..3], ["add 0", "add 0", "add 0"]);
    assert_eq!(ran.lines()[4], "add 67");
    assert_eq!(root.profile(), "");

    root.remember(ENTRY);
    // U43: another resource is refused, the same one in another spelling is not.
    let commands = [
        r"add S: \\srv\other 1",
        r"add S: \\SRV\Share\ 0",
        "cancel S: 1 no",
        "cancel S: 0 force",
        r"add S: \\srv\other 0",
    ];
    let ran = root.says(&commands);
    assert_eq!(ran.lines(), ["add 1202", "add 0", "cancel 2401", "cancel 0", "add 0"]);
    assert_eq!(root.profile(), ENTRY, "nothing of it was theirs to change");
}

/// U45: the oldest pair remembers and forgets by itself.
#[test]
fn the_oldest_functions_are_persistent() {
    let mut root = Root::with_provider();
    root.notifyee("n", "context 1");
    let ran = root.says(&[r"add1 S: \\srv\share", r"add1 - \\srv\share", "get S:"]);
    assert_eq!(ran.lines(), ["add1 0", "add1 0", r"get 0 \\srv\share"]);
    assert!(same(&root.profile(), ENTRY), "{}", root.profile());
    assert_eq!(root.says(&["cancel1 S:"]).stdout, "cancel1 0\n");
    assert!(!root.profile().contains("[S]"));
    let told = root.notified();
    assert_eq!(told[0], r"pre n add S: \\srv\share - 0x1");
    assert_eq!(told[2], r"pre n add - \\srv\share - 0x0", "there is nothing to remember");
    assert_eq!(told[4..], ["pre n cancel S: - 1", "post n 0 0x1 cancel S: P 1"]);
}

/// U10: one, all, and those that cannot be restored; nobody is told.
#[test]
fn restoring() {
    let mut root = Root::with_provider();
    root.notifyee("n", "context 1");
    let second = ENTRY.replace("[S]", "[T]");
    let foreign = ENTRY.replace("[S]", "[U]").replace("srv", "foreign");
    let all = format!("{ENTRY}\n{second}\n{foreign}");
    root.remember(&all);
    let ran = root.says(&["restore -", "get S:", "get T:", "get U:", "restore S:", "restore1 U:"]);
    let expected = [
        "restore 67",
        r"get 0 \\srv\share",
        r"get 0 \\srv\share",
        r"get 1201 \\foreign\share",
        "restore 85",
        "restore1 67",
    ];
    assert_eq!(ran.lines(), expected);
    assert_eq!(root.notified(), [""; 0]);
    assert_eq!(root.profile(), all);
    // U20: what is only remembered can be forgotten, with one pair.
    assert_eq!(root.says(&["cancel U: 1 no"]).stdout, "cancel 0\n");
    assert_eq!(root.notified(), ["pre n cancel U: - 1", "post n 0 0x1 cancel U: P 1"]);
}

#[test]
fn set_connection_changes_only_the_memory() {
    let mut root = Root::with_provider();
    root.notifyee("n", "");
    let ran = root.says(&[r"add S: \\srv\share 0", "persist S: 1", "get S:"]);
    assert_eq!(ran.lines(), ["add 0", "persist 0", r"get 0 \\srv\share"]);
    assert!(root.profile().contains("[S]"), "{}", root.profile());
    let ran = root.says(&[r"add S: \\srv\share 0", "persist S: 0", "get S:", "clear", "get S:"]);
    assert_eq!(ran.lines()[2..], [r"get 0 \\srv\share", "clear 0", "get 2250"]);
    assert!(!root.profile().contains("[S]"));
    assert_eq!(root.notified().len(), 2, "for the adds, nothing for the rest");
}

/// U44: a profile that cannot be written is found before anybody is asked; 1206 likewise.
#[test]
fn a_profile_that_is_no_profile() {
    let mut root = Root::with_provider();
    root.notifyee("n", "context 1");
    root.remember("this is = [not toml");
    let ran = root.says(&[r"add S: \\srv\share 1", r"add S: \\srv\share 0", "cancel S: 1 no"]);
    assert_eq!(ran.lines(), ["add 1206", "add 0", "cancel 1206"]);
    assert_eq!(root.notified().len(), 2, "the second add alone");
    assert_eq!(root.profile(), "this is = [not toml");
}

/// The profile is whole at every moment, whenever its writer dies.
#[test]
fn killed_writers_tear_nothing() {
    let root = Root::with_provider();
    root.write();
    let keeps = client("keeps", Form::W);
    for round in 0..25 {
        let mut child = Command::new(&keeps)
            .env_clear()
            .env("LD_LIBRARY_PATH", &stage().lib)
            .env("MPR_ROOT", root.folder())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut begun = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut begun).unwrap();
        assert_eq!(begun, "begun\n", "round {round}");
        // Where in its work it is now is chance, and there are many rounds.
        for _ in 0..round * 40 {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let text = root.profile();
        let entries = text.matches("remote-path").count();
        assert_eq!(text.matches("defer-flags").count(), entries, "{text}");
        let listed = root.says(&["enum 3"]);
        assert_eq!(listed.lines().len(), entries + 2, "{text}");
    }
}
