//! Giving a password to ssh, which takes it from a program that it starts: this one again.
//!
//! The serving process listens at a socket that has no file; its random name is all that ssh's
//! environment holds. It answers once, to a process of the same user that the very ssh it has
//! started is the parent of, and only a question for a password: a jump host's ssh, and questions
//! about host keys or the passphrases of keys, get none.

use std::io::{self, Read as _, Write as _};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener as StdListener, UnixStream as StdStream};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use rustix::process::Pid;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::process::Command;
use zeroize::Zeroizing;

/// The variable that tells this program that it is asked for a password.
const VARIABLE: &str = "MPR_SFTP_ASKPASS";

/// How long either side waits for the other, and the longest question.
const PATIENCE: Duration = Duration::from_secs(10);
const QUESTION: usize = 1000;

/// Where ssh's question for a password is answered.
pub(super) struct Desk {
    listener: UnixListener,
    name: String,
    password: Zeroizing<String>,
}

impl Desk {
    pub(super) fn open(password: Zeroizing<String>) -> io::Result<Self> {
        let mut random = [0; 16];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
        let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("mpr-sftp-{digits}");
        let listener = StdListener::bind_addr(&SocketAddr::from_abstract_name(&name)?)?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener: UnixListener::from_std(listener)?, name, password })
    }

    /// Tells ssh whom to ask.
    pub(super) fn tell(&self, command: &mut Command, program: &Path) {
        command.env("SSH_ASKPASS", program).env("SSH_ASKPASS_REQUIRE", "force");
        command.env(VARIABLE, &self.name);
        // Before OpenSSH 8.4 it was asked only where a display seemed to be.
        if std::env::var_os("DISPLAY").is_none() {
            command.env("DISPLAY", "mpr:0");
        }
    }

    /// Answers until the password was given.
    pub(super) async fn serve(self, ssh: Pid) {
        while let Ok((stream, _)) = self.listener.accept().await {
            let answered = tokio::time::timeout(PATIENCE, self.answer(stream, ssh)).await;
            if matches!(answered, Ok(Ok(true))) {
                return;
            }
        }
    }

    async fn answer(&self, mut stream: UnixStream, ssh: Pid) -> io::Result<bool> {
        let peer = stream.peer_cred()?;
        let own = rustix::process::geteuid().as_raw();
        let parent = peer.pid().and_then(parent_of);
        if peer.uid() != own || parent != Some(ssh.as_raw_nonzero().get()) {
            return Ok(false);
        }
        let mut question = Vec::new();
        (&mut stream).take(QUESTION as u64).read_to_end(&mut question).await?;
        if !asks_for_password(&String::from_utf8_lossy(&question)) {
            return Ok(false);
        }
        stream.write_all(self.password.as_bytes()).await?;
        stream.shutdown().await?;
        Ok(true)
    }
}

fn parent_of(pid: i32) -> Option<i32> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}

/// Tells whether a question is one for the password of an account.
fn asks_for_password(question: &str) -> bool {
    let question = question.trim().to_lowercase();
    let other = ["passphrase", "yes/no", "fingerprint", "continue", "new password", "one-time"];
    question.ends_with(':')
        && question.contains("password")
        && !question.contains('\n')
        && !other.iter().any(|word| question.contains(word))
}

/// Answers ssh if it is ssh that has started this program, and not the provider.
pub fn answer() -> Option<ExitCode> {
    let name = std::env::var_os(VARIABLE)?;
    let question = std::env::args_os().nth(1).unwrap_or_default();
    let ask = || -> io::Result<()> {
        let address = SocketAddr::from_abstract_name(name.as_encoded_bytes())?;
        let mut stream = StdStream::connect_addr(&address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let question = question.as_encoded_bytes();
        stream.write_all(&question[..question.len().min(QUESTION)])?;
        stream.shutdown(std::net::Shutdown::Write)?;
        // Room for the longest that ssh takes, so that it is not copied while it grows.
        let mut password = Zeroizing::new(Vec::with_capacity(64 * 1024));
        stream.take(64 * 1024).read_to_end(&mut password)?;
        if password.is_empty() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let mut output = io::stdout();
        output.write_all(&password)?;
        output.write_all(b"\n")
    };
    Some(if ask().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_passwords_of_accounts_are_told() {
        for question in ["bob@h's password: ", "(bob@h) Password: ", "Password:"] {
            assert!(asks_for_password(question), "{question}");
        }
        for question in [
            "",
            "Enter passphrase for key '/home/password:': ",
            "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
            "Verification code: ",
            "Enter new password: ",
            "Is password\nso: ",
        ] {
            assert!(!asks_for_password(question), "{question}");
        }
    }

    #[test]
    fn nobody_else_is_answered() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let desk = Desk::open(Zeroizing::new("secret".into())).unwrap();
            let name = desk.name.clone();
            // This process is not the child of the ssh in question.
            let ssh = Pid::from_raw(i32::try_from(std::process::id()).unwrap()).unwrap();
            let serving = tokio::spawn(desk.serve(ssh));
            let asked = tokio::task::spawn_blocking(move || {
                let address = SocketAddr::from_abstract_name(name).unwrap();
                let mut stream = StdStream::connect_addr(&address).unwrap();
                let _ = stream.write_all(b"Password: ");
                let _ = stream.shutdown(std::net::Shutdown::Write);
                let mut text = String::new();
                let _ = stream.read_to_string(&mut text);
                text
            });
            assert_eq!(asked.await.unwrap(), "");
            serving.abort();
        });
    }
}
