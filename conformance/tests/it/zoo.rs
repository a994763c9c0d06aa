//! Misbehaving providers, one behaviour each: the rules P1 to P9 of `field-notes.md` §1.

use mpr_conformance::Root;

fn world(first: (&str, &str), second: Option<(&str, &str)>) -> Root {
    let mut root = Root::new();
    root.provider("zoo", first.0, first.1);
    if let Some((source, script)) = second {
        root.provider("P", source, script);
    }
    root
}

const P: Option<(&str, &str)> = Some(("provider_script", ""));

/// P1: private, writable, zero-padded copies per provider call.
#[test]
fn p01_names_are_trampled_on() {
    let mut root = world(("zoo_slashes", ""), P);
    root.notifyee("n", "context 1");
    let commands =
        [r"add S: \\srv\share 0", r"add - \\srv\deviceless 0", "get S:", "cancel S: 0 no"];
    for ran in [root.says(&commands), root.says_a(&commands)] {
        assert_eq!(ran.lines(), ["add 0", "add 0", r"get 0 \\srv\share", "cancel 0"]);
    }
    let log = root.log();
    assert!(log.contains(&"slashes //srv/shareX padded=1".to_owned()), "{log:?}");
    let trampled = log.iter().filter(|line| line.starts_with("slashes"));
    assert!(trampled.clone().all(|line| line.ends_with("padded=1")), "{log:?}");
    // In each form: is it in use, and both connects; its owner is asked first afterwards.
    assert!(trampled.count() >= 8, "{log:?}");
    let asked: Vec<&String> = log.iter().filter(|line| line.starts_with("add P")).collect();
    assert_eq!(asked[..2], [r"add P S: \\srv\share 0x0", r"add P - \\srv\deviceless 0x0"]);
    let posts = log.iter().filter(|line| line.starts_with(r"post n 0 0x1 add S: \\srv\share P"));
    assert_eq!(posts.count(), 2);
}

/// P2: `lpComment` is the caller's own pointer, never copied, never read.
#[test]
fn p02_a_binary_block_comes_through_the_comment() {
    for script in ["read", ""] {
        let root = world(("zoo_comment", script), None);
        let what = if script.is_empty() { "comment" } else { "block" };
        for form in [Root::says, Root::says_a] {
            root.clear_log();
            let ran = form(&root, &[what, r"add - \\srv\share 0", r"add3 - \\srv\share 0"]);
            let lines = ran.lines();
            assert_eq!(lines[1..], ["add 0", "add3 0"]);
            let bytes = if script.is_empty() { "" } else { " 0 0 1 6" };
            let expected = format!("{}{bytes}", lines[0]);
            assert_eq!(root.log(), [expected.clone(), expected]);
        }
    }
}

/// P3: `NPGetConnection` with bytes for characters, in and out.
#[test]
fn p03_bytes_for_characters() {
    let root = world(("zoo_bytes", ""), None);
    let ran = root.says(&["get S:", "get T:", "universal S:\\a 2", "get U:"]);
    let lines = ran.lines();
    assert_eq!(lines[0], r"get 0 \\srv\short");
    assert!(lines[1].starts_with(r"get 0 \\srv\ghij") && lines[1].len() == 6 + 1200, "{lines:?}");
    assert_eq!(lines[2], r"universal 0 \\srv\short\a \\srv\short \a");
    assert_eq!(lines[3], "get 2250");
}

/// P4: CONNECTED is tried whatever the capabilities say; 50 is an answer.
#[test]
fn p04_says_context_means_connected() {
    let root = world(("zoo_context", ""), P);
    let ran = root.says(&[r"add T: \\srv\share 0", "enum 1", "enum 5"]);
    let expected = [
        "add 0",
        "enum 0",
        r"  scope=1 type=1 display=0 usage=0x0 S: \\ctx\share - zoo",
        r"  scope=1 type=1 display=3 usage=0x1 T: \\srv\share remark P",
        "  end 259 count=0 close=0",
        "enum 0",
        "  scope=2 type=0 display=7 usage=0x2 - - Entire Network -",
        r"  scope=5 type=0 display=2 usage=0x2 - \\srv remark P",
        "  end 259 count=0 close=0",
    ];
    assert_eq!(ran.lines(), expected);
    assert_eq!(root.log()[1..], ["open zoo 1", "open zoo 5"]);
}

