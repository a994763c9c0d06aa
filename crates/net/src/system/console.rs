//! The console, for a moment without showing what is typed.

#![allow(unsafe_code)]

use std::ffi::c_void;

const STD_INPUT_HANDLE: u32 = 0xffff_fff6;
const ENABLE_ECHO_INPUT: u32 = 4;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetStdHandle(which: u32) -> *mut c_void;
    fn GetConsoleMode(console: *mut c_void, mode: *mut u32) -> i32;
    fn SetConsoleMode(console: *mut c_void, mode: u32) -> i32;
}

/// While it lives, what is typed is not shown; nothing at all if the input is no console.
pub(crate) struct Quiet(Option<(*mut c_void, u32)>);

impl Quiet {
    pub(crate) fn console() -> Self {
        // SAFETY: it takes any number.
        let input = unsafe { GetStdHandle(STD_INPUT_HANDLE) };
        let mut mode = 0;
        // SAFETY: the handle is the process's own, whatever it is, and the place is ours.
        let is_console = unsafe { GetConsoleMode(input, &raw mut mode) } != 0;
        // SAFETY: it is a console.
        let quiet = is_console && unsafe { SetConsoleMode(input, mode & !ENABLE_ECHO_INPUT) } != 0;
        Self(quiet.then_some((input, mode)))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some((input, mode)) = self.0 {
            // SAFETY: it was a console when this was made.
            unsafe { SetConsoleMode(input, mode) };
        }
    }
}
