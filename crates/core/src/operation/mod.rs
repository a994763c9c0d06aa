//! The operations, one file per WNet verb.

mod add_connection;
mod cancel_connection;
mod connection;
mod enumerate;
mod information;
mod resource;
mod restore;
mod universal_name;
mod user;

pub use add_connection::{AccessName, AddConnection, AddVerb, Connected};
pub use cancel_connection::Cancelled;
pub use connection::Connection;
pub use enumerate::Enumeration;
pub use information::{NetworkInformation, NetworkStatus};
