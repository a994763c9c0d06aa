//! Signals that end the program half-way, and what they must not leave behind.

use std::io;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// The signal by which the program ends once its operation has.
static PENDING: AtomicI32 = AtomicI32::new(0);

/// How the terminal was before a question.
static USUAL: Mutex<Option<Termios>> = Mutex::new(None);

/// From now on a signal that ends the program goes to the programs that are told of connections
/// too, and puts the terminal back.
///
/// Where such a program was told, the operation goes on: its end is an answer, and those that were
/// told before it hear of that. A second signal is obeyed at once.
pub(crate) fn watch() {
    static WATCHING: Once = Once::new();
    WATCHING.call_once(|| {
        let ignored = ignored();
        let ending = [SIGHUP, SIGINT, SIGTERM];
        // `nohup` and `&` mean that it goes on.
        let Ok(mut signals) = Signals::new(ending.iter().filter(|it| !ignored(**it))) else {
            return;
        };
        let end = move || {
            for signal in signals.forever() {
                let usual = USUAL.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(usual) = usual {
                    let _ = tcsetattr(io::stdin(), OptionalActions::Now, &usual);
                }
                if !mpr_host::pass_on(signal) || PENDING.swap(signal, Ordering::Relaxed) != 0 {
                    let _ = emulate_default_handler(signal);
                }
            }
        };
        let _ = std::thread::Builder::new().name("signals".into()).spawn(end);
    });
}

/// Ends by the signal that came while somebody was told, if one did.
pub(crate) fn end() {
    let signal = PENDING.load(Ordering::Relaxed);
    if signal != 0 {
        let _ = emulate_default_handler(signal);
    }
}

/// Keeps how the terminal is, before nothing that is typed is shown any more.
pub(crate) fn keep_terminal() {
    watch();
    if let Ok(usual) = tcgetattr(io::stdin()) {
        *USUAL.lock().unwrap_or_else(PoisonError::into_inner) = Some(usual);
    }
}

/// Finds out which signals whoever started us wants to have no effect.
fn ignored() -> impl Fn(i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    move |signal| mask >> (signal - 1) & 1 != 0
}
