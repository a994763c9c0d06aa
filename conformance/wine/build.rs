//! Tells whether the tests that Linux has too can run: a test that is compiled cannot say that it is
//! skipped without knowing so.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=MPR_WINDOWS_STAGE");
    println!("cargo::rustc-check-cfg=cfg(staged)");
    if std::env::var_os("MPR_WINDOWS_STAGE").is_some() {
        println!("cargo::rustc-cfg=staged");
    }
}
