//! The exports, a file an operation.

mod add_connection;
mod cancel_connection;
mod connection;
mod dialog;
mod enumerate;
#[cfg(windows)]
mod heap;
mod information;
mod last_error;
#[cfg(windows)]
mod password_cache;
mod private;
mod resource;
mod restore;
mod universal_name;
mod user;

pub use add_connection::*;
pub use cancel_connection::*;
pub use connection::*;
pub use dialog::*;
pub use enumerate::*;
#[cfg(windows)]
pub use heap::*;
pub use information::*;
pub use last_error::*;
pub use mpr_host::{WNetSetLastErrorA, WNetSetLastErrorW};
#[cfg(windows)]
pub use password_cache::*;
pub use private::*;
pub use resource::*;
pub use restore::*;
pub use universal_name::*;
pub use user::*;

/// Exports one generic function in its `A` and `W` form, each with the signature of the header.
macro_rules! export {
    ($(
        $(#[$doc:meta])*
        $a:ident: $pa:ident / $w:ident: $pw:ident
            = $body:ident($($arg:ident: $kind:ident),* $(,)?);
    )*) => {$(
        $(#[$doc])*
        ///
        /// Texts are ANSI, which is UTF-8 on Linux (U60).
        ///
        /// # Safety
        ///
        /// Pointers are NULL or as the header says; nothing else is assumed.
        #[allow(non_snake_case)]
        #[unsafe(no_mangle)]
        pub unsafe extern "system" fn $a($($arg: $crate::encoding::$kind<u8>),*) -> u32 {
            // SAFETY: the caller, by this function's contract, which is the same.
            $crate::boundary::enter(|trace| unsafe { $body::<u8>(trace, $($arg),*) })
        }

        const _: mpr_abi::wnet::$pa = $a;

        $(#[$doc])*
        ///
        /// # Safety
        ///
        /// Pointers are NULL or as the header says; nothing else is assumed.
        #[allow(non_snake_case)]
        #[unsafe(no_mangle)]
        pub unsafe extern "system" fn $w($($arg: $crate::encoding::$kind<u16>),*) -> u32 {
            // SAFETY: the caller, by this function's contract, which is the same.
            $crate::boundary::enter(|trace| unsafe { $body::<u16>(trace, $($arg),*) })
        }

        const _: mpr_abi::wnet::$pw = $w;
    )*};
}

pub(crate) use export;
