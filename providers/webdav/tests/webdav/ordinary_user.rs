//! Without root: mounting and unmounting through fusermount3.
//!
//! The test runs itself again as user 65534, in a mount namespace where that user may open
//! /dev/fuse, as it may on an ordinary system.

use std::fs;
use std::process::Command;

use crate::bench::{Bench, LONG, Served};
use crate::skip::skip;

const INSIDE: &str = "MPR_TEST_ORDINARY_USER";

#[test]
fn an_ordinary_user_connects() {
    if std::env::var_os(INSIDE).is_some() {
        return session();
    }
    if !rustix::process::geteuid().is_root() {
        return skip("ordinary user", "only root can become one");
    }
    if Command::new("fusermount3").arg("-V").output().is_err() {
        return skip("ordinary user", "fusermount3 is not installed");
    }
    if std::fs::File::open("/dev/fuse").is_err() {
        return skip("ordinary user", "/dev/fuse cannot be opened");
    }
    let home = tempfile::tempdir().unwrap();
    std::os::unix::fs::chown(home.path(), Some(65534), Some(65534)).unwrap();
    // The programs may lie where that user cannot look.
    let test = home.path().join("test");
    fs::copy(std::env::current_exe().unwrap(), &test).unwrap();
    let helper = home.path().join("mpr-serve-webdav");
    fs::copy(env!("CARGO_BIN_EXE_mpr-serve-webdav"), &helper).unwrap();
    let script = r#"
        set -e
        mount -t tmpfs -o dev,mode=755 mpr-test "$1"/dev
        mknod -m 666 "$1"/dev/fuse c 10 229
        mount --bind "$1"/dev/fuse /dev/fuse
        echo "a namespace of one's own"
        exec setpriv --reuid=65534 --regid=65534 --clear-groups \
            "$2" --exact --nocapture ordinary_user::an_ordinary_user_connects
    "#;
    fs::create_dir(home.path().join("dev")).unwrap();
    let output = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c", script, "sh"])
        .args([home.path(), &test])
        .env(INSIDE, &helper)
        .env("TMPDIR", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .output()
        .unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    if !text.contains("a namespace of one's own") {
        return skip("ordinary user", &format!("no mount namespace of one's own: {}", text.trim()));
    }
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

fn session() {
    let Some(mut bench) = Bench::new(LONG) else { return };
    bench.settings.helper = std::env::var_os(INSIDE).map(Into::into);
    bench.provider = provider_webdav::WebDav::new(bench.settings.clone());
    let served = Served::new(Some(("alice", "secret")));
    fs::create_dir(served.behind.path().join("x,y")).unwrap();
    let port = served.server.address().port();
    let login = Some(("alice", "secret"));
    // Backslashes and commas survive fusermount3's reading of its options.
    let unc = format!(r"\\127.0.0.1@{port}\DavWWWRoot\x,y");
    let mount = bench.connect_as("S:", &unc, login).unwrap();
    assert_eq!(bench.connection("S:"), Ok(unc));
    fs::write(mount.join("hello"), "world").unwrap();
    assert_eq!(served.read("x,y/hello"), b"world");
    let open = fs::File::open(mount.join("hello")).unwrap();
    assert_eq!(bench.cancel("S:", false), Err(2401));
    assert_eq!(bench.cancel("S:", true), Ok(()));
    drop(open);
    bench.connect_as("S:", &served.server.url(), login).unwrap();
    crate::bench::eventually("it is not in use", || bench.cancel("S:", false) == Ok(()));
    bench.assert_nothing_left();
}
