//! Programs that people run on network drives.

use std::fs;

use crate::bench::Mount;
use crate::help::sh;

/// Makes a small tree in `source` below the directory, on the local disk.
fn source(dir: &std::path::Path) {
    let script = "mkdir -p source/sub/deeper source/empty
        for i in $(seq 40); do seq $i $((i * 50)) > source/sub/file$i; done
        head -c 300000 /dev/urandom > source/sub/deeper/random
        : > source/none
        chmod 755 source/none
        touch -d 2020-05-05T05:05:05Z source/sub/file*";
    sh(dir, script);
}

pub(crate) fn git(m: &Mount<'_>) {
    let local = tempfile::tempdir().unwrap();
    sh(
        local.path(),
        "git init -q -b main origin && cd origin
         for i in $(seq 30); do seq $((i * 20)) > file$i; done
         git add . && git -c user.name=A -c user.email=a@example.org commit -qm one",
    );
    let origin = local.path().join("origin");
    let script = format!(
        "export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
         git clone -q --no-hardlinks '{}' clone && cd clone
         git config user.name A && git config user.email a@example.org
         git status --porcelain
         echo more >> file1 && git add file1 && git commit -qm two
         git checkout -qb side && git rm -q file2 && git commit -qm three
         git checkout -q main && test -f file2 && git merge -q side && test ! -f file2
         git gc -q && git fsck --strict 2>&1
         git log --oneline | wc -l",
        origin.display()
    );
    assert_eq!(sh(&m.dir, &script).trim(), "3");
    // Whole for another client too.
    let fsck = "git -c safe.directory='*' -C clone fsck --strict 2>&1 && cat clone/file1 | tail -1";
    assert_eq!(sh(&m.behind, fsck).trim(), "more");
}

pub(crate) fn sqlite(m: &Mount<'_>) {
    let script = r#"
        sqlite3 db 'create table t (who text, n integer)'
        insert() {
            i=0
            while [ $i -lt 15 ]; do
                sqlite3 -cmd '.timeout 50000' db "insert into t values ('$1', $i)" || exit 1
                i=$((i + 1))
            done
        }
        insert one & one=$!
        insert two & two=$!
        wait $one && wait $two
        sqlite3 db 'select count(*), count(distinct who || n) from t; pragma integrity_check'
    "#;
    assert_eq!(sh(&m.dir, script), "30|30\nok\n");
    assert_eq!(sh(&m.behind, "sqlite3 -readonly db 'select count(*) from t'"), "30\n");
}

/// With its log beside: two who have shared memory in a file, and locks on that.
pub(crate) fn sqlite_wal(m: &Mount<'_>) {
    let script = r#"python3 -c '
import os, sqlite3, subprocess, sys
child = """
import sqlite3, sys
db = sqlite3.connect("db", timeout=50)
for number in range(15):
    with db:
        db.execute("insert into t values (?, ?)", (sys.argv[1], number))
    count = db.execute("select count(*) from t").fetchone()[0]
    assert count > number, count
"""
db = sqlite3.connect("db", timeout=50)
assert db.execute("pragma journal_mode=wal").fetchone() == ("wal",)
with db:
    db.execute("create table t (who text, n integer)")
children = [subprocess.Popen([sys.executable, "-c", child, who]) for who in ("one", "two")]
assert [child.wait() for child in children] == [0, 0]
print(db.execute("select count(*), count(distinct who || n) from t").fetchone())
print(db.execute("pragma integrity_check").fetchone()[0])
print(db.execute("pragma wal_checkpoint(truncate)").fetchone()[0])
db.close()
'"#;
    assert_eq!(sh(&m.dir, script), "(30, 30)\nok\n0\n");
    assert_eq!(sh(&m.dir, "sqlite3 db 'select count(*) from t'"), "30\n");
}

/// POSIX locks keep nobody from writing, least of all who holds them.
pub(crate) fn writes_under_locks(m: &Mount<'_>) {
    let script = r#"python3 -c '
import fcntl, os, subprocess, sys
f = os.open("f", os.O_RDWR | os.O_CREAT)
os.pwrite(f, b"a" * 100, 0)
os.fsync(f)
fcntl.lockf(f, fcntl.LOCK_SH, 10, 0)
os.pwrite(f, b"b" * 100, 0)
os.pwrite(f, b"c" * (1 << 20), 1 << 20)
os.fsync(f)
child = """
import os
f = os.open("f", os.O_RDWR)
os.pwrite(f, bytes([100]) * 5, 3)
os.fsync(f)
"""
subprocess.run([sys.executable, "-c", child], check=True)
fcntl.lockf(f, fcntl.LOCK_EX, 10, 0)
subprocess.run([sys.executable, "-c", child], check=True)
os.pwrite(f, b"e", 0)
os.fsync(f)
'"#;
    sh(&m.dir, script);
    let stored = m.read_behind("f");
    assert_eq!(&stored[..10], b"ebbdddddbb");
    assert!(stored[1 << 20..].iter().all(|&byte| byte == b'c'));
    assert_eq!(stored.len(), 2 << 20);
}

