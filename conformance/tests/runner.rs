//! All conformance tests, in one binary.

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used)]

mod it {
    mod matrix;
    mod matrix_modules;
    mod zoo;
    mod zoo_more;
}
