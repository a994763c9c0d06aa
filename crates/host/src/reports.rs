//! What exec notifyees reported, for people and for the error text of a veto.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(unix)]
use mpr_exec::ExecReport;

/// Most reports that wait to be read.
#[cfg(unix)]
const MOST_REPORTS: usize = 256;

/// One run of an exec notifyee, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecNote {
    /// The name that the notifyee is registered under.
    pub notifyee: String,
    /// `None` before the attempt; after it, its status.
    pub status: Option<u32>,
    /// What the router got.
    pub answer: Option<u32>,
    /// Why it did not accept.
    pub reason: Option<String>,
    /// The end of what it printed, errors last.
    pub output: String,
}

/// What exec notifyees reported since somebody last asked.
/// A host whose reports nobody reads keeps none.
#[derive(Clone, Debug, Default)]
pub struct ExecReports(Option<Arc<Mutex<VecDeque<ExecNote>>>>);

impl ExecReports {
    pub(crate) fn kept() -> Self {
        Self(Some(Arc::default()))
    }

    #[cfg(unix)]
    pub(crate) fn push(&self, report: &ExecReport) {
        let Some(reports) = &self.0 else { return };
        let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
        if reports.len() == MOST_REPORTS {
            reports.pop_front();
        }
        reports.push_back(ExecNote {
            notifyee: report.notifyee.clone(),
            status: report.status,
            answer: report.answer,
            reason: report.reason.clone(),
            output: format!("{}{}", report.stdout, report.stderr),
        });
    }

    /// Takes all reports, oldest first.
    pub fn take(&self) -> Vec<ExecNote> {
        let Some(reports) = &self.0 else { return Vec::new() };
        reports.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }
}
