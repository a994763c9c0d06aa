//! Structures and constants of `winnetwk.h`, the interface of client programs.
//!
//! Names are those of the C header. `A` and `W` forms of a structure share one definition over
//! their character type. Who frees what, and units, are said in `include/winnetwk.h`.

#![allow(clippy::upper_case_acronyms, reason = "the names of the C headers")]
#![allow(non_snake_case, non_camel_case_types, reason = "the names of the C headers")]

use crate::tables::{constants, layouts};
use crate::types::*;

/// A network resource: what to connect to, or what an enumeration found.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct NETRESOURCE<C> {
    /// `RESOURCE_*`.
    pub dwScope: DWORD,
    /// `RESOURCETYPE_*`.
    pub dwType: DWORD,
    /// `RESOURCEDISPLAYTYPE_*`.
    pub dwDisplayType: DWORD,
    /// `RESOURCEUSAGE_*` bits.
    pub dwUsage: DWORD,
    /// The device, or NULL.
    pub lpLocalName: *mut C,
    /// The name on the network.
    pub lpRemoteName: *mut C,
    /// The provider's remark; when connecting an opaque pointer (P2).
    pub lpComment: *mut C,
    /// The provider's name.
    pub lpProvider: *mut C,
}

/// `NETRESOURCE` with UTF-16 names.
pub type NETRESOURCEW = NETRESOURCE<WCHAR>;
/// `NETRESOURCE` with byte names.
pub type NETRESOURCEA = NETRESOURCE<CHAR>;
/// Pointer to it.
pub type LPNETRESOURCEW = *mut NETRESOURCEW;
/// Pointer to it.
pub type LPNETRESOURCEA = *mut NETRESOURCEA;

/// Arguments of `WNetConnectionDialog1`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CONNECTDLGSTRUCT<C> {
    /// Size of the structure in bytes.
    pub cbStructure: DWORD,
    /// The window that owns the dialog.
    pub hwndOwner: HWND,
    /// In: what to offer. Out: what was connected.
    pub lpConnRes: *mut NETRESOURCE<C>,
    /// `CONNDLG_*` bits.
    pub dwFlags: DWORD,
    /// Out: 1 is A:, 2 is B: and so on; 0xFFFFFFFF is deviceless.
    pub dwDevNum: DWORD,
}

/// `CONNECTDLGSTRUCT` with UTF-16 names.
pub type CONNECTDLGSTRUCTW = CONNECTDLGSTRUCT<WCHAR>;
/// `CONNECTDLGSTRUCT` with byte names.
pub type CONNECTDLGSTRUCTA = CONNECTDLGSTRUCT<CHAR>;
/// Pointer to it.
pub type LPCONNECTDLGSTRUCTW = *mut CONNECTDLGSTRUCTW;
/// Pointer to it.
pub type LPCONNECTDLGSTRUCTA = *mut CONNECTDLGSTRUCTA;

/// Arguments of `WNetDisconnectDialog1`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct DISCDLGSTRUCT<C> {
    /// Size of the structure in bytes.
    pub cbStructure: DWORD,
    /// The window that owns the dialog.
    pub hwndOwner: HWND,
    /// The device, or NULL.
    pub lpLocalName: *mut C,
    /// The remote name.
    pub lpRemoteName: *mut C,
    /// `DISC_*` bits.
    pub dwFlags: DWORD,
}

/// `DISCDLGSTRUCT` with UTF-16 names.
pub type DISCDLGSTRUCTW = DISCDLGSTRUCT<WCHAR>;
/// `DISCDLGSTRUCT` with byte names.
pub type DISCDLGSTRUCTA = DISCDLGSTRUCT<CHAR>;
/// Pointer to it.
pub type LPDISCDLGSTRUCTW = *mut DISCDLGSTRUCTW;
/// Pointer to it.
pub type LPDISCDLGSTRUCTA = *mut DISCDLGSTRUCTA;

/// Level 1 of `WNetGetUniversalName`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct UNIVERSAL_NAME_INFO<C> {
    /// `\\server\share\rest`.
    pub lpUniversalName: *mut C,
}

/// `UNIVERSAL_NAME_INFO` with UTF-16 names.
pub type UNIVERSAL_NAME_INFOW = UNIVERSAL_NAME_INFO<WCHAR>;
/// `UNIVERSAL_NAME_INFO` with byte names.
pub type UNIVERSAL_NAME_INFOA = UNIVERSAL_NAME_INFO<CHAR>;

