//! Registering, ordering and removing providers and notifyees.

use std::fs;

use super::bench::{Bench, expect, module};

#[test]
fn a_configuration_from_nothing() {
    let bench = Bench::empty();
    let (provider, notifyee) = (module("libprovider_sample.so"), module("libnotify_sample.so"));
    let (provider, notifyee) = (provider.to_str().unwrap(), notifyee.to_str().unwrap());
    let text = bench.session(&[
        &["provider", "add", "sample", provider, "--name", "Sample Network"],
        &["provider", "add", "spare", "/nowhere/spare.so", "--name", "Spare", "--force"],
        &["provider", "add", "bad", "/nowhere/bad.so", "--name", "Bad"],
        &["provider", "add", "sample", provider, "--name", "Again"],
        &["provider", "order", "spare", "sample"],
        &["provider", "list"],
        &["provider", "check"],
        &["provider", "check", "sample"],
        &["provider", "remove", "spare"],
        &["provider", "remove", "spare"],
        &["notifyee", "add", "10-rust", notifyee],
        &["notifyee", "add", "20-hook", provider, "--exec", "--limit", "5s", "--user", "--force"],
        &["notifyee", "list"],
        &["notifyee", "remove", "10-rust"],
        &["notifyee", "remove", "20-hook", "--user"],
        &["notifyee", "list"],
        &["use", "S:", r"\\sample\docs"],
    ]);
    expect("editing.txt", &text);
    let left = fs::read_to_string(bench.root().join("etc/mpr/mpr.toml")).unwrap();
    assert!(left.contains("[providers.sample]") && !left.contains("10-rust"), "{left}");
}
