//! The tests are in `tests/`; this crate is only their home.
