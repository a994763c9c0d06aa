//! Names that make trouble somewhere between here and the server's disk.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use rustix::io::Errno;

use crate::bench::Mount;
use crate::help::{errno, number};

const ODD: &[&[u8]] = &[
    b"a b",
    b" leading and trailing ",
    b"100%",
    b"%41",
    b"%2F",
    b"#hash",
    b"q?x=1&y",
    b"a:b",
    b"*",
    b"<angle>",
    b"|pipe",
    b"q'\"",
    b"+;@,=!$()[]{}~`^",
    b"back\\slash",
    b"trailing dot.",
    b"...",
    b".hidden",
    b"-rf",
    b"new\nline",
    b"tab\t",
    b"bell\x07",
    "\u{fc}mlaut".as_bytes(),
    "u\u{308}mlaut".as_bytes(),
    "日本語".as_bytes(),
    "😀".as_bytes(),
    b"latin1 \xfc",
    b"CON",
    b"com1.txt",
];

pub(crate) fn odd_names(m: &Mount<'_>) {
    let mut wrong = Vec::new();
    for (index, name) in ODD.iter().enumerate() {
        // Each in a directory of its own, so that one that stays spoils no other.
        let dir = index.to_string();
        fs::create_dir(m.path(&dir)).unwrap();
        let path = m.path(&dir).join(OsStr::from_bytes(name));
        let shown = String::from_utf8_lossy(name).into_owned();
        if let Some(wanted) = (m.traits.refuses)(name) {
            let got = fs::write(&path, "").map_err(|error| number(&error));
            if got != Err(wanted) {
                wrong.push(format!("{shown:?}: {got:?} and not {wanted:?}"));
            }
            continue;
        }
        if let Err(error) = round_trip(m, &dir, name) {
            wrong.push(format!("{shown:?}: {error}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn round_trip(m: &Mount<'_>, dir: &str, name: &[u8]) -> Result<(), String> {
    let said = |what: &'static str| move |error: std::io::Error| format!("{what}: {error}");
    let path = m.path(dir).join(OsStr::from_bytes(name));
    fs::write(&path, name).map_err(said("write"))?;
    let listed: Vec<Vec<u8>> = fs::read_dir(m.path(dir))
        .map_err(said("list"))?
        .map(|it| it.map(|it| it.file_name().into_vec()))
        .collect::<Result<_, _>>()
        .map_err(said("list"))?;
    if listed != [name] && !(m.traits.mangles)(name) {
        let shown: Vec<_> = listed.iter().map(|it| String::from_utf8_lossy(it)).collect();
        return Err(format!("listed as {shown:?}"));
    }
    if fs::read(&path).map_err(said("read"))? != name {
        return Err("another content".into());
    }
    let moved = m.path(dir).join("plain");
    fs::rename(&path, &moved).map_err(said("rename away"))?;
    fs::rename(&moved, &path).map_err(said("rename back"))?;
    // As another client sees it, after what this one believes is forgotten.
    let second = m.second().join(dir).join(OsStr::from_bytes(name));
    if fs::read(second).map_err(said("read by another mount"))? != name {
        return Err("another content by another mount".into());
    }
    fs::remove_file(&path).map_err(said("remove"))
}

pub(crate) fn longest_names(m: &Mount<'_>) {
    let longest = "n".repeat(255);
    fs::write(m.path(&longest), "x").unwrap();
    assert_eq!(m.read_behind(&longest), b"x");
    fs::rename(m.path(&longest), m.path("short")).unwrap();
    // In bytes; a server may count characters, but its disk here counts bytes.
    let wide = "\u{e4}".repeat(127);
    fs::rename(m.path("short"), m.path(&wide)).unwrap();
    assert_eq!(fs::read(m.path(&wide)).unwrap(), b"x");
    assert_eq!(errno(fs::write(m.path(&"n".repeat(256)), "")), Errno::NAMETOOLONG);
}
