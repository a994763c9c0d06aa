//! A lock between the processes of a prefix.

use std::marker::PhantomData;
use std::time::Duration;

use super::calls::{self, HANDLE};
use super::terminated;

/// `WAIT_OBJECT_0` and `WAIT_ABANDONED`: whoever had it may have been killed.
const MINE: [u32; 2] = [0, 0x80];

/// A lock that is held; a process that ends gives it back.
pub(crate) struct Mutex {
    handle: HANDLE,
    /// It is this thread's.
    thread: PhantomData<*const ()>,
}

impl Mutex {
    /// Takes the lock of a name; `None` if somebody else has it for so long.
    pub(crate) fn take(name: &str, limit: Duration) -> Option<Self> {
        let name = terminated(name);
        // SAFETY: the name is terminated.
        let handle = unsafe { calls::CreateMutexW(std::ptr::null(), 0, name.as_ptr()) };
        if handle.is_null() {
            return None;
        }
        let millis = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX - 1);
        // SAFETY: the handle is open.
        let waited = unsafe { calls::WaitForSingleObject(handle, millis) };
        if MINE.contains(&waited) {
            return Some(Self { handle, thread: PhantomData });
        }
        // SAFETY: the handle is open, and nobody has it afterwards.
        unsafe { calls::CloseHandle(handle) };
        None
    }
}

impl Drop for Mutex {
    fn drop(&mut self) {
        // SAFETY: this thread holds it.
        unsafe { calls::ReleaseMutex(self.handle) };
        // SAFETY: the handle is open, and nobody has it afterwards.
        unsafe { calls::CloseHandle(self.handle) };
    }
}
