//! The first two messages of a connection, in which both sides say what they can.
//!
//! `smb2` never says that it can encrypt, although it can, and servers then offer no cipher: Samba
//! not even with SMB 3.1.1, which negotiates ciphers apart. So we say it in its place, on the way
//! out, and hash what was really said: every key of SMB 3.1.1 hangs on that (MS-SMB2 3.2.5.2).

use std::sync::{Arc, Mutex, PoisonError};

use smb2::client::connection::Connection;
use smb2::crypto::kdf::PreauthHasher;
use smb2::msg::header::Header;
use smb2::types::flags::Capabilities;

/// Where the capabilities stand in a NEGOTIATE request (MS-SMB2 2.2.3).
const CAPABILITIES: usize = Header::SIZE + 8;

/// What was said first, until it has been hashed.
#[derive(Clone, Default)]
pub(crate) struct Opening(Arc<Mutex<Said>>);

#[derive(Default)]
struct Said {
    request: Option<Vec<u8>>,
    answer: Option<Vec<u8>>,
}

impl Opening {
    /// Returns what to send instead of the first message; `None` for all others.
    pub(crate) fn send(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if said.request.is_some() {
            return None;
        }
        let mut request = message.to_vec();
        if let Some(low) = request.get_mut(CAPABILITIES) {
            *low |= Capabilities::ENCRYPTION as u8;
        }
        said.request = Some(request.clone());
        Some(request)
    }

    /// Keeps the first answer.
    pub(crate) fn receive(&self, message: &[u8]) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if said.answer.is_none() {
            said.answer = Some(message.to_vec());
        }
    }

    /// Has a connection hash what was said, once both have spoken.
    pub(crate) fn hash(&self, connection: &Connection) {
        let said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(request), Some(answer)) = (&said.request, &said.answer) else { return };
        connection.with_preauth_hasher_mut(|hasher| {
            *hasher = PreauthHasher::new();
            hasher.update(request);
            hasher.update(answer);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_message_alone_says_more() {
        let opening = Opening::default();
        let message = vec![0; 100];
        let sent = opening.send(&message).unwrap();
        let differing =
            sent.iter().zip(&message).enumerate().filter(|(_, (one, other))| one != other);
        let differing: Vec<_> = differing.map(|(at, _)| (at, sent[at])).collect();
        assert_eq!(differing, [(72, 0x40)]);
        assert_eq!(opening.send(&message), None);
    }
}
