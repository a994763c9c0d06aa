//! What `mpr wine install` wrote for this provider.

use super::calls;
use super::terminated;

/// Returns the Unix path of the native program; `None` if it was not installed.
pub(crate) fn bridge_program() -> Option<String> {
    let path = terminated(r"System\CurrentControlSet\Services\mprunix\Parameters");
    let name = terminated("Bridge");
    let mut place = [0u16; 1024];
    let mut size = size_of_val(&place) as u32;
    let (root, kinds) = (calls::HKEY_LOCAL_MACHINE, calls::RRF_RT_REG_SZ);
    let (path, name, to) = (path.as_ptr(), name.as_ptr(), place.as_mut_ptr().cast());
    let kind = std::ptr::null_mut();
    // SAFETY: both names are terminated, and the buffer has `size` bytes.
    let found = unsafe { calls::RegGetValueW(root, path, name, kinds, kind, to, &raw mut size) };
    let end = place.iter().position(|&unit| unit == 0)?;
    let text = String::from_utf16(&place[..end]).ok()?;
    (found == 0 && text.starts_with('/')).then_some(text)
}
