//! The SMB network provider.

#![forbid(unsafe_code)]
