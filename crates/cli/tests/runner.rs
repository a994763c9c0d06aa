//! All integration tests of the command.
