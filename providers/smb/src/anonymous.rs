//! Logging in as nobody (MS-NLMP 3.2.5.1.2: anonymous).
//!
//! `smb2` answers the challenge for an empty user as for any other, with a proof that no server
//! can check; a server that knows guests takes that, one that knows only nobody does not. There
//! is no secret in such a login, so nothing is derived from it, and nothing is signed.

use smb2::client::connection::Connection;
use smb2::msg::session_setup::{SessionSetupRequest, SessionSetupRequestFlags};
use smb2::types::Command;
use smb2::types::flags::{Capabilities, SecurityMode};
use smb2::types::status::NtStatus;
use smb2::{Frame, Result};

use crate::session::refused;

const SIGNATURE: &[u8; 8] = b"NTLMSSP\0";

/// Unicode, NTLM, with the version of it that all servers have.
const FLAGS: u32 = 0x0008_0201;
/// This is nobody.
const ANONYMOUS: u32 = 0x800;

/// Logs in as nobody.
pub(crate) async fn log_in(connection: &mut Connection) -> Result<()> {
    let challenge = exchange(connection, negotiate()).await?;
    if !challenge.header.status.is_more_processing_required() {
        return Err(refused(challenge.header.status));
    }
    connection.set_session_id(challenge.header.session_id);
    // What the server asks for does not matter: the answer is that there is none.
    let answer = exchange(connection, authenticate()).await?;
    match answer.header.status {
        NtStatus::SUCCESS => Ok(()),
        status => Err(refused(status)),
    }
}

async fn exchange(connection: &Connection, token: Vec<u8>) -> Result<Frame> {
    let request = SessionSetupRequest {
        flags: SessionSetupRequestFlags(0),
        security_mode: SecurityMode::new(SecurityMode::SIGNING_ENABLED),
        capabilities: Capabilities::default(),
        channel: 0,
        previous_session_id: 0,
        security_buffer: token,
    };
    connection.execute(Command::SessionSetup, &request, None).await
}

fn negotiate() -> Vec<u8> {
    let mut token = SIGNATURE.to_vec();
    token.extend(1u32.to_le_bytes());
    token.extend(FLAGS.to_le_bytes());
    // No domain, no workstation.
    token.extend([0; 16]);
    token
}

fn authenticate() -> Vec<u8> {
    const FIXED: u32 = 64;
    let mut token = SIGNATURE.to_vec();
    token.extend(3u32.to_le_bytes());
    // Each field says its length, twice, and where it begins: a proof of one zero byte, then a
    // second proof, domain, user, workstation and session key, all of them empty.
    for (length, start) in
        [(1u16, FIXED), (0, FIXED), (0, FIXED), (0, FIXED), (0, FIXED), (0, FIXED)]
    {
        token.extend(length.to_le_bytes());
        token.extend(length.to_le_bytes());
        token.extend(start.to_le_bytes());
    }
    token.extend((FLAGS | ANONYMOUS).to_le_bytes());
    token.push(0);
    token
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_only_field_is_where_it_says() {
        let token = super::authenticate();
        assert_eq!((token.len(), token[12], token[16], token[64]), (65, 1, 64, 0));
    }
}
