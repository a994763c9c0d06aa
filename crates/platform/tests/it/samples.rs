//! Sample files: valid ones have no problem, invalid ones exactly those that they announce.
//!
//! An announcement is a line `#! LINE: TEXT`, in the order of the reports' lines.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use mpr_platform::{NotifyeeKind, OptionValue, Settings};

use super::world::World;

pub(crate) fn samples(kind: &str) -> Vec<(PathBuf, String)> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples").join(kind);
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| (path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

fn load(text: &str) -> (Settings, World) {
    let world = World::new();
    world.system(text);
    (world.load(), world)
}

#[test]
fn valid_samples_have_no_problem() {
    let samples = samples("valid");
    assert!(!samples.is_empty());
    for (path, text) in samples {
        assert_eq!(load(&text).0.problems, [], "{}", path.display());
    }
}

#[test]
fn invalid_samples_have_the_problems_they_announce() {
    let samples = samples("invalid");
    assert!(!samples.is_empty());
    for (path, text) in samples {
        let path = path.display();
        let mut problems = load(&text).0.problems;
        problems.sort_by_key(|problem| problem.line);
        let announced: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("#! ")).collect();
        let found: Vec<_> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.line.unwrap_or(0), problem.text))
            .collect();
        assert_eq!(found.len(), announced.len(), "{path}: {found:#?}");
        for (found, announced) in found.iter().zip(announced) {
            assert!(found.starts_with(announced), "{path}: {found}, not {announced}");
        }
        for problem in &problems {
            assert!(!problem.text.ends_with('.'), "{path}: {problem}");
            assert!(problem.to_string().contains("mpr.toml:"), "{path}: {problem}");
        }
    }
}

#[test]
fn everything_in_the_full_sample_is_read() {
    let text = samples("valid").into_iter().find(|(path, _)| path.ends_with("full.toml"));
    let (settings, world) = load(&text.unwrap().1);
    let root = world.root.path();
    assert!(!settings.restore_connection);
    assert_eq!(settings.restore_timeout, Some(Duration::from_secs(120)));

    let keys: Vec<_> = settings.providers.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["smb", "webdav"]);
    let smb = &settings.providers[0];
    assert_eq!(
        (smb.name.as_str(), smb.class, smb.provider_type),
        ("SMB Network", 3, Some(0x20000))
    );
    assert_eq!(smb.path, root.join("usr/lib/mpr/provider_smb.so"));
    assert_eq!(smb.options["port"].as_integer(), Some(445));
    assert_eq!(smb.options["encrypt"].as_bool(), Some(true));
    let OptionValue::List(dialects) = &smb.options["dialects"] else { panic!("a list") };
    assert_eq!(dialects[1].as_str(), Some("3.1.1"));
    let OptionValue::Table(limits) = &smb.options["limits"] else { panic!("a table") };
    assert_eq!(limits["read"], OptionValue::Float(1.5));
    assert_eq!(limits["at"].as_str(), Some("2024-01-01"));
    assert_eq!(settings.providers[1].class, 1);

    let names: Vec<_> = settings.notifyees.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["10-vpn", "20-lib", "30-hook", "40 hook"]);
    let lib = NotifyeeKind::Module(root.join("usr/lib/mpr/notify_lib.so"));
    assert_eq!(settings.notifyees[1].kind, lib);
    let hook = "/etc/mpr/hooks/vpn-up".into();
    let timeout = Some(Duration::from_secs(5));
    assert_eq!(settings.notifyees[2].kind, NotifyeeKind::Exec { path: hook, timeout });
    assert_eq!(settings.notifyees[2].origin.line, 15);
}

#[test]
fn registry_style_is_the_same() {
    let text = samples("valid").into_iter().find(|(path, _)| path.ends_with("registry-style.toml"));
    let settings = load(&text.unwrap().1).0;
    let keys: Vec<_> = settings.providers.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ["a", "b"]);
    assert_eq!(settings.unused[0].key, "not-used");
    assert_eq!(settings.restore_timeout, Some(Duration::from_millis(1500)));
}
