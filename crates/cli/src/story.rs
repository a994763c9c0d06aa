//! The story of an operation: who was asked, what each said, and how long it took (D2).

use mpr_core::{Actor, Note, Phase, Trace, TraceEvent};
use mpr_host::{ExecNote, ExecReports};
use serde_json::{Value, json};

use crate::names::code_json;
use crate::table::Table;
use crate::watch::Watch;

/// One step, kept.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// `router`, `provider`, `notifyee` or `profile`.
    pub(crate) kind: &'static str,
    /// The provider's or notifyee's name.
    pub(crate) name: Option<String>,
    pub(crate) phase: Phase,
    pub(crate) code: u32,
    pub(crate) note: Note,
    pub(crate) micros: Option<u64>,
    /// What the program of an exec notifyee said.
    pub(crate) report: Option<ExecNote>,
}

/// Keeps the steps of one operation, and names whoever is slow.
#[derive(Debug)]
pub(crate) struct Story {
    steps: Vec<Step>,
    reports: ExecReports,
    watch: Watch,
}

impl Story {
    /// Begins a story.
    pub(crate) fn new(reports: &ExecReports, watch: Watch) -> Self {
        Self { steps: Vec::new(), reports: reports.clone(), watch }
    }

    /// Returns the steps so far.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Forgets the steps so far.
    pub(crate) fn clear(&mut self) {
        self.steps.clear();
    }

    /// Ends the story.
    pub(crate) fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}

impl Trace for Story {
    fn event(&mut self, event: &TraceEvent<'_>) {
        self.watch.answered();
        let (kind, name) = parts(event.actor);
        let mut reports = self.reports.take().into_iter().rev();
        let report = reports.find(|it| kind == "notifyee" && Some(&it.notifyee) == name.as_ref());
        let (phase, code, note, micros) = (event.phase, event.code, event.note, event.micros);
        self.steps.push(Step { kind, name, phase, code, note, micros, report });
    }

    fn asking(&mut self, actor: Actor<'_>, _phase: Phase) {
        let (kind, name) = parts(actor);
        self.watch.asking(&format!("{kind} {}", name.unwrap_or_default()));
    }
}

fn parts(actor: Actor<'_>) -> (&'static str, Option<String>) {
    match actor {
        Actor::Router => ("router", None),
        Actor::Provider(name) => ("provider", Some(name.to_string())),
        Actor::Notifyee(name) => ("notifyee", Some(name.to_string())),
        Actor::Profile => ("profile", None),
    }
}

impl Step {
    /// Returns why a program did not accept, if it was one.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.report.as_ref()?.reason.as_deref()
    }

    /// Returns the step as JSON.
    pub(crate) fn json(&self) -> Value {
        let (code, code_name) = code_json(self.code);
        json!({
            "actor": self.kind,
            "name": self.name,
            "phase": self.phase.word(),
            "code": code,
            "code_name": code_name,
            "note": self.note.words(),
            "micros": self.micros,
            "reason": self.reason(),
            "output": self.report.as_ref().map(|it| &it.output),
        })
    }
}

/// Returns all steps as JSON.
pub(crate) fn steps_json(steps: &[Step]) -> Value {
    steps.iter().map(Step::json).collect()
}

/// Returns all steps as text, one on each line.
pub(crate) fn steps_text(steps: &[Step]) -> String {
    let mut table = Table::indented();
    for step in steps {
        let code = if step.code == 0 { String::new() } else { format!(" ({})", step.code) };
        table.row([
            step.phase.word().into(),
            step.kind.into(),
            step.name.clone().unwrap_or_default(),
            format!("{}{code}", step.note.words()),
            step.micros.map(duration).unwrap_or_default(),
            step.reason().unwrap_or_default().into(),
        ]);
    }
    table.text()
}

/// Writes a duration as people read it.
pub(crate) fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} us"),
        1_000..1_000_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        _ => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let table = [
            (0, "0 us"),
            (999, "999 us"),
            (1_250, "1.2 ms"),
            (2_999_999, "2.9 s"),
            (60_000_000, "60.0 s"),
        ];
        for (micros, text) in table {
            assert_eq!(duration(micros), text);
        }
    }
}
