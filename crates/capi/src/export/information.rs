//! What the networks are: names, information, performance (`wnet.md` §6).

use mpr_abi::types::LPDWORD;
use mpr_abi::winnetwk::{
    LPNETCONNECTINFOSTRUCT, LPNETINFOSTRUCT, NETCONNECTINFOSTRUCT, NETINFOSTRUCT,
};
use mpr_abi::{borrow, lend};
use mpr_core::{Error, NetworkStatus, WnError};

use super::export;
use crate::boundary::router;
use crate::encoding::{self, In, Out, Resource, Unit};
use crate::story::StoryTrace;

export! {
    /// Returns the provider of a network type; lengths in characters.
    WNetGetProviderNameA: PF_WNetGetProviderNameA
        / WNetGetProviderNameW: PF_WNetGetProviderNameW
        = get_provider_name(net_type: Number, name: Out, length: NumberPlace);
    /// Writes a remote name as people read it; lengths in characters.
    WNetFormatNetworkNameA: PF_WNetFormatNetworkNameA
        / WNetFormatNetworkNameW: PF_WNetFormatNetworkNameW
        = format_network_name(
            provider: In, remote: In, formatted: Out, length: NumberPlace, flags: Number,
            characters_per_line: Number);
}

unsafe fn get_provider_name<U: Unit>(
    _trace: &mut StoryTrace,
    net_type: u32,
    name: Out<U>,
    length: LPDWORD,
) -> Result<(), Error> {
    if length.is_null() {
        return Err(WnError::INVALID_ADDRESS.into());
    }
    let found = router().provider_name(net_type)?;
    // SAFETY: the caller, by the export's contract.
    Ok(unsafe { lend::units(&U::narrow(found), name, length) }?)
}

unsafe fn format_network_name<U: Unit>(
    trace: &mut StoryTrace,
    provider: In<U>,
    remote: In<U>,
    formatted: Out<U>,
    length: LPDWORD,
    flags: u32,
    characters_per_line: u32,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    let provider = unsafe { encoding::text(provider) }?.ok_or(WnError::INVALID_PARAMETER)?;
    // SAFETY: the caller, by the export's contract.
    let remote = unsafe { encoding::text(remote) }?.ok_or(WnError::INVALID_PARAMETER)?;
    let text = router().format_network_name(
        provider.as_wide(),
        remote.as_wide(),
        flags,
        characters_per_line,
        trace,
    )?;
    // SAFETY: the caller, by the export's contract.
    Ok(unsafe { lend::units(&U::narrow(text.as_wide()), formatted, length) }?)
}

/// The two functions whose structures have no texts differ only in their first argument.
macro_rules! export_with_structure {
    ($($(#[$doc:meta])* $name:ident: $pointer:ident = $body:ident::<$unit:ty>($first:ty, $second:ty);)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        ///
        /// Pointers are NULL or as the header says; nothing else is assumed.
        #[allow(non_snake_case)]
        #[unsafe(no_mangle)]
        pub unsafe extern "system" fn $name(first: $first, second: $second) -> u32 {
            // SAFETY: the caller, by this function's contract, which is the same.
            crate::boundary::enter(|trace| unsafe { $body::<$unit>(trace, first, second) })
        }

        const _: mpr_abi::wnet::$pointer = $name;
    )*};
}

export_with_structure! {
    /// Describes a provider; set `cbStructure` before. The name is ANSI.
    WNetGetNetworkInformationA: PF_WNetGetNetworkInformationA
        = get_network_information::<u8>(In<u8>, LPNETINFOSTRUCT);
    /// Describes a provider; set `cbStructure` before.
    WNetGetNetworkInformationW: PF_WNetGetNetworkInformationW
        = get_network_information::<u16>(In<u16>, LPNETINFOSTRUCT);
    /// Estimates a connection's performance; set `cbStructure` before. Names are ANSI.
    MultinetGetConnectionPerformanceA: PF_MultinetGetConnectionPerformanceA
        = get_connection_performance::<u8>(Resource<u8>, LPNETCONNECTINFOSTRUCT);
    /// Estimates a connection's performance; set `cbStructure` before.
    MultinetGetConnectionPerformanceW: PF_MultinetGetConnectionPerformanceW
        = get_connection_performance::<u16>(Resource<u16>, LPNETCONNECTINFOSTRUCT);
}

unsafe fn get_network_information<U: Unit>(
    _trace: &mut StoryTrace,
    provider: In<U>,
    place: LPNETINFOSTRUCT,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    let provider = unsafe { encoding::text(provider) }?.ok_or(WnError::INVALID_PARAMETER)?;
    let size = size_of::<NETINFOSTRUCT>() as u32;
    // SAFETY: the caller, by the export's contract: the size is the first member.
    let given = unsafe { borrow::read(place.cast_const().cast::<u32>()) };
    if given.is_none_or(|given| given < size) {
        return Err(WnError::INVALID_PARAMETER.into()); // U54
    }
    let found = router().network_information(provider.as_wide())?;
    let information = NETINFOSTRUCT {
        cbStructure: size,
        dwProviderVersion: found.provider_version,
        dwStatus: match found.status {
            NetworkStatus::Running => 0,
            NetworkStatus::NotRunning => WnError::NO_NETWORK.code(),
            NetworkStatus::Busy => WnError::BUSY.code(),
        },
        dwCharacteristics: 0,
        dwHandle: found.handle,
        wNetType: found.net_type,
        dwPrinters: u32::MAX,
        dwDrives: u32::MAX,
    };
    // SAFETY: the caller, by the export's contract: the structure is as large as it says.
    unsafe { lend::write(place, information) };
    Ok(())
}

unsafe fn get_connection_performance<U: Unit>(
    trace: &mut StoryTrace,
    resource: Resource<U>,
    place: LPNETCONNECTINFOSTRUCT,
) -> Result<(), Error> {
    // SAFETY: the caller, by the export's contract.
    let resource = unsafe { encoding::resource(resource) }?.ok_or(WnError::INVALID_ADDRESS)?;
    // SAFETY: the caller, by the export's contract: the size is the first member.
    let given = unsafe { borrow::read(place.cast_const().cast::<u32>()) };
    let size = size_of::<NETCONNECTINFOSTRUCT>() as u32;
    if given.ok_or(WnError::INVALID_ADDRESS)? != size {
        return Err(WnError::INVALID_PARAMETER.into());
    }
    let names = resource.borrow();
    let found = router().performance(names.local, names.remote, names.provider, trace)?;
    let figures = NETCONNECTINFOSTRUCT {
        cbStructure: size,
        dwFlags: found.flags,
        dwSpeed: found.speed,
        dwDelay: found.delay,
        dwOptDataSize: found.optimal_data_size,
    };
    // SAFETY: the caller, by the export's contract: the structure is as large as it says.
    unsafe { lend::write(place, figures) };
    Ok(())
}
