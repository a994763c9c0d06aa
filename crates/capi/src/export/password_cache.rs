//! `WNetCachePassword` and its family: passwords of this process, for as long as it runs.
//!
//! Each is kept in memory that is closed while nobody looks, and wiped when it goes. Nothing is
//! ever written anywhere (U65): a program that starts later asks its user again.

use std::ffi::c_void;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mpr_abi::types::{BOOL, DWORD};
use mpr_abi::{borrow, lend};
use mpr_core::WnError;
use mpr_platform::Protected;

use crate::boundary::enter;

/// Any type, where one is asked for (`PCE_ALL`).
const ANY_TYPE: u8 = 0xff;
/// Most passwords that one process keeps.
const MOST: usize = 1024;
/// Bytes before the resource in an entry that is told: three sizes, number and type.
const HEAD: usize = 8;

/// Is told of one password; the first argument is a `PASSWORD_CACHE_ENTRY`, valid until it returns.
/// False ends the enumeration.
pub type PasswordCallback = unsafe extern "system" fn(*mut c_void, DWORD) -> BOOL;

struct Cached {
    resource: Vec<u8>,
    kind: u8,
    password: Protected,
}

static CACHE: Mutex<Vec<Cached>> = Mutex::new(Vec::new());

fn cache() -> MutexGuard<'static, Vec<Cached>> {
    CACHE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn place(cache: &[Cached], resource: &[u8], kind: u8) -> Option<usize> {
    cache.iter().position(|it| it.kind == kind && it.resource == resource)
}

/// Borrows what a caller names a password by.
unsafe fn name<'a>(resource: *const u8, length: u16) -> Result<&'a [u8], WnError> {
    // SAFETY: the caller, by the export's contract.
    unsafe { borrow::bytes(resource.cast(), length.into()) }.ok_or(WnError::INVALID_PARAMETER)
}

/// Keeps a password for a resource; one that was kept before is replaced.
///
/// # Safety
///
/// The pointers are NULL or have as many bytes as is said.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub unsafe extern "system" fn WNetCachePassword(
    resource: *const u8,
    resource_size: u16,
    password: *const u8,
    password_size: u16,
    kind: u8,
    _flags: u16,
) -> DWORD {
    enter(|_| {
        // SAFETY: the caller, by this function's contract.
        let resource = unsafe { name(resource, resource_size) }?;
        if password.is_null() && password_size > 0 || kind == ANY_TYPE {
            return Err(WnError::INVALID_PARAMETER.into());
        }
        // SAFETY: the caller, by this function's contract.
        let password = unsafe { borrow::bytes(password.cast(), password_size.into()) };
        let none = WnError::NOT_ENOUGH_MEMORY;
        let password = Protected::new(password.unwrap_or_default()).ok_or(none)?;
        let mut cache = cache();
        match place(&cache, resource, kind) {
            Some(known) => cache[known].password = password,
            None if cache.len() == MOST => return Err(none.into()),
            None => cache.push(Cached { resource: resource.to_vec(), kind, password }),
        }
        Ok(())
    })
}

/// Returns the password of a resource; `CANCELLED` if there is none. The size is in bytes, and is
/// told where the room is too small (`MORE_DATA`). No terminator is added.
///
/// # Safety
///
/// The pointers are NULL or have as many bytes as is said.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub unsafe extern "system" fn WNetGetCachedPassword(
    resource: *const u8,
    resource_size: u16,
    password: *mut u8,
    password_size: *mut u16,
    kind: u8,
) -> DWORD {
    enter(|_| {
        // SAFETY: the caller, by this function's contract.
        let resource = unsafe { name(resource, resource_size) }?;
        // SAFETY: the caller, by this function's contract.
        let room = unsafe { borrow::read(password_size.cast_const()) };
        let room = room.ok_or(WnError::INVALID_ADDRESS)?;
        if password.is_null() && room > 0 {
            return Err(WnError::INVALID_ADDRESS.into());
        }
        let mut cache = cache();
        let found = place(&cache, resource, kind).ok_or(WnError::CANCELLED)?;
        let found = &mut cache[found].password;
        let mut size = u32::from(room);
        // SAFETY: the caller, by this function's contract; NULL has no room.
        let told = found.look(|secret| unsafe { lend::block(secret, password, &raw mut size) });
        let size = u16::try_from(found.len()).unwrap_or(u16::MAX);
        // SAFETY: the caller, by this function's contract.
        unsafe { lend::write(password_size, size) };
        Ok(told?)
    })
}

/// Forgets the password of a resource; `ACCESS_DENIED` if there is none.
///
/// # Safety
///
/// The resource is NULL or has as many bytes as is said.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub unsafe extern "system" fn WNetRemoveCachedPassword(
    resource: *const u8,
    resource_size: u16,
    kind: u8,
) -> DWORD {
    enter(|_| {
        // SAFETY: the caller, by this function's contract.
        let resource = unsafe { name(resource, resource_size) }?;
        let mut cache = cache();
        let found = place(&cache, resource, kind).ok_or(WnError::ACCESS_DENIED)?;
        cache.remove(found);
        Ok(())
    })
}

/// Tells a function of every password whose resource begins with a prefix, of one type or of any
/// (255). The function may call the family: nothing is locked meanwhile.
///
/// # Safety
///
/// The prefix is NULL or has as many bytes as is said; the function is one.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub unsafe extern "system" fn WNetEnumCachedPasswords(
    prefix: *const u8,
    prefix_size: u16,
    kind: u8,
    callback: Option<PasswordCallback>,
    reference: DWORD,
) -> DWORD {
    enter(|_| {
        let callback = callback.ok_or(WnError::INVALID_PARAMETER)?;
        // SAFETY: the caller, by this function's contract.
        let prefix = unsafe { borrow::bytes(prefix.cast(), prefix_size.into()) };
        let prefix = prefix.unwrap_or_default();
        let wanted =
            |it: &Cached| (kind == ANY_TYPE || it.kind == kind) && it.resource.starts_with(prefix);
        let told: Vec<(Vec<u8>, u8)> = {
            let cache = cache();
            let found = cache.iter().filter(|it| wanted(it));
            found.map(|it| (it.resource.clone(), it.kind)).collect()
        };
        for (number, (resource, kind)) in told.into_iter().enumerate() {
            let mut entry = {
                let mut cache = cache();
                // Forgotten meanwhile.
                let Some(found) = place(&cache, &resource, kind) else { continue };
                cache[found].password.look(|secret| Entry::new(&resource, secret, number, kind))
            };
            // SAFETY: the entry lives until the call returns; the function is the caller's.
            if unsafe { callback(entry.0.as_mut_ptr().cast(), reference) } == 0 {
                break;
            }
        }
        Ok(())
    })
}

/// A `PASSWORD_CACHE_ENTRY` with its texts, wiped when it is dropped.
struct Entry(Vec<u16>);

impl Entry {
    fn new(resource: &[u8], password: &[u8], number: usize, kind: u8) -> Self {
        let size = HEAD + resource.len() + password.len();
        let word = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        // Room for all at once: a text that grew would leave parts of itself.
        let mut words = Vec::with_capacity(size.div_ceil(2));
        words.extend([word(size), word(resource.len()), word(password.len())]);
        let number = u8::try_from(number).unwrap_or(u8::MAX);
        words.push(u16::from_le_bytes([number, kind]));
        let mut bytes = resource.iter().chain(password).copied();
        while let Some(first) = bytes.next() {
            words.push(u16::from_le_bytes([first, bytes.next().unwrap_or(0)]));
        }
        Self(words)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.0.fill(0);
        std::hint::black_box(&self.0);
    }
}
