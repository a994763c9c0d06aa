//! Misbehaving providers, one behaviour each: the rules P10 to P17 of `field-notes.md` §1.
//!
//! Under Wine too; P12 and P15 are in `zoo_settings.rs`, since settings are another matter there.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt;

use mpr_conformance::{Form, Root, client};

/// P10: any Win32 code is a result.
#[test]
fn p10_raw_codes() {
    let mut root = Root::new();
    root.provider("zoo", "zoo_raw", "");
    root.notifyee("n", "context 1");
    for code in [2, 59, 1326, 1219, 12345, u32::MAX] {
        root.clear_log();
        let add = format!(r"add - \\raw\{} 0", code as i32);
        let named = format!(r"add - \\raw\{} 0 zoo", code as i32);
        let ran = root.says(&[&add, &named]);
        assert_eq!(ran.stdout, format!("add {code}\nadd {code}\n"));
        let posts = root.notified();
        assert!(posts[1].starts_with(&format!("post n {code} 0x1 add")), "{posts:?}");
    }
}

/// P11: capabilities are asked for lazily, once per index, never at start-up.
#[test]
fn p11_capabilities_start_a_service() {
    let mut root = Root::new();
    root.provider("zoo", "zoo_caps", "");
    root.notifyee("n", "context 1");
    // Neither loading the library nor what needs no provider asks for any.
    let ran =
        root.says(&["error", "type 9", r"add S: \\srv\share 0", "user -", "enum 3", "enum 4"]);
    assert_eq!(ran.lines()[1], "add 87");
    assert_eq!(root.log(), [""; 0]);

    let commands = [r"add S: \\srv\a 0", r"add T: \\srv\b 1", "get S:", "enum 1", "cancel S: 0 no"];
    root.says(&commands);
    let log = root.log();
    let mut caps: Vec<&String> = log.iter().filter(|line| line.starts_with("caps")).collect();
    let asked = caps.len();
    caps.sort();
    caps.dedup();
    assert_eq!(asked, caps.len(), "once per index: {log:?}");
    assert!(!log.contains(&"caps 8".to_owned()), "nobody needed the dialogs: {log:?}");
}

/// P13: a healthy provider may need long; the call waits for it and then works.
#[test]
fn p13_slow_and_healthy() {
    let mut root = Root::new();
    root.provider("zoo", "zoo_slow", "").notifyee("n", "context 1");
    let gate = root.path("gate");
    let made = std::process::Command::new("mkfifo").arg(&gate).status().unwrap();
    assert!(made.success());
    let says = client("says", Form::W);
    let mut running = root.write().start(&says, &[r"add S: \\srv\share 0", "get S:"]);
    // Opening without blocking works once the provider waits at the other end.
    let mut held = loop {
        match fs::OpenOptions::new().write(true).custom_flags(0o4000).open(&gate) {
            Ok(held) => break held,
            Err(error) => {
                assert!(error.kind() != ErrorKind::NotFound, "{error}");
                assert!(!running.has_ended(), "{:?} {:?}", running.finish(), root.log());
                // It needs the processor more than this does.
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        }
    };
    assert_eq!(root.log(), [r"pre n add S: \\srv\share - 0x0", "slow begins"]);
    held.write_all(b"!").unwrap();
    assert_eq!(running.finish().lines(), ["add 0", r"get 0 \\srv\share"]);
    assert_eq!(root.log()[2..], ["slow ends", r"post n 0 0x1 add S: \\srv\share zoo 0x0"]);
}

/// P14: credential-only providers are neither asked nor heard in the choice of the error.
#[test]
fn p14_credential_managers() {
    // Class 2 is not even loaded.
    let mut root = Root::new();
    let path = root.install("cred", "zoo_credentials", "");
    root.register_provider("cred", path.to_str().unwrap(), "class = 2\n");
    assert_eq!(root.says(&[r"add S: \\srv\share 0"]).stdout, "add 1222\n");
    assert_eq!(root.log(), [""; 0]);

    // Alone it is no network: nothing is attempted, nobody is told.
    let mut root = Root::new();
    root.provider("cred", "zoo_credentials", "").notifyee("n", "context 1");
    let ran = root.says(&[r"add S: \\srv\share 0", "cancel S: 0 no"]);
    assert_eq!(ran.lines(), ["add 1222", "cancel 1222"]);
    assert_eq!(root.notified(), [""; 0]);

    // Beside others it changes nothing: not the success, not the error.
    for (start, script, remote, expected) in [
        ("", "", r"\\srv\share", 0),
        ("", "add 53", r"\\srv\share", 53),
        ("", "start 0", r"\\srv\share", 1222),
        ("", "", r"\\foreign\share", 67),
        ("start 0", "", r"\\foreign\share", 67),
    ] {
        let mut root = Root::new();
        root.provider("cred", "zoo_credentials", start).provider("P", "provider_script", script);
        let ran = root.says(&[&format!("add S: {remote} 0")]);
        assert_eq!(ran.stdout, format!("add {expected}\n"), "{start:?} {script:?} {remote}");
        let owner = if script == "start 0" { 1203 } else { 2250 };
        assert_eq!(root.says(&["get T:"]).stdout, format!("get {owner}\n"), "{start:?} {script:?}");
        assert!(!root.log().contains(&"asked cred".to_owned()));
    }
}

/// P16: who said "not mine" is asked again.
#[test]
fn p16_not_mine_and_then_mine() {
    let mut root = Root::new();
    root.provider("zoo", "provider_script", "add 67,0\nget 2250,2250,0");
    let commands = [r"add S: \\srv\share 0", r"add S: \\srv\share 0", "get S:"];
    assert_eq!(root.says(&commands).lines(), ["add 67", "add 0", r"get 0 \\srv\share"]);
}

/// P17: every way to say "not mine" lets the next one be asked.
#[test]
fn p17_seven_ways_to_say_not_mine() {
    for code in [67, 1222, 2250, 50, 1200, 2, 59] {
        let script = format!("foreign {code}");
        let mut root = Root::new();
        root.provider("zoo", "zoo_raw", &script).provider("P", "provider_script", "");
        let commands = [
            r"add S: \\srv\share 0",
            r"add - \\srv\deviceless 0",
            "get S:",
            r"universal S:\a 2",
            "enum 2 \\\\srv -",
            r"cancel \\srv\deviceless 0 no",
            "cancel S: 0 no",
        ];
        let ran = root.says(&commands);
        let codes: Vec<&str> = ran.lines().into_iter().filter(|it| !it.starts_with(' ')).collect();
        let expected = [
            "add 0",
            "add 0",
            r"get 0 \\srv\share",
            r"universal 0 \\srv\share\a \\srv\share \a",
            "enum 0",
            "cancel 0",
            "cancel 0",
        ];
        assert_eq!(codes, expected, "{code}");
    }
    // And nobody's: the letter is simply not connected.
    for (code, expected) in
        [(67, 2250), (2250, 2250), (50, 2250), (1200, 2250), (2, 2250), (59, 2250), (1222, 1203)]
    {
        let mut root = Root::new();
        root.provider("zoo", "zoo_raw", &format!("foreign {code}"));
        assert_eq!(root.says(&["get S:"]).stdout, format!("get {expected}\n"), "{code}");
    }
}
