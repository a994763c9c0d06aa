//! The same without root: the program runs itself again as `nobody`, in a mount namespace where
//! that user may open /dev/fuse, as it may on an ordinary system.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use mpr_mount_conformance::{BACKENDS, Stage};

use crate::bench::Setting;
use crate::runner::Tally;
use crate::skip::skip;

/// Names the folder of the inner run.
const INSIDE: &str = "MPR_SUITE_INSIDE";

/// Goes into a namespace of its own, mounts what only root can, and becomes `nobody`.
const SCRIPT: &str = r#"
    set -e
    home=$1 program=$2 user=$3
    shift 3
    mount -t tmpfs -o mode=755,dev mpr-suite "$home/dev"
    mknod -m 666 "$home/dev/fuse" c 10 229
    mount --bind "$home/dev/fuse" /dev/fuse
    for small in "$home"/small/*; do
        mount -t tmpfs -o "mode=777,size=6m,uid=65534" mpr-suite "$small"
    done
    echo "a namespace of one's own"
    if [ "$user" = root ]; then exec "$program" "$@"; fi
    exec setpriv --reuid=65534 --regid=65534 --clear-groups "$program" "$@"
"#;

/// Returns what the names of tests call this user.
pub(crate) fn word() -> &'static str {
    if rustix::process::geteuid().is_root() { "root" } else { "user" }
}

fn home() -> Option<PathBuf> {
    std::env::var_os(INSIDE).map(PathBuf::from)
}

/// Returns the programs that the outer run made ready.
pub(crate) fn stage() -> Option<Stage> {
    home().map(|home| Stage::at(&home.join("programs")))
}

/// Returns the small file systems that the outer run made ready.
pub(crate) fn small() -> Option<PathBuf> {
    home().map(|home| home.join("small"))
}

/// Says why this user cannot mount.
pub(crate) fn cannot_mount() -> Option<String> {
    let opened = fs::File::options().read(true).write(true).open("/dev/fuse");
    opened.err().map(|error| format!("/dev/fuse cannot be opened: {error}"))
}

/// Tells whether this is the outer run of root's, which only runs the inner ones.
pub(crate) fn is_outer() -> bool {
    home().is_none() && rustix::process::geteuid().is_root()
}

/// Runs the suite inside, as a user; cases count as those of this run.
pub(crate) fn run_inside(
    user: &str,
    setting: &Setting,
    filters: &[String],
    tally: &Mutex<Tally>,
) -> Result<(), String> {
    let failed = |error: std::io::Error| error.to_string();
    let home = tempfile::Builder::new().prefix("mpr-suite-").tempdir().map_err(failed)?;
    let own = home.path();
    for dir in ["dev", "small", "tmp", "programs"] {
        fs::create_dir(own.join(dir)).map_err(failed)?;
    }
    for backend in BACKENDS {
        fs::create_dir(own.join("small").join(backend.name)).map_err(failed)?;
    }
    // The programs may lie where that user cannot look.
    for file in fs::read_dir(setting.stage.folder()).map_err(failed)?.flatten() {
        fs::copy(file.path(), own.join("programs").join(file.file_name())).map_err(failed)?;
    }
    let test = own.join("suite");
    fs::copy(std::env::current_exe().map_err(failed)?, &test).map_err(failed)?;
    for dir in [own.to_path_buf(), own.join("tmp")] {
        let owner = (user != "root").then_some(65534);
        std::os::unix::fs::chown(&dir, owner, owner).map_err(failed)?;
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&dir, open).map_err(failed)?;
    }
    // That user cannot write to the file of skipped tests, and skipping must not go unseen.
    let skips = own.join("skips");
    fs::write(&skips, "").map_err(failed)?;
    fs::set_permissions(&skips, std::os::unix::fs::PermissionsExt::from_mode(0o666))
        .map_err(failed)?;
    let mut child = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c", SCRIPT, "sh"])
        .args([own, &test])
        .arg(user)
        .args(filters)
        .env(INSIDE, own)
        .env("MPR_SKIPS", &skips)
        .env("TMPDIR", own.join("tmp"))
        .env("XDG_RUNTIME_DIR", own.join("tmp"))
        .env("HOME", own.join("tmp"))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut inside = false;
    let mut ended = false;
    let lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    for line in lines.map_while(Result::ok) {
        if line == "a namespace of one's own" {
            inside = true;
        } else if line.starts_with("test result:") {
            ended = true;
        } else if !ended && line == "failures:" {
            // They are listed at the end, with all others.
        } else if let Some(name) = line.strip_prefix("test ").and_then(|it| it.split_once(" ... "))
        {
            let mut tally = tally.lock().unwrap();
            match name.1.starts_with("ok") {
                true => tally.passed += 1,
                false => tally.failed.push(name.0.to_owned()),
            }
            println!("{line}");
        } else {
            println!("{line}");
        }
    }
    let status = child.wait().map_err(failed)?;
    for line in fs::read_to_string(&skips).map_err(failed)?.lines() {
        let (test, why) = line.split_once(": ").unwrap_or((line, ""));
        skip(test, why);
    }
    if !inside {
        skip(&format!("as {user}"), "no mount namespace of one's own");
    } else if !ended {
        return Err(format!("the suite as {user} ended with {status}"));
    }
    Ok(())
}
