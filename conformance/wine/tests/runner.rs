//! All tests under Wine, in one binary.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used)]

#[path = "../../../testing/skip.rs"]
mod skip;

// The name that the tests of Linux know it by.
extern crate mpr_conformance_wine as mpr_conformance;

mod it {
    mod programs;
    mod registry;
    mod smoke;

    // The sources that Linux is tested by, on the same C programs and modules.
    #[cfg(staged)]
    mod bench;
    #[cfg(staged)]
    #[path = "../../../tests/it/contracts.rs"]
    mod contracts;
    #[cfg(staged)]
    mod defects;
    #[cfg(staged)]
    #[path = "../../../tests/it/fuzz.rs"]
    mod fuzz;
    #[cfg(staged)]
    #[path = "../../../tests/it/matrix.rs"]
    mod matrix;
    #[cfg(staged)]
    #[path = "../../../tests/it/matrix_modules.rs"]
    mod matrix_modules;
    #[cfg(staged)]
    #[path = "../../../tests/it/zoo.rs"]
    mod zoo;
    #[cfg(staged)]
    #[path = "../../../tests/it/zoo_more.rs"]
    mod zoo_more;
}

#[cfg(not(staged))]
#[test]
fn shared_tests() {
    let _ = world("shared_tests");
}

/// Takes the prefix, or says that a test is skipped.
fn world(test: &str) -> Option<mpr_conformance_wine::World> {
    let world = mpr_conformance_wine::World::new();
    if world.is_none() {
        skip::skip(test, "no mpr.dll: `cargo xtask wine` builds it and runs this");
    }
    world
}
