//! Every function with anything, on Linux and, by the same source, under Wine (`clients/fuzz.c`).
//!
//! A short, seeded run is a test like any other. `cargo xtask fuzz` runs it for minutes: pieces of
//! 20 seconds, each with a seed of its own, which the failure names.

use mpr_conformance::{Form, Root, client};

/// Seconds that one process runs.
const PIECE: u64 = 20;

fn world() -> Root {
    let mut root = Root::new();
    root.provider("Z", "zoo_slashes", "").provider("B", "zoo_count", "");
    root.provider("P", "provider_script", "universal\ndialog 0x30b");
    root.notifyee("a", "context 1").notifyee("b", "context 2\noverwrite\nnested");
    root
}

fn run(root: &Root, form: Form, seed: u64, calls: &str) {
    let (seed, seconds) = (seed.to_string(), PIECE.to_string());
    root.clear_log();
    let ran = root.write().start(&client("fuzz", form), &[&seed, &seconds, calls]).finish();
    assert!(ran.stdout.contains("survived"), "{form:?} {seed}: {}{}", ran.stdout, ran.stderr);
    println!("{form:?} seed {seed}: {}", ran.stdout.trim());
}

#[test]
fn fuzz() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let root = world();
    let Some(seconds) = number("MPR_FUZZ_SECONDS") else {
        run(&root, Form::W, 1, "3000");
        run(&root, Form::A, 2, "3000");
        return;
    };
    let first = number("MPR_FUZZ_SEED").unwrap_or(1);
    for seed in first..first + seconds.div_ceil(PIECE) {
        let form = if seed % 2 == 0 { Form::A } else { Form::W };
        run(&root, form, seed, "4000000000");
    }
}
