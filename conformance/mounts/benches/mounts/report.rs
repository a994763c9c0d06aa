//! The figures as a document: method, table, verdicts.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use crate::contenders;
use crate::figures::{Figures, What};
use crate::limits;
use crate::scene::{PROTOCOLS, Protocol};

const METHOD: &str = "\
# Benchmarks of the mounts

Written by `cargo xtask bench-mounts`. All contenders are measured in one interleaved run, with a fresh mount in each round;
figures are medians, with the range in parentheses. Servers (Samba, Apache mod_dav, OpenSSH) run on the loopback interface, as an
ordinary user; their data are in memory. Peers run with their defaults (davfs2 with `buf_size 64`: with its own it lists nothing on
current kernels), ours are a release build with an `io-timeout` of 5 s.

- *connect*: from the command to the end of the first `ls`. Ours proves the login by then; some peers do not.
- *read*, *write*: 256 MiB by `dd bs=1M`; a write counts when the server has all of it. *÷ limit*: of the protocol's own
  client, which reads to `/dev/null` too.
- *`ls -l`*: 10,000 files, the first time and again. *stat*: the first `stat` of one of another 10,000, with the start
  of the program.
- *memory*: resident set of all processes of the mount, idle and after both transfers.
- *frozen*: the server is sent SIGSTOP; a program on its mount has 15 s, *no end* means that it was still there. Each of `df`
  of the mount, `stat` and `ls` of what nobody has looked at is frozen for anew, on a mount that works until then.
- *thaw*: after each of them, from SIGCONT to the end of a new listing, on the same mount.

";

/// Where the time goes that the serving process spends while WebDAV is read: `perf record -g` of it
/// in six rounds (2,409 samples), beside other work.
const WEBDAV_PROFILE: &str = "
## Reading by WebDAV beside curl

The bar hangs on what curl reaches in a run: ours read 950 to 1,030 MB/s in three runs, curl 840, 1,560 and 1,950, so that the share was
1.22, 0.65 and 0.49. Where the machine lets curl run at its best, the bar of 0.7 is **not met**.

The serving process, sampled by perf while it read 256 MiB: answering the kernel, which copies into its pages, 24 %; receiving from
the socket 21 %; hyper, tokio and our own code 15 %; waking and waiting 14 %; taking the kernel's requests 9 %; joining
pieces of 1 MiB 7 %; the rest 10 %. Of these curl, which writes to `/dev/null`, has the receiving alone. Each byte is copied out of the
socket, joined, copied into the page cache and from there into `dd`; the server and `dd` need the same two cores.
";

pub(crate) fn text(figures: &Figures, rounds: usize) -> String {
    let mut text = METHOD.to_owned();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{rounds} rounds. {}\n", machine());
    table(&mut text, figures);
    frozen(&mut text, figures);
    bars(&mut text, figures);
    text.push_str(WEBDAV_PROFILE);
    if !figures.failures().is_empty() {
        text.push_str("\n## What failed\n\n");
        for failure in figures.failures() {
            let _ = writeln!(text, "- {}", failure.replace('|', "\\|"));
        }
    }
    text
}

fn table(text: &mut String, figures: &Figures) {
    text.push_str(
        "| | connect ms | read MB/s | ÷ limit | write MB/s | ÷ limit | `ls -l` cold s | warm s \
         | stat ms | memory idle MB | after MB |\n|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for protocol in PROTOCOLS {
        let limit = limits::name(protocol);
        for who in figures.all().iter().filter(|who| who.starts_with(protocol.name())) {
            let share = |what| match (figures.median(who, what), figures.median(&limit, what)) {
                (Some(own), Some(limit)) => format!("{:.2}", own / limit),
                _ => "–".into(),
            };
            let cells = [
                figures.shown(who, What::Connect),
                figures.shown(who, What::Read),
                share(What::Read),
                figures.shown(who, What::Write),
                share(What::Write),
                figures.shown(who, What::ListCold),
                figures.shown(who, What::ListWarm),
                figures.shown(who, What::Stat),
                figures.shown(who, What::MemoryIdle),
                figures.shown(who, What::MemoryAfter),
            ];
            let _ = writeln!(text, "| {who} | {} |", cells.join(" | "));
        }
    }
}

