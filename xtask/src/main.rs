//! Build tasks: `cargo xtask setup | demo | test | check`.
fn main() {}
