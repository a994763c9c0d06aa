//! The same against a server by others: `rclone serve webdav`.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::bench::{Bench, LONG};
use crate::files::exercise;
use crate::skip::skip;

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `rclone serve webdav`, and returns it with its root; says why if it cannot.
fn serve(behind: &Path, more: &[&OsStr]) -> Option<(Running, String)> {
    let started = Command::new("rclone")
        .args(["serve", "webdav", "--addr", "127.0.0.1:0", "--dir-cache-time", "0", "-v"])
        .args(["--config", "/dev/null", "--user", "bob", "--pass", "builder"])
        .args(more)
        .arg(behind)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => Running(child),
        Err(error) => {
            skip("second server", &format!("rclone: {error}"));
            return None;
        }
    };
    // "NOTICE: Local file system at /x: WebDav Server started on [http://127.0.0.1:40000/]"
    let mut lines = BufReader::new(child.0.stderr.take().unwrap()).lines();
    let url = lines.find_map(|line| {
        let line = line.unwrap();
        let (before, after) = line.split_once("://127.0.0.1:")?;
        let port: String = after.chars().take_while(char::is_ascii_digit).collect();
        let scheme = if before.ends_with("https") { "https" } else { "http" };
        Some(format!("{scheme}://127.0.0.1:{port}/"))
    });
    // Its log is read on, or it would wait for room; the thread ends with it.
    std::thread::spawn(move || lines.for_each(drop));
    Some((child, url.expect("rclone says where it listens")))
}

const LOGIN: Option<(&str, &str)> = Some(("bob", "builder"));

#[test]
fn files_behave_on_rclone() {
    let Some(bench) = Bench::new(LONG) else { return };
    let behind = tempfile::tempdir().unwrap();
    let Some((_running, url)) = serve(behind.path(), &[]) else { return };
    let wrong = bench.connect_as("S:", &url, Some(("bob", "wreck"))).unwrap_err();
    assert_eq!(wrong.code.code(), 86);
    let mount = bench.connect_as("S:", &url, LOGIN).unwrap();
    exercise(&mount, &|name| std::fs::read(behind.path().join(name)).unwrap());
    assert_eq!(bench.cancel("S:", false), Ok(()));
    bench.assert_nothing_left();
}

/// Starts it with a certificate that nobody signed, made in a folder; returns that too.
fn serve_securely(behind: &Path, keys: &Path) -> Option<(Running, String, PathBuf)> {
    let (certificate, key) = (keys.join("certificate"), keys.join("key"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-nodes", "-days", "2", "-subj", "/CN=test", "-addext"])
        .args(["subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-out".as_ref(), certificate.as_os_str(), "-keyout".as_ref(), key.as_os_str()])
        .output();
    if !made.is_ok_and(|made| made.status.success()) {
        skip("tls", "openssl makes no certificate");
        return None;
    }
    let more = ["--cert".as_ref(), certificate.as_os_str(), "--key".as_ref(), key.as_os_str()];
    let (running, url) = serve(behind, &more)?;
    assert!(url.starts_with("https"), "{url}");
    Some((running, url, certificate))
}

/// Set to the server's root in the inner run, whose environment trusts the certificate.
const INSIDE: &str = "MPR_TEST_TLS_SERVER";

#[test]
fn a_trusted_certificate_connects_and_another_does_not() {
    let Some(bench) = Bench::new(LONG) else { return };
    if let Ok(url) = std::env::var(INSIDE) {
        let mount = bench.connect_as("S:", &url, LOGIN).unwrap();
        std::fs::write(mount.join("f"), "over TLS").unwrap();
        assert_eq!(std::fs::read(mount.join("f")).unwrap(), b"over TLS");
        assert_eq!(bench.cancel("S:", false), Ok(()));
        return bench.assert_nothing_left();
    }
    let keys = tempfile::tempdir().unwrap();
    let behind = tempfile::tempdir().unwrap();
    let Some((_running, url, certificate)) = serve_securely(behind.path(), keys.path()) else {
        return;
    };
    let untrusted = bench.connect_as("S:", &url, LOGIN).unwrap_err();
    let text = untrusted.extended.unwrap().text.to_string_lossy();
    assert_eq!(untrusted.code.code(), 59, "{text}");
    assert!(text.starts_with("secure: "), "{text}");
    bench.assert_nothing_left();
    let inner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "second_server::a_trusted_certificate_connects_and_another_does_not"])
        .env(INSIDE, &url)
        .env("SSL_CERT_FILE", &certificate)
        .output()
        .unwrap();
    assert!(inner.status.success(), "{}", String::from_utf8_lossy(&inner.stdout));
    assert_eq!(std::fs::read(behind.path().join("f")).unwrap(), b"over TLS");
}

/// The pin decides, not who signed; the wrong one lets nobody see the password.
#[test]
fn a_pinned_certificate_connects_and_another_does_not() {
    let Some(mut bench) = Bench::new(LONG) else { return };
    let (keys, behind) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some((_running, url, certificate)) = serve_securely(behind.path(), keys.path()) else {
        return;
    };
    let shown = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(&certificate)
        .output()
        .unwrap();
    // "sha256 Fingerprint=AB:CD:..."
    let shown = String::from_utf8(shown.stdout).unwrap();
    let right = shown.trim().rsplit('=').next().unwrap().to_owned();
    let wrong = format!("{}{}", if right.starts_with("00") { "11" } else { "00" }, &right[2..]);
    for (pin, fits) in [(wrong, false), (right, true)] {
        bench.settings.options.insert("pin".into(), pin.into());
        bench.provider = provider_webdav::WebDav::new(bench.settings.clone());
        match bench.connect_as("S:", &url, LOGIN) {
            Ok(mount) => {
                assert!(fits, "it is another certificate");
                std::fs::write(mount.join("f"), "pinned").unwrap();
                assert_eq!(bench.cancel("S:", false), Ok(()));
            }
            Err(error) => {
                let text = error.extended.unwrap().text.to_string_lossy();
                assert!(!fits && error.code.code() == 59, "{text}");
                assert!(text.contains("not the pinned one"), "{text}");
            }
        }
        bench.assert_nothing_left();
    }
    assert_eq!(std::fs::read(behind.path().join("f")).unwrap(), b"pinned");
}
