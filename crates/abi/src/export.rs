//! Rust to C exports: [`export_provider!`](crate::export_provider) and
//! [`export_notifyee!`](crate::export_notifyee).
//!
//! The macros write thin `extern "system"` functions into the module's crate; what they do is
//! here, generic and tested. The unsafe code in an expansion belongs to this crate, so a module's
//! crate can say `#![forbid(unsafe_code)]`. Names are exported undecorated on every target.
//!
//! A panic in the author's code never crosses C: it ends here and becomes a code. Nothing runs
//! when the library is loaded; the module is made at the first call.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mpr_core::ProviderError;

mod enumeration;
mod last_error;
pub mod notifyee;
pub mod provider;
mod slots;

/// Exports a provider: `export_provider!(MyProvider)`, or with an expression that makes it.
///
/// The type implements [`mpr_core::Provider`], and [`Default`] unless an expression is given. It
/// is made once, at the first call. Every function of the trait is exported; one that is not
/// written answers `WN_NOT_SUPPORTED`, as the trait's default does. A panic answers `WN_NET_ERROR`
/// (59), and 0 from `NPGetCaps`.
///
/// An [`ExtendedError`](mpr_core::ExtendedError) goes to the router's `WNetSetLastErrorW`, which
/// is looked up in the process; where there is none, its text is lost and its code is not.
///
/// ```
/// #[derive(Default)]
/// struct Nowhere;
///
/// impl mpr_core::Provider for Nowhere {
///     fn name(&self) -> mpr_core::Wide<'_> {
///         mpr_core::Wide::new(&[0x4e, 0x6f])
///     }
/// }
///
/// mpr_abi::export_provider!(Nowhere);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_provider {
    ($provider:ty) => {
        $crate::export_provider!($provider, <$provider as ::core::default::Default>::default());
    };
    ($provider:ty, $make:expr) => {
        const _: () = {
            use $crate::types::*;
            use $crate::winnetwk::{LPNETCONNECTINFOSTRUCT, LPNETRESOURCEW};

            fn instance() -> &'static $provider {
                static INSTANCE: ::std::sync::LazyLock<$provider> =
                    ::std::sync::LazyLock::new(|| $make);
                &INSTANCE
            }

            $crate::__exports! { instance provider;
                NPGetCaps: PF_NPGetCaps = caps(index: DWORD);
                NPAddConnection: PF_NPAddConnection = add_connection(
                    resource: LPNETRESOURCEW, password: LPWSTR, user: LPWSTR);
                NPAddConnection3: PF_NPAddConnection3 = add_connection3(
                    owner: HWND, resource: LPNETRESOURCEW, password: LPWSTR, user: LPWSTR,
                    flags: DWORD);
                NPAddConnection4: PF_NPAddConnection4 = add_connection4(
                    owner: HWND, resource: LPNETRESOURCEW, auth: LPVOID, auth_size: DWORD,
                    flags: DWORD, options: LPBYTE, options_size: DWORD);
                NPCancelConnection: PF_NPCancelConnection = cancel_connection(
                    name: LPWSTR, force: BOOL);
                NPCancelConnection2: PF_NPCancelConnection2 = cancel_connection2(
                    name: LPWSTR, force: BOOL, flags: DWORD);
                NPGetConnection: PF_NPGetConnection = connection(
                    local: LPWSTR, remote: LPWSTR, length: LPDWORD);
                NPGetUniversalName: PF_NPGetUniversalName = universal_name(
                    path: LPWSTR, level: DWORD, buffer: LPVOID, size: LPDWORD);
                NPGetConnectionPerformance: PF_NPGetConnectionPerformance = performance(
                    remote: LPCWSTR, info: LPNETCONNECTINFOSTRUCT);
                NPGetUser: PF_NPGetUser = user(name: LPWSTR, user: LPWSTR, length: LPDWORD);
                NPGetPersistentUseOptionsForConnection:
                    PF_NPGetPersistentUseOptionsForConnection = persistent_use_options(
                    remote: LPWSTR, read: LPBYTE, read_size: DWORD, write: LPBYTE,
                    write_size: LPDWORD);
                NPOpenEnum: PF_NPOpenEnum = open_enum(
                    scope: DWORD, kind: DWORD, usage: DWORD, container: LPNETRESOURCEW,
                    handle: LPHANDLE);
                NPEnumResource: PF_NPEnumResource = enum_resource(
                    handle: HANDLE, count: LPDWORD, buffer: LPVOID, size: LPDWORD);
                NPCloseEnum: PF_NPCloseEnum = close_enum(handle: HANDLE);
                NPGetResourceParent: PF_NPGetResourceParent = resource_parent(
                    resource: LPNETRESOURCEW, buffer: LPVOID, size: LPDWORD);
                NPGetResourceInformation: PF_NPGetResourceInformation = resource_information(
                    resource: LPNETRESOURCEW, buffer: LPVOID, size: LPDWORD, system: PLPWSTR);
                NPFormatNetworkName: PF_NPFormatNetworkName = format_network_name(
                    remote: LPWSTR, formatted: LPWSTR, length: LPDWORD, flags: DWORD,
                    per_line: DWORD);
            }
        };
    };
}

