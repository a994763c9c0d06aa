//! `WNetRestoreConnection` and `WNetRestoreSingleConnectionW`; nobody is notified (U10).

use mpr_abi::types::{BOOL, DWORD, HWND};
use mpr_core::{Error, WnError};

use super::export;
use crate::boundary::{enter, host, router};
use crate::encoding::{self, In, Unit};
use crate::story::StoryTrace;

export! {
    /// Restores one remembered local name, or with NULL all of them side by side.
    WNetRestoreConnectionA: PF_WNetRestoreConnectionA
        / WNetRestoreConnectionW: PF_WNetRestoreConnectionW
        = restore_connection(window: Window, device: In);
}

unsafe fn restore_connection<U: Unit>(
    trace: &mut StoryTrace,
    _window: HWND,
    device: In<U>,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    match unsafe { encoding::text(device) }? {
        Some(device) => router().restore_connection(device.as_wide(), false, trace).map(drop),
        None => {
            let entries = router().remembered()?;
            mpr_host::await_providers(router(), host().settings().restore_timeout);
            let restored =
                mpr_host::restore_all(router(), entries, false, |_| StoryTrace::new(), |_, _| {});
            let failed = restored.into_iter().find_map(|it| it.result.err());
            failed.map_or(Ok(()), Err)
        }
    }
}

/// Restores one remembered local name; `ui`: the provider may ask the user.
///
/// # Safety
///
/// `device` is NULL or NUL-terminated.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub unsafe extern "system" fn WNetRestoreSingleConnectionW(
    _window: HWND,
    device: In<u16>,
    ui: BOOL,
) -> DWORD {
    enter(|trace| {
        // SAFETY: the caller, by this function's contract.
        let device = unsafe { encoding::text(device) }?.ok_or(WnError::INVALID_PARAMETER)?;
        router().restore_connection(device.as_wide(), ui != 0, trace).map(drop)
    })
}

const _: mpr_abi::wnet::PF_WNetRestoreSingleConnectionW = WNetRestoreSingleConnectionW;
