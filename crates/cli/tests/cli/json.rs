//! `--json`: one object for every command, of the shape that the manual documents.

use serde_json::Value;

use super::bench::{Bench, expect};

/// Replaces what differs from run to run.
fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                match name.as_str() {
                    "micros" if !value.is_null() => *value = "TIME".into(),
                    "fuse" | "fusermount3" | "libexec" => *value = "MACHINE".into(),
                    _ => plain(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

#[test]
fn every_command_has_its_shape() {
    let bench = Bench::new();
    let lines: [&[&str]; 20] = [
        &["use", "S:", r"\\sample\docs", "--persistent"],
        &["use", "S:", r"\\sample\broken"],
        &["use", "S:", r"\\sample\forbidden"],
        &["use", "S:", r"\\sample\docs", "hunter2"],
        &["list"],
        &["get", "S:"],
        &["browse"],
        &["browse", r"\\sample"],
        &["restore"],
        &["explain", r"\\sample\docs\a"],
        &["notifyee", "list"],
        &["notifyee", "check"],
        &["notifyee", "remove", "nobody"],
        &["provider", "list"],
        &["provider", "check"],
        &["provider", "order"],
        &["doctor"],
        &["delete", "S:"],
        &["delete", "S:"],
        &["fly"],
    ];
    let mut text = String::new();
    for line in lines {
        let (status, mut value) = bench.json(line);
        assert_eq!(status == 0, value["ok"] == true, "{line:?}");
        assert!(!value.to_string().contains("hunter2"));
        plain(&mut value);
        let value = serde_json::to_string_pretty(&value).unwrap();
        text += &format!("$ mpr {} --json\n{value}\n[{status}]\n\n", line.join(" "));
    }
    expect("json.txt", &bench.plain(&text));
}
