//! What a provider answers: its text, the room it wants, its capabilities and its own names.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use mpr_abi::npapi::WNNC_START;
use mpr_core::{ExtendedError, ProviderError, Wide, WideString, WnError, status};

use crate::last_error;

/// The most that a provider may ask for, in its own unit.
pub(crate) const MOST_ROOM: u32 = 64 * 1024 * 1024;
/// Names of its own that a provider may show in its entries (P6).
const MOST_ALIASES: usize = 8;

/// Makes room as a provider asks for it with `MORE_DATA`, at least twice as much as before.
pub(crate) fn grown<C: Clone + Default>(
    error: ProviderError,
    room: usize,
    wanted: u32,
) -> Result<Vec<C>, ProviderError> {
    if error.code != WnError::MORE_DATA {
        return Err(error);
    }
    let wanted = (wanted as usize).max(room.saturating_mul(2));
    if wanted > MOST_ROOM as usize {
        return Err(WnError::UNEXP_NET_ERR.into());
    }
    Ok(vec![C::default(); wanted])
}

/// Runs a provider's function, and takes the text that it left for a refusal.
pub(crate) fn explained(call: impl FnOnce() -> u32) -> Result<(), ProviderError> {
    last_error::take();
    let Err(code) = status(call()) else { return Ok(()) };
    let extended = match last_error::take() {
        // 1208 without a text is told as such (U59).
        None if code == WnError::EXTENDED_ERROR => Some(ExtendedError::default()),
        text => text,
    };
    Err(ProviderError { code, extended: extended.map(Box::new) })
}

/// The names that a provider gives itself in its entries, beside the one it is known by (P6).
pub(crate) struct Aliases(pub(crate) WideString, pub(crate) Arc<Mutex<Vec<WideString>>>);

impl Aliases {
    pub(crate) fn note(&self, name: Wide<'_>) {
        if name.is_empty() || name.eq_ignore_case(self.0.as_wide()) {
            return;
        }
        let mut known = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        let new = !known.iter().any(|it| it.as_wide().eq_ignore_case(name));
        if new && known.len() < MOST_ALIASES {
            known.push(name.into());
        }
    }
}

/// Answers of `NPGetCaps`, asked for once per index and only when needed (P11).
#[derive(Debug, Default)]
pub(crate) struct Caps([AtomicU64; 16]);

impl Caps {
    const KNOWN: u64 = 1 << 32;

    pub(crate) fn get(&self, index: u32, ask: impl FnOnce() -> u32) -> u32 {
        let slot = &self.0[index as usize];
        let known = slot.load(Ordering::Relaxed);
        if known & Self::KNOWN != 0 {
            return known as u32;
        }
        let value = ask();
        // A provider that is starting is asked again.
        if index != WNNC_START || value <= 1 {
            slot.store(Self::KNOWN | u64::from(value), Ordering::Relaxed);
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mpr_abi::npapi::WNNC_CONNECTION;

    /// P11: once per index; P13, U36: but a provider that starts is asked again.
    #[test]
    fn capabilities_are_asked_for_once() {
        let caps = Caps::default();
        assert_eq!(caps.get(WNNC_CONNECTION, || 9), 9);
        assert_eq!(caps.get(WNNC_CONNECTION, || panic!("asked twice")), 9);
        assert_eq!(caps.get(WNNC_START, || u32::MAX), u32::MAX);
        assert_eq!(caps.get(WNNC_START, || 1), 1);
        assert_eq!(caps.get(WNNC_START, || panic!("asked after it started")), 1);
    }
}
