//! Exports from the executable what modules call back.
//!
//! A provider calls `WNetSetLastErrorW/A`, which `mpr-host` defines. A module finds it only in the
//! dynamic symbol table of the program, where an executable puts nothing by itself: `-u` keeps the
//! function from being dropped as unused, the other option exports it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for symbol in ["WNetSetLastErrorW", "WNetSetLastErrorA"] {
        println!("cargo::rustc-link-arg-bins=-Wl,-u,{symbol}");
        println!("cargo::rustc-link-arg-bins=-Wl,--export-dynamic-symbol={symbol}");
    }
}
