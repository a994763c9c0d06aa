//! What a drive under Wine costs beside the mount itself: the same C source connects and
//! disconnects the same WebDAV server natively by `libmpr.so` and under Wine, in turns. What Wine
//! takes longer is the bridge: starting the native program, the pipes, and the letter.
//!
//! `MPR_BENCH_DRIVE` names the file that the table is written to (`docs/benchmarks-drive.md` says
//! how to run it).

#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;

use mpr_conformance_drive::Stage;

/// Processes of each kind; each connects so many times, the first of which loads modules and does
/// not count.
const ROUNDS: usize = 12;
const PAIRS: usize = 6;

const METHOD: &str = "# Benchmarks: a drive under Wine

Written by this, which wants an idle machine; `MPR_STAGE` is what `cargo xtask install DIR` made, and `cargo xtask wine` has run before:

```console
$ MPR_STAGE=DIR MPR_WINDOWS_STAGE=$PWD/target/windows/stage MPR_WINE_PREFIX=$PWD/target/wine-prefix \\
  MPR_BENCH_DRIVE=$PWD/docs/benchmarks-drive.md cargo test -p mpr-conformance-drive --test cost -- --ignored
```

One C program (`conformance/drive/clients/cost.c`) calls `WNetAddConnection2A` and `WNetCancelConnection2A` for a WebDAV server on
loopback: natively with `libmpr.so`, and under Wine with `mpr.dll`. Processes of both alternate. The difference of the medians is what
the bridge costs: starting `mpr-wine-bridge` from Wine, its pipes, its modules, and Wine's drive letter.

";

#[derive(Default)]
struct Figures {
    add: Vec<f64>,
    cancel: Vec<f64>,
}

impl Figures {
    fn take(&mut self, lines: &[String]) {
        for line in &lines[1..] {
            let (add, cancel) = line.split_once(' ').unwrap();
            self.add.push(add.parse().unwrap());
            self.cancel.push(cancel.parse().unwrap());
        }
    }
}

/// Returns the least and the median, in milliseconds.
fn shown(figures: &mut [f64]) -> [f64; 2] {
    figures.sort_by(f64::total_cmp);
    [figures[0] / 1e3, figures[figures.len() / 2] / 1e3]
}

#[test]
#[ignore = "a measurement: docs/benchmarks-drive.md says how to run it"]
fn cost_of_the_bridge() {
    let Some(file) = std::env::var_os("MPR_BENCH_DRIVE") else { return };
    let stage = Stage::set(None).expect("MPR_STAGE, MPR_WINDOWS_STAGE and MPR_WINE_PREFIX");
    let (url, pairs) = (stage.url(), PAIRS.to_string());
    let place = stage.on_server("").with_file_name("native").display().to_string();
    let (mut native, mut wine) = (Figures::default(), Figures::default());
    for _ in 0..ROUNDS {
        native.take(&stage.lines(stage.native("cost", &[&place, &url, &pairs])));
        wine.take(&stage.lines(stage.client("cost", &[], &["X:", &url, &pairs])));
    }
    let load = fs::read_to_string("/proc/loadavg").unwrap();
    let load = load.split(' ').next().unwrap();
    let processors = std::thread::available_parallelism().unwrap();
    let count = ROUNDS * (PAIRS - 1);
    let mut text = METHOD.to_owned();
    text += &format!(
        "{count} calls of each; {processors} processors, load {load} at the end; ms, median (least).\n\n\
         | | native | under Wine | the bridge |\n|---|---:|---:|---:|\n"
    );
    let rows = [
        ("connect", &mut native.add, &mut wine.add),
        ("disconnect", &mut native.cancel, &mut wine.cancel),
    ];
    for (name, native, wine) in rows {
        let ([least, median], [wine_least, wine_median]) = (shown(native), shown(wine));
        let cost = wine_median - median;
        writeln!(
            text,
            "| {name} | {median:.1} ({least:.1}) | {wine_median:.1} ({wine_least:.1}) | {cost:.1} |"
        )
        .unwrap();
    }
    print!("{text}");
    fs::write(file, text).unwrap();
    assert_eq!(stage.left_in_the_end(), Vec::<String>::new());
}
