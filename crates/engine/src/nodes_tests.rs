//! The inode table under random use, beside a plain model of it.

use std::collections::HashMap;

use super::*;
use crate::testing::mount::Random;

struct Open;

impl Local for Open {
    fn local(&self) -> Option<(u64, SystemTime)> {
        None
    }
}

fn attributes(kind: Kind, id: u64) -> Attributes {
    Attributes {
        kind,
        size: 0,
        modified: SystemTime::UNIX_EPOCH,
        accessed: None,
        mode: None,
        read_only: false,
        id: Some(id),
    }
}

fn learn(nodes: &mut Nodes<Open>, parent: u64, name: &str, kind: Kind, id: u64) -> u64 {
    let asked = nodes.moment();
    let number = nodes.learn(parent, name.as_bytes(), attributes(kind, id), asked).unwrap();
    nodes.count(number);
    number
}

#[test]
fn paths_follow_renames() {
    let mut nodes: Nodes<Open> = Nodes::new(false);
    let directory = learn(&mut nodes, ROOT, "a", Kind::Directory, 1);
    let file = learn(&mut nodes, directory, "f", Kind::File, 2);
    nodes.rename((ROOT, b"a"), (ROOT, b"c"));
    assert_eq!(nodes.path(file).unwrap().as_str(), Some("c/f"));
    assert_eq!(nodes.find(ROOT, b"a"), None);
    nodes.rename((ROOT, b"c"), (ROOT, b"c"));
    assert_eq!(nodes.find(ROOT, b"c"), Some(directory));
    assert!(nodes.is_within(file, directory) && !nodes.is_within(directory, file));
}

#[test]
fn an_answer_from_before_a_change_is_not_believed() {
    let mut nodes: Nodes<Open> = Nodes::new(false);
    let asked = nodes.moment();
    let file = learn(&mut nodes, ROOT, "f", Kind::File, 1);
    nodes.rename((ROOT, b"f"), (ROOT, b"g"));
    assert_eq!(nodes.learn(ROOT, b"f", attributes(Kind::File, 1), asked), None);
    assert_eq!((nodes.find(ROOT, b"f"), nodes.find(ROOT, b"g")), (None, Some(file)));
    let asked = nodes.moment();
    nodes.amend(file, |attributes| attributes.size = 7);
    assert!(!nodes.refresh(file, attributes(Kind::File, 1), asked));
    assert_eq!(nodes.known(file).unwrap().0.size, 7);
}

#[test]
fn the_kernel_keeps_content_for_a_while() {
    let mut nodes: Nodes<Open> = Nodes::new(false);
    let file = learn(&mut nodes, ROOT, "f", Kind::File, 1);
    let (old, other) = ((3, SystemTime::UNIX_EPOCH), (4, SystemTime::UNIX_EPOCH));
    let start = Instant::now();
    let mut after = |part: u32, content| nodes.caches(file, content, start + KEPT * part / 10);
    assert!(!after(0, old), "it holds nothing yet");
    assert!(after(4, old) && after(9, old));
    // However often it is opened: another client can keep size and time.
    assert!(!after(10, old) && after(11, old) && after(19, old) && !after(20, old));
    assert!(!after(21, other) && after(22, other));
    let fresh = (4, SystemTime::now());
    assert!(!after(23, fresh) && !after(24, fresh), "it may change again within a tick");
}

#[test]
fn another_file_by_the_same_name_is_another_node() {
    let mut nodes: Nodes<Open> = Nodes::new(false);
    let file = learn(&mut nodes, ROOT, "f", Kind::File, 1);
    assert_eq!(learn(&mut nodes, ROOT, "f", Kind::File, 1), file);
    let other = learn(&mut nodes, ROOT, "f", Kind::File, 2);
    assert_ne!(file, other);
    assert_eq!(nodes.path(file), None);
    assert_ne!(learn(&mut nodes, ROOT, "f", Kind::Directory, 2), other);
}

#[test]
fn names_in_another_case_are_one_where_that_is_so() {
    let mut nodes: Nodes<Open> = Nodes::new(true);
    let file = learn(&mut nodes, ROOT, "Ärger", Kind::File, 1);
    assert_eq!(learn(&mut nodes, ROOT, "äRGER", Kind::File, 1), file);
    nodes.rename((ROOT, "ärger".as_bytes()), (ROOT, "ÄRGER".as_bytes()));
    assert_eq!(nodes.path(file).unwrap().as_str(), Some("ÄRGER"));
    nodes.forget(file, 2);
    assert_eq!(nodes.len(), 1);
}

/// Looks up, renames, removes, opens, closes and forgets at random; each name leads where the model
/// says, and nothing is left when everything is forgotten.
#[test]
fn random_use_leaves_nothing_behind() {
    for seed in 0..50 {
        let mut random = Random(seed);
        let mut nodes: Nodes<Open> = Nodes::new(false);
        let mut counts: HashMap<u64, u64> = HashMap::new();
        let mut names: HashMap<(u64, String), u64> = HashMap::new();
        let mut directories = vec![ROOT];
        for id in 1..400 {
            let parent = directories[random.below(directories.len() as u64) as usize];
            let name = format!("n{}", random.below(8));
            let key = (parent, name.clone());
            match random.below(6) {
                0 | 1 if names.contains_key(&key) || nodes.path(parent).is_some() => {
                    let known = names.get(&key).and_then(|&number| nodes.known(number));
                    let (kind, id) = match known {
                        Some((known, _)) => (known.kind, known.id.unwrap()),
                        None if random.below(3) == 0 => (Kind::Directory, id),
                        None => (Kind::File, id),
                    };
                    let number = learn(&mut nodes, parent, &name, kind, id);
                    *counts.entry(number).or_default() += 1;
                    let before = names.insert(key, number);
                    assert!(before.is_none_or(|before| before == number));
                    if kind == Kind::Directory && !directories.contains(&number) {
                        directories.push(number);
                    }
                }
                2 => {
                    let to = directories[random.below(directories.len() as u64) as usize];
                    let target = format!("n{}", random.below(8));
                    let moving = names.get(&key).copied();
                    let into_itself = moving.is_some_and(|moving| nodes.is_within(to, moving));
                    if moving.is_some() && !into_itself && key != (to, target.clone()) {
                        nodes.rename((parent, name.as_bytes()), (to, target.as_bytes()));
                        names.remove(&key);
                        names.extend(moving.map(|moving| ((to, target), moving)));
                    }
                }
                3 => {
                    nodes.remove_name(parent, name.as_bytes());
                    names.remove(&key);
                }
                4 => {
                    if let Some(&number) = names.get(&key) {
                        nodes.file_or(number, || Open);
                    }
                }
                _ => {
                    if let Some(&number) = names.get(&key) {
                        nodes.take_file(number);
                    }
                }
            }
            for ((parent, name), &number) in &names {
                assert_eq!(nodes.find(*parent, name.as_bytes()), Some(number), "seed {seed}");
            }
        }
        for (number, _) in nodes.files() {
            nodes.take_file(number);
        }
        for (number, count) in counts {
            nodes.forget(number, count);
        }
        assert_eq!(nodes.len(), 1, "seed {seed}");
    }
}
