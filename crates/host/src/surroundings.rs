//! What the router must know of the process and thread that it runs in.

use std::cell::Cell;
use std::sync::OnceLock;

use mpr_core::{DeviceName, Surroundings, WideString};

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// How exactly the router measures what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Not at all, for programs that call the router often and read no trace.
    None,
    /// To a microsecond, for people who read the trace.
    Exact,
}

/// The surroundings of a router in this process.
#[derive(Debug)]
pub struct HostSurroundings {
    clock: Clock,
}

impl HostSurroundings {
    /// Makes surroundings that measure with this clock.
    pub const fn new(clock: Clock) -> Self {
        Self { clock }
    }
}

impl Surroundings for HostSurroundings {
    fn enter_notifyee(&self) -> bool {
        INSIDE.with(|inside| inside.replace(true))
    }

    fn leave_notifyee(&self) {
        INSIDE.with(|inside| inside.set(false));
    }

    fn in_notifyee(&self) -> bool {
        INSIDE.with(Cell::get) || started_by_notifyee()
    }

    fn now(&self) -> Option<u64> {
        if self.clock == Clock::None {
            return None;
        }
        u64::try_from(system::micros()).ok()
    }

    fn is_local_device(&self, device: &DeviceName) -> bool {
        system::is_local_device(device)
    }

    fn current_user(&self) -> WideString {
        system::current_user()
    }

    fn paths_are_local_names(&self) -> bool {
        cfg!(unix)
    }
}

#[cfg(unix)]
mod system {
    use mpr_core::{DeviceName, WideString};
    use rustix::time::{ClockId, clock_gettime};

    /// A monotonic time.
    pub(super) fn micros() -> i128 {
        let time = clock_gettime(ClockId::Monotonic);
        i128::from(time.tv_sec) * 1_000_000 + i128::from(time.tv_nsec) / 1000
    }

    /// There are no drive letters but ours.
    pub(super) fn is_local_device(_device: &DeviceName) -> bool {
        false
    }

    pub(super) fn current_user() -> WideString {
        super::user_name(rustix::process::getuid().as_raw()).into()
    }
}

#[cfg(windows)]
mod system {
    use std::sync::OnceLock;
    use std::time::Instant;

    pub(super) use mpr_platform::{current_user, is_local_drive as is_local_device};

    /// A monotonic time, from the first question on.
    pub(super) fn micros() -> u128 {
        static FIRST: OnceLock<Instant> = OnceLock::new();
        FIRST.get_or_init(Instant::now).elapsed().as_micros()
    }
}

/// Tells whether a notifyee started this process: what it does is not notified either (U25).
fn started_by_notifyee() -> bool {
    static STARTED: OnceLock<bool> = OnceLock::new();
    *STARTED.get_or_init(|| std::env::var_os("MPR_IN_NOTIFYEE").is_some())
}

/// Returns the login name of a user, or the number if there is none (U58).
///
/// Reads the passwd file itself: name services may wait for a network that is not there.
#[cfg(unix)]
fn user_name(uid: u32) -> String {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| uid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn users_have_names_or_numbers() {
        assert_eq!(user_name(0), "root");
        assert_eq!(user_name(4_000_000_001), "4000000001");
    }

    #[test]
    fn the_clock_runs_or_is_not_there() {
        let surroundings = HostSurroundings::new(Clock::Exact);
        let (first, second) = (surroundings.now(), surroundings.now());
        assert!(first.is_some() && first <= second);
        assert_eq!(HostSurroundings::new(Clock::None).now(), None);
    }

    #[test]
    fn the_mark_is_this_threads_own() {
        let surroundings = HostSurroundings::new(Clock::None);
        assert!(!surroundings.enter_notifyee() && surroundings.in_notifyee());
        let elsewhere = std::thread::scope(|scope| {
            scope.spawn(|| surroundings.in_notifyee()).join().expect("no panic")
        });
        assert!(!elsewhere);
        surroundings.leave_notifyee();
        assert!(!surroundings.in_notifyee());
    }
}
