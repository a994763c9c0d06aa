//! Where the program starts.

#![allow(unsafe_code)]

use std::ffi::{c_char, c_int};

/// What the C runtime calls. The words of the line are taken from Windows, which has them in UTF-16.
#[unsafe(no_mangle)]
extern "C" fn main(_count: c_int, _words: *const *const c_char) -> c_int {
    crate::run()
}
