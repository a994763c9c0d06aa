//! Whatever stands in a file, reading and editing it does not panic.

use std::fs;

use mpr_core::{Profile, WideString};
use mpr_platform::{NewProvider, NotifyeeKind, ProfileFile, Scope, SettingsFile};

use super::samples::samples;
use super::world::{World, connection};

/// A small generator (xorshift), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }

    /// Changes a text in a few places; pieces that mean something are likelier than noise.
    fn mutate(&mut self, text: &str) -> Vec<u8> {
        const PIECES: [&str; 16] = [
            "[", "]", "=", "\"", "'", "\n", "%", "{", "}", ".", "[[", "\\u0000", "\u{0}", "é",
            "-1", "\"\"\"",
        ];
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            let end = (at + self.below(12)).min(bytes.len());
            match self.below(4) {
                0 => drop(bytes.drain(at..end)),
                1 => {
                    let piece = PIECES[self.below(PIECES.len())];
                    drop(bytes.splice(at..at, piece.bytes()));
                }
                2 => {
                    let copied = bytes[at..end].to_vec();
                    let to = self.below(bytes.len() + 1);
                    drop(bytes.splice(to..to, copied));
                }
                _ => {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = u8::try_from(self.below(128)).unwrap();
                    }
                }
            }
        }
        bytes
    }
}

fn texts() -> Vec<String> {
    let all = samples("valid").into_iter().chain(samples("invalid"));
    all.map(|(_, text)| text).filter(|text| !text.is_empty()).collect()
}

#[test]
fn settings() {
    let (world, texts) = (World::new(), texts());
    let path = world.system("");
    let mut random = Random(0x5eed);
    for round in 0..3000 {
        fs::write(&path, random.mutate(&texts[round % texts.len()])).unwrap();
        let settings = world.load();
        for entry in &settings.providers {
            assert!(entry.path.is_absolute() && !entry.name.is_empty() && entry.class & 1 == 1);
        }
        assert!(settings.notifyees.iter().all(|entry| entry.kind.path().is_absolute()));
    }
}

#[test]
fn edits() {
    let (world, texts) = (World::new(), texts());
    let file = SettingsFile::new(world.system(""), Scope::System);
    let mut random = Random(0xed17);
    for round in 0..300 {
        fs::write(file.path(), random.mutate(&texts[round % texts.len()])).unwrap();
        let nfs = NewProvider {
            name: "N".into(),
            path: "/n.so".into(),
            class: Some(1),
            provider_type: None,
        };
        let added = file.add_provider("nfs", &nfs).is_ok();
        let _ = file.add_notifyee("n", &NotifyeeKind::Module("/n.so".into()));
        let _ = file.remove_provider("smb");
        let _ = file.remove_notifyee("a");
        if added {
            let settings = world.load();
            assert!(settings.providers.iter().any(|entry| entry.key == "nfs"), "round {round}");
        }
    }
}

#[test]
fn profiles() {
    let world = World::new();
    let profile = ProfileFile::of(&world.paths);
    for local in ["S:", "/mnt/x", "LPT1"] {
        profile.remember(&connection(local, r"\\srv\share")).unwrap();
    }
    let text = fs::read_to_string(profile.path().unwrap()).unwrap();
    let local = WideString::from("S:");
    let mut random = Random(0xf11e);
    for round in 0..1000 {
        fs::write(profile.path().unwrap(), random.mutate(&text)).unwrap();
        let _ = (profile.check(), profile.list(), profile.malformed());
        let _ = profile.get(local.as_wide());
        if round % 10 == 0 && profile.remember(&connection("S:", "new")).is_ok() {
            let found = profile.get(local.as_wide()).unwrap().unwrap();
            assert_eq!(found.remote.to_string(), "new");
        }
    }
}
