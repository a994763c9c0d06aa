//! Random access over protocols that store whole objects: WebDAV, and object stores after it.
//!
//! An [`ObjectStore`] reads ranges and takes whole objects; the share made of it keeps a spool for
//! every file that is written, stores it at `close` and `fsync`, and loses nothing that a server
//! would not take.
