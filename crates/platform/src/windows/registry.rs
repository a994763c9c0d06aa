//! The system's registry as a [`Hive`].

use std::ptr;

use mpr_core::{Wide, WideString};

use super::hive::{Failure, Hive, Tree, Value, Values};
use super::sys::{self, HKEY};

/// Longest names that the registry has, with their terminators.
const VALUE_NAME: usize = 16_384;
const KEY_NAME: usize = 256;
/// Bytes of the first buffer for a value.
const ROOM: usize = 1024;
/// The most that a value of ours may have; what is larger is none of ours.
const MOST: usize = 1024 * 1024;

/// The registry of this machine and of the calling user.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registry;

/// An open key, closed when it is dropped.
struct Key(HKEY);

impl Key {
    /// Opens a key; `None` if there is none.
    fn open(tree: Tree, name: &str, access: u32) -> Result<Option<Self>, Failure> {
        let name = sys::terminated(name);
        let mut found = ptr::null_mut();
        let (root, place) = (root(tree), &raw mut found);
        // SAFETY: the name is terminated, and the place lives until the call returns.
        let code = unsafe { sys::RegOpenKeyExW(root, name.as_ptr(), 0, access, place) };
        match code {
            sys::ERROR_SUCCESS => Ok(Some(Self(found))),
            code if is_missing(code) => Ok(None),
            code => Err(Failure(code)),
        }
    }

    /// Opens a key to be written to; it and those above it are made if need be.
    fn create(tree: Tree, name: &str) -> Result<Self, Failure> {
        let name = sys::terminated(name);
        let mut found = ptr::null_mut();
        let (root, none, place) = (root(tree), ptr::null_mut(), &raw mut found);
        // SAFETY: the name is terminated, and the place lives until the call returns; the rest may
        // be NULL.
        let code = unsafe {
            sys::RegCreateKeyExW(
                root,
                name.as_ptr(),
                0,
                ptr::null(),
                0,
                sys::KEY_WRITE,
                ptr::null(),
                place,
                none,
            )
        };
        done(code).map(|()| Self(found))
    }

    /// Returns the value of an index; `None` after the last.
    fn value(
        &self,
        index: u32,
        name: &mut [u16],
        data: &mut Vec<u8>,
    ) -> Result<Option<(String, Value)>, Failure> {
        loop {
            let mut length = u32::try_from(name.len()).unwrap_or(u32::MAX);
            let mut size = u32::try_from(data.len()).unwrap_or(u32::MAX);
            let mut kind = 0;
            // SAFETY: the buffers have the sizes that are said, and live until the call returns.
            let code = unsafe {
                sys::RegEnumValueW(
                    self.0,
                    index,
                    name.as_mut_ptr(),
                    &raw mut length,
                    ptr::null_mut(),
                    &raw mut kind,
                    data.as_mut_ptr(),
                    &raw mut size,
                )
            };
            let size = size as usize;
            match code {
                sys::ERROR_SUCCESS => {
                    let name = name.get(..length as usize).unwrap_or_default();
                    let data = data.get(..size).unwrap_or_default();
                    return Ok(Some((Wide::new(name).to_string(), value(kind, data))));
                }
                sys::ERROR_NO_MORE_ITEMS => return Ok(None),
                sys::ERROR_MORE_DATA if data.len() < MOST => {
                    // It may have grown since, so twice is the least.
                    data.resize(size.max(data.len() * 2).min(MOST), 0);
                }
                sys::ERROR_MORE_DATA => return Ok(Some((String::new(), Value::Other))),
                code => return Err(Failure(code)),
            }
        }
    }

    fn set(&self, name: &str, value: &Value) -> Result<(), Failure> {
        let bytes = |text: &WideString| -> Vec<u8> {
            text.to_vec_with_nul().iter().flat_map(|unit| unit.to_le_bytes()).collect()
        };
        let (kind, data) = match value {
            Value::Text(text) => (sys::REG_SZ, bytes(text)),
            Value::Expandable(text) => (sys::REG_EXPAND_SZ, bytes(text)),
            Value::Number(number) => (sys::REG_DWORD, number.to_le_bytes().to_vec()),
            Value::Binary(data) => (sys::REG_BINARY, data.clone()),
            Value::Other => return Ok(()),
        };
        let name = sys::terminated(name);
        let size = u32::try_from(data.len()).unwrap_or(u32::MAX);
        // SAFETY: the name is terminated; `data` has `size` bytes.
        done(unsafe { sys::RegSetValueExW(self.0, name.as_ptr(), 0, kind, data.as_ptr(), size) })
    }

