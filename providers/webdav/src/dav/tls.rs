//! Whom to believe: the system's roots, or one certificate that the user pinned.

use std::sync::Arc;

use base64::Engine as _;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use sha2::{Digest as _, Sha256};

/// A certificate by the SHA-256 of itself or of its public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin([u8; 32]);

impl Pin {
    /// Parses `sha256:HEX`, colons allowed, or `sha256//BASE64` as curl spells it; the word may be
    /// missing.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix("pin-").unwrap_or(text);
        let value = text.strip_prefix("sha256").map_or(text, |rest| {
            rest.strip_prefix("//").or_else(|| rest.strip_prefix([':', '=', '/'])).unwrap_or(rest)
        });
        let plain: String = value.chars().filter(|&character| character != ':').collect();
        let bytes = if plain.len() == 64 && plain.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let pair = |at: usize| u8::from_str_radix(plain.get(at * 2..at * 2 + 2)?, 16).ok();
            (0..32).map(pair).collect::<Option<Vec<u8>>>()?
        } else {
            base64::engine::general_purpose::STANDARD.decode(value).ok()?
        };
        bytes.try_into().ok().map(Self)
    }

    fn fits(&self, certificate: &CertificateDer<'_>) -> bool {
        let hash = |bytes: &[u8]| <[u8; 32]>::from(Sha256::digest(bytes));
        let key = rustls::server::ParsedCertificate::try_from(certificate)
            .map(|certificate| hash(&certificate.subject_public_key_info()));
        hash(certificate) == self.0 || key.is_ok_and(|key| key == self.0)
    }
}

/// Makes the settings of encrypted connections.
pub(super) fn config(pin: Option<Pin>) -> Result<Arc<ClientConfig>, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match pin {
        Some(pin) => Arc::new(Pinned { pin, provider: Arc::clone(&provider) }),
        None => Arc::new(rustls_platform_verifier::Verifier::new(Arc::clone(&provider))?),
    };
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let config = config.dangerous().with_custom_certificate_verifier(verifier);
    Ok(Arc::new(config.with_no_client_auth()))
}

/// Believes one certificate, whoever signed it and whatever name it has; the server must prove that
/// it has the key.
#[derive(Debug)]
struct Pinned {
    pin: Pin,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.pin.fits(certificate) {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_read_in_each_spelling() {
        let expected = Some(Pin([0xab; 32]));
        let (hex, colons) = ("ab".repeat(32), vec!["AB"; 32].join(":"));
        let base64 = base64::engine::general_purpose::STANDARD.encode([0xab; 32]);
        for text in [
            hex.clone(),
            format!("sha256:{colons}"),
            format!("pin-sha256={base64}"),
            format!("sha256//{base64}"),
            base64.clone(),
        ] {
            assert_eq!(Pin::parse(&text), expected, "{text}");
        }
        for text in ["", "sha256:", "abcd", &hex[1..], "no pin"] {
            assert_eq!(Pin::parse(text), None, "{text}");
        }
    }
}
