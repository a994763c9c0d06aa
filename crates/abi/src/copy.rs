//! Private, writable, zero-padded copies of names, to call a module with (P1, P2, U23).
//!
//! Real providers turn slashes round in place and write past the terminator. So each call to a
//! module gets copies of its own, on the stack for names of ordinary length, with zeros behind.

use core::ptr;
use core::sync::atomic::{Ordering, compiler_fence};

use mpr_core::{AddDetails, CancelDetails, Password, Wide};

use crate::npapi::{NOTIFYADD, NOTIFYCANCEL};
use crate::types::{LPWSTR, WCHAR};
use crate::winnetwk::NETRESOURCEW;

/// The longest name, in characters, that is copied without the heap.
pub const INLINE: usize = 260;

/// Zeros behind every copy, in units: the terminator and some more.
pub const PADDING: usize = 12;

/// A module's own copy of a name, or of its absence.
///
/// The pointer from [`as_mut_ptr`](Self::as_mut_ptr) is valid until the copy is moved or dropped.
#[derive(Clone, Debug)]
pub struct NameCopy(Storage);

#[allow(clippy::large_enum_variant, reason = "to stay on the stack is its purpose")]
#[derive(Clone, Debug)]
enum Storage {
    Absent,
    Inline([WCHAR; INLINE + PADDING]),
    Heap(Vec<WCHAR>),
}

impl NameCopy {
    /// Copies a name.
    pub fn new(text: Wide<'_>) -> Self {
        let units = text.units();
        if units.len() <= INLINE {
            let mut inline = [0; INLINE + PADDING];
            inline[..units.len()].copy_from_slice(units);
            return Self(Storage::Inline(inline));
        }
        let mut heap = Vec::with_capacity(units.len() + PADDING);
        heap.extend_from_slice(units);
        heap.resize(units.len() + PADDING, 0);
        Self(Storage::Heap(heap))
    }

    /// Copies a name that may be absent, which becomes NULL.
    pub fn optional(text: Option<Wide<'_>>) -> Self {
        text.map_or(Self(Storage::Absent), Self::new)
    }

    /// Returns the pointer for the module, which may write through it; NULL if absent.
    pub fn as_mut_ptr(&mut self) -> LPWSTR {
        match &mut self.0 {
            Storage::Absent => ptr::null_mut(),
            Storage::Inline(units) => units.as_mut_ptr(),
            Storage::Heap(units) => units.as_mut_ptr(),
        }
    }

    /// Returns the whole copy with its padding, as the module left it.
    pub fn units(&self) -> &[WCHAR] {
        match &self.0 {
            Storage::Absent => &[],
            Storage::Inline(units) => units,
            Storage::Heap(units) => units,
        }
    }

    fn wipe(&mut self) {
        let units: &mut [WCHAR] = match &mut self.0 {
            Storage::Absent => &mut [],
            Storage::Inline(units) => units,
            Storage::Heap(units) => units,
        };
        for unit in units {
            // SAFETY: a reference is valid for a write.
            unsafe { ptr::write_volatile(unit, 0) };
        }
        compiler_fence(Ordering::SeqCst);
    }
}

/// A module's own copy of a password, wiped when it is dropped.
pub struct SecretCopy(NameCopy);

impl SecretCopy {
    /// Copies a password; an absent one becomes NULL, an empty one stays empty.
    pub fn new(password: Option<Password<'_>>) -> Self {
        Self(NameCopy::optional(password.map(Password::expose)))
    }

    /// Returns the pointer for the module, valid until the copy is moved or dropped.
    pub fn as_mut_ptr(&mut self) -> LPWSTR {
        self.0.as_mut_ptr()
    }
}

impl Drop for SecretCopy {
    fn drop(&mut self) {
        self.0.wipe();
    }
}

impl core::fmt::Debug for SecretCopy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SecretCopy(..)")
    }
}

/// A notifyee's own copy of what is to be connected.
#[derive(Debug)]
pub struct AddCopy {
    local: NameCopy,
    remote: NameCopy,
    provider: NameCopy,
    raw: NOTIFYADD,
}

impl AddCopy {
    /// Copies the details.
    pub fn new(details: &AddDetails<'_>) -> Self {
        let raw = NOTIFYADD {
            hwndOwner: ptr::without_provenance_mut(details.owner),
            NetResource: NETRESOURCEW {
                dwType: details.resource_type.0,
                ..NETRESOURCEW::default()
            },
            dwAddFlags: details.flags.0,
        };
        Self {
            local: NameCopy::optional(details.local),
            remote: NameCopy::new(details.remote),
            provider: NameCopy::optional(details.provider),
            raw,
        }
    }

    /// Returns the pointer for the notifyee, valid until the copy is moved or dropped.
    pub fn as_mut_ptr(&mut self) -> *mut NOTIFYADD {
        self.raw.NetResource.lpLocalName = self.local.as_mut_ptr();
        self.raw.NetResource.lpRemoteName = self.remote.as_mut_ptr();
        self.raw.NetResource.lpProvider = self.provider.as_mut_ptr();
        &raw mut self.raw
    }
}

/// A notifyee's own copy of what is to be disconnected.
#[derive(Debug)]
pub struct CancelCopy {
    name: NameCopy,
    provider: NameCopy,
    raw: NOTIFYCANCEL,
}

impl CancelCopy {
    /// Copies the details.
    pub fn new(details: &CancelDetails<'_>) -> Self {
        let raw = NOTIFYCANCEL {
            dwFlags: details.flags.0,
            fForce: details.force.into(),
            ..NOTIFYCANCEL::default()
        };
        Self {
            name: NameCopy::new(details.name),
            provider: NameCopy::optional(details.provider),
            raw,
        }
    }

    /// Returns the pointer for the notifyee, valid until the copy is moved or dropped.
    pub fn as_mut_ptr(&mut self) -> *mut NOTIFYCANCEL {
        self.raw.lpName = self.name.as_mut_ptr();
        self.raw.lpProvider = self.provider.as_mut_ptr();
        &raw mut self.raw
    }
}

/// A provider's own copy of a net resource; the comment is the caller's own pointer (P2).
#[derive(Debug)]
pub struct ResourceCopy {
    local: NameCopy,
    remote: NameCopy,
    provider: NameCopy,
    raw: NETRESOURCEW,
}

impl ResourceCopy {
    /// Copies numbers and names; `comment` is an address passed on unread, or 0.
    pub fn new(resource: &mpr_core::NetResource<'_>, comment: usize) -> Self {
        let raw = NETRESOURCEW {
            dwScope: resource.scope.0,
            dwType: resource.resource_type.0,
            dwDisplayType: resource.display_type.0,
            dwUsage: resource.usage.0,
            lpComment: ptr::with_exposed_provenance_mut(comment),
            ..NETRESOURCEW::default()
        };
        Self {
            local: NameCopy::optional(resource.local),
            remote: NameCopy::optional(resource.remote),
            provider: NameCopy::optional(resource.provider),
            raw,
        }
    }

    /// Returns the pointer for the provider, valid until the copy is moved or dropped.
    pub fn as_mut_ptr(&mut self) -> *mut NETRESOURCEW {
        self.raw.lpLocalName = self.local.as_mut_ptr();
        self.raw.lpRemoteName = self.remote.as_mut_ptr();
        self.raw.lpProvider = self.provider.as_mut_ptr();
        &raw mut self.raw
    }
}