    fn unset(&self, name: &str) -> Result<(), Failure> {
        let name = sys::terminated(name);
        // SAFETY: the name is terminated.
        match unsafe { sys::RegDeleteValueW(self.0, name.as_ptr()) } {
            code if is_missing(code) => Ok(()),
            code => done(code),
        }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: the handle is this value's own, and this is its end.
        let _ = unsafe { sys::RegCloseKey(self.0) };
    }
}

impl Hive for Registry {
    fn values(&self, tree: Tree, key: &str) -> Result<Option<Values>, Failure> {
        let Some(key) = Key::open(tree, key, sys::KEY_READ)? else { return Ok(None) };
        let (mut name, mut data) = (vec![0; VALUE_NAME], vec![0; ROOM]);
        let mut values = Values::new();
        for index in 0.. {
            match key.value(index, &mut name, &mut data)? {
                Some(value) => values.push(value),
                None => break,
            }
        }
        Ok(Some(values))
    }

    fn children(&self, tree: Tree, key: &str) -> Result<Vec<String>, Failure> {
        let Some(key) = Key::open(tree, key, sys::KEY_READ)? else { return Ok(Vec::new()) };
        let mut children = Vec::new();
        for index in 0.. {
            let mut name = [0; KEY_NAME];
            let mut length = KEY_NAME as u32;
            let none = ptr::null_mut();
            let (place, length_at) = (name.as_mut_ptr(), &raw mut length);
            // SAFETY: the buffer has `length` units; the rest may be NULL.
            let code = unsafe {
                sys::RegEnumKeyExW(
                    key.0,
                    index,
                    place,
                    length_at,
                    ptr::null_mut(),
                    ptr::null_mut(),
                    ptr::null_mut(),
                    none,
                )
            };
            match code {
                sys::ERROR_SUCCESS => {
                    let name = name.get(..length as usize).unwrap_or_default();
                    children.push(Wide::new(name).to_string());
                }
                sys::ERROR_NO_MORE_ITEMS => break,
                code => return Err(Failure(code)),
            }
        }
        Ok(children)
    }

    fn check_writable(&self, tree: Tree, key: &str) -> Result<(), Failure> {
        let access = sys::KEY_READ | sys::KEY_WRITE;
        if Key::open(tree, key, access)?.is_some() {
            return Ok(());
        }
        // Not there: then those above must let it be made. The root itself always exists.
        let above = key.rsplit_once('\\').map_or("", |(above, _)| above);
        if above.is_empty() {
            return Key::open(tree, "", access).map(drop);
        }
        self.check_writable(tree, above)
    }

    fn write(
        &self,
        tree: Tree,
        key: &str,
        values: &[(&str, Option<Value>)],
    ) -> Result<(), Failure> {
        let key = Key::create(tree, key)?;
        values.iter().try_for_each(|(name, value)| match value {
            Some(value) => key.set(name, value),
            None => key.unset(name),
        })
    }

    fn remove(&self, tree: Tree, key: &str) -> Result<bool, Failure> {
        let name = sys::terminated(key);
        // SAFETY: the name is terminated, and not empty: only keys of ours come here.
        match unsafe { sys::RegDeleteTreeW(root(tree), name.as_ptr()) } {
            code if is_missing(code) => Ok(false),
            code => done(code).map(|()| true),
        }
    }
}

fn root(tree: Tree) -> HKEY {
    match tree {
        Tree::Machine => sys::HKEY_LOCAL_MACHINE,
        Tree::User => sys::HKEY_CURRENT_USER,
    }
}

fn done(code: u32) -> Result<(), Failure> {
    if code == sys::ERROR_SUCCESS { Ok(()) } else { Err(Failure(code)) }
}

fn is_missing(code: u32) -> bool {
    matches!(code, sys::ERROR_FILE_NOT_FOUND | sys::ERROR_PATH_NOT_FOUND)
}

/// Reads a value; text ends at its first NUL, which need not be there.
fn value(kind: u32, data: &[u8]) -> Value {
    let text = || {
        let units = data.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let units: Vec<u16> = units.take_while(|&unit| unit != 0).collect();
        WideString::from(units)
    };
    match (kind, data) {
        (sys::REG_SZ, _) => Value::Text(text()),
        (sys::REG_EXPAND_SZ, _) => Value::Expandable(text()),
        (sys::REG_DWORD, &[a, b, c, d]) => Value::Number(u32::from_le_bytes([a, b, c, d])),
        (sys::REG_BINARY, data) => Value::Binary(data.to_vec()),
        _ => Value::Other,
    }
}
