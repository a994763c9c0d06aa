//! The engine as programs see it: real mounts of a server that can be told to fail.

mod faults;
mod posix;
mod races;
mod workload;
