//! Where things are: the folders of the system.

use mpr_core::{Wide, WideString};

use super::names::Places;
use super::registry::Registry;
use super::sys;
use super::trust::Trust;
use crate::settings::{Scope, Settings};

/// Most that an expanded text may have, in units; `ExpandEnvironmentStrings` allows no more.
const MOST_EXPANDED: usize = 32 * 1024;

/// The places of this machine and user. Settings are in the registry; there is nothing to choose.
#[derive(Clone, Copy, Debug)]
pub struct Paths;

impl Paths {
    /// Finds the places of this process.
    pub fn current() -> Self {
        Self
    }

    /// Returns the rules for files that settings of this scope name.
    pub const fn trust(&self, _scope: Scope) -> Trust {
        Trust
    }
}

impl Settings {
    /// Reads the settings of this machine.
    ///
    /// It never fails: what cannot be used is in `problems`. A provider order that is missing is
    /// made, empty (P15).
    pub fn load(paths: &Paths) -> Self {
        super::load::load(&Registry, paths)
    }
}

impl Places for Paths {
    fn windows(&self) -> WideString {
        // SAFETY: the function is given a buffer of the size that it is told.
        folder(|place, room| unsafe { sys::GetSystemWindowsDirectoryW(place, room) })
    }

    fn system(&self) -> WideString {
        // SAFETY: the function is given a buffer of the size that it is told.
        folder(|place, room| unsafe { sys::GetSystemDirectoryW(place, room) })
    }

    fn expand(&self, text: Wide<'_>) -> WideString {
        if !text.units().contains(&u16::from(b'%')) {
            return text.into();
        }
        let from = WideString::from(text).to_vec_with_nul();
        let mut room = 1024;
        while room <= MOST_EXPANDED {
            let mut expanded = vec![0; room];
            let size = u32::try_from(room).unwrap_or(u32::MAX);
            let place = expanded.as_mut_ptr();
            // SAFETY: the text is terminated, and the buffer has `size` units.
            let needed = unsafe { sys::ExpandEnvironmentStringsW(from.as_ptr(), place, size) };
            match usize::try_from(needed).unwrap_or(usize::MAX) {
                0 => break,
                needed if needed <= room => return Wide::until_nul(&expanded).into(),
                needed => room = needed.max(room * 2),
            }
        }
        text.into()
    }
}

/// Asks for a folder; the longest path fits.
fn folder(ask: impl FnOnce(*mut u16, u32) -> u32) -> WideString {
    let mut place = [0; 512];
    let length = ask(place.as_mut_ptr(), 512) as usize;
    Wide::new(place.get(..length).unwrap_or_default()).trim_trailing_backslash().into()
}
