//! The scripted provider of `mpr-core` as a module: the same value as in the test, behind C.

#![forbid(unsafe_code)]

use mpr_core::testing::{Log, ScriptedProvider};

mpr_abi::export_provider!(ScriptedProvider, {
    let mut provider = ScriptedProvider::new("P", &Log::default());
    provider.prefix = r"\\srv\";
    provider
});
