//! Logging in as somebody (MS-SMB2 3.2.4.2.3, with NTLM).
//!
//! `smb2` can do this too, but then signs every message of the session. Here a session is signed
//! if the server requires it or integrity was asked for, as other clients do by default: signing
//! costs a third of the throughput. The login itself is proven in any case, and with it, from
//! SMB 3.1.1 on, all that was agreed before it.

use smb2::auth::{NtlmAuthenticator, NtlmCredentials};
use smb2::client::Cipher;
use smb2::client::connection::{Connection, NegotiatedParams};
use smb2::crypto::kdf::derive_session_keys;
use smb2::crypto::signing::{SigningAlgorithm, algorithm_for_dialect, verify_signature};
use smb2::error::SignatureFailure;
use smb2::msg::session_setup::{
    SessionSetupRequest, SessionSetupRequestFlags, SessionSetupResponse,
};
use smb2::pack::{ReadCursor, Unpack as _};
use smb2::types::flags::{Capabilities, SecurityMode};
use smb2::types::status::NtStatus;
use smb2::types::{Command, Dialect};
use smb2::{Error, Frame, Result};

use crate::opening::Opening;

/// What a session is protected with.
pub(crate) struct Protection {
    /// It signs every message.
    pub(crate) signs: bool,
    /// What would encrypt it, if both sides can and do not yet.
    pub(crate) keys: Option<Keys>,
}

/// What encrypts in either direction, and how.
pub(crate) type Keys = (Vec<u8>, Vec<u8>, Cipher);

/// Somebody, as a server wants to know them.
pub(crate) struct Account<'a> {
    pub(crate) domain: &'a str,
    pub(crate) user: &'a str,
    pub(crate) password: &'a str,
    /// Being taken for a guest is as good.
    pub(crate) guest: bool,
}

/// Logs in, and signs from then on if the server or the caller wants that.
pub(crate) async fn log_in(
    connection: &mut Connection,
    opening: &Opening,
    account: &Account<'_>,
    integrity: bool,
) -> Result<Protection> {
    let params = connection.params().ok_or(Error::Disconnected)?;
    let mut ntlm = NtlmAuthenticator::new(NtlmCredentials {
        username: account.user.to_owned(),
        password: account.password.to_owned(),
        domain: account.domain.to_owned(),
    });
    let mut hasher = connection.preauth_hasher();
    let challenge = exchange(connection, ntlm.negotiate()).await?;
    if !challenge.header.status.is_more_processing_required() {
        return Err(refused(challenge.header.status));
    }
    hasher.update(&opening.take_request().ok_or(Error::Disconnected)?);
    hasher.update(&challenge.raw);
    connection.set_session_id(challenge.header.session_id);
    let token = setup(&challenge)?.security_buffer;
    let answer = exchange(connection, ntlm.authenticate(&token)?).await?;
    hasher.update(&opening.take_request().ok_or(Error::Disconnected)?);
    if answer.header.status != NtStatus::SUCCESS {
        return Err(refused(answer.header.status));
    }
    connection.set_session_id(answer.header.session_id);
    let flags = setup(&answer)?.session_flags;
    if flags.is_guest() || flags.is_null() {
        return match account.guest {
            true => Ok(Protection { signs: false, keys: None }),
            false => Err(Error::GuestSessionRefused {
                username: account.user.to_owned(),
                anonymous: !flags.is_guest(),
            }),
        };
    }
    let secret = ntlm.session_key().ok_or_else(|| Error::invalid_data("no session key"))?;
    let keys = derive(&params, secret, hasher.value());
    let algorithm = algorithm_for_dialect(params.dialect, params.gmac_negotiated);
    prove(&answer, &params, &keys.signing, algorithm)?;
    let signs = params.signing_required || integrity;
    if signs {
        connection.activate_signing(keys.signing, algorithm);
    } else if params.dialect == Dialect::Smb3_1_1 {
        // The one request that must be signed whatever was agreed (MS-SMB2 3.3.5.7).
        opening.sign_trees(keys.signing, algorithm);
    }
    let mut encrypting = keys.encrypting;
    if flags.encrypt_data() {
        // Without a cipher of its own choice the server means the one that all have.
        let keys = encrypting.take().or(keys.fallback);
        let (mine, theirs, cipher) =
            keys.ok_or_else(|| Error::invalid_data("encryption without keys"))?;
        connection.activate_encryption(mine, theirs, cipher);
    }
    Ok(Protection { signs, keys: encrypting })
}

async fn exchange(connection: &Connection, token: Vec<u8>) -> Result<Frame> {
    let request = SessionSetupRequest {
        flags: SessionSetupRequestFlags(0),
        security_mode: SecurityMode::new(SecurityMode::SIGNING_ENABLED),
        capabilities: Capabilities::default(),
        channel: 0,
        previous_session_id: connection.previous_session_id().0,
        security_buffer: token,
    };
    connection.execute(Command::SessionSetup, &request, None).await
}

fn setup(frame: &Frame) -> Result<SessionSetupResponse> {
    SessionSetupResponse::unpack(&mut ReadCursor::new(&frame.body))
}

pub(crate) fn refused(status: NtStatus) -> Error {
    Error::Protocol { status, command: Command::SessionSetup }
}

struct Derived {
    signing: Vec<u8>,
    encrypting: Option<Keys>,
    fallback: Option<Keys>,
}

fn derive(params: &NegotiatedParams, secret: &[u8], hash: &[u8; 64]) -> Derived {
    let hash = match params.dialect {
        Dialect::Smb3_0 | Dialect::Smb3_0_2 => None,
        Dialect::Smb3_1_1 => Some(hash),
        _ => return Derived { signing: secret.to_vec(), encrypting: None, fallback: None },
    };
    let able = params.capabilities.contains(Capabilities::ENCRYPTION);
    let cipher = match hash {
        Some(_) => params.cipher,
        None => able.then_some(Cipher::Aes128Ccm),
    };
    let long = matches!(cipher, Some(Cipher::Aes256Ccm | Cipher::Aes256Gcm));
    let keys = derive_session_keys(secret, params.dialect, hash, if long { 256 } else { 128 });
    let pair = |cipher| (keys.encryption_key.clone(), keys.decryption_key.clone(), cipher);
    Derived {
        encrypting: cipher.map(pair),
        fallback: Some(pair(Cipher::Aes128Ccm)),
        signing: keys.signing_key,
    }
}

/// Checks the signature under the answer that ends the login (MS-SMB2 3.2.5.3.1): it shows that
/// the server knows the user's secret, and that nobody changed what it said before.
fn prove(
    answer: &Frame,
    params: &NegotiatedParams,
    key: &[u8],
    algorithm: SigningAlgorithm,
) -> Result<()> {
    let message_id = answer.header.message_id;
    let signed = answer.header.flags.is_signed();
    let must = matches!(params.dialect, Dialect::Smb3_0 | Dialect::Smb3_0_2 | Dialect::Smb3_1_1);
    match (signed, must) {
        (true, _) => verify_signature(&answer.raw, key, algorithm, message_id.0, false),
        (false, false) => Ok(()),
        (false, true) => Err(Error::SignatureInvalid {
            command: Command::SessionSetup,
            message_id,
            reason: SignatureFailure::Missing,
        }),
    }
}
