//! Eight threads in one process, with notifyees that check the protocol themselves.

use mpr_conformance::{Form, Root, client};

#[test]
fn eight_threads_at_once() {
    for form in [Form::W, Form::A] {
        let mut root = Root::with_provider();
        for name in ["a", "b"] {
            root.install(name, "notify_pairs", "");
            root.register_notifyee(name, &format!("%MPR_LIB%/{name}.so"));
        }
        root.notifyee("c", "nested\ncontext 1");
        let ran = root.write().run(&client("threads", form), &[]);
        assert_eq!(ran.stdout, "wrong 0, left 0\n");
        let log = root.log();
        for name in ["a", "b"] {
            let line = format!("{name} opened=some closed=all faults=0");
            assert!(log.contains(&line), "{:?}", &log[log.len() - 3..]);
        }
        assert!(!root.profile().contains("remote-path"), "{}", root.profile());
    }
}
