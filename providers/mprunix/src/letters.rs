//! Drive letters, by Wine's own device for them: a letter that it gives opens at once, is listed,
//! and is of a remote drive. Nothing else does all three (`wine.md` §3).
//!
//! The layout is measured: asked for a drive that there is (function 33), the device answers
//! size, type, a file system's type and number, the device's size (8 bytes), the letter, and the
//! places of mount point, device and label. What defines a drive (function 32) has the same.

use crate::system::{Access, File, SystemError};

const DEVICE: &str = r"\\.\MountPointManager";

/// Function 32 of type `m`, for who may read and write.
const DEFINE: u32 = 0x006d_c080;
/// Function 33 of type `m`, for who may read.
const QUERY: u32 = 0x006d_4084;

/// `DRIVE_NO_ROOT_DIR`: the letter goes.
const NOTHING: u32 = 1;
/// `DRIVE_REMOTE`.
const REMOTE: u32 = 4;

/// Bytes before the texts.
const HEADER: usize = 32;

/// Gives a letter to a directory.
pub(crate) fn map(letter: u8, directory: &str) -> Result<(), SystemError> {
    define(letter, REMOTE, directory)
}

/// Takes a letter away.
pub(crate) fn unmap(letter: u8) -> Result<(), SystemError> {
    define(letter, NOTHING, "")
}

/// Returns the directory that a letter stands for, empty for a device; `None` if it is free.
pub(crate) fn directory(letter: u8) -> Option<String> {
    let device = File::open(DEVICE, Access::Device).ok()?;
    let mut answer = [0; 4096];
    let length = device.ask(QUERY, &request(letter, 0, ""), &mut answer).ok()?;
    let place = usize::from(u16::from_le_bytes([answer[26], answer[27]]));
    let text = answer.get(place.max(HEADER)..length.max(HEADER)).unwrap_or_default();
    let text = text.split(|&byte| byte == 0).next().unwrap_or_default();
    Some(String::from_utf8_lossy(if place == 0 { &[] } else { text }).into_owned())
}

fn define(letter: u8, kind: u32, directory: &str) -> Result<(), SystemError> {
    let device = File::open(DEVICE, Access::Device)?;
    device.ask(DEFINE, &request(letter, kind, directory), &mut []).map(drop)
}

fn request(letter: u8, kind: u32, directory: &str) -> Vec<u8> {
    let mut bytes = vec![0; HEADER];
    bytes[4..8].copy_from_slice(&kind.to_le_bytes());
    // Small letters are what Wine names its links by.
    bytes[24] = letter.to_ascii_lowercase();
    if !directory.is_empty() {
        bytes[26] = HEADER as u8;
        bytes.extend_from_slice(directory.as_bytes());
    }
    bytes.push(0);
    let size = u32::try_from(bytes.len()).unwrap_or_default();
    bytes[..4].copy_from_slice(&size.to_le_bytes());
    bytes
}
