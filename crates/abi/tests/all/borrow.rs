//! What C hands over, good and bad.

use std::ptr;

use mpr_abi::borrow;
use mpr_abi::npapi::{NOTIFYADD, NOTIFYCANCEL};
use mpr_abi::winnetwk::NETRESOURCEW;
use mpr_core::{ConnectFlags, ResourceType};

use crate::units;

#[test]
fn texts_end_at_their_terminator() {
    let text = units("S:");
    // SAFETY: a terminated vector.
    let wide = unsafe { borrow::wide(text.as_ptr()) };
    assert!(wide.unwrap().eq_str("S:"));
    // SAFETY: as above, at its terminator.
    let empty = unsafe { borrow::wide(text.as_ptr().wrapping_add(2)) };
    assert!(empty.unwrap().is_empty());
    // SAFETY: NULL is allowed.
    assert_eq!(unsafe { borrow::wide(ptr::null()) }, None);
}

#[test]
fn a_misaligned_text_is_absent() {
    let text = units("S:");
    let odd = text.as_ptr().wrapping_byte_add(1);
    // SAFETY: misaligned pointers are not followed.
    assert_eq!(unsafe { borrow::wide(odd) }, None);
}

#[test]
fn a_text_without_terminator_is_cut() {
    let endless = vec![0x41_u16; borrow::MAX_TEXT];
    // SAFETY: readable for as many units as are followed.
    let text = unsafe { borrow::wide(endless.as_ptr()) };
    assert_eq!(text.unwrap().len(), borrow::MAX_TEXT);
}

#[test]
fn bytes_need_a_pointer_and_a_length() {
    let data = [1_u8, 2, 3];
    // SAFETY: three bytes.
    assert_eq!(unsafe { borrow::bytes(data.as_ptr().cast(), 3) }, Some(&data[..]));
    // SAFETY: no byte is followed.
    assert_eq!(unsafe { borrow::bytes(data.as_ptr().cast(), 0) }, None);
    // SAFETY: NULL is allowed.
    assert_eq!(unsafe { borrow::bytes(ptr::null(), 3) }, None);
}

/// P2: a comment that is no text at all is never followed on the way in.
#[test]
fn the_comment_is_followed_on_the_way_out_only() {
    let mut remote = units(r"\\s\x");
    let mut comment = units("remark");
    let mut raw = NETRESOURCEW { lpRemoteName: remote.as_mut_ptr(), ..NETRESOURCEW::default() };
    raw.lpComment = ptr::without_provenance_mut(0x10);
    // SAFETY: the names are terminated, the comment is not to be followed.
    let resource = unsafe { borrow::net_resource_in(&raw) }.unwrap();
    assert_eq!(resource.comment, None);
    assert!(resource.remote.unwrap().eq_str(r"\\s\x"));
    raw.lpComment = comment.as_mut_ptr();
    // SAFETY: all texts are terminated.
    let resource = unsafe { borrow::net_resource(&raw) }.unwrap();
    assert!(resource.comment.unwrap().eq_str("remark"));
    // SAFETY: NULL is allowed.
    assert_eq!(unsafe { borrow::net_resource(ptr::null()) }, None);
}

/// A module's text that has no end does not go on behind the buffer that it was given.
#[test]
fn texts_in_a_buffer_end_with_it() {
    let mut buffer = vec![u64::from_ne_bytes([0x41, 0, 0x41, 0, 0x41, 0, 0x41, 0]); 32];
    let mut outside = units("outside");
    let base = buffer.as_mut_ptr();
    let entry = NETRESOURCEW {
        lpLocalName: ptr::null_mut(),
        lpRemoteName: base.wrapping_add(30).cast(),
        lpComment: base.wrapping_add(30).wrapping_byte_add(1).cast(),
        lpProvider: outside.as_mut_ptr(),
        ..NETRESOURCEW::default()
    };
    // SAFETY: one entry is smaller than the buffer.
    unsafe { base.cast::<NETRESOURCEW>().write(entry) };
    // SAFETY: it was just written there, and the text outside is terminated.
    let read = unsafe { borrow::net_resource_at(&buffer, 0) };
    assert!(read.remote.unwrap().eq_str("AAAAAAAA"));
    assert!(read.provider.unwrap().eq_str("outside"));
    assert_eq!((read.local, read.comment), (None, None));
}

#[test]
fn details_of_notifications() {
    let (mut local, mut remote) = (units(""), units(r"\\s\x"));
    let add = NOTIFYADD {
        hwndOwner: ptr::without_provenance_mut(7),
        NetResource: NETRESOURCEW {
            dwType: 1,
            lpLocalName: local.as_mut_ptr(),
            lpRemoteName: remote.as_mut_ptr(),
            ..NETRESOURCEW::default()
        },
        dwAddFlags: 9,
    };
    // SAFETY: the names are terminated.
    let details = unsafe { borrow::add_details(&add) }.unwrap();
    assert_eq!((details.owner, details.resource_type), (7, ResourceType::DISK));
    assert_eq!(details.flags, ConnectFlags::UPDATE_PROFILE | ConnectFlags::INTERACTIVE);
    assert!(details.local.unwrap().is_empty() && details.provider.is_none());

    let cancel = NOTIFYCANCEL { lpName: remote.as_mut_ptr(), fForce: 2, ..Default::default() };
    // SAFETY: the name is terminated.
    let details = unsafe { borrow::cancel_details(&cancel) }.unwrap();
    assert!(details.force && details.name.eq_str(r"\\s\x"));
}
