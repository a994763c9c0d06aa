//! The process that serves an SFTP mount. Started by the provider, not by people; and by ssh,
//! when that wants the password that this program's other process has.

fn main() -> std::process::ExitCode {
    provider_sftp::answer_askpass().unwrap_or_else(mpr_engine::main::<provider_sftp::Sftp>)
}
