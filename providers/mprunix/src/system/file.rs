//! Files, pipes and devices by their handles.

use std::mem::size_of;
use std::time::Duration;

use super::calls::{self, HANDLE, OVERLAPPED};
use super::{SystemError, terminated};

/// An open file, closed when it is dropped.
#[derive(Debug)]
pub(crate) struct File(HANDLE);

// SAFETY: a handle may be used by any thread.
unsafe impl Send for File {}
// SAFETY: nothing is kept beside the handle.
unsafe impl Sync for File {}

/// How a bounded reading went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// So many bytes came; none at the end.
    Some(usize),
    /// Nothing came in time.
    TimedOut,
}

impl File {
    /// Opens a file or device that there is.
    pub(crate) fn open(name: &str, access: Access) -> Result<Self, SystemError> {
        let (access, flags) = match access {
            Access::Look => (0, calls::FILE_FLAG_BACKUP_SEMANTICS),
            Access::Read => (calls::GENERIC_READ, 0),
            Access::ReadBounded => (calls::GENERIC_READ, calls::FILE_FLAG_OVERLAPPED),
            Access::Write => (calls::GENERIC_WRITE, 0),
            Access::Device => (calls::GENERIC_READ | calls::GENERIC_WRITE, 0),
        };
        create(name, access, false, calls::OPEN_EXISTING, flags)
    }

    /// Makes a file that a process that is started inherits, and that goes when it is closed.
    pub(crate) fn passing(name: &str) -> Result<Self, SystemError> {
        let access = calls::GENERIC_READ | calls::GENERIC_WRITE | calls::DELETE;
        let flags = calls::FILE_ATTRIBUTE_TEMPORARY | calls::FILE_FLAG_DELETE_ON_CLOSE;
        create(name, access, true, calls::CREATE_NEW, flags)
    }

    pub(super) fn handle(&self) -> HANDLE {
        self.0
    }

    /// Reads what is there; nothing at the end.
    pub(crate) fn read(&self, place: &mut [u8]) -> Result<usize, SystemError> {
        let (mut done, room) = (0, length(place));
        let (place, none) = (place.as_mut_ptr(), std::ptr::null_mut());
        // SAFETY: the buffer has `room` bytes, and the call does not return before it is done.
        let read = unsafe { calls::ReadFile(self.0, place, room, &raw mut done, none) };
        if read == 0 { Err(SystemError::last()) } else { Ok(done as usize) }
    }

    /// Reads from the beginning of the file.
    pub(crate) fn read_again(&self, place: &mut [u8]) -> Result<usize, SystemError> {
        // SAFETY: moves the file's own place; there is no other argument that is written to.
        unsafe { calls::SetFilePointer(self.0, 0, std::ptr::null_mut(), 0) };
        self.read(place)
    }

