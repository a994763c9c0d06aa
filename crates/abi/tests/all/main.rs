//! All tests of the crate's public face, in one binary.
//!
//! The binary is a module itself: it exports one provider and one notifyee by the macros, and
//! calls them by their C names.

// Tests follow C pointers as C programs do.
#![allow(unsafe_code)]
// Helpers are tests too, though clippy sees only functions with `#[test]` as such.
#![allow(clippy::unwrap_used)]

mod borrow;
mod copy;
mod headers;
#[cfg(target_os = "linux")]
mod last_error;
mod lend;
mod notifyee;
mod probe;
mod provider;
mod samples;
#[path = "../../../../testing/skip.rs"]
mod skip;
mod windows_sys;

/// Makes UTF-16 with a terminator.
fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Makes owned wide text.
fn wide(text: &str) -> mpr_core::WideString {
    text.into()
}
