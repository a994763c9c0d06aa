//! The SFTP network provider.

#![forbid(unsafe_code)]
