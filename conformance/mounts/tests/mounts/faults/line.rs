//! The line to the server goes bad.

use std::fs;

use mpr_mount_conformance::Backend;
use mpr_testkit::{Line, Proxy};

use crate::bench::{Bench, Setting, write_behind};
use crate::help::Random;

use super::server::asking_is_quick;
use super::workload::{SHORT, Workload, fails, recovers, store, timed};

pub(crate) fn reset(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, SHORT);
    let proxy = Proxy::start(bench.server.address()).unwrap();
    let dir = bench.connect_at("S:", proxy.address(), "rw").dir;
    let work = Workload::start(&dir);
    for _ in 0..4 {
        work.advances(4);
        proxy.reset();
    }
    work.advances(4);
    work.finish(&bench.behind("rw"));
    bench.delete("S:");
    bench.world.assert_nothing_left();
}

pub(crate) fn slow(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, SHORT);
    let proxy = Proxy::start(bench.server.address()).unwrap();
    let content = Random::new(5).bytes(1_000_000);
    write_behind(&bench.behind("rw").join("large"), &content);
    let dir = bench.connect_at("S:", proxy.address(), "rw").dir;
    proxy.set(Line::Slow).unwrap();
    let path = dir.join("large");
    fails("reading a byte a second", || fs::read(path));
    let path = dir.join("new");
    fails("writing a byte a second", move || store(&path, b"x", true));
    asking_is_quick(&bench.world, &dir);
    proxy.set(Line::Well).unwrap();
    recovers(&dir);
    assert!(fs::read(dir.join("large")).unwrap() == content);
    bench.delete("S:");
    bench.world.assert_nothing_left();
}

/// Cut in the middle of a large write: told, or made good.
pub(crate) fn cut(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, SHORT);
    let proxy = Proxy::start(bench.server.address()).unwrap();
    let dir = bench.connect_at("S:", proxy.address(), "rw").dir;
    let content = Random::new(6).bytes(3_000_000);
    proxy.set(Line::Cut(1_000_000)).unwrap();
    let (path, copy) = (dir.join("large"), content.clone());
    let (stored, _) = timed("a write that is cut", move || store(&path, &copy, true));
    proxy.set(Line::Well).unwrap();
    recovers(&dir);
    if stored.is_ok() {
        assert!(fs::read(bench.behind("rw").join("large")).unwrap() == content);
    }
    store(&dir.join("large"), &content, true).unwrap();
    assert!(fs::read(bench.behind("rw").join("large")).unwrap() == content);
    bench.delete("S:");
    bench.world.assert_nothing_left();
}

pub(crate) fn refused(setting: &Setting, backend: &'static Backend) {
    let bench = Bench::new(setting, backend, SHORT);
    let proxy = Proxy::start(bench.server.address()).unwrap();
    let dir = bench.connect_at("S:", proxy.address(), "rw").dir;
    let work = Workload::start(&dir);
    work.advances(4);
    proxy.set(Line::Refused).unwrap();
    work.suffers();
    asking_is_quick(&bench.world, &dir);
    proxy.set(Line::Well).unwrap();
    work.advances(4);
    work.finish(&bench.behind("rw"));
    bench.delete("S:");
    bench.world.assert_nothing_left();
}
