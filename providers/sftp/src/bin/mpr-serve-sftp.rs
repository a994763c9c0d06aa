//! The process that serves a SFTP mount. Started by the provider, not by people.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::FAILURE
}
