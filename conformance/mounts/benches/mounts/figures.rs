//! Measured figures, by who, what; their medians and ranges.

use std::collections::BTreeMap;

/// What was measured, in the order of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// From the command to the first listing, ms.
    Connect,
    /// MB/s.
    Read,
    /// MB/s, counted when the server has it all.
    Write,
    /// `ls -l` of 10,000 files, s.
    ListCold,
    /// The same again, s.
    ListWarm,
    /// The first `stat`, ms.
    Stat,
    /// Resident memory of the mount's processes when idle, MB.
    MemoryIdle,
    /// After reading and writing 256 MiB, MB.
    MemoryAfter,
    /// On a frozen server, s.
    FrozenList,
    /// On a frozen server, s.
    FrozenStat,
    /// On a frozen server, s.
    FrozenSpace,
    /// From the server's return to the next listing, s.
    Thaw,
    /// Nine of ten connections usable after, s.
    NineOfTen,
    /// The tenth reported after, s.
    Tenth,
}

/// All figures, and what went wrong.
#[derive(Default)]
pub(crate) struct Figures {
    values: BTreeMap<(String, What), Vec<f64>>,
    failures: Vec<String>,
    order: Vec<String>,
}

impl Figures {
    /// Notes a figure.
    pub(crate) fn add(&mut self, who: &str, what: What, value: f64) {
        eprintln!("{who}: {what:?} {value:.3}");
        if !self.order.iter().any(|it| it == who) {
            self.order.push(who.to_owned());
        }
        self.values.entry((who.to_owned(), what)).or_default().push(value);
    }

    /// Notes that something could not be measured; the rest goes on.
    pub(crate) fn fail(&mut self, who: &str, why: &str) {
        let why = format!("{who}: {}", why.lines().last().unwrap_or_default());
        eprintln!("{why}");
        if !self.failures.contains(&why) {
            self.failures.push(why);
        }
    }

    /// Returns who was measured, in order.
    pub(crate) fn all(&self) -> &[String] {
        &self.order
    }

    /// Returns what went wrong.
    pub(crate) fn failures(&self) -> &[String] {
        &self.failures
    }

    /// Returns the median.
    pub(crate) fn median(&self, who: &str, what: What) -> Option<f64> {
        let mut sorted = self.values.get(&(who.to_owned(), what))?.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied()
    }

    /// Returns the median with its range, as text.
    pub(crate) fn shown(&self, who: &str, what: What) -> String {
        let Some(median) = self.median(who, what) else { return "–".into() };
        let values = &self.values[&(who.to_owned(), what)];
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let text = |value: f64| match value.abs() {
            value if value >= 10_000.0 => "no end".to_owned(),
            value if value >= 100.0 => format!("{value:.0}"),
            value if value >= 10.0 => format!("{value:.1}"),
            value => format!("{value:.2}"),
        };
        match values.len() {
            1 => text(median),
            _ => format!("{} ({}–{})", text(median), text(least), text(most)),
        }
    }
}
