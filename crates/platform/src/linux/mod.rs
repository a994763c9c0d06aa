//! Linux (and other Unix): files below `/etc/mpr` and the user's configuration directory.

mod clock;
mod edit;
mod entry;
mod environment;
mod file;
mod layout;
mod load;
mod parse;
mod paths;
mod profile;
mod trust;
mod value;

pub use clock::ticks;
pub use edit::{NewProvider, SettingsError, SettingsFile};
pub use environment::Environment;
pub use paths::Paths;
pub use profile::ProfileFile;
pub use trust::{Trust, TrustError, TrustReason};
pub use value::parse_duration;
