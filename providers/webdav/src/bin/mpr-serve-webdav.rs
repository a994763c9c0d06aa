//! The process that serves a WebDAV mount. Started by the provider, not by people.

use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None => mpr_mount::first_stage("serve"),
        Some("serve") => provider_webdav::serve(),
        Some(_) => {
            eprintln!(
                "mpr-serve-webdav serves a mount; connect with `mpr use S: https://host/path`"
            );
            ExitCode::from(2)
        }
    }
}
