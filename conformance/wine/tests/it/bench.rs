//! Times of calls beside Wine's own router, in alternating processes: `cargo xtask bench-wine`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use mpr_conformance::{Root, Router, dll, own_client, source, windows_path};

/// Processes of each router and number of providers.
const RUNS: usize = 7;
/// Process starts of each.
const STARTS: usize = 15;

/// Figures in nanoseconds, by number of providers, row and whether ours.
type Figures = BTreeMap<(usize, String, bool), Vec<f64>>;

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn measure() -> Figures {
    let mut figures = Figures::new();
    let provider = source("../../crates/capi/benches/modules/null_provider.c");
    let module = dll(&provider, "null_provider", &["-DENTRIES=1000"]);
    for count in [1, 4, 16] {
        let mut root = Root::new();
        let mut files = Vec::new();
        for number in 0..count {
            let name = format!("np{number}");
            let file = root.install_file(&name, &module, "");
            root.register_provider_file(&name, &name, &file);
            files.push(windows_path(&file));
        }
        let arguments: Vec<&str> = files.iter().map(String::as_str).collect();
        let mut note = |row: &str, ours: bool, figure: f64| {
            figures.entry((count, row.to_owned(), ours)).or_default().push(figure);
        };
        for turn in 0..2 * RUNS.max(STARTS) {
            let ours = turn % 2 == 0;
            root.with_router(if ours { Router::Ours } else { Router::BuiltIn });
            if turn < 2 * STARTS {
                let start = Instant::now();
                let ran = root.try_run(&own_client("start"), &[]);
                note("process start", ours, start.elapsed().as_nanos() as f64);
                assert_eq!(ran.status, Some(0));
            }
            if turn < 2 * RUNS {
                let ran = root.try_run(&own_client("bench"), &arguments);
                for line in ran.stdout.lines() {
                    let (row, figure) = line.split_once('\t').unwrap();
                    note(row, ours, figure.trim().parse().unwrap());
                }
            }
        }
    }
    figures
}

fn shown(nanoseconds: f64) -> String {
    match nanoseconds {
        0.0 => "-".into(),
        n if n < 10_000.0 => format!("{n:.0} ns"),
        n if n < 10_000_000.0 => format!("{:.1} us", n / 1e3),
        n => format!("{:.1} ms", n / 1e6),
    }
}

#[test]
#[ignore = "a measurement: cargo xtask bench-wine"]
fn bench_wine() {
    let Some(file) = std::env::var_os("MPR_BENCH_WINE") else { return };
    let mut medians: BTreeMap<(usize, String, bool), f64> = BTreeMap::new();
    for (key, mut figures) in measure() {
        let figure = median(&mut figures);
        // What a start takes has two heights on a shared machine, whichever router it is: the lower
        // one is the program's.
        let least = ["process start", "load"].contains(&key.1.as_str());
        medians.insert(key, if least { figures[0] } else { figure });
    }
    let get = |count, row: &str, ours| {
        medians.get(&(count, row.to_owned(), ours)).copied().unwrap_or_default()
    };
    let mut text = METHOD.to_owned();
    text.push_str(
        "| Row | Providers | Wine's own | OpenMPR | Wine's / OpenMPR |\n|---|---|---|---|---|\n",
    );
    let rows: Vec<_> = medians.keys().filter(|(.., ours)| *ours).collect();
    for (count, row, _) in rows {
        let (theirs, ours) = (get(*count, row, false), get(*count, row, true));
        let ratio = if theirs > 0.0 { format!("{:.2}", theirs / ours) } else { "-".into() };
        writeln!(text, "| {row} | {count} | {} | {} | {ratio} |", shown(theirs), shown(ours))
            .unwrap();
    }
    text.push_str("\n## Against the goals\n\n| Goal | Measured | |\n|---|---|---|\n");
    let hit = get(1, "GetConnection, hit", true);
    let goals = [
        (
            "pair, first of 1: at most 2 times the direct calls",
            Bar::Share(2.0),
            get(1, "pair, first owns", true) / get(1, "direct pair", true),
        ),
        (
            "the same without a letter",
            Bar::Share(2.0),
            get(1, "pair without a letter, first owns", true)
                / get(1, "direct pair without a letter", true),
        ),
        (
            "pair, last of 16: faster than Wine's own",
            Bar::Faster(1.0),
            get(16, "pair, last owns", false) / get(16, "pair, last owns", true),
        ),
        (
            "the same without a letter",
            Bar::Faster(1.0),
            get(16, "pair without a letter, last owns", false)
                / get(16, "pair without a letter, last owns", true),
        ),
        (
            "pair, named provider of 16: faster than Wine's own",
            Bar::Faster(1.0),
            get(16, "pair, last named", false) / get(16, "pair, last named", true),
        ),
        (
            "GetConnection: at least 100 times faster than its miss, since Wine's own never has a hit",
            Bar::Faster(100.0),
            get(1, "GetConnection, miss", false) / hit,
        ),
        (
            "load with 16 providers: at least 10 times faster",
            Bar::Faster(10.0),
            get(16, "load", false) / get(16, "load", true),
        ),
        (
            "process start, no provider needed: at least 1.5 times faster",
            Bar::Faster(1.5),
            get(1, "process start", false) / get(1, "process start", true),
        ),
        (
            "list of 1,000: at most 1.5 times the provider's own",
            Bar::Share(1.5),
            get(1, "list of 1,000", true) / get(1, "direct list of 1,000", true),
        ),
    ];
    for (goal, bar, ratio) in goals {
        let (met, measured) = match bar {
            Bar::Share(most) => (ratio <= most, format!("{ratio:.1} times")),
            Bar::Faster(least) => (ratio >= least, format!("{ratio:.1} times faster")),
        };
        let verdict = if met { "met" } else { "**not met**" };
        writeln!(text, "| {goal} | {measured} | {verdict} |").unwrap();
    }
    text.push_str(WHY);
    std::fs::write(file, text).unwrap();
}

/// What a figure is held against.
enum Bar {
    /// At most so many times the provider's own time.
    Share(f64),
    /// At least so many times faster than Wine's own router.
    Faster(f64),
}

const METHOD: &str = "\
# Benchmarks under Wine

Written by `cargo xtask bench-wine`. One program (`conformance/wine/clients/bench.c`) with our `mpr.dll` beside it, and with Wine 8.0's own,
in turns: 7 processes each, with 1, 4 and 16 providers that do next to nothing (`crates/capi/benches/modules/null_provider.c`); a figure is
the median over the processes of the median over 15 blocks of calls in each, for lists the fastest of 200. *Direct* is the provider's functions
through pointers, in the same process. *Load* is LoadLibrary with user32 loaded before. *Process start* is the wall time of a
program that imports mpr.dll, 15 times each; of these two the least counts, since on a machine that is shared either router's median may be
four times as much. Compare ratios. `-`: it answers an error.

";

const WHY: &str = "
Where the time of a pair goes, and why some goals are out of reach:

- A letter has to be free before anybody may connect it (85): `direct: is the letter free` is that question alone, in the cheapest form that
  Wine has. Wine's own router does not ask, and connects letters that are in use. The rows without a letter have no such question.
- With a letter every provider is asked whether it owns it before it is connected (`npapi.md` §5.3), and its owner before it is
  disconnected: a pair with the last of 16 is 16 questions, 16 attempts, a question and a cancel.
- Every call has copies of its own of every name, with zeros behind them (P1, U23), and a line in the story that the last error tells.
- The provider here does nothing: an entry of its list costs it 3 ns. The router reads three texts to their ends and copies them.
";
