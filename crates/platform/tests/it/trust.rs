//! What may be loaded (U28).

use std::fs;
use std::os::unix::fs::{chown, symlink};
use std::path::{Path, PathBuf};

use mpr_platform::{Scope, Trust, TrustReason};

use super::world::{World, chmod, is_root, user};

fn ours() -> Trust {
    Trust::new(Some(user()), false)
}

fn refused(trust: Trust, path: &Path) -> String {
    trust.module(path).expect_err("must be refused").to_string()
}

#[test]
fn a_module_of_ours_is_loaded() {
    let world = World::new();
    let module = world.write("usr/lib/mpr/a.so", "");
    let found = world.paths.trust(Scope::System).module(&module).unwrap();
    assert_eq!(found, fs::canonicalize(&module).unwrap());
}

#[test]
fn every_step_counts() {
    let world = World::new();
    let module = world.write("usr/lib/mpr/a.so", "");
    for step in ["usr/lib/mpr/a.so", "usr/lib/mpr", "usr/lib", "usr"] {
        let step = world.root.path().join(step);
        let before = super::world::mode(&step);
        for mode in [0o775, 0o757] {
            chmod(&step, mode);
            let text = refused(ours(), &module);
            let hint = format!("chmod go-w {}", step.display());
            assert!(text.ends_with(&hint), "{text}");
        }
        chmod(&step, before);
    }
    assert!(ours().module(&module).is_ok());
}

/// Nobody can replace in a sticky directory what is not theirs.
#[test]
fn sticky_directories_are_fine() {
    let world = World::new();
    let module = world.write("tmp/a.so", "");
    chmod(&world.root.path().join("tmp"), 0o1777);
    assert!(ours().module(&module).is_ok());
}

#[test]
fn owners() {
    if !is_root() {
        return;
    }
    let world = World::new();
    let module = world.write("usr/lib/mpr/a.so", "");
    let dir = world.root.path().join("usr/lib");
    for step in [&module, &dir] {
        chown(step, Some(54321), None).unwrap();
        let text = refused(ours(), &module);
        // A directory may be somebody's home: nobody is told to give that to root.
        let hint = match step == &dir {
            true => "use a file below directories of root's".into(),
            false => format!("to trust it: chown root {}", step.display()),
        };
        assert!(text.ends_with(&format!("is owned by 54321, not by root; {hint}")), "{text}");
        assert!(Trust::new(Some(54321), false).module(&module).is_ok(), "the user's own");
        assert!(refused(Trust::new(Some(54322), false), &module).contains("root or 54322"));
        chown(step, Some(0), None).unwrap();
    }
}

#[test]
fn links_are_followed_step_by_step() {
    let world = World::new();
    let module = world.write("real/a.so", "");
    let link = |target: &str, name: &str| -> PathBuf {
        let path = world.root.path().join(name);
        symlink(target, &path).unwrap();
        path
    };
    let whole = link(module.to_str().unwrap(), "whole.so");
    let relative = link("./real/../real/a.so", "relative.so");
    let through = link("real", "through").join("a.so");
    for path in [whole, relative, through] {
        assert_eq!(ours().module(&path).unwrap(), fs::canonicalize(&module).unwrap());
    }
    let circle = link("circle.so", "circle.so");
    assert!(refused(ours(), &circle).contains("too many links"));
    // A link through a directory that others write to is theirs.
    let open = world.write("open/x", "").parent().unwrap().to_owned();
    symlink(&module, open.join("a.so")).unwrap();
    chmod(&open, 0o777);
    assert!(refused(ours(), &open.join("a.so")).contains("can be written by others"));
}

#[test]
fn only_absolute_files_that_exist() {
    let world = World::new();
    assert!(refused(ours(), Path::new("a.so")).contains("not an absolute path"));
    assert!(refused(ours(), world.root.path()).contains("not a regular file"));
    let missing = ours().module(&world.root.path().join("a.so")).unwrap_err();
    assert!(missing.is_missing());
    assert_eq!(missing.path(), world.root.path().join("a.so"));
}

#[test]
fn programs_are_executable() {
    let world = World::new();
    let program = world.write("hook", "");
    let error = ours().program(&program).unwrap_err();
    assert!(matches!(error.reason(), TrustReason::NotExecutable));
    chmod(&program, 0o755);
    assert!(ours().program(&program).is_ok());
}

#[test]
fn borrowed_rights_load_no_module() {
    let world = World::new();
    let module = world.write("a.so", "");
    chmod(&module, 0o755);
    let trust = Trust::new(Some(user()), true);
    assert!(refused(trust, &module).contains("set-uid"));
    assert!(trust.program(&module).is_err());
}

#[test]
fn directories() {
    let world = World::new();
    let file = world.write("d/x", "");
    assert!(ours().directory(file.parent().unwrap()).is_ok());
    assert!(ours().directory(&file).is_err());
}
