//! Private, writable, zero-padded copies of names, to call a module with (P1, P2, U23).
//!
//! Real providers turn slashes round in place and write past the terminator. So each call to a
//! module gets copies of its own, on the stack for names of ordinary length, with zeros behind.

use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::{Ordering, compiler_fence};

use mpr_core::{AddDetails, CancelDetails, NetResource, Password, Wide};

use crate::npapi::{NOTIFYADD, NOTIFYCANCEL};
use crate::types::{LPWSTR, WCHAR};
use crate::winnetwk::NETRESOURCEW;

/// The longest name, in characters, that is copied without the heap.
pub const INLINE: usize = 260;

/// Zeros behind every copy, in units: the terminator and some more.
pub const PADDING: usize = 12;

/// Room for `N` values on the stack, not written before it is used.
///
/// An array of `MaybeUninit::uninit()` would do, but is filled with zeros by the compiler.
pub struct Room<T, const N: usize>(MaybeUninit<[MaybeUninit<T>; N]>);

impl<T: Copy, const N: usize> Room<T, N> {
    /// Makes room.
    #[inline(always)]
    pub const fn new() -> Self {
        Self(MaybeUninit::uninit())
    }

    /// Returns the places.
    #[inline(always)]
    pub const fn places(&mut self) -> &mut [MaybeUninit<T>; N] {
        // SAFETY: an array of `MaybeUninit` is initialised whatever it holds.
        unsafe { self.0.assume_init_mut() }
    }

    /// Returns the first `count` values.
    ///
    /// # Safety
    ///
    /// The first `count` places were written, and there are so many.
    pub const unsafe fn written(&self, count: usize) -> &[T] {
        // SAFETY: the caller, by this function's contract.
        unsafe { core::slice::from_raw_parts(self.0.as_ptr().cast(), count) }
    }
}

impl<T: Copy, const N: usize> Default for Room<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

/// A module's own copy of a name, or of its absence.
///
/// Only what is copied and the padding is written: a call to a module costs what its names cost.
/// The pointer from [`fill`](Self::fill) is valid until the copy is filled again, moved or dropped.
pub struct NameCopy {
    inline: Room<WCHAR, { INLINE + PADDING }>,
    heap: Vec<WCHAR>,
    /// Units that are initialised, wherever they are; 0 if the name is absent.
    written: usize,
}

impl NameCopy {
    /// Makes room for a copy; to be filled where it stays, since moving it costs more than a name.
    #[inline(always)]
    pub fn empty() -> Self {
        // Hidden from the compiler: a structure that is constant but for its room would be copied
        // from a constant, room included.
        Self { inline: Room::new(), heap: Vec::new(), written: core::hint::black_box(0) }
    }

    /// Copies a name that may be absent, and returns the pointer for the module: NULL if absent.
    ///
    /// The module may write through it.
    #[inline]
    pub fn fill(&mut self, text: Option<Wide<'_>>) -> LPWSTR {
        let Some(text) = text else {
            self.written = 0;
            return ptr::null_mut();
        };
        let units = text.units();
        self.written = units.len() + PADDING;
        if let Some(place) = self.inline.places().get_mut(..self.written) {
            let (name, padding) = place.split_at_mut(units.len());
            for (unit, from) in name.iter_mut().zip(units) {
                unit.write(*from);
            }
            // A constant length: a few stores, no call.
            padding.copy_from_slice(&[MaybeUninit::new(0); PADDING]);
            return place.as_mut_ptr().cast();
        }
        self.heap.clear();
        self.heap.reserve_exact(self.written);
        self.heap.extend_from_slice(units);
        self.heap.resize(self.written, 0);
        self.heap.as_mut_ptr()
    }

    /// Returns the whole copy with its padding, as the module left it.
    pub fn units(&self) -> &[WCHAR] {
        if self.written > INLINE + PADDING {
            return &self.heap;
        }
        // SAFETY: `new` wrote this many units, and writing more does not take that back.
        unsafe { self.inline.written(self.written) }
    }