/// P5: counts that cannot be believed, entries with 234, odd local names.
#[test]
fn p05_counts_and_odd_local_names() {
    let mut root = world(("zoo_count", "empty"), Some(("zoo_count", "")));
    root.provider("Q", "provider_script", "");
    let ran = root.says(&[r"add T: \\srv\share 0", "enum 1", "clear"]);
    let expected = [
        "add 0",
        "enum 0",
        r"  scope=1 type=1 display=0 usage=0x0 - \\cnt\none - P",
        r"  scope=1 type=1 display=0 usage=0x0 _: \\cnt\odd - P",
        r"  scope=1 type=1 display=3 usage=0x1 T: \\srv\share remark Q",
        "  end 259 count=0 close=0",
    ];
    assert_eq!(ran.lines()[..6], expected);
    let log = root.log();
    assert!(!log.iter().any(|line| line.ends_with("count=0")), "never called with 0: {log:?}");
}

/// P6: service key, `name`, and the name in its own entries all name it, in any case.
#[test]
fn p06_three_names() {
    let mut root = Root::new();
    let file = root.install("zoonames", "provider_script", "say-name ZOO-NETWORK");
    root.register_provider_file("zoonames", "Zoo Names", &file);
    let commands = [
        r"add S: \\srv\a 0 ZOONAMES",
        "enum 1",
        r"add U: \\srv\c 0 zoo-network",
        r"add V: \\srv\d 0 another",
        "provider 0x250000",
    ];
    let ran = root.says(&commands);
    let lines = ran.lines();
    assert_eq!(lines[0], "add 0");
    assert!(lines[2].ends_with(r"S: \\srv\a remark ZOO-NETWORK"), "{lines:?}");
    assert_eq!(lines[4..], ["add 0", "add 1204", "provider 0 Zoo Names"]);
}

/// P7: a type that several have does not tell which one is meant.
#[test]
fn p07_types_are_shared() {
    let mut root = world(("provider_script", "mine \\\\other\\"), P);
    root.notifyee("n", "context 1");
    root.remember(
        "[S]\nremote-path = '\\\\srv\\share'\nprovider-name = \"Gone\"\nprovider-type = 0x250000\n",
    );
    let ran = root.says(&["provider 0x250000", r"add T: \\srv\share 0 P", "restore S:", "get S:"]);
    assert_eq!(ran.lines(), ["provider 0 zoo", "add 0", "restore 0", r"get 0 \\srv\share"]);
    let restored = root.log().into_iter().filter(|line| line.contains(" S: "));
    let both = [r"add zoo S: \\srv\share 0x0", r"add P S: \\srv\share 0x0"];
    assert_eq!(restored.collect::<Vec<_>>(), both, "the type alone decides nothing");
}

/// P8: 85 ends routing only for a local name that is really in use.
#[test]
fn p08_already_assigned_for_anybody() {
    let root = world(("provider_script", "mine\nadd 85"), P);
    let commands =
        [r"add - \\srv\deviceless 0", r"add S: \\srv\share 0", r"add S: \\srv\other 0", "get S:"];
    let ran = root.says(&commands);
    assert_eq!(ran.lines(), ["add 0", "add 0", "add 85", r"get 0 \\srv\share"]);
    // It is the answer where nobody has a better one.
    assert_eq!(root.says(&[r"add - \\foreign\share 0"]).stdout, "add 85\n");
}

/// P9: the owner of a letter is found before it is cancelled.
#[test]
fn p09_zero_to_every_cancel() {
    for script in ["names", ""] {
        let root = world(("zoo_liar", script), P);
        let ran = root.says(&[r"add S: \\srv\share 0", "cancel S: 0 no", "get S:"]);
        assert_eq!(ran.lines(), ["add 0", "cancel 0", "get 2250"]);
        assert!(root.log().contains(&"cancel P S: false".to_owned()), "{:?}", root.log());
    }
    // Nobody has T:, and who can name its connections and does not name it has answered.
    let mut root = world(("zoo_liar", "names"), P);
    root.notifyee("n", "context 1");
    assert_eq!(root.says(&["cancel T: 0 no"]).stdout, "cancel 2250\n");
    assert_eq!(root.notified()[1], "post n 2250 0x1 cancel T: - 0");
}
