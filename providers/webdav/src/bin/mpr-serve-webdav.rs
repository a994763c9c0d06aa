//! The process that serves a WebDAV mount. Started by the provider, not by people.

use std::process::ExitCode;

fn main() -> ExitCode {
    mpr_engine::main::<provider_webdav::dav::Dav>()
}
