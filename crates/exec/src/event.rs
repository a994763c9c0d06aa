//! An event as a program sees it: variables and a JSON object with the same content.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use mpr_core::{AddDetails, CancelDetails, ConnectFlags, LocalName, Notice, ResourceType, Wide};
use serde_json::json;

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What is told of, in UTF-8. There is no field that a password could be in.
#[derive(Debug)]
pub(crate) struct Event {
    operation: &'static str,
    local: Option<String>,
    remote: Option<String>,
    provider: Option<String>,
    flags: u32,
    resource_type: Option<&'static str>,
    force: bool,
}

impl Event {
    /// Takes what is connected.
    pub(crate) fn add(details: &AddDetails<'_>) -> Self {
        Self {
            operation: "add",
            local: details.local.and_then(text),
            remote: text(details.remote),
            provider: details.provider.and_then(text),
            flags: details.flags.0,
            resource_type: Some(match details.resource_type {
                ResourceType::DISK => "disk",
                ResourceType::PRINT => "print",
                _ => "any",
            }),
            force: false,
        }
    }

    /// Takes what is disconnected: a local name if it is spelled like one, else a remote one.
    pub(crate) fn cancel(details: &CancelDetails<'_>) -> Self {
        let is_local = LocalName::parse(details.name, true).is_ok();
        let (local, remote) =
            if is_local { (text(details.name), None) } else { (None, text(details.name)) };
        Self {
            operation: "cancel",
            local,
            remote,
            provider: details.provider.and_then(text),
            flags: (details.flags & ConnectFlags::UPDATE_PROFILE).0,
            resource_type: None,
            force: details.force,
        }
    }

    /// Makes the command; what is absent is an empty variable, so that `set -u` does no harm.
    pub(crate) fn command(
        &self,
        program: &Path,
        kept: &[(OsString, OsString)],
        notice: &Notice,
        context: &str,
    ) -> Command {
        let status = notice.outcome.map(|status| status.to_string()).unwrap_or_default();
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        let mut command = Command::new(program);
        command
            .current_dir("/")
            .process_group(0)
            .env_clear()
            .envs(kept.iter().map(|(name, value)| (name, value)))
            .env("PATH", PATH)
            // What it connects itself is not notified (U25).
            .env("MPR_IN_NOTIFYEE", "1")
            .env("MPR_PHASE", phase(notice))
            .env("MPR_OPERATION", self.operation)
            .env("MPR_LOCAL_NAME", optional(&self.local))
            .env("MPR_REMOTE_NAME", optional(&self.remote))
            .env("MPR_PROVIDER", optional(&self.provider))
            .env("MPR_FLAGS", self.flags.to_string())
            .env("MPR_TYPE", self.resource_type.unwrap_or_default())
            .env("MPR_FORCE", if self.force { "1" } else { "0" })
            .env("MPR_STATUS", status)
            .env("MPR_CONTEXT", context.replace('\0', "\u{fffd}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Returns the event as one JSON object on one line.
    pub(crate) fn json(&self, notice: &Notice, context: &str) -> Vec<u8> {
        let object = json!({
            "version": 1,
            "phase": phase(notice),
            "operation": self.operation,
            "local_name": self.local,
            "remote_name": self.remote,
            "provider": self.provider,
            "flags": self.flags,
            "type": self.resource_type,
            "force": self.force,
            "status": notice.outcome,
            "context": notice.outcome.map(|_| context),
        });
        format!("{object}\n").into_bytes()
    }
}

const fn phase(notice: &Notice) -> &'static str {
    if notice.outcome.is_none() { "pre" } else { "post" }
}

/// Converts a name; an empty one is absent, and NUL cannot be in a variable.
fn text(name: Wide<'_>) -> Option<String> {
    (!name.is_empty()).then(|| name.to_string().replace('\0', "\u{fffd}"))
}
