//! Logging in with a password: a real sshd with accounts of its own, and ssh's real questions.
//!
//! The accounts are files in a mount namespace, so that those of the machine stay as they are.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

#[path = "../../../testing/skip.rs"]
mod skip;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mpr_core::WnError;
use mpr_engine::{FaultKind, Protocol as _, Share as _, Target};
use mpr_mount::{Obstacle, Stage};
use provider_sftp::{Sftp, SftpShare};
use serde_json::json;
use zeroize::Zeroizing;

const LONG: Duration = Duration::from_secs(60);

struct Server {
    child: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Replaces the machine's accounts and `/run` before sshd starts.
const START: &str = "mount --bind \"$1/passwd\" /etc/passwd && \
    mount --bind \"$1/shadow\" /etc/shadow && mount -t tmpfs none /run && mkdir /run/sshd && \
    exec /usr/sbin/sshd -D -e -f \"$1/config\"";

fn server(test: &str) -> Option<Server> {
    let own = Command::new("unshare").args(["-m", "true"]).output();
    if !own.is_ok_and(|output| output.status.success()) || !Path::new("/usr/sbin/sshd").exists() {
        skip::skip(test, "it takes an sshd, and root for accounts of its own");
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let output = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{program}");
        String::from_utf8(output.stdout).unwrap()
    };
    let host = at("host").display().to_string();
    output("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &host]);
    let hash = output("openssl", &["passwd", "-6", "-salt", "grain", "open sesame"]);
    let accounts = fs::read_to_string("/etc/passwd").unwrap();
    fs::write(at("passwd"), accounts + "ali:x:65533:65534::/:/bin/sh\n").unwrap();
    fs::write(at("shadow"), format!("ali:{}:19000:0:99999:7:::\n", hash.trim())).unwrap();
    let port = mpr_testkit::free_port();
    let config = format!(
        "ListenAddress 127.0.0.1:{port}\nHostKey {host}\nPidFile none\nUsePAM no\n\
         PasswordAuthentication yes\nPubkeyAuthentication no\nSubsystem sftp internal-sftp\n"
    );
    fs::write(at("config"), config).unwrap();
    let key = fs::read_to_string(at("host.pub")).unwrap();
    fs::write(at("known"), format!("[127.0.0.1]:{port} {key}")).unwrap();
    let log = fs::File::create(at("log")).unwrap();
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", START, "sh"]).arg(dir.path());
    let child = command.stdin(Stdio::null()).stderr(log).spawn().unwrap();
    let server = Server { child, port, dir };
    let end = Instant::now() + LONG;
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = fs::read_to_string(server.dir.path().join("log")).unwrap();
        assert!(Instant::now() < end, "no sshd: {log}");
        std::thread::sleep(Duration::from_millis(10));
    }
    Some(server)
}

async fn connect(server: &Server, password: Option<&str>) -> Result<SftpShare, Obstacle> {
    let url = format!("sftp://ali@127.0.0.1:{}/tmp", server.port);
    let mut target = Target::new(url, LONG);
    target.password = password.map(|password| Zeroizing::new(password.to_owned()));
    let known = server.dir.path().join("known");
    let options = format!(
        "UserKnownHostsFile={} GlobalKnownHostsFile=/dev/null IdentityAgent=none",
        known.display()
    );
    target.options.insert("ssh-options".into(), json!(options));
    // This is a test, not the serving program: the question goes to the latter.
    target.options.insert("askpass".into(), json!(env!("CARGO_BIN_EXE_mpr-serve-sftp")));
    Sftp::connect(target).await
}

#[test]
fn a_password_lets_in_and_stays_secret() {
    let Some(server) = server("a_password_lets_in_and_stays_secret") else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let share = connect(&server, Some("open sesame")).await.unwrap();
        share.ping().await.unwrap();
        // Again, with nobody there to ask.
        share.reconnect().await.unwrap();
        share.ping().await.unwrap();
        for entry in fs::read_dir("/proc").unwrap().flatten() {
            for file in ["cmdline", "environ"] {
                let text = fs::read(entry.path().join(file)).unwrap_or_default();
                let shown = text.windows(11).any(|it| it == b"open sesame");
                assert!(!shown, "{:?} {file}", entry.path());
            }
        }
        let refused = connect(&server, Some("wrong")).await.err().unwrap();
        let told = (refused.stage, refused.code);
        assert_eq!(told, (Stage::LogIn, WnError::INVALID_PASSWORD), "{refused}");
        let refused = connect(&server, None).await.err().unwrap();
        let told = (refused.stage, refused.code);
        assert_eq!(told, (Stage::LogIn, WnError::ACCESS_DENIED), "{refused}");

        // A host that nobody knows gets no password.
        fs::write(server.dir.path().join("known"), "").unwrap();
        let refused = connect(&server, Some("open sesame")).await.err().unwrap();
        assert_eq!(refused.stage, Stage::Secure, "{refused}");
        assert_eq!(share.reconnect().await.unwrap_err().kind, FaultKind::LoggedOut);
    });
}
