//! Mounts of ours beside those of others, in one interleaved run: a table and verdicts.
//!
//! `cargo xtask bench-mounts [ROUNDS]` builds, installs the peers and runs this, as root.

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
        println!("usage: mounts FILE [ROUNDS]; see cargo xtask bench-mounts");
        return ExitCode::SUCCESS;
    };
    let rounds = arguments.next().and_then(|it| it.parse().ok()).unwrap_or(3);
    let scene = scene::Scene::new();
    let mut figures = figures::Figures::default();
    for round in 0..rounds {
        for protocol in scene::PROTOCOLS {
            limits::measure(&scene, protocol, &mut figures);
            for contender in contenders::of(protocol) {
                let last = round + 1 == rounds;
                measure::measure(&scene, &contender, last, &mut figures);
            }
        }
    }
    measure::ten_connections(&scene, &mut figures);
    let text = report::text(&figures, rounds);
    println!("{text}");
    std::fs::write(file, text).unwrap();
    ExitCode::SUCCESS
}