/// Level 2 of `WNetGetUniversalName`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct REMOTE_NAME_INFO<C> {
    /// `\\server\share\rest`, or NULL.
    pub lpUniversalName: *mut C,
    /// The connection's remote name.
    pub lpConnectionName: *mut C,
    /// The rest of the path.
    pub lpRemainingPath: *mut C,
}

/// `REMOTE_NAME_INFO` with UTF-16 names.
pub type REMOTE_NAME_INFOW = REMOTE_NAME_INFO<WCHAR>;
/// `REMOTE_NAME_INFO` with byte names.
pub type REMOTE_NAME_INFOA = REMOTE_NAME_INFO<CHAR>;

/// What `WNetGetNetworkInformation` tells of a provider.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct NETINFOSTRUCT {
    /// In: size of the buffer. Out: bytes filled.
    pub cbStructure: DWORD,
    /// `WNNC_DRIVER_VERSION`.
    pub dwProviderVersion: DWORD,
    /// 0 running, `WN_NO_NETWORK` not, `WN_FUNCTION_BUSY` not yet.
    pub dwStatus: DWORD,
    /// 0, on Windows 9x `NETINFO_*`.
    pub dwCharacteristics: DWORD,
    /// The module's instance handle.
    pub dwHandle: ULONG_PTR,
    /// High word of `WNNC_NET_TYPE`.
    pub wNetType: WORD,
    /// Bit 0 is LPT1; all set: any.
    pub dwPrinters: DWORD,
    /// Bit 0 is A:; all set: any.
    pub dwDrives: DWORD,
}

/// Pointer to it.
pub type LPNETINFOSTRUCT = *mut NETINFOSTRUCT;

/// Estimates for a connection; 0 is unknown, 1 better than expressible.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct NETCONNECTINFOSTRUCT {
    /// Size of the structure in bytes.
    pub cbStructure: DWORD,
    /// `WNCON_*` bits.
    pub dwFlags: DWORD,
    /// In units of 100 bits a second.
    pub dwSpeed: DWORD,
    /// Round trip in milliseconds.
    pub dwDelay: DWORD,
    /// Best transfer size in bytes.
    pub dwOptDataSize: DWORD,
}

/// Pointer to it.
pub type LPNETCONNECTINFOSTRUCT = *mut NETCONNECTINFOSTRUCT;

layouts! { STRUCTURES: "Every structure of `winnetwk.h`.";
    NETRESOURCEW NETRESOURCEA (32, 48) {
        dwScope 0 0, dwType 4 4, dwDisplayType 8 8, dwUsage 12 12,
        lpLocalName 16 16, lpRemoteName 20 24, lpComment 24 32, lpProvider 28 40,
    }
    CONNECTDLGSTRUCTW CONNECTDLGSTRUCTA (20, 32) {
        cbStructure 0 0, hwndOwner 4 8, lpConnRes 8 16, dwFlags 12 24, dwDevNum 16 28,
    }
    DISCDLGSTRUCTW DISCDLGSTRUCTA (20, 40) {
        cbStructure 0 0, hwndOwner 4 8, lpLocalName 8 16, lpRemoteName 12 24, dwFlags 16 32,
    }
    UNIVERSAL_NAME_INFOW UNIVERSAL_NAME_INFOA (4, 8) { lpUniversalName 0 0 }
    REMOTE_NAME_INFOW REMOTE_NAME_INFOA (12, 24) {
        lpUniversalName 0 0, lpConnectionName 4 8, lpRemainingPath 8 16,
    }
    NETINFOSTRUCT (32, 40) {
        cbStructure 0 0, dwProviderVersion 4 4, dwStatus 8 8, dwCharacteristics 12 12,
        dwHandle 16 16, wNetType 20 24, dwPrinters 24 28, dwDrives 28 32,
    }
    NETCONNECTINFOSTRUCT (20, 20) {
        cbStructure 0 0, dwFlags 4 4, dwSpeed 8 8, dwDelay 12 12, dwOptDataSize 16 16,
    }
}

