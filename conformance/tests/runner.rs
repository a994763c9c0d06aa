//! All conformance tests, in one binary.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used)]

mod it {
    mod contracts;
    mod fuzz;
    mod library;
    mod matrix;
    mod matrix_modules;
    mod matrix_settings;
    mod remembered;
    mod threads;
    mod zoo;
    mod zoo_more;
    mod zoo_settings;
}
