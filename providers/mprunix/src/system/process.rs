//! Starting a native program, and what Wine says of its own surroundings.

use std::ffi::{c_char, c_void};
use std::mem::size_of;

use super::calls;
use super::file::{File, unix_name};
use super::{SystemError, terminated};

/// Starts a native program with its standard output going to a file. Wine gives no handle of it:
/// neither its end nor its status can be waited for (`wine.md` §3).
pub(crate) fn start(program: &str, output: &File) -> Result<(), SystemError> {
    let path = terminated(&unix_name(program));
    let mut line = terminated("mpr-wine-bridge");
    let none = std::ptr::null_mut();
    let how = calls::STARTUPINFOW {
        size: size_of::<calls::STARTUPINFOW>() as u32,
        names: [std::ptr::null_mut(); 3],
        numbers: [0; 7],
        flags: calls::STARTF_USESTDHANDLES,
        show: 0,
        reserved_size: 0,
        reserved: std::ptr::null_mut(),
        input: none,
        output: output.handle(),
        error: none,
    };
    let mut made = calls::PROCESS_INFORMATION { process: none, thread: none, ids: [0; 2] };
    let (path, line, how, made_at) =
        (path.as_ptr(), line.as_mut_ptr(), &raw const how, &raw mut made);
    // Not the caller's, which may be on a drive that is to be disconnected: Wine holds the directory
    // of a native program that it has started for as long as the starter lives.
    let directory = terminated(&windows_directory());
    let (directory, null) = (directory.as_ptr(), std::ptr::null());
    // SAFETY: the three texts are terminated and the line is writable; both structures are whole.
    let started = unsafe {
        calls::CreateProcessW(path, line, null, null, 1, 0, null, directory, how, made_at)
    };
    if started == 0 {
        return Err(SystemError::last());
    }
    for handle in [made.process, made.thread].into_iter().filter(|handle| !handle.is_null()) {
        // SAFETY: a handle that was just given to us.
        unsafe { calls::CloseHandle(handle) };
    }
    Ok(())
}

/// Returns the Unix path of a Windows one; `None` if this is not Wine.
pub(crate) fn unix_path(path: &str) -> Option<String> {
    let kernel = terminated("kernel32.dll");
    // SAFETY: the name is terminated; kernel32 is in every process.
    let kernel = unsafe { calls::GetModuleHandleW(kernel.as_ptr()) };
    // SAFETY: the module stays loaded, and the name is terminated.
    let found = unsafe { calls::GetProcAddress(kernel, c"wine_get_unix_file_name".as_ptr()) };
    if found.is_null() {
        return None;
    }
    type Translate = unsafe extern "C" fn(*const u16) -> *mut c_char;
    // SAFETY: Wine's function of this name takes a terminated text and returns one on the heap.
    let translate = unsafe { std::mem::transmute::<*mut c_void, Translate>(found) };
    let path = terminated(path);
    // SAFETY: the text is terminated.
    let text = unsafe { translate(path.as_ptr()) };
    if text.is_null() {
        return None;
    }
    // SAFETY: the text is terminated, and ours until it is freed below.
    let copy = unsafe { std::ffi::CStr::from_ptr(text) }.to_str().ok().map(str::to_owned);
    // SAFETY: the process heap is there as long as the process.
    let heap = unsafe { calls::GetProcessHeap() };
    // SAFETY: the text was allocated there, as the function promises, and is not used afterwards.
    unsafe { calls::HeapFree(heap, 0, text.cast()) };
    copy
}

/// Returns the Windows folder.
pub(crate) fn windows_directory() -> String {
    let mut place = [0; 260];
    // SAFETY: the buffer has the size that is told.
    let length = unsafe { calls::GetSystemWindowsDirectoryW(place.as_mut_ptr(), 260) };
    String::from_utf16_lossy(place.get(..length as usize).unwrap_or_default())
}

/// Makes up a name that nobody can guess.
pub(crate) fn random_name() -> Result<String, SystemError> {
    let mut bytes = [0; 16];
    // SAFETY: the buffer has the size that is told.
    if unsafe { calls::RtlGenRandom(bytes.as_mut_ptr(), 16) } == 0 {
        return Err(SystemError::last());
    }
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
