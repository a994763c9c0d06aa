//! The C side of OpenMPR's three interfaces: client, provider and notification.
//!
//! - [`winnetwk`], [`wnet`], [`npapi`], [`codes`]: structures, function-pointer types and
//!   constants, named as in the C headers, their layout asserted when this is compiled.
//!   [`tables`] lists them all.
//! - [`borrow`] (C to core) and [`lend`] (core to C): the one place that follows a foreign pointer
//!   to data. [`copy`]: private, writable copies to call a module with (P1).
//! - [`author`] and [`export`]: a provider or notifyee written in safe Rust becomes a module's C
//!   exports by one macro, [`export_provider!`] or [`export_notifyee!`].
//!
//! It leaves loading, routing and the operations to others: it knows shapes, not rules.

// Following C pointers is what this crate is for; every other crate of ours borrows it from here.
#![allow(unsafe_code)]

pub mod author;
pub mod borrow;
pub mod codes;
pub mod copy;
pub mod export;
pub mod lend;
pub mod npapi;
mod readable;
pub mod tables;
pub mod types;
pub mod winnetwk;
pub mod wnet;