constants! { CONSTANTS: "Every constant of `winnetwk.h` but the codes.";
    "Scope of an enumeration." {
        RESOURCE_CONNECTED = 1, RESOURCE_GLOBALNET = 2, RESOURCE_REMEMBERED = 3,
        RESOURCE_RECENT = 4, RESOURCE_CONTEXT = 5,
    }
    "Type of a resource." {
        RESOURCETYPE_ANY = 0, RESOURCETYPE_DISK = 1, RESOURCETYPE_PRINT = 2,
        RESOURCETYPE_RESERVED = 8, RESOURCETYPE_UNKNOWN = 0xFFFF_FFFF,
    }
    "Usage bit of a resource." {
        RESOURCEUSAGE_CONNECTABLE = 1, RESOURCEUSAGE_CONTAINER = 2,
        RESOURCEUSAGE_NOLOCALDEVICE = 4, RESOURCEUSAGE_SIBLING = 8, RESOURCEUSAGE_ATTACHED = 0x10,
        RESOURCEUSAGE_ALL = 0x13, RESOURCEUSAGE_RESERVED = 0x8000_0000,
    }
    "How to show a resource." {
        RESOURCEDISPLAYTYPE_GENERIC = 0, RESOURCEDISPLAYTYPE_DOMAIN = 1,
        RESOURCEDISPLAYTYPE_SERVER = 2, RESOURCEDISPLAYTYPE_SHARE = 3,
        RESOURCEDISPLAYTYPE_FILE = 4, RESOURCEDISPLAYTYPE_GROUP = 5,
        RESOURCEDISPLAYTYPE_NETWORK = 6, RESOURCEDISPLAYTYPE_ROOT = 7,
        RESOURCEDISPLAYTYPE_SHAREADMIN = 8, RESOURCEDISPLAYTYPE_DIRECTORY = 9,
        RESOURCEDISPLAYTYPE_TREE = 0xA, RESOURCEDISPLAYTYPE_NDSCONTAINER = 0xB,
    }
    "Property of `WNetSetConnection`." { NETPROPERTY_PERSISTENT = 1 }
    "How to connect." {
        CONNECT_UPDATE_PROFILE = 0x1, CONNECT_UPDATE_RECENT = 0x2, CONNECT_TEMPORARY = 0x4,
        CONNECT_INTERACTIVE = 0x8, CONNECT_PROMPT = 0x10, CONNECT_NEED_DRIVE = 0x20,
        CONNECT_REFCOUNT = 0x40, CONNECT_REDIRECT = 0x80, CONNECT_LOCALDRIVE = 0x100,
        CONNECT_CURRENT_MEDIA = 0x200, CONNECT_DEFERRED = 0x400, CONNECT_COMMANDLINE = 0x800,
        CONNECT_CMD_SAVECRED = 0x1000, CONNECT_CRED_RESET = 0x2000,
        CONNECT_REQUIRE_INTEGRITY = 0x4000, CONNECT_REQUIRE_PRIVACY = 0x8000,
        CONNECT_WRITE_THROUGH_SEMANTICS = 0x10000, CONNECT_GLOBAL_MAPPING = 0x40000,
        CONNECT_RESERVED = 0xFF00_0000,
    }
    "Flag of `WNetConnectionDialog1`." {
        CONNDLG_RO_PATH = 1, CONNDLG_CONN_POINT = 2, CONNDLG_USE_MRU = 4, CONNDLG_HIDE_BOX = 8,
        CONNDLG_PERSIST = 0x10, CONNDLG_NOT_PERSIST = 0x20,
    }
    "Flag of `WNetDisconnectDialog1`." { DISC_UPDATE_PROFILE = 1, DISC_NO_FORCE = 0x40 }
    "Level of `WNetGetUniversalName`." {
        UNIVERSAL_NAME_INFO_LEVEL = 1, REMOTE_NAME_INFO_LEVEL = 2,
    }
    "Flag of `WNetFormatNetworkName`." {
        WNFMT_MULTILINE = 1, WNFMT_ABBREVIATED = 2, WNFMT_INENUM = 0x10, WNFMT_CONNECTION = 0x20,
    }
    "Characteristic in `NETINFOSTRUCT` (Windows 9x)." {
        NETINFO_DLL16 = 1, NETINFO_DISKRED = 4, NETINFO_PRINTERRED = 8,
    }
    "Flag in `NETCONNECTINFOSTRUCT`." {
        WNCON_FORNETCARD = 1, WNCON_NOTROUTED = 2, WNCON_SLOWLINK = 4, WNCON_DYNAMIC = 8,
    }
    "Windows 9x policy constant, unused." { RP_LOGON = 1, RP_INIFILE = 2, PP_DISPLAYERRORS = 1 }
}
