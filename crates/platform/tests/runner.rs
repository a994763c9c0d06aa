//! All integration tests of the crate, in one binary.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod it {
    pub(crate) mod world;

    mod crash;
    mod edit;
    mod load;
    mod mutated;
    mod profile;
    mod samples;
    mod trust;
}
