//! From what a program printed and how it ended to the code that the router gets.

use mpr_core::WnError;

use crate::report::End;

/// Longest context that is kept, in bytes; it travels in an environment variable.
const LONGEST_CONTEXT: usize = 4096;

/// What a program says in lines of the form `word=value` on stdout. The last one of each counts;
/// all other lines are talk.
#[derive(Debug, Default)]
pub(crate) struct Directives<'a> {
    code: Option<u32>,
    no_post: bool,
    retry: bool,
    context: Option<&'a str>,
}

impl<'a> Directives<'a> {
    /// Finds the directives in an output.
    pub(crate) fn parse(stdout: &'a str) -> Self {
        let mut found = Self::default();
        for (word, value) in stdout.lines().filter_map(|line| line.split_once('=')) {
            match word {
                "code" => found.code = value.trim().parse().ok(),
                "post" => found.no_post = value.trim() == "no",
                "retry" => found.retry = value.trim() == "yes",
                "context" => found.context = Some(shortened(value)),
                _ => {}
            }
        }
        found
    }

    /// Tells whether a PRE run that accepts wants a POST run.
    pub(crate) const fn wants_post(&self) -> bool {
        !self.no_post
    }

    /// Tells whether a POST run asks for another attempt.
    pub(crate) const fn retry(&self) -> bool {
        self.retry
    }

    /// Returns the text for the next run.
    pub(crate) const fn context(&self) -> Option<&'a str> {
        self.context
    }

    /// Returns the code that says no; codes that would not are no answer (`notify.md` §4).
    fn refusal(&self) -> Option<WnError> {
        let code = WnError::new(self.code?)?;
        (code != WnError::NOT_SUPPORTED && code != WnError::RETRY).then_some(code)
    }
}

/// Decides the answer. `status` is that of the attempt, `None` before it.
///
/// Before the attempt a program that fails in any way says no: it may be there to guard something.
/// Only one that cannot be run at all is left out, as a module that cannot be loaded (U12). After
/// the attempt it must say a code to replace the error with: cleaning up may fail, too.
pub(crate) fn judge(status: Option<u32>, end: &End, directives: &Directives<'_>) -> Option<u32> {
    // What a shell says if the program, or its interpreter, cannot be run or is missing.
    const NOT_RUNNABLE: u8 = 126;
    const NOT_FOUND: u8 = 127;

    let code = match (status, end) {
        (_, End::NotStarted(_) | End::Exited(NOT_RUNNABLE | NOT_FOUND)) => return None,
        (None, End::Exited(0)) => return Some(0),
        (None, End::Exited(1..=125)) => directives.refusal().unwrap_or(WnError::ACCESS_DENIED),
        (None, End::TimedOut) => WnError::TIMEOUT,
        (None, _) => WnError::GEN_FAILURE,
        (Some(_), End::Exited(0)) if directives.retry() => WnError::RETRY,
        (Some(_), End::Exited(1..=125)) => {
            return Some(directives.refusal().map_or(0, WnError::code));
        }
        (Some(_), _) => return Some(0),
    };
    Some(code.code())
}

/// Cuts a text at the longest length, between characters.
fn shortened(text: &str) -> &str {
    let fits = (0..=LONGEST_CONTEXT.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    &text[..fits.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn answers() {
        let missing = || End::NotStarted(io::ErrorKind::NotFound.into());
        let (pre, failed) = (None, Some(86));
        let table = [
            (pre, End::Exited(0), "", Some(0)),
            (pre, End::Exited(0), "code=5\n", Some(0)),
            (pre, End::Exited(1), "", Some(5)),
            (pre, End::Exited(125), "hello\ncode=1223", Some(1223)),
            (pre, End::Exited(1), "code=7\ncode=8\ntalk\n", Some(8)),
            (pre, End::Exited(1), "code=0", Some(5)),
            (pre, End::Exited(1), "code=50", Some(5)),
            (pre, End::Exited(1), "code=1237", Some(5)),
            (pre, End::Exited(1), "code=x", Some(5)),
            (pre, End::Exited(1), "code=99999999999", Some(5)),
            (pre, End::Exited(126), "", None),
            (pre, End::Exited(127), "", None),
            (pre, End::Exited(128), "", Some(31)),
            (pre, End::Signal(11), "", Some(31)),
            (pre, End::Lost, "", Some(31)),
            (pre, End::TimedOut, "code=7", Some(1460)),
            (pre, missing(), "", None),
            (pre, End::Exited(0), "retry=yes", Some(0)),
            (failed, End::Exited(0), "", Some(0)),
            (failed, End::Exited(0), "retry=yes\r\n", Some(1237)),
            (failed, End::Exited(0), "retry=yes\nretry=no", Some(0)),
            (failed, End::Exited(1), "", Some(0)),
            (failed, End::Exited(1), "retry=yes", Some(0)),
            (failed, End::Exited(1), "code=1326", Some(1326)),
            (failed, End::TimedOut, "retry=yes", Some(0)),
            (failed, End::Signal(9), "", Some(0)),
            (failed, missing(), "", None),
        ];
        for (status, end, stdout, expected) in table {
            let answer = judge(status, &end, &Directives::parse(stdout));
            assert_eq!(answer, expected, "{status:?} {end:?} {stdout:?}");
        }
    }

    #[test]
    fn directives_are_whole_words_at_the_start_of_a_line() {
        let found = Directives::parse("recode=5\n post=no\ncontext=a=b \ncontexts=x\n");
        assert_eq!((found.code, found.wants_post()), (None, true));
        assert_eq!(found.context(), Some("a=b "));
        let long = format!("context={}é", "x".repeat(LONGEST_CONTEXT - 1));
        assert_eq!(Directives::parse(&long).context().map(str::len), Some(LONGEST_CONTEXT - 1));
    }
}