/// Locks hold between programs of one machine on every mount.
pub(crate) fn locks(m: &Mount<'_>) {
    let script = r#"python3 -c '
import fcntl, os, subprocess, sys
f = open("locked", "w+b")
f.write(b"x" * 100)
f.flush()
fcntl.lockf(f, fcntl.LOCK_EX, 10, 0)
child = """
import fcntl
f = open("locked", "r+b")
fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 50)
try:
    fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 5)
    print("got it")
except BlockingIOError:
    print("held")
"""
run = lambda: subprocess.run([sys.executable, "-c", child], stdout=subprocess.PIPE).stdout
print(run())
fcntl.lockf(f, fcntl.LOCK_UN, 10, 0)
print(run())
'"#;
    assert_eq!(sh(&m.dir, script), "b'held\\n'\nb'got it\\n'\n");
    let script = "exec 9> flocked; flock -n 9
        sh -c 'exec 8> flocked; flock -n 8 || echo held' 9>&-
        flock -u 9; sh -c 'exec 8> flocked; flock -n 8 && echo got it' 9>&-";
    assert_eq!(sh(&m.dir, script), "held\ngot it\n");
}

pub(crate) fn tar(m: &Mount<'_>) {
    let local = tempfile::tempdir().unwrap();
    source(local.path());
    sh(local.path(), "tar cf all.tar source");
    fs::copy(local.path().join("all.tar"), m.path("all.tar")).unwrap();
    sh(&m.dir, "tar xf all.tar && tar cf again.tar source && tar tf again.tar > /dev/null");
    let compare = format!("diff -r source '{}'", local.path().join("source").display());
    sh(&m.dir, &compare);
    sh(&m.behind, &compare);
    sh(
        local.path(),
        &format!(
            "mkdir out && tar xf '{}' -C out && diff -r source out/source",
            m.path("again.tar").display()
        ),
    );
}

pub(crate) fn copies(m: &Mount<'_>) {
    let local = tempfile::tempdir().unwrap();
    source(local.path());
    let source = local.path().join("source");
    // Owners cannot be kept on any of them; cp -a says nothing of that, rsync would.
    sh(&m.dir, &format!("cp -a '{0}' copied && diff -r '{0}' copied", source.display()));
    let rsync = format!("rsync -rt --itemize-changes '{}/' synced", source.display());
    assert!(sh(&m.dir, &rsync).lines().count() > 40);
    sh(&m.behind, &format!("diff -r '{}' synced", source.display()));
    if m.traits.times {
        assert_eq!(sh(&m.dir, &rsync), "", "nothing has changed");
    }
    sh(local.path(), "seq 100000 > source/sub/file7 && rm source/sub/file8");
    sh(&m.dir, &format!("{rsync} --delete --inplace && diff -r '{}' synced", source.display()));
    sh(&m.dir, "cp -a copied twice && diff -r copied twice && mv twice moved && rm -r copied");
    sh(&m.behind, "test -d moved/empty && test ! -e copied");
}

/// As editors save: beside, synchronised, over the old one, with a copy of that.
pub(crate) fn editor(m: &Mount<'_>) {
    fs::write(m.path("text"), "version 1\n").unwrap();
    for version in 2..6 {
        let script = format!(
            "test -f text && : > .text.swp
             cp -p text text~
             echo 'version {version}' > text.new && sync text.new
             mv text.new text
             rm text~ .text.swp"
        );
        sh(&m.dir, &script);
        assert_eq!(m.read_behind("text"), format!("version {version}\n").as_bytes());
    }
    assert_eq!(fs::read_dir(&m.behind).unwrap().count(), 1);
    // In place, as others do.
    sh(&m.dir, "cp text text~ && echo 'in place' > text && sync text");
    assert_eq!(m.read_behind("text"), b"in place\n");
}
