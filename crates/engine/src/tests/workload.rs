//! Random work on a mount, beside the same work on a local directory.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

use crate::Abilities;
use crate::testing::local::ABILITIES;
use crate::testing::mount::{LONG, Mount, Random};

fn content(dir: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            for (below, bytes) in content(&entry.path()) {
                found.insert(format!("{name}/{below}"), bytes);
            }
            found.insert(name, None);
        } else {
            found.insert(name, Some(fs::read(entry.path()).unwrap()));
        }
    }
    found
}

/// Does one thing in a directory; what comes of it must be the same in any.
fn step(dir: &Path, random: &mut Random) -> String {
    let name = |random: &mut Random| {
        let depth = ["", "d0/", "d1/"][random.below(3) as usize];
        dir.join(format!("{depth}f{}", random.below(6)))
    };
    let file = name(random);
    let outcome = match random.below(9) {
        0 => fs::create_dir(dir.join(format!("d{}", random.below(2)))),
        1 => fs::remove_dir(dir.join(format!("d{}", random.below(2)))),
        2 => fs::remove_file(&file),
        3 => fs::rename(&file, name(random)),
        4 => fs::write(&file, random.bytes(100)),
        5 => OpenOptions::new()
            .write(true)
            .open(&file)
            .and_then(|file| file.set_len(random.below(90_000))),
        _ => {
            let options =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&file);
            let seed = Random(random.below(1 << 30));
            options.and_then(|file| many(&file, seed))
        }
    };
    format!("{:?}", outcome.map_err(|error| error.kind()))
}

/// Writes and reads here and there in one file; an error if what was read is not what was written.
fn many(file: &fs::File, mut random: Random) -> std::io::Result<()> {
    for _ in 0..random.below(12) {
        let (at, len) = (random.below(100_000), 1 + random.below(30_000) as usize);
        let written = random.bytes(len);
        file.write_all_at(&written, at)?;
        if random.below(3) == 0 {
            let mut read = vec![0; len];
            file.read_exact_at(&mut read, at)?;
            assert!(read == written, "{len} bytes at {at} differ");
        }
        if random.below(10) == 0 {
            file.sync_all()?;
        }
    }
    Ok(())
}

fn same_as_local(mount: &Mount, seed: u64, steps: usize, disturb: impl Fn(usize)) {
    let model = tempfile::tempdir().unwrap();
    let (mut here, mut there) = (Random(seed), Random(seed));
    for number in 0..steps {
        disturb(number);
        let mounted = step(&mount.path(""), &mut here);
        assert_eq!(mounted, step(model.path(), &mut there), "step {number}");
    }
    assert!(content(&mount.path("")) == content(model.path()), "the mount differs");
    assert!(content(mount.server.path()) == content(model.path()), "the server differs");
}

#[test]
fn random_work_gives_what_it_gives_locally() {
    let kinds = [
        ABILITIES,
        Abilities { unlink_open: false, ..ABILITIES },
        Abilities { max_read: 5000, max_write: 3000, in_flight: 8, ..ABILITIES },
    ];
    for (seed, abilities) in (1..).zip(kinds) {
        let Some(mount) = Mount::with("random_work", LONG, abilities) else { return };
        same_as_local(&mount, seed, 400, |_| {});
    }
}

#[test]
fn random_work_survives_broken_connections() {
    let Some(mount) = Mount::new("random_work_survives_broken_connections") else { return };
    same_as_local(&mount, 9, 300, |number| match number % 7 {
        0 => mount.faults.cut(),
        3 => mount.faults.lose_answers(1),
        _ => {}
    });
    assert!(mount.faults.calls("reconnect") > 50);
}

#[test]
fn many_at_once_do_not_disturb_each_other() {
    let Some(mount) = Mount::new("many_at_once_do_not_disturb_each_other") else { return };
    mount.faults.delay(Duration::from_micros(300));
    std::thread::scope(|scope| {
        for number in 0..8_u64 {
            let dir = mount.path(&format!("own{number}"));
            scope.spawn(move || {
                let model = tempfile::tempdir().unwrap();
                fs::create_dir(&dir).unwrap();
                let (mut here, mut there) = (Random(100 + number), Random(100 + number));
                for _ in 0..60 {
                    assert_eq!(step(&dir, &mut here), step(model.path(), &mut there));
                }
                assert!(content(&dir) == content(model.path()));
            });
        }
    });
}
