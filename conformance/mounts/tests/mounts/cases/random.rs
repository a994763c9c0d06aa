//! A random workload beside a model in memory. `MPR_SEED` repeats one.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::time::SystemTime;

use crate::bench::Mount;
use crate::help::Random;

const STEPS: usize = 250;
const LONGEST: usize = 150_000;

pub(crate) fn random_workload(m: &Mount<'_>) {
    let given = std::env::var("MPR_SEED").ok().and_then(|seed| seed.parse().ok());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed = given.unwrap_or(now.as_secs());
    let mut random = Random::new(seed);
    let mut model: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    fs::create_dir(m.path("a")).unwrap();
    fs::create_dir(m.path("b")).unwrap();
    for number in 0..STEPS {
        let did = step(m, &mut random, &mut model)
            .unwrap_or_else(|error| panic!("seed {seed}, step {number}: {error}"));
        for (name, content) in model.iter().filter(|(name, _)| did.contains(name.as_str())) {
            let seen = fs::read(m.path(name)).unwrap_or_default();
            assert!(seen == *content, "MPR_SEED={seed}, step {number}, {did}: {name} differs");
        }
    }
    for (side, root) in [("here", &m.dir), ("behind", &m.behind), ("second", &m.second())] {
        let mut names = Vec::new();
        for dir in ["a", "b"] {
            for entry in fs::read_dir(root.join(dir)).unwrap() {
                names.push(format!("{dir}/{}", entry.unwrap().file_name().to_str().unwrap()));
            }
        }
        names.sort();
        assert_eq!(names, model.keys().cloned().collect::<Vec<_>>(), "MPR_SEED={seed}, {side}");
        for (name, content) in &model {
            let seen = fs::read(root.join(name)).unwrap();
            assert!(seen == *content, "MPR_SEED={seed}, {side}: {name} differs");
        }
    }
}

fn step(
    m: &Mount<'_>,
    random: &mut Random,
    model: &mut BTreeMap<String, Vec<u8>>,
) -> std::io::Result<String> {
    let name = format!("{}/{}", ["a", "b"][random.below(2)], random.below(6));
    let path = m.path(&name);
    match random.below(10) {
        0 | 1 => {
            let count = random.below(LONGEST);
            let content = random.bytes(count);
            fs::write(&path, &content)?;
            model.insert(name.clone(), content);
            Ok(format!("wrote {name}"))
        }
        2..=5 => {
            // Several changes between open and close.
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)?;
            let content = model.entry(name.clone()).or_default();
            for _ in 0..1 + random.below(6) {
                let (at, count) = (random.below(LONGEST), random.below(20_000));
                if random.below(6) == 0 {
                    file.set_len(at as u64)?;
                    content.resize(at, 0);
                    continue;
                }
                let part = random.bytes(count);
                file.write_all_at(&part, at as u64)?;
                content.resize(content.len().max(at + count), 0);
                content[at..at + count].copy_from_slice(&part);
                if random.below(3) == 0 && !content.is_empty() {
                    let at = random.below(content.len());
                    let mut seen = vec![0; (content.len() - at).min(5000)];
                    file.read_exact_at(&mut seen, at as u64)?;
                    assert!(seen == content[at..at + seen.len()], "read back {name} at {at}");
                }
            }
            if random.below(4) == 0 {
                file.sync_all()?;
            }
            Ok(format!("changed {name}"))
        }
        6 => {
            let count = random.below(5000);
            let more = random.bytes(count);
            let file = OpenOptions::new().append(true).create(true).open(&path)?;
            std::io::Write::write_all(&mut &file, &more)?;
            drop(file);
            model.entry(name.clone()).or_default().extend(more);
            Ok(format!("appended to {name}"))
        }
        7 => {
            let to = format!("{}/{}", ["a", "b"][random.below(2)], random.below(6));
            let Some(content) = model.get(&name).cloned() else { return Ok(String::new()) };
            fs::rename(&path, m.path(&to))?;
            model.remove(&name);
            model.insert(to.clone(), content);
            Ok(format!("renamed {name} to {to}"))
        }
        8 => {
            let removed = fs::remove_file(&path);
            assert_eq!(removed.is_ok(), model.remove(&name).is_some(), "removing {name}");
            Ok(format!("removed {name}"))
        }
        _ => {
            let known = model.get(&name).map(|content| content.len() as u64);
            let seen = fs::metadata(&path).ok().map(|metadata| metadata.len());
            assert_eq!(seen, known, "length of {name}");
            Ok(format!("asked about {name}"))
        }
    }
}
