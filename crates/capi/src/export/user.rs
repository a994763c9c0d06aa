//! `WNetGetUser` (`wnet.md` §6).

use mpr_abi::lend;
use mpr_abi::types::LPDWORD;
use mpr_core::Error;

use super::export;
use crate::boundary::router;
use crate::encoding::{self, In, Out, Text, Unit};
use crate::story::StoryTrace;

export! {
    /// Returns the user of a name, or of the process for NULL; lengths in characters.
    WNetGetUserA: PF_WNetGetUserA / WNetGetUserW: PF_WNetGetUserW
        = get_user(name: In, user: Out, length: NumberPlace);
}

unsafe fn get_user<U: Unit>(
    trace: &mut StoryTrace,
    name: In<U>,
    user: Out<U>,
    length: LPDWORD,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    let name = unsafe { encoding::text(name) }?;
    let found = router().user(name.as_ref().map(Text::as_wide), trace)?;
    // SAFETY: the caller, by the export's contract.
    Ok(unsafe { lend::units(&U::narrow(found.as_wide()), user, length) }?)
}
