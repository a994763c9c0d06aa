//! `WNetCancelConnection` and `2` (`wnet.md` §5).

use mpr_core::{ConnectFlags, Error};

use super::export;
use crate::boundary::router;
use crate::encoding::{self, In, Unit};
use crate::story::StoryTrace;

export! {
    /// Disconnects and forgets.
    WNetCancelConnectionA: PF_WNetCancelConnectionA
        / WNetCancelConnectionW: PF_WNetCancelConnectionW
        = cancel_connection(name: In, force: Flag);
    /// Disconnects; forgets with `CONNECT_UPDATE_PROFILE`.
    WNetCancelConnection2A: PF_WNetCancelConnection2A
        / WNetCancelConnection2W: PF_WNetCancelConnection2W
        = cancel_connection2(name: In, flags: Number, force: Flag);
}

unsafe fn cancel_connection<U: Unit>(
    trace: &mut StoryTrace,
    name: In<U>,
    force: i32,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract. U45: as 2 with UPDATE_PROFILE.
    unsafe { cancel_connection2(trace, name, ConnectFlags::UPDATE_PROFILE.0, force) }
}

unsafe fn cancel_connection2<U: Unit>(
    trace: &mut StoryTrace,
    name: In<U>,
    flags: u32,
    force: i32,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    let name = unsafe { encoding::text(name) }?.unwrap_or_default();
    let flags = ConnectFlags(flags);
    router().cancel_connection(name.as_wide(), flags, force != 0, trace).map(drop)
}
