//! The same against a server by others: `rclone serve webdav`.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::bench::{Bench, LONG};
use crate::files::exercise;

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn files_behave_on_rclone() {
    let Some(bench) = Bench::new(LONG) else { return };
    let behind = tempfile::tempdir().unwrap();
    let started = Command::new("rclone")
        .args(["serve", "webdav", "--addr", "127.0.0.1:0", "--dir-cache-time", "0", "-v"])
        .args(["--config", "/dev/null", "--user", "bob", "--pass", "builder"])
        .arg(behind.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => Running(child),
        Err(error) => return eprintln!("skipped: rclone: {error}"),
    };
    // "NOTICE: Local file system at /x: WebDav Server started on [http://127.0.0.1:40000/]"
    let mut lines = BufReader::new(child.0.stderr.take().unwrap()).lines();
    let url = lines.find_map(|line| {
        let line = line.unwrap();
        let url = line.split_once("http://127.0.0.1:")?.1;
        let port: String = url.chars().take_while(char::is_ascii_digit).collect();
        Some(format!("http://127.0.0.1:{port}/"))
    });
    // Its log must be read on, or it waits for room.
    let drain = std::thread::spawn(move || lines.for_each(drop));
    let url = url.expect("rclone says where it listens");
    let wrong = bench.connect_as("S:", &url, Some(("bob", "wreck"))).unwrap_err();
    assert_eq!(wrong.code.code(), 86);
    let mount = bench.connect_as("S:", &url, Some(("bob", "builder"))).unwrap();
    exercise(&mount, &|name| std::fs::read(behind.path().join(name)).unwrap());
    assert_eq!(bench.cancel("S:", false), Ok(()));
    bench.assert_nothing_left();
    drop(child);
    drain.join().unwrap();
}
