//! The wall between C and the router: panics, the router of the process, the thread's story.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use mpr_abi::types::DWORD;
use mpr_core::{Error, Router, WnError};
use mpr_host::{Clock, Host};
use mpr_platform::Paths;

use crate::story::{self, StoryTrace};

/// Returns the router of this process, composed at the first call (U13).
pub(crate) fn router() -> &'static Arc<Router> {
    host().router()
}

/// Returns what that router was made of.
pub(crate) fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    // Only settings are read here: no module is called while the others wait.
    HOST.get_or_init(|| {
        // A Windows program's standard error is for the program; a panic is told by its code.
        #[cfg(windows)]
        std::panic::set_hook(Box::new(|_| {}));
        Host::open(Paths::current(), Clock::None)
    })
}

/// Runs an operation: its code becomes the return value, its error the thread's last one (U59).
pub(crate) fn enter(operation: impl FnOnce(&mut StoryTrace) -> Result<(), Error>) -> DWORD {
    let code = guarded(|| {
        story::forget();
        mpr_host::take();
        let mut trace = StoryTrace::new();
        let result = operation(&mut trace);
        // What modules left behind on the way is not the caller's business.
        story::forget();
        mpr_host::take();
        let Err(error) = result else { return 0 };
        let code = error.code.code();
        story::keep(error, &trace);
        // The error has its text; what a module set afterwards must not hide it (U30).
        mpr_host::take();
        code
    });
    // Last, so that no module disturbs it (U30).
    set_last_error(code);
    code
}

/// Says the code once more where `GetLastError` asks for it, success included (`wnet.md` §1).
#[inline]
pub(crate) fn set_last_error(code: DWORD) {
    #[cfg(windows)]
    {
        #[link(name = "kernel32")]
        unsafe extern "system" {
            fn SetLastError(code: u32);
        }
        // SAFETY: it takes any number.
        unsafe { SetLastError(code) };
    }
    #[cfg(not(windows))]
    let _ = code;
}

/// Keeps panics from C; whoever called gets "unexpected network error" (`style.md`, Unsafe).
pub(crate) fn guarded(call: impl FnOnce() -> DWORD) -> DWORD {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or(WnError::UNEXP_NET_ERR.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// U30: a notifyee that is told of a failure may set a text of its own.
    #[test]
    fn the_operations_own_text_stands() {
        let text = |code, text: &str| mpr_core::ExtendedError {
            code,
            text: text.into(),
            provider: "P".into(),
        };
        let code = enter(|_| {
            let extended = Some(Box::new(text(17, "the cable is out")));
            mpr_host::keep(text(4711, "spoilt"));
            Err(Error { extended, ..WnError::EXTENDED_ERROR.into() })
        });
        assert_eq!(code, 1208);
        assert_eq!(mpr_host::take(), None);
        assert_eq!(story::tell(router, |_| None), Some(text(17, "the cable is out")));
    }

    #[test]
    fn a_panic_becomes_a_code() {
        assert_eq!(guarded(|| panic!("inside")), 59);
        assert_eq!(enter(|_| Err(WnError::BUSY.into())), 170);
        assert_eq!(enter(|_| Ok(())), 0);
    }
}
