//! Exit status: 0 done, 1 failed, 2 usage, 3 configuration, 64 some.

use super::bench::Bench;

#[test]
fn wrong_usage_is_2() {
    let bench = Bench::new();
    let lines: [&[&str]; 12] = [
        &[],
        &["fly"],
        &["list", "--loud"],
        &["delete"],
        &["delete", "*"],
        &["use", "S:", r"\\sample\docs", "hunter2"],
        &["use", "S:", r"\\sample\docs", "*"],
        &["use", "S:", "https://al:hunter2@host/docs"],
        &["restore", "everything"],
        &["--timeout", "soon", "list"],
        &["--timeout", "0", "list"],
        &["use", "/persistant:yes", "S:", r"\\sample\docs"],
    ];
    for line in lines {
        let ran = bench.mpr(line);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{line:?}: {ran:?}");
        assert!(!ran.err.is_empty() && !ran.err.contains("hunter2"), "{line:?}: {ran:?}");
    }
    assert_eq!(bench.mpr(&["--version"]).status, 0);
}

#[test]
fn nobody_to_tell_is_no_crash() {
    let bench = Bench::new();
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let lines: [(&[&str], i32); 3] =
        [(&["fly"], 2), (&["use", "S:", r"\\sample\broken"], 1), (&["delete", "S:"], 1)];
    for (line, status) in lines {
        let ran = bench.command(line).stderr(full()).output().unwrap();
        assert_eq!(ran.status.code(), Some(status), "{line:?}");
    }
}

#[test]
fn a_refused_configuration_is_3() {
    let bench = Bench::empty();
    bench.write("etc/mpr/mpr.toml", "[network-provider\n");
    let lines: [&[&str]; 5] = [
        &["use", "S:", r"\\sample\docs"],
        &["browse"],
        &["explain", "x"],
        &["get", "S:"],
        &["provider", "order", "sample"],
    ];
    for line in lines {
        let ran = bench.mpr(line);
        assert_eq!(ran.status, 3, "{line:?}: {ran:?}");
        assert!(ran.err.contains("etc/mpr/mpr.toml"), "{line:?}: {ran:?}");
    }
    assert_eq!(bench.mpr(&["doctor"]).status, 1);
}

#[test]
fn without_any_configuration_there_is_no_network() {
    let bench = Bench::empty();
    let ran = bench.mpr(&["use", "S:", r"\\sample\docs"]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("no network (1222)"), "{ran:?}");
    assert_eq!(bench.mpr(&["list"]).status, 0);
    assert_eq!(bench.mpr(&["doctor"]).status, 0);
}

#[test]
fn some_restored_is_64_and_none_is_1() {
    let bench = Bench::new();
    for (local, remote) in [("S:", r"\\sample\docs"), ("T:", r"\\sample\music")] {
        assert_eq!(bench.mpr(&["use", local, remote, "/persistent:yes"]).status, 0);
    }
    assert_eq!(bench.mpr(&["restore"]).status, 0);
    let profile = bench.root().join("config/mpr/network.toml");
    let text = std::fs::read_to_string(&profile).unwrap();
    std::fs::write(&profile, text.replace("music", "broken")).unwrap();
    let ran = bench.mpr(&["restore"]);
    assert_eq!(ran.status, 64, "{ran:?}");
    assert!(ran.out.contains("S: is connected") && ran.err.contains("T: not restored"), "{ran:?}");
    assert_eq!(bench.mpr(&["restore", "T:"]).status, 1);
    let (status, value) = bench.json(&["restore"]);
    assert_eq!(
        (status, value["restored"].as_u64(), value["failed"].as_u64()),
        (64, Some(1), Some(1))
    );
    assert_eq!(
        value["connections"][1]["message"].as_str(),
        Some("Sample Network: the cable is out (1208) for \\\\sample\\broken")
    );
}

/// A profile that cannot be read is found, and does not keep a drive connected.
#[test]
fn a_damaged_profile_is_shown_where() {
    let bench = Bench::new();
    assert_eq!(bench.mpr(&["use", "S:", r"\\sample\docs"]).status, 0);
    bench.write("config/mpr/network.toml", "# mine\n[S]\nremote-path = garbage[\n");
    let ran = bench.mpr(&["doctor"]);
    assert!(ran.status == 1 && ran.out.contains("network.toml:3: "), "{ran:?}");
    let ran = bench.mpr(&["delete", "S:"]);
    assert!(ran.status == 1 && ran.err.contains("mpr delete --keep"), "{ran:?}");
    let ran = bench.mpr(&["delete", "S:", "--keep"]);
    // The sample's connections end with its process.
    assert!(ran.err.contains("not connected (2250)"), "{ran:?}");
}

/// Design §7: nobody waits for a server that is dead, and the network is given time.
#[test]
fn restore_gives_up_when_its_time_is_over() {
    let bench = Bench::new();
    bench.write("config/mpr/network.toml", "[S]\nremote-path = '\\\\sample\\docs'\n");
    bench.write("etc/mpr/mpr.toml", "");
    let ran = bench.mpr(&["restore", "--wait", "1ms"]);
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("no network (1222)"), "{ran:?}");
}
