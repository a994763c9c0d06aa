//! What a demonstration shows, as it happens: lines for people, or one JSON object on each line.

use std::fs;
use std::path::PathBuf;

use mpr_core::{Actor, Phase, Trace, TraceEvent};
use mpr_host::ExecReports;
use serde_json::{Value, json};

use crate::output::{put, put_json};
use crate::story::{Step, Story, duration};
use crate::table::clean;
use crate::watch::Watch;

/// Shows steps, and what the parts say in each.
pub(super) struct Show {
    json: bool,
    steps: usize,
    story: Story,
    /// The logs of the notifyees that keep one: whose, where, and how much of it was shown.
    logs: Vec<(&'static str, PathBuf, usize)>,
    told: usize,
}

impl Show {
    /// Begins.
    pub(super) fn new(
        json: bool,
        reports: &ExecReports,
        logs: Vec<(&'static str, PathBuf)>,
    ) -> Self {
        let logs = logs.into_iter().map(|(name, path)| (name, path, 0)).collect();
        let story = Story::new(reports, Watch::new());
        Self { json, steps: 0, story, logs, told: 0 }
    }

    /// Shows what this is.
    pub(super) fn headline(&self, text: &str, event: Value) {
        self.print(move || event, || format!("{text}\n"));
    }

    /// Begins a step.
    pub(super) fn step(&mut self, title: &str) {
        self.steps += 1;
        let number = self.steps;
        self.print(
            || json!({ "event": "step", "number": number, "title": title }),
            || format!("\n{number}. {title}\n"),
        );
    }

    /// Shows one fact.
    pub(super) fn fact(&self, kind: &str, text: &str, mut fields: Value) {
        fields["event"] = kind.into();
        fields["text"] = text.into();
        self.print(move || fields, || format!("   {text}\n"));
    }

    /// Shows how an operation ended.
    pub(super) fn result(&self, ok: bool, text: &str, fields: Value) {
        let arrow = if ok { "->" } else { "x>" };
        let object = json!({ "event": "result", "ok": ok, "message": text, "error": fields });
        self.print(move || object, || format!("   {arrow} {text}\n"));
    }

    /// Returns how often a notifyee was told since this was last asked.
    pub(super) fn take_told(&mut self) -> usize {
        std::mem::take(&mut self.told)
    }

    /// Returns the steps of the last operation and forgets them.
    pub(super) fn take_steps(&mut self) -> Vec<Step> {
        let steps = self.story.steps().to_vec();
        self.story.clear();
        steps
    }

    fn print(&self, json: impl FnOnce() -> Value, text: impl FnOnce() -> String) {
        if self.json { put_json(&json()) } else { put(&text()) }
    }

    /// Returns what a notifyee wrote to its log since the last time.
    fn logged(&mut self, name: &str) -> Option<String> {
        let (_, path, at) = self.logs.iter_mut().find(|(whose, ..)| *whose == name)?;
        let text = fs::read_to_string(path).ok()?;
        let new = text.get(*at..)?.trim().replace('\n', "; ");
        *at = text.len();
        Some(new)
    }
}

impl Trace for Show {
    fn event(&mut self, event: &TraceEvent<'_>) {
        self.story.event(event);
        let Some(step) = self.story.steps().last().cloned() else { return };
        let word = match step.phase {
            Phase::Pre => "PRE",
            Phase::Post => "POST",
            Phase::Add | Phase::Cancel => "ASK",
            Phase::Profile => "KEEP",
            // The router looks before it leaps; that is no part of the story.
            Phase::Validate | Phase::GetConnection | Phase::Query => return,
        };
        let name = step.name.clone().unwrap_or_else(|| step.kind.to_owned());
        let mut said = None;
        if step.kind == "notifyee" {
            self.told += 1;
            said = self.logged(&name);
        }
        if let Some(report) = &step.report {
            said = report.reason.clone().or_else(|| Some(report.output.trim().to_owned()));
        }
        let said = said.map(|text| clean(&text)).filter(|text| !text.is_empty());
        let code = if step.code == 0 { String::new() } else { format!(" ({})", step.code) };
        let object = || {
            let mut object = step.json();
            object["event"] = "trace".into();
            object["said"] = said.clone().into();
            object
        };
        let note = format!("{}{code}", step.note.words());
        let took = step.micros.map(duration).unwrap_or_default();
        let line = || {
            let said = said.as_ref().map(|text| format!("   \"{text}\"")).unwrap_or_default();
            let line = format!("   {word:<4}  {name:<14}  {note:<13}  {took:>8}{said}");
            format!("{}\n", line.trim_end())
        };
        self.print(object, line);
    }

    fn asking(&mut self, actor: Actor<'_>, phase: Phase) {
        self.story.asking(actor, phase);
    }
}
