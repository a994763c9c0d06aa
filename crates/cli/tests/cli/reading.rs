//! What people read: results, errors, help.

use super::bench::{Bench, expect};

#[test]
fn a_session() {
    let bench = Bench::new();
    let text = bench.session(&[
        &["list"],
        &["use", "S:", r"\\sample\docs"],
        &["use", "S:", r"\\sample\docs", "--explain"],
        &["use", "*", r"\\sample\docs"],
        &["use", r"\\sample\docs"],
        &["use", "/mnt/team", r"\\sample\docs", "--persistent"],
        &["use", "T:", r"\\sample\music", "--user", "alice", "--persistent"],
        &["use"],
        &["list"],
        &["get", "T:"],
        &["get", "/mnt/team", "--path"],
        &["browse"],
        &["browse", "Sample Network"],
        &["browse", r"\\sample"],
        &["restore", "T:", "--explain"],
        &["delete", "T:"],
        &["use", "/mnt/team", "/delete"],
        &["restore"],
        &["list"],
    ]);
    expect("session.txt", &text);
}

#[test]
fn errors_say_who_what_and_what_to_do() {
    let bench = Bench::new();
    bench.mpr(&["use", "R:", r"\\sample\docs", "--persistent"]);
    let text = bench.session(&[
        &["use", "S:", r"\\sample\broken"],
        &["use", "S:", r"\\sample\broken", "--explain"],
        &["use", "S:", r"\\sample\forbidden"],
        &["use", "S:", r"\\other\share", "--user", "alice"],
        &["use", "SS:", r"\\sample\docs"],
        &["use", "R:", r"\\sample\music", "--persistent"],
        &["use", "S:", r"\\sample\docs", "--provider", "Nobody"],
        &["use", "LPT1", r"\\sample\docs", "--require-privacy"],
        &["delete", "S:"],
        &["delete", r"\\sample\docs"],
        &["delete", "R:", "--keep"],
        &["get", "S:"],
        &["get", r"S:\docs\a.txt"],
        &["get", "R:"],
        &["browse", r"\\sample\docs"],
        &["browse", r"\\other"],
        &["restore", "Q:"],
        &["notifyee", "check", "nobody"],
    ]);
    expect("errors.txt", &text);
}

#[test]
fn a_wrong_password_names_provider_and_user() {
    let bench = Bench::new();
    let args = ["use", "S:", r"\\sample\docs", "--user", "alice", "--password-stdin"];
    let ran = bench.mpr_fed(&args, "wrong\n");
    assert_eq!(ran.status, 1);
    assert_eq!(
        ran.err,
        "Sample Network: wrong password (86) for \\\\sample\\docs as alice; \
         check the name and the password\n"
    );
    assert_eq!(bench.mpr_fed(&args, "right\n").status, 0);
}

/// The text travels by `WNetSetLastErrorW`, which the module finds in this program.
#[test]
fn modules_find_what_they_call_back() {
    let ran = Bench::new().mpr(&["use", r"\\sample\broken"]);
    assert!(ran.err.starts_with("Sample Network: the cable is out (1208)"), "{}", ran.err);
    let names = std::process::Command::new("nm").arg("-D").arg(env!("CARGO_BIN_EXE_mpr")).output();
    let Ok(names) = names else { return };
    let names = String::from_utf8_lossy(&names.stdout);
    for name in ["WNetSetLastErrorA", "WNetSetLastErrorW"] {
        assert!(names.contains(&format!(" T {name}\n")), "{name} is exported");
    }
}

#[test]
fn explaining_and_listing_what_is_configured() {
    let bench = Bench::new();
    let text = bench.session(&[
        &["explain", r"\\sample\docs\a\b"],
        &["explain", r"\\sample\nothing"],
        &["explain", "https://other/"],
        &["notifyee", "list"],
        &["notifyee", "check"],
        &["provider", "list"],
        &["provider", "check"],
        &["provider", "order"],
        &["doctor"],
    ]);
    expect("configured.txt", &text);
}

#[test]
fn the_doctor_finds_what_is_wrong() {
    let bench = Bench::new();
    let provider = super::bench::module("libprovider_sample.so");
    bench.write(
        "etc/mpr/mpr.toml",
        &format!(
            "[network-provider]\norder = [\"sample\", \"missing\", \"gone\"]\ncolour = \"blue\"\n\n\
             [notifyees]\n10-gone = \"/nowhere/notify.so\"\n20-odd = 7\n30-provider = \"{0}\"\n\n\
             [providers.sample]\nname = \"Sample Network\"\npath = \"{0}\"\n\n\
             [providers.missing]\nname = \"Missing\"\npath = \"/nowhere/provider.so\"\n\n\
             [providers.spare]\nname = \"Spare\"\npath = \"/nowhere/spare.so\"\n",
            provider.display()
        ),
    );
    bench.write("etc/mpr/mpr.toml.d/50-broken.toml", "this is no TOML");
    bench.write(
        "config/mpr/network.toml",
        "[S]\nremote-path = 'good'\n\n[T]\nremote-path = 7\n\n[U]\nremote-path = 'good'\n",
    );
    expect("doctor.txt", &bench.session(&[&["doctor"], &["list"], &["notifyee", "check"]]));
}

#[test]
fn help() {
    let bench = Bench::empty();
    let commands = [
        "use",
        "delete",
        "list",
        "get",
        "browse",
        "restore",
        "explain",
        "notifyee",
        "provider",
        "doctor",
        "completions",
        "demo",
    ];
    let mut lines: Vec<Vec<&str>> = vec![vec!["--help"]];
    lines.extend(commands.map(|command| vec![command, "--help"]));
    lines.extend([vec!["notifyee", "add", "--help"], vec!["provider", "add", "--help"]]);
    let lines: Vec<&[&str]> = lines.iter().map(Vec::as_slice).collect();
    expect("help.txt", &bench.session(&lines));
}
