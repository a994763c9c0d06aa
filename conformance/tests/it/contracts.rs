//! Buffer contracts of `wnet.md`: what clients print equals `expected/*.txt`, on Linux and, by the
//! same sources, under Wine.
//!
//! The expected texts are tables by section of the specification, the same for A and W forms, and
//! for any router. With `CONFORMANCE_BLESS=1` they are written anew; then read them.

use std::fs;

use mpr_conformance::{Form, LAST_LETTER, NON_ASCII, Root, client, expected};

/// Runs a client in both forms and compares.
fn check(client_name: &str, world: &str, root: &Root) {
    let expected_file = expected(&format!("{client_name}{world}.txt"));
    for form in [Form::W, Form::A] {
        root.remember("");
        let ran = root.write().run(&client(client_name, form), &[]);
        if std::env::var_os("CONFORMANCE_BLESS").is_some() && form == Form::W {
            fs::write(&expected_file, &ran.stdout).unwrap();
        }
        let expected = fs::read_to_string(&expected_file).unwrap();
        let expected = expected.replace("'Z:'", &format!("'{LAST_LETTER}'"));
        let expected = expected.replace("\u{dc}bung-\u{65e5}\u{672c}", NON_ASCII);
        for (line, (is, should)) in ran.stdout.lines().zip(expected.lines()).enumerate() {
            assert_eq!(is, should, "{client_name} {world} {form:?}, line {}", line + 1);
        }
        assert_eq!(ran.stdout.lines().count(), expected.lines().count(), "{client_name} {form:?}");
        assert!(!ran.stdout.contains("WRONG"), "{}", ran.stdout);
    }
}

fn provider(script: &str) -> Root {
    let mut root = Root::new();
    root.provider("P", "provider_script", script);
    root
}

#[test]
fn calls_with_a_network() {
    check("calls", "", &provider("universal"));
}

#[test]
fn calls_without_a_network() {
    check("calls", "_none", &Root::new());
}

#[test]
fn calls_with_a_network_that_is_down() {
    check("calls", "_down", &provider("start 0"));
}

#[test]
fn calls_with_a_module_that_is_missing() {
    let mut root = Root::new();
    root.register_provider("P", "%MPR_LIB%/gone.so", "");
    check("calls", "_missing", &root);
}

#[test]
fn calls_with_a_network_that_explains_itself() {
    let all = "add 1208\ncancel 1208\nget 1208\nasked-user 1208\ntext no wire";
    check("calls", "_1208", &provider(all));
}

#[test]
fn calls_with_a_network_that_can_nothing() {
    check("calls", "_50", &provider("connection 0\nenumeration 0\ndialog 0\nuser 0"));
}

#[test]
fn nulls_and_nonsense() {
    check("nulls", "", &provider(""));
}

#[test]
fn texts_of_every_size() {
    check("texts", "", &provider(""));
}

#[test]
fn structures_of_every_size() {
    check("structs", "", &provider("universal\nsay-name P"));
}

#[test]
fn structures_that_the_router_builds() {
    check("structs", "_built", &provider(""));
}

#[test]
fn texts_at_the_edge_of_a_page() {
    check("edges", "", &provider(""));
}

/// U59, §7: the text of 1208 for each function that a provider answers so.
#[test]
fn the_text_of_1208() {
    let root = provider("add 1208\ncancel 1208\nget 1208\ntext no wire");
    let ran = root.says(&[
        r"add S: \\srv\a 0",
        "error",
        "error",
        "get S:",
        "error",
        "cancel T: 0 no",
        "error",
    ]);
    let told = "error 0 17 'no wire' 'Script'";
    let expected = ["add 1208", told, told, "get 1208", told, "cancel 1208", told];
    assert_eq!(ran.lines(), expected);
    let without = provider("add 1208\nget 2250");
    let ran = without.says(&[r"add S: \\srv\a 0", "error"]);
    assert_eq!(ran.lines(), ["add 1208", "error 0 0 '''' 'P'"]);
}
