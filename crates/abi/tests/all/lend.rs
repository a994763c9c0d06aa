//! What we write into C's memory: sizes to the byte, pointers that are real.

use std::mem::{MaybeUninit, size_of};
use std::ptr;

use mpr_abi::borrow;
use mpr_abi::lend::{self, Entry, Needed, Packer};
use mpr_abi::winnetwk::{NETRESOURCEA, NETRESOURCEW, REMOTE_NAME_INFOW};
use mpr_core::{
    InfoLevel, NetResource, ResourceInformation, Scope, UniversalName, Wide, WideString, WnError,
};

use crate::wide;

/// Lends "S:" to a buffer of `room` characters: answer, length after, buffer after.
fn lend_text(room: u32) -> (Result<(), WnError>, u32, [u16; 4]) {
    let (text, mut length, mut buffer) = (wide("S:"), room, [0xffff; 4]);
    // SAFETY: `room` is at most 4.
    let result = unsafe { lend::text(text.as_wide(), buffer.as_mut_ptr(), &mut length) };
    (result, length, buffer)
}

/// `wnet.md` §1: the length changes with `MORE_DATA` only, and then nothing is written.
#[test]
fn texts_fit_exactly_or_not_at_all() {
    let (s, colon) = (u16::from(b'S'), u16::from(b':'));
    let written = [s, colon, 0, 0xffff];
    assert_eq!(lend_text(4), (Ok(()), 4, written));
    assert_eq!(lend_text(3), (Ok(()), 3, written));
    assert_eq!(lend_text(2), (Err(WnError::MORE_DATA), 3, [0xffff; 4]));
    assert_eq!(lend_text(0), (Err(WnError::MORE_DATA), 3, [0xffff; 4]));
}

#[test]
fn texts_without_a_place() {
    let text = wide("S:");
    let lend = |buffer, length| {
        // SAFETY: NULL is allowed for either.
        unsafe { lend::text(text.as_wide(), buffer, length) }
    };
    let (mut buffer, mut length) = ([0; 4], 0);
    assert_eq!(lend(buffer.as_mut_ptr(), ptr::null_mut()), Err(WnError::INVALID_ADDRESS));
    assert_eq!(lend(ptr::null_mut(), &mut length), Err(WnError::MORE_DATA));
    assert_eq!(length, 3);
    assert_eq!(lend(ptr::null_mut(), &mut length), Err(WnError::INVALID_ADDRESS));
}

#[test]
fn truncation_always_terminates() {
    let text = wide("abc");
    for (room, expected) in [(0, "????"), (1, "\0???"), (2, "a\0??"), (3, "ab\0?"), (4, "abc\0")] {
        let mut buffer: Vec<u16> = "????".encode_utf16().collect();
        // SAFETY: `room` is at most 4.
        unsafe { lend::units_truncated(text.units(), buffer.as_mut_ptr(), room) };
        assert_eq!(String::from_utf16(&buffer).unwrap(), expected);
    }
}

#[test]
fn blocks_count_bytes() {
    let (mut buffer, mut size) = ([0_u8; 3], 2);
    // SAFETY: `size` is at most 3.
    let short = unsafe { lend::block(&[1, 2, 3], buffer.as_mut_ptr(), &mut size) };
    assert_eq!((short, size), (Err(WnError::MORE_DATA), 3));
    // SAFETY: as above.
    let fits = unsafe { lend::block(&[1, 2, 3], buffer.as_mut_ptr(), &mut size) };
    assert_eq!((fits, buffer), (Ok(()), [1, 2, 3]));
    // SAFETY: nothing is copied.
    assert_eq!(unsafe { lend::block(&[], ptr::null_mut(), &mut size) }, Ok(()));
}

fn entry<'a>(local: &'a WideString, remote: &'a WideString) -> NetResource<'a> {
    NetResource {
        scope: Scope::CONNECTED,
        local: Some(local.as_wide()),
        remote: Some(remote.as_wide()),
        ..NetResource::default()
    }
}

/// A structure, "S:" and `\\s\x`, each with its terminator.
const ONE: usize = size_of::<NETRESOURCEW>() + 2 * 3 + 2 * 6;

#[test]
fn entries_fit_exactly_or_not_at_all() {
    let (local, remote) = (wide("S:"), wide(r"\\s\x"));
    let resource = entry(&local, &remote);
    let mut memory = [MaybeUninit::<u8>::uninit(); 4 * ONE];
    for (size, entries) in [(0, 0), (ONE - 1, 0), (ONE, 1), (2 * ONE - 1, 1), (2 * ONE, 2)] {
        let mut packer = Packer::on(&mut memory[..size]);
        let mut refused = None;
        while refused.is_none() {
            refused = packer.push(&Entry::from(&resource)).err();
        }
        assert_eq!(packer.entries(), entries, "{size} bytes");
        assert_eq!(refused, Some(Needed(ONE as u32)));
    }
}