    /// Reads what comes within a time, of a file opened with [`Access::ReadBounded`].
    pub(crate) fn read_within(
        &self,
        place: &mut [u8],
        limit: Duration,
    ) -> Result<Read, SystemError> {
        let event = Event::new()?;
        let mut overlapped = OVERLAPPED { event: event.0.addr(), ..OVERLAPPED::default() };
        let (overlapped, room) = (&raw mut overlapped, length(place));
        let mut done = 0;
        let buffer = place.as_mut_ptr();
        // SAFETY: buffer and structure live until the reading is over, which is waited for below.
        let read = unsafe { calls::ReadFile(self.0, buffer, room, &raw mut done, overlapped) };
        if read != 0 {
            return Ok(Read::Some(done as usize));
        }
        let error = SystemError::last();
        if error.0 != calls::ERROR_IO_PENDING {
            return Err(error);
        }
        let millis = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX - 1);
        // SAFETY: the event is open.
        let in_time = unsafe { calls::WaitForSingleObject(event.0, millis) } == 0;
        if !in_time {
            // SAFETY: the file is open; what this thread reads of it is ended.
            unsafe { calls::CancelIo(self.0) };
        }
        // SAFETY: the structure is the one that the reading was begun with; it is over, or ends
        // now, so that nothing is written here afterwards.
        let over = unsafe { calls::GetOverlappedResult(self.0, overlapped, &raw mut done, 1) };
        match (over != 0, in_time) {
            (true, _) => Ok(Read::Some(done as usize)),
            (false, true) => Err(SystemError::last()),
            (false, false) => Ok(Read::TimedOut),
        }
    }

    /// Writes all bytes.
    pub(crate) fn write(&self, mut bytes: &[u8]) -> Result<(), SystemError> {
        while !bytes.is_empty() {
            let (mut done, none) = (0, std::ptr::null_mut());
            let (place, count) = (bytes.as_ptr(), length(bytes));
            // SAFETY: the buffer has `count` bytes.
            if unsafe { calls::WriteFile(self.0, place, count, &raw mut done, none) } == 0 {
                return Err(SystemError::last());
            }
            bytes = bytes.get(done as usize..).unwrap_or_default();
        }
        Ok(())
    }

    /// Asks a device; returns how much it answered.
    pub(crate) fn ask(
        &self,
        code: u32,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, SystemError> {
        let (mut done, none) = (0, std::ptr::null_mut());
        let (from, count) = (input.as_ptr(), length(input));
        let (to, room) = (output.as_mut_ptr(), length(output));
        // SAFETY: both buffers have the sizes that are told.
        let asked = unsafe {
            calls::DeviceIoControl(self.0, code, from, count, to, room, &raw mut done, none)
        };
        if asked == 0 { Err(SystemError::last()) } else { Ok(done as usize) }
    }

    /// Returns the file's number on its file system.
    pub(crate) fn inode(&self) -> Result<u64, SystemError> {
        let mut found = calls::BY_HANDLE_FILE_INFORMATION::default();
        // SAFETY: the structure is the call's own.
        if unsafe { calls::GetFileInformationByHandle(self.0, &raw mut found) } == 0 {
            return Err(SystemError::last());
        }
        Ok(u64::from(found.index_high) << 32 | u64::from(found.index_low))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and nobody has it afterwards.
        unsafe { calls::CloseHandle(self.0) };
    }
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// To be told of; a folder may be.
    Look,
    /// To read.
    Read,
    /// To read with a limit of time.
    ReadBounded,
    /// To write.
    Write,
    /// To be asked.
    Device,
}

/// Reads a file of the system's, by its Unix name; `/proc/self` is the wineserver's there.
pub(crate) fn read_unix(path: &str) -> Result<Vec<u8>, SystemError> {
    let file = File::open(&unix_name(path), Access::Read)?;
    let mut text = vec![0; 16 * 1024];
    let mut length = 0;
    loop {
        match file.read(&mut text[length..])? {
            0 => break,
            count => length += count,
        }
        if text.len() - length < 4096 {
            text.resize(text.len() * 2, 0);
        }
    }
    text.truncate(length);
    Ok(text)
}

/// Spells a Unix path as Windows programs under Wine name it.
pub(crate) fn unix_name(path: &str) -> String {
    format!(r"\\?\unix{}", path.replace('/', "\\"))
}

fn create(
    name: &str,
    access: u32,
    inherit: bool,
    disposition: u32,
    flags: u32,
) -> Result<File, SystemError> {
    let name = terminated(name);
    let security = calls::SECURITY_ATTRIBUTES {
        length: size_of::<calls::SECURITY_ATTRIBUTES>() as u32,
        descriptor: std::ptr::null_mut(),
        inherit: inherit.into(),
    };
    let (name, security, none) = (name.as_ptr(), &raw const security, std::ptr::null_mut());
    let share = calls::SHARE_ALL;
    // SAFETY: the name is terminated, and the structure is whole.
    let handle =
        unsafe { calls::CreateFileW(name, access, share, security, disposition, flags, none) };
    if handle == calls::INVALID_HANDLE { Err(SystemError::last()) } else { Ok(File(handle)) }
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// An event of one reading.
struct Event(HANDLE);

impl Event {
    fn new() -> Result<Self, SystemError> {
        // SAFETY: neither security nor name is given.
        let event = unsafe { calls::CreateEventW(std::ptr::null(), 1, 0, std::ptr::null()) };
        if event.is_null() { Err(SystemError::last()) } else { Ok(Self(event)) }
    }
}

impl Drop for Event {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and nobody has it afterwards.
        unsafe { calls::CloseHandle(self.0) };
    }
}
