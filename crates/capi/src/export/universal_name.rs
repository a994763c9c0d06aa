//! `WNetGetUniversalName` (`wnet.md` §6).

use mpr_abi::borrow;
use mpr_abi::lend::{self, Packer};
use mpr_abi::types::{LPDWORD, PVOID};
use mpr_core::{Error, InfoLevel, WideString, WnError};

use super::export;
use crate::boundary::router;
use crate::encoding::{self, In, Unit};
use crate::story::StoryTrace;

export! {
    /// Names a path on a redirected device; sizes in bytes.
    WNetGetUniversalNameA: PF_WNetGetUniversalNameA
        / WNetGetUniversalNameW: PF_WNetGetUniversalNameW
        = get_universal_name(path: In, level: Number, buffer: Memory, size: NumberPlace);
}

unsafe fn get_universal_name<U: Unit>(
    trace: &mut StoryTrace,
    path: In<U>,
    level: u32,
    buffer: PVOID,
    size: LPDWORD,
) -> Result<(), Error> {
    let level = match level {
        1 => InfoLevel::UniversalName,
        2 => InfoLevel::RemoteName,
        _ => return Err(WnError::INVALID_PARAMETER.into()),
    };
    // SAFETY: the caller, by the export's contract.
    let path = unsafe { encoding::text(path) }?.ok_or(WnError::INVALID_PARAMETER)?;
    // The drive decides first: a local one leaves buffer and size unseen.
    let name = router().universal_name(path.as_wide(), level, trace)?;
    // SAFETY: the caller, by the export's contract.
    let room = unsafe { borrow::read(size.cast_const()) }.ok_or(WnError::INVALID_ADDRESS)?;
    if buffer.is_null() {
        return Err(WnError::INVALID_ADDRESS.into());
    }
    if room == 0 {
        return Err(WnError::INVALID_PARAMETER.into());
    }
    let texts = [&name.universal, &name.connection, &name.remaining]
        .map(|text| text.as_ref().map(|text| U::narrow(WideString::as_wide(text))));
    let [universal, connection, remaining] = &texts;
    let texts = [universal.as_deref(), connection.as_deref(), remaining.as_deref()];
    // SAFETY: the caller, by the export's contract.
    let mut packer = unsafe { Packer::new(buffer, room) };
    packer.universal_name_units(level, texts).map_err(|needed| {
        // SAFETY: the caller, by the export's contract.
        unsafe { lend::write(size, needed.0) };
        WnError::MORE_DATA.into()
    })
}
