//! Contexts: the text that a program's PRE run leaves for its POST run, by token.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most contexts kept. Operations in flight are few; the rest would be ones whose POST never came.
const MOST: usize = 4096;

/// The texts of one notifyee's operations in flight. Tokens are never 0, which means "no POST".
#[derive(Debug, Default)]
pub(crate) struct Contexts(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    last: usize,
    texts: BTreeMap<usize, String>,
}

impl Contexts {
    /// Keeps a text and returns its token.
    pub(crate) fn keep(&self, text: &str) -> usize {
        let mut table = self.table();
        let mut token = table.last.wrapping_add(1).max(1);
        while table.texts.contains_key(&token) {
            token = token.wrapping_add(1).max(1);
        }
        table.last = token;
        table.insert(token, text.to_owned());
        token
    }

    /// Keeps a text under a token that is in use already.
    pub(crate) fn keep_as(&self, token: usize, text: String) {
        self.table().insert(token, text);
    }

    /// Takes the text of a token.
    pub(crate) fn take(&self, token: usize) -> Option<String> {
        self.table().texts.remove(&token)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn insert(&mut self, token: usize, text: String) {
        self.texts.insert(token, text);
        if self.texts.len() > MOST {
            self.texts.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_once() {
        let contexts = Contexts::default();
        let (a, b) = (contexts.keep("a"), contexts.keep("b"));
        assert!(a != 0 && b != 0 && a != b);
        assert_eq!(contexts.take(a).as_deref(), Some("a"));
        assert_eq!(contexts.take(a), None);
        contexts.keep_as(a, "again".into());
        assert_eq!(contexts.take(a).as_deref(), Some("again"));
        assert_eq!(contexts.take(b).as_deref(), Some("b"));
    }

    #[test]
    fn tokens_wrap_around_zero_and_used_ones() {
        let contexts = Contexts::default();
        let first = contexts.keep("first");
        contexts.table().last = usize::MAX;
        let next = contexts.keep("next");
        assert!(next != 0 && next != first);
    }

    #[test]
    fn the_table_is_bounded() {
        let contexts = Contexts::default();
        let first = contexts.keep("oldest");
        for _ in 0..MOST {
            contexts.keep("");
        }
        assert_eq!(contexts.take(first), None);
        assert_eq!(contexts.table().texts.len(), MOST);
    }
}
