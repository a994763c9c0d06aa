//! Texts from files and pipes.

#![allow(unsafe_code)]

#[link(name = "kernel32")]
unsafe extern "system" {
    fn MultiByteToWideChar(
        page: u32,
        flags: u32,
        from: *const u8,
        bytes: i32,
        to: *mut u16,
        units: i32,
    ) -> i32;
}

/// Converts a text of the ANSI code page; `None` if it cannot be.
pub(crate) fn of_code_page(text: &[u8]) -> Option<String> {
    let bytes = i32::try_from(text.len()).ok()?;
    let mut units = zeroize::Zeroizing::new(vec![0_u16; text.len()]);
    // SAFETY: both places are as long as is said.
    let made =
        unsafe { MultiByteToWideChar(0, 0, text.as_ptr(), bytes, units.as_mut_ptr(), bytes) };
    let made = usize::try_from(made).ok().filter(|made| *made > 0 || text.is_empty())?;
    String::from_utf16(&units[..made]).ok()
}