    fn wipe(&mut self) {
        let place = if self.written > INLINE + PADDING {
            self.heap.as_mut_ptr()
        } else {
            self.inline.places().as_mut_ptr().cast()
        };
        for index in 0..self.written {
            // SAFETY: this many units are there, ours alone.
            unsafe { ptr::write_volatile(place.wrapping_add(index), 0) };
        }
        compiler_fence(Ordering::SeqCst);
    }
}

impl core::fmt::Debug for NameCopy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        Wide::until_nul(self.units()).fmt(f)
    }
}

/// A module's own copy of a password, wiped when it is dropped.
pub struct SecretCopy(NameCopy);

impl SecretCopy {
    /// Makes room for a copy.
    #[inline(always)]
    pub fn empty() -> Self {
        Self(NameCopy::empty())
    }

    /// Copies a password; an absent one becomes NULL, an empty one stays empty.
    #[inline]
    pub fn fill(&mut self, password: Option<Password<'_>>) -> LPWSTR {
        self.0.fill(password.map(Password::expose))
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
    raw: MaybeUninit<NOTIFYADD>,
}

impl AddCopy {
    /// Makes room for a copy.
    #[inline(always)]
    pub fn empty() -> Self {
        Self {
            local: NameCopy::empty(),
            remote: NameCopy::empty(),
            provider: NameCopy::empty(),
            raw: MaybeUninit::uninit(),
        }
    }

    /// Copies the details, and returns the pointer for the notifyee.
    #[inline]
    pub fn fill(&mut self, details: &AddDetails<'_>) -> *mut NOTIFYADD {
        self.raw.write(NOTIFYADD {
            hwndOwner: ptr::with_exposed_provenance_mut(details.owner),
            NetResource: NETRESOURCEW {
                dwType: details.resource_type.0,
                lpLocalName: self.local.fill(details.local),
                lpRemoteName: self.remote.fill(Some(details.remote)),
                lpProvider: self.provider.fill(details.provider),
                ..NETRESOURCEW::default()
            },
            dwAddFlags: details.flags.0,
        })
    }
}

/// A notifyee's own copy of what is to be disconnected.
#[derive(Debug)]
pub struct CancelCopy {
    name: NameCopy,
    provider: NameCopy,
    raw: MaybeUninit<NOTIFYCANCEL>,
}

impl CancelCopy {
    /// Makes room for a copy.
    #[inline(always)]
    pub fn empty() -> Self {
        Self { name: NameCopy::empty(), provider: NameCopy::empty(), raw: MaybeUninit::uninit() }
    }

    /// Copies the details, and returns the pointer for the notifyee.
    #[inline]
    pub fn fill(&mut self, details: &CancelDetails<'_>) -> *mut NOTIFYCANCEL {
        self.raw.write(NOTIFYCANCEL {
            lpName: self.name.fill(Some(details.name)),
            lpProvider: self.provider.fill(details.provider),
            dwFlags: details.flags.0,
            fForce: details.force.into(),
        })
    }
}

/// A provider's own copy of a net resource; the comment is the caller's own pointer (P2).
#[derive(Debug)]
pub struct ResourceCopy {
    local: NameCopy,
    remote: NameCopy,
    provider: NameCopy,
    raw: MaybeUninit<NETRESOURCEW>,
}

impl ResourceCopy {
    /// Makes room for a copy.
    #[inline(always)]
    pub fn empty() -> Self {
        Self {
            local: NameCopy::empty(),
            remote: NameCopy::empty(),
            provider: NameCopy::empty(),
            raw: MaybeUninit::uninit(),
        }
    }

    /// Copies numbers and names, and returns the pointer for the provider.
    ///
    /// `comment` is an address passed on unread, or 0.
    #[inline]
    pub fn fill(&mut self, resource: &NetResource<'_>, comment: usize) -> *mut NETRESOURCEW {
        self.raw.write(NETRESOURCEW {
            dwScope: resource.scope.0,
            dwType: resource.resource_type.0,
            dwDisplayType: resource.display_type.0,
            dwUsage: resource.usage.0,
            lpLocalName: self.local.fill(resource.local),
            lpRemoteName: self.remote.fill(resource.remote),
            lpComment: ptr::with_exposed_provenance_mut(comment),
            lpProvider: self.provider.fill(resource.provider),
        })
    }
}