/// The texts of `A` functions leave no gaps: a size that is odd is enough if it is exact.
#[test]
fn bytes_need_no_even_size() {
    const NEEDED: usize = size_of::<NETRESOURCEA>() + 3 + 2;
    let (remote, provider) = (Some(b"ab".as_slice()), Some(b"P".as_slice()));
    let entry = Entry { remote, provider, ..Entry::default() };
    let mut memory = [MaybeUninit::<u8>::uninit(); NEEDED];
    let refused = Packer::on(&mut memory[1..]).push(&entry);
    assert_eq!(refused, Err(Needed(NEEDED as u32)));
    assert_eq!(Packer::on(&mut memory).push(&entry), Ok(()));
}

/// At every alignment of the caller's buffer, and never past its end.
#[test]
fn packed_pointers_are_real() {
    let (local, remote) = (wide("S:"), wide(r"\\s\x"));
    let resource = entry(&local, &remote);
    let mut memory = vec![0xee_u8; 2 * ONE + 16];
    for shift in [0, 2, 4, 8] {
        memory.fill(0xee);
        let base = memory.as_mut_ptr().wrapping_add(shift);
        // SAFETY: `shift` and the size are within the vector.
        let mut packer = unsafe { Packer::new(base.cast(), 2 * ONE as u32) };
        packer.push(&Entry::from(&resource)).unwrap();
        packer.push(&Entry::from(&resource)).unwrap();
        for index in 0..2 {
            // SAFETY: two entries were packed.
            let read =
                unsafe { borrow::net_resource(base.cast::<NETRESOURCEW>().wrapping_add(index)) };
            assert_eq!(read, Some(resource));
        }
        assert!(memory[shift + 2 * ONE..].iter().all(|&byte| byte == 0xee));
    }
}

#[test]
fn null_has_no_room() {
    // SAFETY: NULL is allowed.
    let mut packer = unsafe { Packer::new(ptr::null_mut(), 4096) };
    let empty = Entry::<u16>::default();
    assert_eq!(packer.push(&empty), Err(Needed(size_of::<NETRESOURCEW>() as u32)));
}

#[test]
fn byte_entries_pack_alike() {
    let entry = Entry { remote: Some(&b"\\\\s\\xy"[..]), ..Entry::default() };
    let mut memory = [MaybeUninit::<u64>::uninit(); 16];
    let base = memory.as_mut_ptr();
    // SAFETY: 128 bytes of our own.
    let mut packer = unsafe { Packer::new(base.cast(), 128) };
    packer.push(&entry).unwrap();
    // SAFETY: an entry was just packed there.
    let raw = unsafe { borrow::read(base.cast::<NETRESOURCEA>()) }.unwrap();
    // SAFETY: its remote name was packed with a terminator.
    assert_eq!(unsafe { borrow::units(raw.lpRemoteName) }, entry.remote);
    assert!(raw.lpLocalName.is_null());
}

#[test]
fn universal_names_at_both_levels() {
    let name = UniversalName {
        universal: None,
        connection: Some(wide(r"\\s\x")),
        remaining: Some(wide("")),
    };
    let mut memory = [MaybeUninit::<u64>::uninit(); 16];
    let base = memory.as_mut_ptr();
    let needed = (size_of::<REMOTE_NAME_INFOW>() + 12 + 2) as u32;
    // SAFETY: fewer than 128 bytes of our own.
    let mut short = unsafe { Packer::new(base.cast(), needed - 1) };
    assert_eq!(short.universal_name(InfoLevel::RemoteName, &name), Err(Needed(needed)));
    // SAFETY: fewer than 128 bytes of our own.
    let mut packer = unsafe { Packer::new(base.cast(), needed) };
    packer.universal_name(InfoLevel::RemoteName, &name).unwrap();
    // SAFETY: the structure was just packed there.
    let raw = unsafe { borrow::read(base.cast::<REMOTE_NAME_INFOW>()) }.unwrap();
    assert!(raw.lpUniversalName.is_null());
    // SAFETY: packed with a terminator.
    let rest = unsafe { borrow::wide(raw.lpRemainingPath) };
    assert_eq!(rest, Some(Wide::new(&[])));
}

#[test]
fn the_system_part_lies_in_the_buffer() {
    let mut information = ResourceInformation { system: Some(wide(r"\d")), ..Default::default() };
    let mut memory = [MaybeUninit::<u8>::uninit(); 256];
    let range = memory.as_ptr_range();
    let place = Packer::on(&mut memory).resource_information(&information).unwrap();
    assert!(range.contains(&place.cast_const().cast()));
    information.system = None;
    assert!(Packer::on(&mut memory).resource_information(&information).unwrap().is_null());
}
