//! The same against Apache, which knows Digest and strong states of files.

use std::fs::{self, File};
use std::io::Write as _;

use mpr_testkit::{Apache, Export, Login, give};

use crate::bench::{Bench, LONG, eventually};
use crate::skip::skip;

#[test]
fn digest_logs_in_and_nobody_elses_change_is_overwritten() {
    let Some(bench) = Bench::new(LONG) else { return };
    if !std::path::Path::new("/usr/sbin/apache2").exists() {
        return skip("apache", "there is no /usr/sbin/apache2");
    }
    let behind = tempfile::tempdir().unwrap();
    give(behind.path()).unwrap();
    let apache = Apache::start(&[Export::new("dav", behind.path())], Login::Digest).unwrap();
    let url = apache.url("dav");
    let wrong = bench.connect_as("S:", &url, Some((Apache::USER, "wrong"))).unwrap_err();
    assert_eq!(wrong.code.code(), 86);
    let login = Some((Apache::USER, Apache::PASSWORD));
    let mount = bench.connect_as("S:", &url, login).unwrap();

    // Enough to go along with the writing, in pieces that share no boundary with it.
    let content: Vec<u8> = (0..5_000_011_u32).map(|at| (at / 7) as u8).collect();
    let mut file = File::create(mount.join("big")).unwrap();
    for piece in content.chunks(99_991) {
        file.write_all(piece).unwrap();
    }
    file.sync_all().unwrap();
    drop(file);
    assert!(fs::read(behind.path().join("big")).unwrap() == content);

    fs::write(mount.join("f"), "before").unwrap();
    let mut ours = File::options().append(true).open(mount.join("f")).unwrap();
    ours.write_all(b" and ours").unwrap();
    fs::write(behind.path().join("f"), "theirs, which is longer").unwrap();
    assert!(ours.sync_all().is_err(), "it was changed by somebody else");
    drop(ours);
    assert_eq!(fs::read(behind.path().join("f")).unwrap(), b"theirs, which is longer");
    let saved: Vec<_> =
        fs::read_dir(bench.root.path().join("unsaved")).unwrap().flatten().collect();
    assert_eq!(saved.len(), 1);
    assert_eq!(fs::read(saved[0].path()).unwrap(), b"before and ours");
    eventually("it is not in use", || bench.cancel("S:", false) == Ok(()));
    bench.assert_nothing_left();
}
