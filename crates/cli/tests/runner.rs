//! All integration tests of the command: the built program, real modules, a root of its own.
//!
//! What people read is compared with the files in `expected/`; `UPDATE_EXPECTED=1` writes them.

// Helpers of tests are not in a test module, which clippy would know.
#![allow(clippy::unwrap_used)]

mod cli {
    mod asking;
    mod bench;
    mod demo;
    mod editing;
    mod ending;
    mod json;
    mod mounts;
    mod reading;
    #[path = "../../../../testing/skip.rs"]
    mod skip;
}
