//! Private copies: writable, zero-padded, and on the stack for ordinary names.

use mpr_abi::borrow;
use mpr_abi::copy::{AddCopy, INLINE, NameCopy, PADDING, ResourceCopy, SecretCopy};
use mpr_core::{AddDetails, ConnectFlags, NetResource, Password, ResourceType};

use crate::wide;

/// P1: a provider turns slashes round and writes past the terminator; the original is untouched.
#[test]
fn a_module_may_write_into_its_copy() {
    let name = wide(r"\\s\x");
    let mut copy = NameCopy::empty();
    let place = copy.fill(Some(name.as_wide()));
    // SAFETY: the copy has room for `PADDING` units behind the name.
    unsafe { place.wrapping_add(name.units().len()).write(0x2f) };
    assert_eq!(copy.units()[name.units().len()], 0x2f);
    // SAFETY: the copy is padded with zeros, so still terminated.
    let read = unsafe { borrow::wide(place) }.unwrap();
    assert_eq!(read.len(), 6);
    assert!(name.as_wide().eq_str(r"\\s\x"));
}

#[test]
fn copies_are_padded_at_every_length() {
    for length in [0, 1, INLINE - 1, INLINE, INLINE + 1, 5000] {
        let name = wide(&"x".repeat(length));
        let mut copy = NameCopy::empty();
        copy.fill(Some(name.as_wide()));
        assert_eq!(&copy.units()[..length], name.units());
        assert!(copy.units()[length..].iter().all(|&unit| unit == 0));
        assert!(copy.units().len() >= length + PADDING);
    }
    assert!(NameCopy::empty().fill(None).is_null());
}

#[test]
fn absent_and_empty_passwords_differ() {
    assert!(SecretCopy::empty().fill(None).is_null());
    let empty = wide("");
    let mut copy = SecretCopy::empty();
    assert!(!copy.fill(Some(Password::new(empty.as_wide()))).is_null());
    assert_eq!(format!("{copy:?}"), "SecretCopy(..)");
}

#[test]
fn details_come_back_as_they_went() {
    let (remote, provider) = (wide(r"\\s\x"), wide("Test"));
    let details = AddDetails {
        owner: 3,
        resource_type: ResourceType::DISK,
        local: None,
        remote: remote.as_wide(),
        provider: Some(provider.as_wide()),
        flags: ConnectFlags::TEMPORARY,
    };
    let mut copy = AddCopy::empty();
    let place = copy.fill(&details);
    // SAFETY: the copy is alive and stays where it is.
    assert_eq!(unsafe { borrow::add_details(place) }, Some(details));
}

/// P2: the comment is passed on as an address.
#[test]
fn the_comment_of_a_resource_is_passed_on() {
    let remote = wide(r"\\s\x");
    let resource = NetResource { remote: Some(remote.as_wide()), ..NetResource::default() };
    let mut copy = ResourceCopy::empty();
    let place = copy.fill(&resource, 0x1234);
    // SAFETY: the copy is alive and stays where it is.
    let raw = unsafe { borrow::read(place) }.unwrap();
    assert_eq!(raw.lpComment.addr(), 0x1234);
    // SAFETY: as above; the comment is not followed.
    assert_eq!(unsafe { borrow::net_resource_in(place) }, Some(resource));
}
