//! The process as it was started: its variables, its user, and whether it has borrowed rights.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::{fs, io};

/// What a process was started with; tests make their own.
#[derive(Clone, Debug)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    user: u32,
    privileged: bool,
}

impl Environment {
    /// Takes the environment of this process.
    pub fn current() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
            user: rustix::process::geteuid().as_raw(),
            privileged: privileged(),
        }
    }

    /// Makes an environment without variables; `privileged` is a set-uid or set-gid process.
    pub const fn new(user: u32, privileged: bool) -> Self {
        Self { variables: BTreeMap::new(), user, privileged }
    }

    /// Sets a variable.
    #[must_use]
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Returns a variable; an empty one counts as absent.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|v| !v.is_empty())
    }

    /// Returns the effective user id.
    pub const fn user(&self) -> u32 {
        self.user
    }

    /// Tells whether the process has rights that its caller has not (set-uid, set-gid, file
    /// capabilities), so that nothing its caller controls may be believed (U28).
    pub const fn is_privileged(&self) -> bool {
        self.privileged
    }
}

fn privileged() -> bool {
    use rustix::process::{getegid, geteuid, getgid, getuid};

    getuid() != geteuid() || getgid() != getegid() || secure_exec()
}

/// Tells whether the kernel started this program in secure mode (`AT_SECURE`), which it also does
/// for file capabilities. Such a process may not read its own vector: then its capabilities tell.
fn secure_exec() -> bool {
    match fs::read("/proc/self/auxv") {
        Ok(vector) => at_secure(&vector),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            !rustix::process::geteuid().is_root()
                && fs::read_to_string("/proc/self/status").map_or(true, |s| has_capabilities(&s))
        }
        Err(_) => false,
    }
}

fn at_secure(vector: &[u8]) -> bool {
    const WORD: usize = size_of::<usize>();
    const AT_SECURE: usize = 23;

    let word = |bytes: &[u8]| bytes.try_into().map_or(0, usize::from_ne_bytes);
    vector
        .chunks_exact(2 * WORD)
        .any(|pair| word(&pair[..WORD]) == AT_SECURE && word(&pair[WORD..]) != 0)
}

fn has_capabilities(status: &str) -> bool {
    status
        .lines()
        .filter_map(|line| line.strip_prefix("CapPrm:"))
        .any(|set| set.trim().bytes().any(|digit| digit != b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_variables_count_as_absent() {
        let env = Environment::new(1000, false).with("HOME", "").with("A", "b");
        assert_eq!(env.get("HOME"), None);
        assert_eq!(env.get("A"), Some(OsStr::new("b")));
        assert_eq!((env.user(), env.is_privileged()), (1000, false));
    }

    #[test]
    fn a_test_process_has_no_borrowed_rights() {
        assert!(!Environment::current().is_privileged());
    }

    #[test]
    fn secure_mode_is_read_from_the_vector() {
        let vector = |secure: usize| -> Vec<u8> {
            [6, 4096, 23, secure, 0, 0].iter().flat_map(|word: &usize| word.to_ne_bytes()).collect()
        };
        assert!(at_secure(&vector(1)));
        assert!(!at_secure(&vector(0)));
        assert!(!at_secure(&vector(1)[..7]));
        assert!(!at_secure(&[]));
    }

    #[test]
    fn capabilities_are_read_from_the_status() {
        assert!(has_capabilities("Name:\tx\nCapPrm:\t0000000000003000\n"));
        assert!(!has_capabilities("Name:\tx\nCapPrm:\t0000000000000000\nCapBnd:\tff\n"));
    }
}
