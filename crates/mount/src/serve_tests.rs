//! Scripts in the part of the serving program.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;
use crate::found::FoundKind;
use crate::order::Secret;

/// Another process writes the script: an open descriptor here could be inherited by a child
/// of another test just then, and a file open for writing cannot be run.
fn script(root: &Path, text: &str) -> PathBuf {
    let path = root.join("helper");
    let write = r#"printf '#!/bin/sh\n%s\n' "$1" > "$2" && chmod 755 "$2""#;
    let mut command = Command::new("sh");
    assert!(command.args(["-c", write, "sh", text]).arg(&path).status().unwrap().success());
    path
}

struct Bench {
    root: tempfile::TempDir,
    runtime: Runtime,
    helper: PathBuf,
}

impl Bench {
    fn new(text: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let runtime = Runtime::under(root.path(), rustix::process::geteuid().as_raw());
        let helper = script(root.path(), text);
        Self { root, runtime, helper }
    }

    fn order(&self, limit: Duration) -> Order<'_> {
        Order {
            helper: &self.helper,
            subtype: "mpr-test",
            source: "x",
            user: Some("alice"),
            password: Some(Secret("p\"ss")),
            settings: json!({}),
            limit,
        }
    }
}

fn run(text: &str, limit: Duration) -> (Result<(), Failure>, tempfile::TempDir) {
    let bench = Bench::new(text);
    let place = Place::deviceless(&bench.runtime, "host", "share");
    let result = serve(&bench.runtime, &place, &bench.order(limit));
    assert!(!place.dir.exists() || result.is_ok());
    (result, bench.root)
}

const LONG: Duration = Duration::from_secs(60);

#[test]
fn the_order_arrives_and_the_answer_counts() {
    let check = r#"grep -q '"password":"p\\"ss"}$' && echo '{"pid":1}' && echo '{"ok":true}'"#;
    assert!(run(check, LONG).0.is_ok());
    let refusal = r#"echo '{"stage":"log in","code":86,"text":"wrong password"}'"#;
    let (Err(Failure::Refused { stage, code, text }), _) = run(refusal, LONG) else {
        panic!("not refused")
    };
    assert_eq!((stage.as_str(), code), ("log in", WnError::INVALID_PASSWORD));
    assert_eq!(text, "wrong password");
}

#[test]
fn silence_and_death_are_failures() {
    assert!(matches!(run("exit 3", LONG).0, Err(Failure::Broken(_))));
    assert!(matches!(run("echo nonsense", LONG).0, Err(Failure::Broken(_))));
    let (result, root) = run("exec sleep 1000", Duration::from_millis(20));
    assert!(matches!(result, Err(Failure::TimedOut)));
    let left = std::fs::read_dir(root.path().join("run/mpr/.serve")).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn a_question_is_answered_and_leaves_nothing() {
    let bench = Bench::new(
        r#"if grep -q '"action":"browse"'; then
             echo '{"found":[{"name":"a","kind":"share"},{"name":"b","kind":"file"}]}'
             echo '{"found":[{"name":"c","kind":"directory","comment":"x"}]}'
           fi
           echo '{"ok":true}'"#,
    );
    let order = bench.order(LONG);
    probe(&bench.runtime, &order).unwrap();
    let found = browse(&bench.runtime, &order).unwrap();
    let kinds: Vec<_> = found.iter().map(|found| (found.name.as_str(), found.kind)).collect();
    let expected = [("a", FoundKind::Share), ("b", FoundKind::File), ("c", FoundKind::Directory)];
    assert_eq!(kinds, expected);
    assert!(!bench.runtime.dir().exists());
}

#[test]
fn a_question_that_nobody_answers_ends_with_its_process() {
    let pid = "echo $$ > \"$(dirname \"$0\")/pid\"; echo \"{\\\"pid\\\":$$}\"; exec sleep 1000";
    let bench = Bench::new(pid);
    let asked = browse(&bench.runtime, &bench.order(Duration::from_secs(2)));
    assert!(matches!(asked, Err(Failure::TimedOut)), "{asked:?}");
    let pid = std::fs::read_to_string(bench.root.path().join("pid")).unwrap();
    assert_eq!(ProcessId::of(pid.trim().parse().unwrap()), None);
}
