//! Writers at once, and writers that die: the file is whole at every moment.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use mpr_core::Profile;
use mpr_platform::ProfileFile;

use super::world::{World, connection};

const FILE: &str = "MPR_TEST_PROFILE";
const LOCAL: &str = "MPR_TEST_LOCAL";
const COUNT: &str = "MPR_TEST_COUNT";

/// Not a test: what the child processes of the tests below do.
#[test]
#[ignore = "runs as a child of other tests"]
fn writer() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let local = std::env::var(LOCAL).unwrap();
    let count: usize = std::env::var(COUNT).unwrap().parse().unwrap();
    let profile = ProfileFile::new(PathBuf::from(file));
    for number in 0..count {
        // Sizes differ, so that a torn file would not look whole by accident.
        let mut entry = connection(&local, &format!(r"\\srv\{number}"));
        entry.use_options = Some(vec![0xab; number % 7 * 1500]);
        match profile.remember(&entry) {
            Ok(()) => println!("\nwritten {number}"),
            Err(error) => println!("\nrefused {}", error.code()),
        }
    }
}

fn child(command: &mut Command, file: &Path, local: &str, count: usize) -> Child {
    command
        .args(["it::crash::writer", "--exact", "--ignored", "--nocapture"])
        .env(FILE, file)
        .env(LOCAL, local)
        .env(COUNT, count.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn this_program() -> Command {
    Command::new(std::env::current_exe().unwrap())
}

fn leftovers(file: &Path) -> usize {
    let entries = fs::read_dir(file.parent().unwrap()).unwrap().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().contains(".new-")).count()
}

#[test]
fn killed_writers_leave_a_whole_file() {
    let world = World::new();
    let profile = ProfileFile::of(&world.paths);
    let path = profile.path().unwrap();
    profile.remember(&connection("T:", "stays")).unwrap();
    for round in 0..30 {
        let mut child = child(&mut this_program(), path, "S:", usize::MAX);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let written = lines.map(Result::unwrap).filter(|line| line.starts_with("written"));
        // A few writes, then wherever the next one happens to be.
        assert_eq!(written.take(round % 4 + 1).count(), round % 4 + 1);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(profile.check(), Ok(()), "round {round}");
        let entries = profile.list().unwrap();
        let remotes: Vec<_> = entries.iter().map(|entry| entry.remote.to_string()).collect();
        assert_eq!(remotes.len(), 2, "round {round}");
        assert!(remotes[0].starts_with(r"\\srv\") && remotes[1] == "stays", "{remotes:?}");
    }
    profile.remember(&connection("S:", "last")).unwrap();
    assert_eq!(leftovers(path), 0, "the next writer cleans up");
}

#[test]
fn writers_in_many_threads_lose_nothing() {
    let world = World::new();
    let profile = ProfileFile::of(&world.paths);
    std::thread::scope(|scope| {
        for letters in [*b"ABCDE", *b"FGHIJ", *b"KLMNO", *b"PQRST"] {
            let profile = ProfileFile::new(profile.path().unwrap());
            scope.spawn(move || {
                for letter in letters {
                    let local = format!("{}:", char::from(letter));
                    profile.remember(&connection(&local, &local)).unwrap();
                    assert!(profile.list().is_ok());
                }
            });
        }
    });
    assert_eq!(profile.list().unwrap().len(), 20);
}

#[test]
fn writers_in_many_processes_lose_nothing() {
    let world = World::new();
    let profile = ProfileFile::of(&world.paths);
    let path = profile.path().unwrap();
    let locals = ["X:", "Y:", "Z:"];
    let children = locals.map(|local| child(&mut this_program(), path, local, 15));
    for child in children {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.matches("\nwritten").count(), 15, "{text}");
    }
    let entries = profile.list().unwrap();
    let found: Vec<_> = entries.iter().map(|entry| entry.local.to_string()).collect();
    assert_eq!(found, locals);
    assert!(entries.iter().all(|entry| entry.remote.to_string() == r"\\srv\14"));
}

/// A file that may not grow is what a full disk looks like to the writer.
#[test]
fn a_full_disk_keeps_the_old_file() {
    let world = World::new();
    let profile = ProfileFile::of(&world.paths);
    let path = profile.path().unwrap();
    let mut big = connection("T:", "old");
    big.use_options = Some(vec![7; 8000]);
    profile.remember(&big).unwrap();
    let before = fs::read(path).unwrap();
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\""]);
    shell.arg(std::env::current_exe().unwrap());
    let output = child(&mut shell, path, "S:", 2).wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches("\nrefused 1205").count(), 2, "{text}");
    assert_eq!(fs::read(path).unwrap(), before);
    assert_eq!(leftovers(path), 0);
}
