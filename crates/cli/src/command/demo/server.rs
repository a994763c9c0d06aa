//! The server of a demonstration, which ends with whoever started it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::failure::Failure;

/// A WebDAV server in a process of its own.
pub(super) struct Server {
    process: Child,
    url: String,
}

impl Server {
    /// Starts the server on a directory. It ends when its standard input is closed, so it cannot
    /// outlive this process.
    pub(super) fn start(libexec: &Path, directory: &Path) -> Result<Self, Failure> {
        let failed = |what: String| Failure::Other(format!("the demonstration's server: {what}"));
        let mut process = Command::new(libexec.join("mpr-demo-server"))
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            // What cannot be read is no address, which is said below.
            let _ = BufReader::new(output).read_line(&mut line);
        }
        let url = line.trim().strip_prefix("listening ").unwrap_or_default().to_owned();
        let server = Self { process, url };
        if server.url.is_empty() {
            return Err(failed(format!("it does not listen: {line:?}")));
        }
        Ok(server)
    }

    /// Returns its address, with a slash at the end.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
