//! The rules P12 and P15 of `field-notes.md` §1: paths and settings that installers write.

use std::fs;

use mpr_conformance::{Form, Root, client, module};
use mpr_host::{Clock, Host};
use mpr_platform::{Environment, NewProvider, Paths, Scope, SettingsFile};

/// P12: a relative path is refused, and never looked for in the current directory.
#[test]
fn p12_relative_paths() {
    for path in ["evil.so", "./evil.so", "../cwd/evil.so", "System32\\evil.so"] {
        let mut root = Root::new();
        fs::copy(module("zoo_credentials"), root.path("cwd/evil.so")).unwrap();
        root.register_provider("evil", path, "").register_notifyee("evil", path);
        let ran = root.says(&[r"add S: \\srv\share 0", "get S:"]);
        assert_eq!(ran.lines(), ["add 1222", "get 1222"]);
        assert_eq!(root.log(), [""; 0], "it was not loaded");
        let host = host_of(&root);
        let problems: Vec<String> =
            host.settings().problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 2, "{problems:?}");
        for problem in problems {
            assert!(problem.contains(path) && problem.contains("absolute"), "{problem}");
        }
    }
}

fn host_of(root: &Root) -> Host {
    let environment = Environment::current().with("MPR_ROOT", root.folder());
    Host::open(Paths::resolve(&environment), Clock::Exact)
}

/// P15: an empty or missing order, or no settings at all: 1222, and registering works.
#[test]
fn p15_nothing_is_configured() {
    let commands = [
        r"add S: \\srv\share 0",
        r"add1 - \\srv\share 0",
        r"use S: \\srv\share 0",
        "cancel S: 0 no",
        "get S:",
        r"universal S:\a 1",
        "user S:",
        "provider 0x20000",
        "enum 1",
        "enum 2",
        "enum 5",
        "clear",
        "restore -",
    ];
    let says = client("says", Form::W);
    for settings in [None, Some(""), Some("[network-provider]\n"), Some("not = [toml")] {
        let root = Root::new();
        match settings {
            Some(text) => fs::write(root.path("etc/mpr/mpr.toml"), text).unwrap(),
            None => fs::remove_dir_all(root.path("etc")).unwrap(),
        }
        let ran = root.run(&says, &commands);
        let (last, rest) = ran.lines().split_last().map(|(a, b)| (*a, b.to_vec())).unwrap();
        for line in rest {
            assert!(line.ends_with(" 1222"), "{settings:?}: {line}");
        }
        assert_eq!(last, "restore 0", "nothing is remembered");
        assert!(root.run(&says, &["enum 3"]).stdout.contains("end 259"));
    }

    let root = Root::new();
    fs::remove_dir_all(root.path("etc")).unwrap();
    root.install("P", "provider_script", "");
    let file = SettingsFile::new(root.path("etc/mpr/mpr.toml"), Scope::System);
    let path = "%MPR_LIB%/P.so".to_owned();
    let provider = NewProvider { name: "P".into(), path, class: None, provider_type: None };
    file.add_provider("p", &provider).unwrap();
    assert_eq!(root.run(&says, &[r"add S: \\srv\share 0"]).stdout, "add 0\n");
}
