//! The native side of connections under Wine: one process for one request, started by the provider
//! `mprunix` in a Windows program.
//!
//! It says on its standard output where it can be asked, is asked, does it with the router of the
//! native side as `mpr` does, answers, and ends. A connection is undone if the Windows program
//! is gone before it has its drive letter. It talks through two pipes of its own, which the other
//! side opens below `/proc/PID/fd`: the kernel lets only the same user do that, and nothing is
//! left when either side is killed.

#![forbid(unsafe_code)]

mod channel;
mod connection;
mod links;
mod places;
mod work;

use std::io;
use std::process::ExitCode;

use mpr_host::{Clock, Host};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::{setsid, umask};

use crate::channel::Channel;

fn main() -> ExitCode {
    let paths = mpr_platform::Paths::current();
    if paths.is_privileged() {
        eprintln!("mpr-wine-bridge: not with borrowed rights");
        return ExitCode::FAILURE;
    }
    match run(paths) {
        Ok(()) => ExitCode::SUCCESS,
        // Nobody reads what it could say: whoever asked has gone.
        Err(_) => ExitCode::FAILURE,
    }
}

fn run(paths: mpr_platform::Paths) -> io::Result<()> {
    umask(Mode::from_raw_mode(0o077));
    // What ends the caller's process group, as Ctrl-C does, must not end what is to clear up.
    let _ = setsid();
    // The caller's directory may be on a drive that is to be disconnected.
    std::env::set_current_dir("/")?;
    let mut channel = Channel::open()?;
    channel.say_hello()?;
    leave_streams()?;
    // While the other side opens the pipes.
    let host = Host::open(paths, Clock::None);
    let request = channel.request()?;
    work::serve(&host, &channel, request)
}

/// Leaves the streams to the caller: what is started here may outlive it.
fn leave_streams() -> io::Result<()> {
    let null = open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    Ok(())
}
