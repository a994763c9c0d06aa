//! Noticing that the caller has gone before the mount was there.
//!
//! Whoever interrupts a connect to a silent server wants nothing left of it: no process that goes
//! on trying, no directory, no file. A caller that ends closes its end of the answer pipe.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};

use crate::child::Task;
use crate::lock::lock;
use crate::note::{Note, ProcessId};
use crate::order::Action;
use crate::place::Place;
use crate::runtime::Runtime;
use crate::unmount::log_path;

/// How long a place is waited for that is to be cleared.
const LAST_LOCK: Duration = Duration::from_secs(2);

/// Whether the last word was said; held while it is, and while a lost caller is cleaned up after.
static SETTLED: Mutex<bool> = Mutex::new(false);

/// Ends this process, and leaves nothing, if the caller goes before it got its answer.
///
/// Until [`answer_ready`](crate::answer_ready) a thread watches the answer pipe; it ends with it.
pub fn watch_caller(task: &Task) -> io::Result<()> {
    let pipe = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
    let site = (task.action == Action::Mount).then(|| Site {
        runtime: task.runtime.clone(),
        place: task.place.clone(),
        made_dir: task.made_dir,
    });
    let subtype = task.subtype.clone();
    let watch = move || {
        wait_for_end(&pipe);
        let settled = SETTLED.lock().unwrap_or_else(PoisonError::into_inner);
        if *settled {
            return;
        }
        if let Some(site) = site {
            site.clear(&subtype);
        }
        end_group();
    };
    std::thread::Builder::new().name("caller".into()).spawn(watch).map(drop)
}

/// Says that the caller gets its answer now, and keeps the watch from acting meanwhile.
pub(crate) fn settle() -> MutexGuard<'static, bool> {
    let mut settled = SETTLED.lock().unwrap_or_else(PoisonError::into_inner);
    *settled = true;
    settled
}

/// Waits until nobody reads the pipe any more.
fn wait_for_end(pipe: &OwnedFd) {
    loop {
        // Asked for nothing: an error of the pipe is told in any case.
        let mut polled = [PollFd::new(pipe, PollFlags::empty())];
        match rustix::event::poll(&mut polled, None) {
            Err(rustix::io::Errno::INTR) => {}
            _ => return,
        }
    }
}

/// Ends this process and what it started, `ssh` say; it leads a group of its own since it detached.
fn end_group() -> ! {
    let own = rustix::process::getpid();
    if rustix::process::getpgrp() == own {
        let _ = rustix::process::kill_process_group(own, rustix::process::Signal::KILL);
    }
    std::process::exit(1)
}

/// What the caller made, and would have taken away.
struct Site {
    runtime: Runtime,
    place: Place,
    made_dir: bool,
}

impl Site {
    fn clear(&self, subtype: &str) {
        // The lock of a caller that ends may outlive its pipes by an instant.
        let Ok(_held) = lock(&self.runtime, &self.place, LAST_LOCK) else { return };
        // Somebody else has connected this place meanwhile, and needs what is there.
        let own = ProcessId::of(std::process::id());
        if Note::read(&self.runtime, &self.place).is_some_and(|note| Some(note.process) != own) {
            return;
        }
        crate::unmount::detach_own(&self.place, subtype);
        Note::remove(&self.runtime, &self.place);
        let _ = std::fs::remove_file(log_path(&self.runtime, &self.place));
        if self.made_dir {
            self.place.remove(&self.runtime);
        }
    }
}
