//! The process that serves a SMB mount. Started by the provider, not by people.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::FAILURE
}
