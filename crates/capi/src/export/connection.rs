//! `WNetGetConnection`, `WNetSetConnection`, `WNetClearConnections` (`wnet.md` §6, §10).

use mpr_abi::types::{DWORD, HWND, LPDWORD, PVOID};
use mpr_abi::{borrow, lend};
use mpr_core::{Error, WnError};

use super::export;
use crate::boundary::{enter, router};
use crate::encoding::{self, In, Out, Unit};
use crate::story::StoryTrace;

const NETPROPERTY_PERSISTENT: u32 = 1;

export! {
    /// Returns the remote name of a local name; lengths in characters.
    WNetGetConnectionA: PF_WNetGetConnectionA / WNetGetConnectionW: PF_WNetGetConnectionW
        = get_connection(local: In, remote: Out, length: NumberPlace);
    /// Remembers or forgets an existing connection.
    WNetSetConnectionA: PF_WNetSetConnectionA / WNetSetConnectionW: PF_WNetSetConnectionW
        = set_connection(name: In, property: Number, value: Memory);
}

unsafe fn get_connection<U: Unit>(
    trace: &mut StoryTrace,
    local: In<U>,
    remote: Out<U>,
    length: LPDWORD,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    let local = unsafe { encoding::text(local) }?.ok_or(WnError::INVALID_PARAMETER)?;
    // SAFETY: the caller, by the export's contract.
    let room = unsafe { borrow::read(length.cast_const()) }.ok_or(WnError::INVALID_ADDRESS)?;
    if remote.is_null() && room > 0 {
        return Err(WnError::INVALID_ADDRESS.into());
    }
    let connection = router().connection(local.as_wide(), trace)?;
    let name = U::narrow(connection.remote.as_wide());
    // SAFETY: the caller, by the export's contract.
    unsafe { lend::units(&name, remote, length) }?;
    // U53: a name that is only remembered is told too.
    if connection.provider.is_some() { Ok(()) } else { Err(WnError::CONNECTION_UNAVAIL.into()) }
}

unsafe fn set_connection<U: Unit>(
    trace: &mut StoryTrace,
    name: In<U>,
    property: u32,
    value: PVOID,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    let name = unsafe { encoding::text(name) }?.ok_or(WnError::INVALID_PARAMETER)?;
    // SAFETY: the caller, by the export's contract.
    let value = unsafe { borrow::read(value.cast_const().cast::<DWORD>()) };
    match value {
        Some(on) if property == NETPROPERTY_PERSISTENT => {
            router().set_persistent(name.as_wide(), on != 0, trace)
        }
        _ => Err(WnError::INVALID_PARAMETER.into()),
    }
}

/// Disconnects everything that is connected and has no open files; notifies nobody.
#[allow(non_snake_case)]
#[unsafe(no_mangle)]
pub extern "system" fn WNetClearConnections(_window: HWND) -> DWORD {
    enter(|trace| router().clear_connections(trace))
}
