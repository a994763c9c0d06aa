//! "OpenMPR Network": a network provider for Windows programs under Wine. It hands connections to
//! the native side, whose providers mount them, and gives them a drive letter.
//!
//! Connecting and browsing start `mpr-wine-bridge`, one native process for one request. What is
//! connected is read from the mount table, which needs no process and cannot be out of date.

#![cfg(windows)]

mod bridge;
mod connections;
mod letters;
mod pipes;
mod prefix;
mod provider;
mod system;

mpr_abi::export_provider!(provider::Unix, provider::Unix::new());
