//! The first messages of a connection, in which both sides agree on how they speak.
//!
//! `smb2` never says that it can encrypt, although it can, and servers then offer no cipher: Samba
//! not even with SMB 3.1.1, which negotiates ciphers apart. So we say it in its place, on the way
//! out, and hash what was really said: every key of SMB 3.1.1 hangs on that (MS-SMB2 3.2.5.2).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smb2::client::connection::Connection;
use smb2::crypto::kdf::PreauthHasher;
use smb2::crypto::signing::{SigningAlgorithm, sign_message};
use smb2::msg::header::Header;
use smb2::types::Command;
use smb2::types::flags::{Capabilities, HeaderFlags};

/// Where the capabilities stand in a NEGOTIATE request (MS-SMB2 2.2.3).
const CAPABILITIES: usize = Header::SIZE + 8;

/// What was said so far, as far as it is needed.
#[derive(Clone, Default)]
pub(crate) struct Opening(Arc<Mutex<Said>>);

#[derive(Default)]
struct Said {
    /// The requests that open a connection, until they are hashed.
    requests: VecDeque<Vec<u8>>,
    /// The answer to the first.
    answer: Option<Vec<u8>>,
    /// What signs TREE_CONNECT requests, where nothing else is signed.
    signer: Option<(Vec<u8>, SigningAlgorithm)>,
}

impl Opening {
    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what to send instead of a message; `None` for almost all.
    pub(crate) fn send(&self, message: &[u8]) -> Option<Vec<u8>> {
        // Of an encrypted message the command is not to be seen.
        let command = message.strip_prefix(b"\xFESMB")?.get(8..10)?;
        let command = u16::from_le_bytes([command[0], command[1]]);
        match Command::try_from(command).ok()? {
            Command::Negotiate => {
                let mut request = message.to_vec();
                if let Some(low) = request.get_mut(CAPABILITIES) {
                    *low |= Capabilities::ENCRYPTION as u8;
                }
                self.said().requests.push_back(request.clone());
                Some(request)
            }
            Command::SessionSetup => {
                self.said().requests.push_back(message.to_vec());
                None
            }
            Command::TreeConnect => {
                let said = self.said();
                let (key, algorithm) = said.signer.as_ref()?;
                let mut request = message.to_vec();
                *request.get_mut(16)? |= HeaderFlags::SIGNED as u8;
                let id = u64::from_le_bytes(request.get(24..32)?.try_into().ok()?);
                sign_message(&mut request, key, *algorithm, id, false).ok()?;
                Some(request)
            }
            _ => None,
        }
    }

    /// Keeps the first answer.
    pub(crate) fn receive(&self, message: &[u8]) {
        let mut said = self.said();
        if said.answer.is_none() {
            said.answer = Some(message.to_vec());
        }
    }

    /// Has a connection hash what was said first, once both have spoken.
    pub(crate) fn hash(&self, connection: &Connection) {
        let mut said = self.said();
        let (Some(request), Some(answer)) = (said.requests.pop_front(), &said.answer) else {
            return;
        };
        connection.with_preauth_hasher_mut(|hasher| {
            *hasher = PreauthHasher::new();
            hasher.update(&request);
            hasher.update(answer);
        });
    }

    /// Takes the request that was sent first of those not taken yet.
    pub(crate) fn take_request(&self) -> Option<Vec<u8>> {
        self.said().requests.pop_front()
    }

    /// Signs TREE_CONNECT requests from now on.
    pub(crate) fn sign_trees(&self, key: Vec<u8>, algorithm: SigningAlgorithm) {
        self.said().signer = Some((key, algorithm));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(command: Command) -> Vec<u8> {
        let mut message = vec![0; 100];
        message[..4].copy_from_slice(b"\xFESMB");
        message[12..14].copy_from_slice(&u16::from(command).to_le_bytes());
        message
    }

    #[test]
    fn the_first_message_says_more() {
        let opening = Opening::default();
        let first = message(Command::Negotiate);
        let sent = opening.send(&first).unwrap();
        let pairs = sent.iter().zip(&first).enumerate();
        let differing: Vec<_> =
            pairs.filter(|(_, (one, other))| one != other).map(|(at, _)| (at, sent[at])).collect();
        assert_eq!(differing, [(72, 0x40)]);
        assert_eq!(opening.take_request(), Some(sent));
        let setup = message(Command::SessionSetup);
        assert_eq!(opening.send(&setup), None);
        assert_eq!((opening.take_request(), opening.take_request()), (Some(setup), None));
    }

    #[test]
    fn trees_alone_are_signed() {
        let opening = Opening::default();
        let tree = message(Command::TreeConnect);
        assert_eq!(opening.send(&tree), None);
        opening.sign_trees(vec![7; 16], SigningAlgorithm::AesGmac);
        let sent = opening.send(&tree).unwrap();
        assert_eq!(sent[16] & 8, 8);
        assert_ne!(sent[48..64], [0; 16]);
        assert_eq!(opening.send(&message(Command::Read)), None);
        assert_eq!(opening.send(b"\xFDSMB"), None);
    }
}
