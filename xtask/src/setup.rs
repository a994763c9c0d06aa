//! Installing what the tasks need: Debian packages, found missing one by one.

use std::process::{Command, Stdio};

use crate::run::{Done, run};

/// A package, and the program or file that shows that it is there.
struct Package {
    name: &'static str,
    shown_by: &'static str,
    why: &'static str,
}

const PACKAGES: &[Package] = &[
    Package { name: "gcc", shown_by: "/usr/bin/gcc", why: "C samples, libmpr.so" },
    Package { name: "g++", shown_by: "/usr/bin/g++", why: "the headers in C++" },
    Package { name: "libc6-dev", shown_by: "/usr/include/stdio.h", why: "C headers" },
    Package { name: "binutils", shown_by: "/usr/bin/nm", why: "checks of the exports" },
    Package { name: "fuse3", shown_by: "/usr/bin/fusermount3", why: "mounts of ordinary users" },
    Package { name: "go-md2man", shown_by: "/usr/bin/go-md2man", why: "manual pages" },
    Package { name: "pkg-config", shown_by: "/usr/bin/pkg-config", why: "test of libmpr.pc" },
    Package {
        name: "gcc-mingw-w64-x86-64-win32",
        shown_by: "/usr/bin/x86_64-w64-mingw32-gcc-win32",
        why: "comparison with the Windows headers",
    },
    Package {
        name: "gcc-mingw-w64-i686-win32",
        shown_by: "/usr/bin/i686-w64-mingw32-gcc-win32",
        why: "comparison with the 32-bit Windows headers",
    },
    Package { name: "wine64", shown_by: "/usr/lib/wine/wine64", why: "tests of mpr.dll" },
    Package { name: "rustc-web", shown_by: "/usr/bin/rustc", why: "Rust for Windows" },
    Package {
        name: "rust-web-src",
        shown_by: "/usr/lib/rustlib/src/rust/library/std/src/lib.rs",
        why: "Rust's standard library for Windows",
    },
    Package { name: "rclone", shown_by: "/usr/bin/rclone", why: "a second WebDAV server" },
    Package { name: "samba", shown_by: "/usr/sbin/smbd", why: "the SMB server of tests" },
    Package { name: "apache2-bin", shown_by: "/usr/sbin/apache2", why: "a third WebDAV server" },
    Package { name: "apache2-utils", shown_by: "/usr/bin/htpasswd", why: "its passwords" },
    Package { name: "openssh-server", shown_by: "/usr/sbin/sshd", why: "the SFTP server of tests" },
    Package { name: "smbclient", shown_by: "/usr/bin/smbclient", why: "a second SMB client" },
    Package { name: "curl", shown_by: "/usr/bin/curl", why: "a second WebDAV client" },
    Package { name: "rsync", shown_by: "/usr/bin/rsync", why: "a program on mounts" },
    Package { name: "sqlite3", shown_by: "/usr/bin/sqlite3", why: "a program on mounts" },
    Package { name: "git", shown_by: "/usr/bin/git", why: "a program on mounts" },
    Package { name: "openssl", shown_by: "/usr/bin/openssl", why: "a certificate for tests" },
    Package { name: "python3", shown_by: "/usr/bin/python3", why: "mmap in tests" },
];

/// Packages that the demo needs; the rest is for tests.
pub(crate) const DEMO: &[&str] = &["gcc", "libc6-dev", "binutils", "fuse3"];

/// Packages that `mpr.dll` and its tests need.
pub(crate) const WINDOWS: &[&str] = &[
    "wine64",
    "rustc-web",
    "rust-web-src",
    "gcc-mingw-w64-x86-64-win32",
    "gcc-mingw-w64-i686-win32",
];

/// What our mounts are compared with.
const PEERS: &[(&str, &str)] = &[
    ("sshfs", "/usr/bin/sshfs"),
    ("davfs2", "/usr/sbin/mount.davfs"),
    ("gvfs-fuse", "/usr/libexec/gvfsd-fuse"),
    ("gvfs-backends", "/usr/libexec/gvfsd-smb"),
    ("libglib2.0-bin", "/usr/bin/gio"),
    ("dbus-daemon", "/usr/bin/dbus-run-session"),
];

/// Installs what a comparison of mounts wants; one that cannot be had is missing in its table.
pub(crate) fn peers() {
    for (name, shown_by) in PEERS {
        if std::path::Path::new(shown_by).exists() {
            continue;
        }
        println!("setup: installing {name} (to compare with)");
        if let Err(why) = run(apt(&["install", "-y", "-qq", "--no-install-recommends"]).arg(name)) {
            println!("setup: {name} is left out: {why}");
        }
    }
}

/// Installs every package that is missing.
pub(crate) fn setup() -> Done {
    let all: Vec<&str> = PACKAGES.iter().map(|package| package.name).collect();
    require(&all)
}

/// Installs those of the named packages that are missing.
pub(crate) fn require(names: &[&str]) -> Done {
    let missing: Vec<&Package> = PACKAGES
        .iter()
        .filter(|package| names.contains(&package.name))
        .filter(|package| !std::path::Path::new(package.shown_by).exists())
        .collect();
    if missing.is_empty() {
        println!("setup: everything is installed");
        return Ok(());
    }
    for package in &missing {
        println!("setup: installing {} ({})", package.name, package.why);
    }
    let names: Vec<&str> = missing.iter().map(|package| package.name).collect();
    if !std::path::Path::new("/usr/bin/apt-get").exists() {
        return Err(format!("no apt-get here; install these yourself: {}", names.join(" ")));
    }
    run(&mut apt(&["update", "-qq"]))?;
    run(apt(&["install", "-y", "-qq", "--no-install-recommends"]).args(&names))
}

fn apt(arguments: &[&str]) -> Command {
    let root =
        Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    let mut command = Command::new(if root { "apt-get" } else { "sudo" });
    if !root {
        command.arg("apt-get");
    }
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    // Its progress is for nobody; errors are shown.
    command.stdout(Stdio::null());
    command
}
