//! The WNet API with its Windows names, for any program that can call C.
//!
//! Each export converts its arguments, runs one operation of core, and converts the result back,
//! inside one wall (`boundary`) that no panic passes. The router is composed at the first call
//! of a process from its settings; nothing happens when the library is loaded. `A` forms take
//! UTF-8 on Linux (U60) and the ANSI code page on Windows, `W` forms UTF-16; both run the same code.

// A C interface is pointers; every one of them is followed in `mpr_abi::borrow` or `lend`.
#![allow(unsafe_code)]

mod boundary;
mod encoding;
pub mod export;
mod story;
mod terminal;
