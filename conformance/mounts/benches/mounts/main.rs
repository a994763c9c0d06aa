//! Mounts of ours beside those of others, in one interleaved run: a table and verdicts.
//!
//! `cargo xtask bench-mounts [ROUNDS [PART_OF_A_NAME ...]]` builds, installs the peers and runs this,
//! as root; with names only those, and no document is written.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run fails")]

mod contenders;
mod figures;
mod limits;
mod measure;
mod report;
mod scene;

use std::process::ExitCode;

fn main() -> ExitCode {
    // `cargo test --benches` runs it too, to see that it is there.
    let mut arguments = std::env::args().skip(1).filter(|it| !it.starts_with('-'));
    let Some(file) = arguments.next() else {
        println!("usage: mounts FILE [ROUNDS [NAME ...]]; see cargo xtask bench-mounts");
        return ExitCode::SUCCESS;
    };
    let rounds = arguments.next().and_then(|it| it.parse().ok()).unwrap_or(3);
    let wanted: Vec<String> = arguments.collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|it| name.contains(it));
    let scene = scene::Scene::new();
    let mut figures = figures::Figures::default();
    for round in 0..rounds {
        for protocol in scene::PROTOCOLS {
            if is_wanted(&limits::name(protocol)) {
                limits::measure(&scene, protocol, &mut figures);
            }
            let contenders = contenders::of(protocol).into_iter();
            for contender in contenders.filter(|it| is_wanted(&it.name())) {
                let last = round + 1 == rounds;
                measure::measure(&scene, &contender, last, &mut figures);
            }
        }
    }
    if wanted.is_empty() {
        measure::ten_connections(&scene, &mut figures);
    }
    let text = report::text(&figures, rounds);
    println!("{text}");
    if wanted.is_empty() {
        std::fs::write(file, text).unwrap();
    }
    ExitCode::SUCCESS
}
