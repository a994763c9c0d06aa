//! Everything built and laid out as it would be installed, below `target/stage/usr`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{Done, at, cargo, root, run, target};
use crate::{manual, setup, windows};

/// How to build.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Dev,
    Release,
}

impl Profile {
    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

const PACKAGES: &[&str] = &[
    "mpr-cli",
    "mpr-capi",
    "provider_smb",
    "provider_webdav",
    "provider_sftp",
    "provider_nfs",
    "provider_sample",
    "notify_sample",
    "mpr-testkit",
    "mpr-wine-bridge",
];

/// Files that cargo makes, and where they go.
const FILES: &[(&str, &str)] = &[
    ("mpr", "bin/mpr"),
    ("libprovider_smb.so", "lib/mpr/provider_smb.so"),
    ("mpr-serve-smb", "lib/mpr/mpr-serve-smb"),
    ("libprovider_webdav.so", "lib/mpr/provider_webdav.so"),
    ("mpr-serve-webdav", "lib/mpr/mpr-serve-webdav"),
    ("libprovider_sftp.so", "lib/mpr/provider_sftp.so"),
    ("mpr-serve-sftp", "lib/mpr/mpr-serve-sftp"),
    ("libprovider_nfs.so", "lib/mpr/provider_nfs.so"),
    ("mpr-serve-nfs", "lib/mpr/mpr-serve-nfs"),
    ("libprovider_sample.so", "lib/mpr/provider_sample.so"),
    ("libnotify_sample.so", "lib/mpr/notify_sample.so"),
    ("mpr-demo-server", "lib/mpr/mpr-demo-server"),
    ("mpr-wine-bridge", "lib/mpr/mpr-wine-bridge"),
];

/// C modules, and where they go.
const C_MODULES: &[(&str, &str)] = &[
    ("providers/sample-c/provider_sample_c.c", "lib/mpr/provider_sample_c.so"),
    ("notifyees/sample-c/notify_sample_c.c", "lib/mpr/notify_sample_c.so"),
];

/// Flags for all C code of ours.
pub(crate) const C_FLAGS: &[&str] = &["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror"];

/// Builds and lays out everything; returns the folder that stands for `/usr`.
pub(crate) fn stage(profile: Profile) -> Done<PathBuf> {
    let mut build = cargo(&["build"]);
    build.arg(match profile {
        Profile::Dev => "--quiet",
        // It takes minutes: somebody watches.
        Profile::Release => "--release",
    });
    for package in PACKAGES {
        build.args(["-p", package]);
    }
    run(&mut build)?;

    let built = target().join(profile.folder());
    let usr = match profile {
        Profile::Dev => target().join("stage/usr"),
        Profile::Release => target().join("stage-release/usr"),
    };
    for folder in ["bin", "lib/mpr", "lib/pkgconfig", "include/mpr"] {
        let folder = usr.join(folder);
        at(&folder, fs::create_dir_all(&folder))?;
    }
    for (from, to) in FILES {
        install(&built.join(from), &usr.join(to))?;
    }
    link_library(&built.join("libmpr.a"), &usr.join("lib"))?;
    for (from, to) in C_MODULES {
        compile_module(&root().join(from), &usr.join(to), &[])?;
    }
    for header in ["mprdef.h", "winnetwk.h", "wnnc.h", "npapi.h"] {
        install(&root().join("include").join(header), &usr.join("include/mpr").join(header))?;
    }
    write_pkg_config(&usr, &usr)?;
    Ok(usr)
}

/// Builds everything for use and copies it below `prefix`.
pub(crate) fn install_to(prefix: &str) -> Done {
    setup::require(setup::DEMO)?;
    let staged = stage(Profile::Release)?;
    let share = staged.join("share");
    let pages = setup::require(&[manual::CONVERTER]).and_then(|()| manual::pages(&share));
    if let Err(why) = pages {
        println!("without manual pages, which are in docs/man: {why}");
    }
    manual::completions(&staged.join("bin/mpr"), &share)?;
    println!("building mpr.dll for Wine, if that can be built here");
    if !windows::install(&staged.join("lib/mpr/wine"))? {
        println!("without mpr.dll for Wine: `cargo xtask setup` installs what builds it");
    }
    let prefix = Path::new(prefix);
    write_pkg_config(&staged, prefix)?;
    at(prefix, fs::create_dir_all(prefix))?;
    run(Command::new("cp").arg("-a").arg(staged.join(".")).arg(prefix))?;
    let prefix = prefix.display();
    println!(
        "installed below {prefix}; modules are in {prefix}/lib/mpr. Register what you want to use:"
    );
    println!("  mpr provider add smb {prefix}/lib/mpr/provider_smb.so --name \"SMB Network\"");
    Ok(())
}

/// Copies a file under a new name first, so that a running program keeps the old one.
fn install(from: &Path, to: &Path) -> Done {
    let beside = to.with_extension("new");
    at(from, fs::copy(from, &beside))?;
    at(to, fs::rename(&beside, to))
}

/// Links `libmpr.so.1` with its soname and version script.
///
/// Not a cdylib: rustc gives that a version script of its own, which cannot be combined with ours.
fn link_library(archive: &Path, lib: &Path) -> Done {
    let map = root().join("crates/capi/mpr.map");
    let (file, beside) = (lib.join("libmpr.so.1"), lib.join("libmpr.so.1.new"));
    run(Command::new("gcc")
        .args(["-shared", "-Wl,-soname,libmpr.so.1", "-Wl,--gc-sections", "-Wl,--no-undefined"])
        .args(["-Wl,-z,relro,-z,now", "-Wl,--strip-debug"])
        .arg(format!("-Wl,--version-script={}", map.display()))
        .args(["-Wl,--whole-archive".as_ref(), archive.as_os_str()])
        .args(["-Wl,--no-whole-archive", "-lgcc_s", "-lm", "-lpthread", "-ldl", "-lc", "-o"])
        .arg(&beside))?;
    at(&file, fs::rename(&beside, &file))?;
    let link = lib.join("libmpr.so");
    if fs::read_link(&link).is_err() {
        at(&link, std::os::unix::fs::symlink("libmpr.so.1", &link))?;
    }
    Ok(())
}

/// Compiles one C file to a module.
pub(crate) fn compile_module(from: &Path, to: &Path, more: &[&str]) -> Done {
    let beside = to.with_extension("new");
    run(Command::new("gcc")
        .args(C_FLAGS)
        .args(["-shared", "-fPIC", "-I"])
        .arg(root().join("include"))
        .args(more)
        .arg(from)
        .arg("-o")
        .arg(&beside))?;
    at(to, fs::rename(&beside, to))
}

fn write_pkg_config(usr: &Path, prefix: &Path) -> Done {
    let template = root().join("crates/capi/libmpr.pc.in");
    let text = at(&template, fs::read_to_string(&template))?;
    let text = text
        .replace("@PREFIX@", &prefix.display().to_string())
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"));
    let file = usr.join("lib/pkgconfig/libmpr.pc");
    at(&file, fs::write(&file, text))
}
