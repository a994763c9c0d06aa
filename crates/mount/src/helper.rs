//! Finding the program that serves mounts, and what it gets of the caller's environment.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::runtime::privileged;

/// Variables that a serving process needs; the caller's others are nobody's business there.
const VARIABLES: [&str; 16] = [
    "HOME",
    "KRB5CCNAME",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "PATH",
    "SHELL",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TMPDIR",
    "USER",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
    "XDG_STATE_HOME",
    "LLVM_PROFILE_FILE",
];

/// Finds a helper program: in `$MPR_LIBEXEC`, beside the module that holds the function `anchor`,
/// in that directory's `libexec` neighbour, or beside the program that runs.
pub fn helper_program(name: &str, anchor: usize) -> Option<PathBuf> {
    let given = std::env::var_os("MPR_LIBEXEC").filter(|_| !privileged()).map(PathBuf::from);
    let module = module_of(anchor).and_then(|path| path.parent().map(Path::to_path_buf));
    let running = std::env::current_exe().ok().and_then(|path| path.parent().map(Into::into));
    let near = [module, running].into_iter().flatten();
    let near = near.flat_map(|dir: PathBuf| [dir.clone(), dir.join("../libexec/mpr")]);
    given.into_iter().chain(near).map(|dir| dir.join(name)).find(|path| path.is_file())
}

/// Finds the file that the code at an address was loaded from.
pub(crate) fn module_of(address: usize) -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().find_map(|line| {
        let (range, rest) = line.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        let within = usize::from_str_radix(start, 16).ok()? <= address
            && address < usize::from_str_radix(end, 16).ok()?;
        within.then(|| rest.find('/').map(|at| PathBuf::from(&rest[at..])))?
    })
}

/// Gives a command the variables that a serving process needs, and no other.
pub(crate) fn limit_environment(command: &mut Command) {
    command.env_clear().current_dir("/");
    let path = if privileged() { None } else { std::env::var_os("PATH") };
    for name in VARIABLES {
        if let Some(value) = std::env::var_os(name).filter(|_| name != "PATH" && !privileged()) {
            command.env(name, value);
        }
    }
    command.env("PATH", path.unwrap_or_else(|| "/usr/bin:/bin".into()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_file_is_found() {
        let found = module_of(the_own_file_is_found as *const () as usize).unwrap();
        assert_eq!(found, std::env::current_exe().unwrap());
    }
}
