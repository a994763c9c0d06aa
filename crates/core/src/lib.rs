//! The router of OpenMPR: check, tell notifyees, ask providers, remember, tell notifyees, return.
//!
//! `no_std`, without unsafe code and without dependencies. It acts on the world only through the
//! traits [`Provider`], [`Notifyee`], [`Profile`] and [`Surroundings`], so that tests script all of
//! them. Rule numbers in comments (`U4`, `P9`, `D1`, `notify.md` §4) name the specification.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(test, feature = "testing"))]
extern crate std;

mod error;
mod flags;
mod name;
mod notify;
mod notifyee;
mod operation;
mod profile;
mod provider;
mod resource;
mod route;
mod router;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod trace;
mod wide;

pub use error::{DecidedBy, Error, ExtendedError, ProviderError, WnError, code_of, status};
pub use flags::{
    ConnectFlags, ConnectionCaps, DialogCaps, DisplayType, EnumerationCaps, ResourceType,
    ResourceUsage, Scope,
};
pub use name::{DeviceName, LocalName, MAX_REMOTE_NAME, RemoteName};
pub use notifyee::{AddDetails, CancelDetails, Notice, Notifyee};
pub use operation::{
    AccessName, AddConnection, AddVerb, Cancelled, Connected, Connection, Enumeration,
    NetworkInformation, NetworkStatus,
};
pub use profile::{Profile, RememberedConnection};
pub use provider::{
    AddCall, AddRequest, Availability, Credentials, ListEnum, Provider, ResourceEnum, Taken,
};
pub use resource::{
    ConnectionPerformance, InfoLevel, NetResource, OwnedNetResource, ResourceInformation,
    UniversalName,
};
pub use router::Router;
pub use trace::{Actor, Note, Phase, Surroundings, Trace, TraceEvent};
pub use wide::{Password, Wide, WideString};
