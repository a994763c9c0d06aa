//! All tests under Wine, in one binary.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used)]

#[path = "../../../testing/skip.rs"]
mod skip;

mod it {
    mod registry;
    mod smoke;
}

/// Takes the prefix, or says that a test is skipped.
fn world(test: &str) -> Option<mpr_conformance_wine::World> {
    let world = mpr_conformance_wine::World::new();
    if world.is_none() {
        skip::skip(test, "no mpr.dll: `cargo xtask wine` builds it and runs this");
    }
    world
}