/// Exports a notifyee: `export_notifyee!(MyNotifyee)`, or with an expression that makes it.
///
/// The type implements [`NotifyModule`](crate::author::NotifyModule), and [`Default`] unless an
/// expression is given. It is made once, at the first call. A panic never forbids anything: before
/// an attempt it answers `WN_NOT_SUPPORTED` ("not interested"), after it `WN_SUCCESS`. A
/// `dwNotifyStatus` that is neither PRE nor POST answers `WN_SUCCESS`.
///
/// ```
/// #[derive(Default)]
/// struct Quiet;
///
/// impl mpr_abi::author::NotifyModule for Quiet {
///     type Context = ();
/// }
///
/// mpr_abi::export_notifyee!(Quiet);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_notifyee {
    ($notifyee:ty) => {
        $crate::export_notifyee!($notifyee, <$notifyee as ::core::default::Default>::default());
    };
    ($notifyee:ty, $make:expr) => {
        const _: () = {
            use $crate::npapi::{LPNOTIFYADD, LPNOTIFYCANCEL, LPNOTIFYINFO};
            use $crate::types::*;

            fn instance() -> &'static $crate::export::notifyee::Exported<$notifyee> {
                static INSTANCE: ::std::sync::LazyLock<
                    $crate::export::notifyee::Exported<$notifyee>,
                > = ::std::sync::LazyLock::new(|| $crate::export::notifyee::Exported::new($make));
                &INSTANCE
            }

            $crate::__exports! { instance notifyee;
                AddConnectNotify: PF_AddConnectNotify = add_connect_notify(
                    info: LPNOTIFYINFO, details: LPNOTIFYADD);
                CancelConnectNotify: PF_CancelConnectNotify = cancel_connect_notify(
                    info: LPNOTIFYINFO, details: LPNOTIFYCANCEL);
            }
        };
    };
}

/// Writes the C functions of a module; each hands over to its namesake in `export::$part`.
#[doc(hidden)]
#[macro_export]
macro_rules! __exports {
    ($instance:ident $part:ident;
     $($name:ident: $pointer:ident = $body:ident($($argument:ident: $type:ty),*);)*) => {
        $(
            #[unsafe(no_mangle)]
            #[allow(non_snake_case)]
            unsafe extern "system" fn $name($($argument: $type),*) -> DWORD {
                // SAFETY: the router, by the contract of this function in npapi.h.
                unsafe { $crate::export::$part::$body($instance, $($argument),*) }
            }

            // The signature is that of the header.
            const _: $crate::npapi::$pointer = $name;
        )*
    };
}

/// Runs an author's code; a panic ends here and becomes `fallback`.
fn wall<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(answer) => answer,
        Err(payload) => {
            // Dropping it could run the author's code, and panic again.
            std::mem::forget(payload);
            fallback
        }
    }
}

/// Runs a provider's code and turns its answer into a code; its text goes to the router.
fn answer(body: impl FnOnce() -> Result<(), ProviderError>) -> u32 {
    wall(crate::codes::WN_NET_ERROR, || {
        let Err(error) = body() else { return crate::codes::WN_SUCCESS };
        if let Some(extended) = &error.extended {
            last_error::tell(extended);
        }
        error.code.code()
    })
}