fn frozen(text: &mut String, figures: &Figures) {
    text.push_str(
        "\n| server frozen | `df` s | `stat` s | `ls` s | thaw s |\n|---|---|---|---|---|\n",
    );
    let measured =
        |who: &&String| figures.median(who, What::FrozenSpace).is_some() && !who.contains("limit");
    for who in figures.all().iter().filter(measured) {
        let rows = [What::FrozenSpace, What::FrozenStat, What::FrozenList, What::Thaw];
        let cells = rows.map(|what| figures.shown(who, what));
        let _ = writeln!(text, "| {who} | {} |", cells.join(" | "));
    }
}

/// Returns what part of the limit is reached.
fn ratio(figures: &Figures, protocol: Protocol, what: What) -> Option<f64> {
    let own = figures.median(&contenders::of(protocol)[0].name(), what)?;
    Some(own / figures.median(&limits::name(protocol), what)?)
}

/// A bar: what, of which protocol, and the figure that has to be reached.
fn bars(text: &mut String, figures: &Figures) {
    text.push_str(
        "\n## Against the bars\n\n| bar | wanted | measured | verdict |\n|---|---|---|---|\n",
    );
    for protocol in PROTOCOLS {
        let who = contenders::of(protocol)[0].name();
        let own = |what| figures.median(&who, what);
        let share = |what| ratio(figures, protocol, what);
        let (connect, read, write) = match protocol {
            Protocol::Smb => (50.0, 0.7, 0.8),
            Protocol::WebDav => (50.0, 0.7, 0.8),
            Protocol::Sftp => (350.0, 0.9, 1.0),
        };
        let name = protocol.name();
        let mut bar = |what: &str, unit: &str, most: bool, wanted: f64, got: Option<f64>| {
            let met = got.is_some_and(|got| if most { got <= wanted } else { got >= wanted });
            let verdict = if met { "met" } else { "**not met**" };
            let sign = if most { "≤" } else { "≥" };
            let got = got.map_or("–".to_owned(), |got| format!("{got:.2}{unit}"));
            let _ =
                writeln!(text, "| {name}: {what} | {sign} {wanted}{unit} | {got} | {verdict} |");
        };
        bar("connect to first listing", " ms", true, connect, own(What::Connect));
        bar("read ÷ limit", "", false, read, share(What::Read));
        bar("write ÷ limit", "", false, write, share(What::Write));
        bar("`ls -l` of 10,000, cold", " s", true, 0.35, own(What::ListCold));
        bar("memory after 256 MiB each way", " MB", true, 20.0, own(What::MemoryAfter));
        bar("`ls` on a frozen server (5 s)", " s", true, 5.5, own(What::FrozenList));
        bar("`stat` on a frozen server (5 s)", " s", true, 5.5, own(What::FrozenStat));
        bar("`df` on a frozen server", " s", true, 0.5, own(What::FrozenSpace));
        bar("back after the thaw", " s", true, 1.0, own(What::Thaw));
        bar("ten connections, one dead: nine usable", " s", true, 1.0, own(What::NineOfTen));
        bar("… the tenth reported (limit 5 s)", " s", true, 5.5, own(What::Tenth));
    }
    text.push_str(
        "\nSix kinds of failure told apart: a test, `failures_told_apart` of the mount suite.\n",
    );
}

fn machine() -> String {
    let first = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        let output = output.map(|output| [output.stdout, output.stderr].concat());
        let text = String::from_utf8_lossy(&output.unwrap_or_default()).into_owned();
        text.lines().next().unwrap_or_default().trim().to_owned()
    };
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("", |model| model.trim_start_matches([' ', '\t', ':'])).to_owned();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let version = |package: &str| {
        let version = first("dpkg-query", &["-W", "-f", "${Version}", package]);
        format!("{package} {version}")
    };
    let packages = [
        "samba",
        "apache2-bin",
        "openssh-server",
        "rclone",
        "sshfs",
        "davfs2",
        "gvfs",
        "smbclient",
        "curl",
    ];
    format!(
        "{}, Linux {}, {cores} cores ({model}), shared with others. Versions: {}.",
        first("date", &["-u", "+%Y-%m-%d"]),
        first("uname", &["-r"]),
        packages.map(version).join(", ")
    )
}
