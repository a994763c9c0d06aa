//! The process that serves an SMB mount. Started by the provider, not by people.

fn main() -> std::process::ExitCode {
    mpr_engine::main::<provider_smb::Smb>()
}
