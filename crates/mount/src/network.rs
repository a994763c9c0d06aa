//! What a mounting provider supplies: its names, and how its remote names are spelled.
//!
//! A `MountProvider` answers the router from that, from the mount table, and through the
//! provider's serving program; no protocol is spoken in the caller's process.

use mpr_core::{ConnectFlags, DisplayType, ResourceUsage, WnError};

use crate::kernel::{KernelMount, KernelSystem};

/// A parsed remote name.
pub trait Resource: Clone + Send + Sync + Sized + 'static {
    /// Parses a name in any of its spellings; `None` if it belongs to another provider.
    fn parse(text: &str) -> Option<Self>;

    /// Returns the name in the spelling it came in: the source of its mount.
    fn name(&self) -> String;

    /// Returns the name as Windows spells it.
    fn unc(&self) -> String;

    /// Tells whether both are one resource, however they are spelled.
    fn same(&self, other: &Self) -> bool;

    /// Returns what it is in; `None` for a server.
    fn parent(&self) -> Option<Self>;

    /// Returns something in it.
    fn child(&self, name: &str) -> Self;

    /// Returns the parts that lead from `ancestor` to it; `None` if it is elsewhere.
    fn below(&self, ancestor: &Self) -> Option<Vec<String>>;

    /// Returns server and share as directories of a connection without local name are called.
    fn place(&self) -> (String, String);

    /// Returns what it is as far as its name tells.
    fn display_type(&self) -> DisplayType;

    /// Returns what can be done with it as far as its name tells.
    fn usage(&self) -> ResourceUsage;

    /// Returns a user that the name itself carries: `sftp://user@host`.
    fn user(&self) -> Option<&str> {
        None
    }
}

/// What an option of a provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OptionKind {
    /// True or false.
    Flag,
    /// Text.
    Text,
}

/// A network, as far as the provider differs from others.
pub trait Network: Send + Sync + 'static {
    /// Its remote names.
    type Resource: Resource;

    /// The name that people and `lpProvider` use.
    const NAME: &'static str;

    /// `WNNC_NET_*`.
    const NET_TYPE: u32;

    /// The subtype of its file systems: `mpr-webdav` is `fuse.mpr-webdav` in the mount table.
    const SUBTYPE: &'static str;

    /// The program that serves its mounts.
    const HELPER: &'static str;

    /// What the serving program can promise of `REQUIRE_PRIVACY`, `REQUIRE_INTEGRITY` and
    /// `WRITE_THROUGH_SEMANTICS`. One that a caller demands is in the order as the option
    /// `require-privacy`, `require-integrity` or `write-through`, and must be kept or refused.
    /// One that is not named here is refused by the router.
    const PROMISES: ConnectFlags = ConnectFlags::NONE;

    /// The options of `[providers.KEY.options]` in `mpr.toml` that its serving program knows. Any
    /// other, or one of another kind, keeps the provider from connecting: a demand that is
    /// misspelled must not be lost.
    const OPTIONS: &'static [(&'static str, OptionKind)] = &[];

    /// The kernel's file system for it, if its mounts can be handed over: when the option `kernel`
    /// of `mpr.toml` or `MPR_KERNEL=1` says so, or always. The serving program still looks at the
    /// server first.
    const KERNEL: Option<KernelSystem> = None;

    /// Says how the kernel is to mount a resource and keep these promises, or why it cannot.
    fn kernel_mount(
        _remote: &Self::Resource,
        _promises: ConnectFlags,
    ) -> Result<KernelMount, String> {
        Err("the kernel has no file system for it".into())
    }

    /// Refuses a demand that a name itself rules out, such as encryption over `http://`.
    fn check_promises(_remote: &Self::Resource, _flags: ConnectFlags) -> Result<(), String> {
        Ok(())
    }

    /// Refuses a user's name that the protocol cannot carry (`BAD_USERNAME`).
    fn check_user(_user: &str) -> Result<(), WnError> {
        Ok(())
    }
}
