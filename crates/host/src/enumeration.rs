//! A provider's enumeration: `NPEnumResource` in batches, entries borrowed from its buffer.

use std::ptr;

use mpr_abi::borrow;
use mpr_abi::npapi::{PF_NPCloseEnum, PF_NPEnumResource};
use mpr_abi::types::HANDLE;
use mpr_abi::winnetwk::NETRESOURCEW;
use mpr_core::{NetResource, ProviderError, ResourceEnum, Taken, WideString, WnError};

use crate::answer::{Aliases, MOST_ROOM, explained};

/// Bytes of the first buffer; 16 KB are typical.
const ROOM: usize = 16 * 1024;

/// An enumeration in a module.
pub(crate) struct CEnum {
    handle: Handle,
    next: PF_NPEnumResource,
    close: Option<PF_NPCloseEnum>,
    aliases: Aliases,
    /// The last of those that was noted: a list has the same one in every entry.
    alias: WideString,
    /// In words, so that structures at its front are aligned.
    buffer: Vec<u64>,
    count: usize,
    at: usize,
    ended: bool,
}

/// A provider's handle: a word that only it understands.
struct Handle(HANDLE);

// SAFETY: nobody here follows it, and providers are called from any thread by their contract.
unsafe impl Send for Handle {}

impl CEnum {
    pub(crate) fn new(
        handle: HANDLE,
        next: PF_NPEnumResource,
        close: Option<PF_NPCloseEnum>,
        aliases: Aliases,
    ) -> Self {
        let (buffer, handle, alias) = (Vec::new(), Handle(handle), WideString::default());
        Self { handle, next, close, aliases, alias, buffer, count: 0, at: 0, ended: false }
    }

    /// Fetches the next batch, in a buffer that grows as the provider says.
    ///
    /// The count is believed only where it can be true: on 259 it is ignored, and on 234 entries
    /// may be there all the same (P5).
    fn fetch(&mut self) -> Result<(), ProviderError> {
        (self.at, self.count) = (0, 0);
        if self.buffer.is_empty() {
            self.buffer = vec![0; ROOM / size_of::<u64>()];
        }
        while !self.ended {
            let room = size_of_val(&*self.buffer);
            let (mut count, mut size) = (u32::MAX, room as u32);
            let (next, handle, place) = (self.next, self.handle.0, self.buffer.as_mut_ptr().cast());
            // SAFETY: the buffer has `size` bytes; the handle is the provider's own.
            let answer =
                explained(|| unsafe { next(handle, &raw mut count, place, &raw mut size) });
            let believable = count as usize <= room / size_of::<NETRESOURCEW>();
            let code = answer.as_ref().err().map(|error| error.code);
            match (code, answer) {
                (None, _) if believable && count > 0 => {
                    self.count = count as usize;
                    return Ok(());
                }
                (None | Some(WnError::NO_MORE_ITEMS), _) => self.ended = true,
                (Some(WnError::MORE_DATA), _) if believable && count > 0 => {
                    self.count = count as usize;
                    return Ok(());
                }
                (Some(WnError::MORE_DATA), _) if room < MOST_ROOM as usize => {
                    let wanted = (size as usize).min(MOST_ROOM as usize).max(room * 2);
                    self.buffer = vec![0; wanted.div_ceil(size_of::<u64>())];
                }
                // No buffer is large enough for it.
                (Some(WnError::MORE_DATA), _) => {
                    self.ended = true;
                    return Err(WnError::UNEXP_NET_ERR.into());
                }
                (_, answer) => {
                    self.ended = true;
                    return answer;
                }
            }
        }
        Ok(())
    }
}

/// Notes the name that a provider gives itself in an entry (P6).
fn note(aliases: &Aliases, last: &mut WideString, entry: &NetResource<'_>) {
    if let Some(name) = entry.provider.filter(|name| name.units() != last.units()) {
        aliases.note(name);
        *last = name.into();
    }
}

impl ResourceEnum for CEnum {
    fn peek(&mut self) -> Result<Option<NetResource<'_>>, ProviderError> {
        if !self.has_entry()? {
            return Ok(None);
        }
        // SAFETY: the provider put `count` entries there, with texts that stay until the next
        // call; `at` is below.
        let entry = unsafe { borrow::net_resource_at(&self.buffer, self.at) };
        note(&self.aliases, &mut self.alias, &entry);
        Ok(Some(entry))
    }

    fn each(
        &mut self,
        take: &mut dyn FnMut(&NetResource<'_>) -> Taken,
    ) -> Result<(), ProviderError> {
        while self.has_entry()? {
            while self.at < self.count {
                // SAFETY: as in `peek`.
                let entry = unsafe { borrow::net_resource_at(&self.buffer, self.at) };
                note(&self.aliases, &mut self.alias, &entry);
                let taken = take(&entry);
                self.at += usize::from(taken != Taken::Left);
                if taken != Taken::More {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn has_entry(&mut self) -> Result<bool, ProviderError> {
        if self.at == self.count {
            self.fetch()?;
        }
        Ok(self.at < self.count)
    }

    fn advance(&mut self) {
        self.at = (self.at + 1).min(self.count);
    }

    fn close(&mut self) -> Result<(), ProviderError> {
        (self.ended, self.at, self.count) = (true, 0, 0);
        let handle = std::mem::replace(&mut self.handle.0, ptr::null_mut());
        match self.close.take() {
            // SAFETY: the provider's own handle, closed once.
            Some(close) => explained(|| unsafe { close(handle) }),
            None => Ok(()),
        }
    }
}

impl Drop for CEnum {
    fn drop(&mut self) {
        // Whoever wanted the answer has called `close`.
        let _ = self.close();
    }
}
