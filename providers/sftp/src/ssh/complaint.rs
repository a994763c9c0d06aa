//! From what ssh says to where connecting stopped, and why.

use std::process::ExitStatus;

use mpr_core::WnError;
use mpr_mount::{Obstacle, Stage};

/// All that is known of an attempt that failed.
pub(super) struct Said<'a> {
    pub(super) host: &'a str,
    /// What a person would type to reach the same.
    pub(super) line: &'a str,
    /// The last stage that ssh began.
    pub(super) stage: Stage,
    /// Its words, without those for developers.
    pub(super) lines: &'a [String],
    pub(super) has_password: bool,
    /// What came where SFTP should have been.
    pub(super) chatter: Option<&'a str>,
    pub(super) status: Option<ExitStatus>,
}

/// Words by which ssh is understood; the first row that fits counts.
const ROWS: &[(&str, Stage, WnError)] = &[
    ("Could not resolve hostname", Stage::Resolve, WnError::BAD_NET_PATH),
    ("HOST IDENTIFICATION HAS CHANGED", Stage::Secure, WnError::ACCESS_DENIED),
    ("Host key verification failed", Stage::Secure, WnError::ACCESS_DENIED),
    ("requested strict checking", Stage::Secure, WnError::ACCESS_DENIED),
    ("Unable to negotiate", Stage::Secure, WnError::UNEXP_NET_ERR),
    ("subsystem request failed", Stage::Open, WnError::NOT_SUPPORTED),
    ("Permission denied (", Stage::LogIn, WnError::ACCESS_DENIED),
    ("Too many authentication failures", Stage::LogIn, WnError::ACCESS_DENIED),
    ("Connection refused", Stage::Connect, WnError::REM_NOT_LIST),
    ("No route to host", Stage::Connect, WnError::REM_NOT_LIST),
    ("Network is unreachable", Stage::Connect, WnError::REM_NOT_LIST),
    ("Bad configuration option", Stage::Connect, WnError::INVALID_PARAMETER),
    ("Bad owner or permissions", Stage::Connect, WnError::INVALID_PARAMETER),
];

/// Says where it stopped and why, in words for people.
pub(super) fn explain(said: &Said<'_>) -> Obstacle {
    let host = said.host;
    let has = |words: &str| said.lines.iter().any(|line| line.contains(words));
    let quoted = said.lines.iter().map(|line| line.trim()).collect::<Vec<_>>();
    let last = quoted.last().copied().unwrap_or("ssh ended without a word");
    if let Some(&(words, stage, code)) = ROWS.iter().find(|(words, ..)| has(words)) {
        let line = quoted.iter().find(|line| line.contains(words)).copied().unwrap_or(last);
        return match (stage, words) {
            (Stage::Secure, "Unable to negotiate") => Obstacle::new(stage, code, line),
            (Stage::Secure, _) => Obstacle::new(stage, code, about_key(said, &quoted)),
            (Stage::LogIn, _) => {
                let code = if said.has_password { WnError::INVALID_PASSWORD } else { code };
                Obstacle::new(stage, code, line)
            }
            (Stage::Open, _) => {
                let text = format!("{host} offers no SFTP: {line}");
                Obstacle::new(stage, code, text)
            }
            _ => Obstacle::new(stage, code, line),
        };
    }
    if has("timed out") || has("not responding") {
        let line = quoted.iter().find(|line| line.contains("timed out")).copied().unwrap_or(last);
        return Obstacle::new(said.stage, WnError::TIMEOUT, line);
    }
    if let Some(chatter) = said.chatter.filter(|chatter| !chatter.is_empty()) {
        let text = format!("{host} answers with something else than SFTP: {chatter:?}");
        return Obstacle::new(Stage::Open, WnError::BAD_NET_RESP, text);
    }
    let text = match (said.lines.is_empty(), said.status) {
        (true, Some(status)) => format!("ssh ended without a word ({status})"),
        _ => last.to_owned(),
    };
    Obstacle::new(said.stage, WnError::UNEXP_NET_ERR, text)
}

fn about_key(said: &Said<'_>, lines: &[&str]) -> String {
    let Said { host, line, .. } = said;
    if lines.iter().any(|line| line.contains("HAS CHANGED")) {
        let place = lines.iter().find_map(|line| {
            let (_, place) = line.strip_prefix("Offending ")?.split_once(" key in ")?;
            Some(format!(" (the old key is at {place})"))
        });
        return format!(
            "the host key of {host} has changed{}: somebody may be listening in. If the change \
             was meant, remove the old key with ssh-keygen -R and run `{line}` once",
            place.unwrap_or_default()
        );
    }
    format!("the host key of {host} is not known yet: run `{line}` once and compare what it shows")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(stage: Stage, lines: &str, has_password: bool) -> (Stage, u32, String) {
        let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
        let said = Said {
            host: "h",
            line: "ssh -p 2222 a@h",
            stage,
            lines: &lines,
            has_password,
            chatter: None,
            status: None,
        };
        let obstacle = explain(&said);
        (obstacle.stage, obstacle.code.code(), obstacle.text)
    }

    #[test]
    fn words_become_stage_and_code() {
        use Stage::{Connect, LogIn, Open, Resolve, Secure};
        for (at, lines, password, stage, code, text) in [
            (
                Resolve,
                "ssh: Could not resolve hostname h: Name or service not known",
                false,
                Resolve,
                53,
                "not known",
            ),
            (
                Connect,
                "ssh: connect to host h port 22: Connection refused",
                false,
                Connect,
                51,
                "refused",
            ),
            (
                Connect,
                "ssh: connect to host h port 22: Connection timed out",
                false,
                Connect,
                1460,
                "timed out",
            ),
            (Secure, "Connection timed out during banner exchange", false, Secure, 1460, "banner"),
            (
                Secure,
                "kex_exchange_identification: Connection closed by remote host",
                false,
                Secure,
                59,
                "closed",
            ),
            (
                Secure,
                "Host key verification failed.",
                false,
                Secure,
                5,
                "run `ssh -p 2222 a@h` once",
            ),
            (LogIn, "a@h: Permission denied (publickey).", false, LogIn, 5, "a@h"),
            (LogIn, "a@h: Permission denied (password).", true, LogIn, 86, "a@h"),
            (Open, "subsystem request failed on channel 0", false, Open, 50, "no SFTP"),
            (Open, "Connection to h closed by remote host.", false, Open, 59, "closed"),
        ] {
            let (its_stage, its_code, its_text) = explained(at, lines, password);
            assert_eq!((its_stage, its_code), (stage, code), "{lines}");
            assert!(its_text.contains(text), "{its_text}");
        }
    }

    #[test]
    fn a_changed_key_says_what_to_do() {
        let lines = "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\n\
                     Offending ED25519 key in /home/a/.ssh/known_hosts:3\n\
                     Host key verification failed.";
        let (stage, _, text) = explained(Stage::Secure, lines, false);
        assert_eq!(stage, Stage::Secure);
        assert!(text.contains("known_hosts:3") && text.contains("ssh-keygen -R"), "{text}");
    }
}
