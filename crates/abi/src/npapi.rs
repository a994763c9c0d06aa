//! Structures, constants and function types of `npapi.h`, the interface of modules.
//!
//! Strings are UTF-16 whatever the client called. In `NOTIFYADD` the resource is embedded and wide
//! (windows-sys has the byte form there, with the same layout).

#![allow(clippy::upper_case_acronyms, reason = "the names of the C headers")]
#![allow(non_snake_case, non_camel_case_types, reason = "the names of the C headers")]

use crate::tables::{constants, functions, layouts};
use crate::types::*;
use crate::winnetwk::{LPNETCONNECTINFOSTRUCT, LPNETRESOURCEW, NETRESOURCEW};

/// When a notifyee is called, and its own word.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct NOTIFYINFO {
    /// `NOTIFY_PRE` or `NOTIFY_POST`.
    pub dwNotifyStatus: DWORD,
    /// After the attempt: its result.
    pub dwOperationStatus: DWORD,
    /// NULL before; what the notifyee leaves here comes back after.
    pub lpContext: LPVOID,
}

/// What is to be connected.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct NOTIFYADD {
    /// The window for anything shown, or NULL.
    pub hwndOwner: HWND,
    /// The resource, embedded.
    pub NetResource: NETRESOURCEW,
    /// `CONNECT_*` bits.
    pub dwAddFlags: DWORD,
}

/// What is to be disconnected.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct NOTIFYCANCEL {
    /// Device or remote name.
    pub lpName: LPWSTR,
    /// After success: the provider's name.
    pub lpProvider: LPWSTR,
    /// 0 or `CONNECT_UPDATE_PROFILE`.
    pub dwFlags: DWORD,
    /// Whether open files do not matter.
    pub fForce: BOOL,
}

/// Pointer to it.
pub type LPNOTIFYINFO = *mut NOTIFYINFO;
/// Pointer to it.
pub type LPNOTIFYADD = *mut NOTIFYADD;
/// Pointer to it.
pub type LPNOTIFYCANCEL = *mut NOTIFYCANCEL;

layouts! { STRUCTURES: "Every structure of `npapi.h`.";
    NOTIFYINFO (12, 16) { dwNotifyStatus 0 0, dwOperationStatus 4 4, lpContext 8 8 }
    NOTIFYADD (40, 64) { hwndOwner 0 0, NetResource 4 8, dwAddFlags 36 56 }
    NOTIFYCANCEL (16, 24) { lpName 0 0, lpProvider 4 8, dwFlags 8 16, fForce 12 20 }
}

constants! { CONSTANTS: "Every constant of `npapi.h`.";
    "When a notifyee is called." { NOTIFY_PRE = 1, NOTIFY_POST = 2 }
    "Index of `NPGetCaps`." {
        WNNC_SPEC_VERSION = 1, WNNC_NET_TYPE = 2, WNNC_DRIVER_VERSION = 3, WNNC_USER = 4,
        WNNC_CONNECTION = 6, WNNC_DIALOG = 8, WNNC_ADMIN = 9, WNNC_ENUMERATION = 0xB,
        WNNC_START = 0xC, WNNC_CONNECTION_FLAGS = 0xD,
    }
    "Value or bit that `NPGetCaps` returns." {
        WNNC_SPEC_VERSION51 = 0x0005_0001, WNNC_USR_GETUSER = 1,
        WNNC_CON_ADDCONNECTION = 1, WNNC_CON_CANCELCONNECTION = 2, WNNC_CON_GETCONNECTIONS = 4,
        WNNC_CON_ADDCONNECTION3 = 8, WNNC_CON_ADDCONNECTION4 = 0x10,
        WNNC_CON_CANCELCONNECTION2 = 0x20, WNNC_CON_GETPERFORMANCE = 0x40, WNNC_CON_DEFER = 0x80,
        WNNC_DLG_DEVICEMODE = 1, WNNC_DLG_PROPERTYDIALOG = 0x20, WNNC_DLG_SEARCHDIALOG = 0x40,
        WNNC_DLG_FORMATNETWORKNAME = 0x80, WNNC_DLG_PERMISSIONEDITOR = 0x100,
        WNNC_DLG_GETRESOURCEPARENT = 0x200, WNNC_DLG_GETRESOURCEINFORMATION = 0x800,
        WNNC_ADM_GETDIRECTORYTYPE = 1, WNNC_ADM_DIRECTORYNOTIFY = 2,
        WNNC_ENUM_GLOBAL = 1, WNNC_ENUM_LOCAL = 2, WNNC_ENUM_CONTEXT = 4, WNNC_ENUM_SHAREABLE = 8,
        WNNC_WAIT_FOR_START = 1, WNNC_CF_DEFAULT = 0x1C, WNNC_CF_MAXIMUM = 0x5_FC1D,
    }
    "Network type, in the high word." {
        WNNC_NET_NONE = 0, WNNC_NET_MSNET = 0x1_0000, WNNC_NET_SMB = 0x2_0000,
        WNNC_NET_LANMAN = 0x2_0000, WNNC_NET_NETWARE = 0x3_0000, WNNC_NET_VINES = 0x4_0000,
        WNNC_NET_10NET = 0x5_0000, WNNC_NET_LOCUS = 0x6_0000, WNNC_NET_SUN_PC_NFS = 0x7_0000,
        WNNC_NET_LANSTEP = 0x8_0000, WNNC_NET_9TILES = 0x9_0000, WNNC_NET_LANTASTIC = 0xA_0000,
        WNNC_NET_AS400 = 0xB_0000, WNNC_NET_FTP_NFS = 0xC_0000, WNNC_NET_PATHWORKS = 0xD_0000,
        WNNC_NET_LIFENET = 0xE_0000, WNNC_NET_POWERLAN = 0xF_0000, WNNC_NET_BWNFS = 0x10_0000,
        WNNC_NET_COGENT = 0x11_0000, WNNC_NET_FARALLON = 0x12_0000,
        WNNC_NET_APPLETALK = 0x13_0000, WNNC_NET_INTERGRAPH = 0x14_0000,
        WNNC_NET_SYMFONET = 0x15_0000, WNNC_NET_CLEARCASE = 0x16_0000,
        WNNC_NET_FRONTIER = 0x17_0000, WNNC_NET_BMC = 0x18_0000, WNNC_NET_DCE = 0x19_0000,
        WNNC_NET_AVID = 0x1A_0000, WNNC_NET_DOCUSPACE = 0x1B_0000, WNNC_NET_MANGOSOFT = 0x1C_0000,
        WNNC_NET_SERNET = 0x1D_0000, WNNC_NET_RIVERFRONT1 = 0x1E_0000,
        WNNC_NET_RIVERFRONT2 = 0x1F_0000, WNNC_NET_DECORB = 0x20_0000,
        WNNC_NET_PROTSTOR = 0x21_0000, WNNC_NET_FJ_REDIR = 0x22_0000,
        WNNC_NET_DISTINCT = 0x23_0000, WNNC_NET_TWINS = 0x24_0000,
        WNNC_NET_RDR2SAMPLE = 0x25_0000, WNNC_NET_CSC = 0x26_0000, WNNC_NET_3IN1 = 0x27_0000,
        WNNC_NET_EXTENDNET = 0x29_0000, WNNC_NET_STAC = 0x2A_0000, WNNC_NET_FOXBAT = 0x2B_0000,
        WNNC_NET_YAHOO = 0x2C_0000, WNNC_NET_EXIFS = 0x2D_0000, WNNC_NET_DAV = 0x2E_0000,
        WNNC_NET_KNOWARE = 0x2F_0000, WNNC_NET_OBJECT_DIRE = 0x30_0000,
        WNNC_NET_MASFAX = 0x31_0000, WNNC_NET_HOB_NFS = 0x32_0000, WNNC_NET_SHIVA = 0x33_0000,
        WNNC_NET_IBMAL = 0x34_0000, WNNC_NET_LOCK = 0x35_0000, WNNC_NET_TERMSRV = 0x36_0000,
        WNNC_NET_SRT = 0x37_0000, WNNC_NET_QUINCY = 0x38_0000, WNNC_NET_OPENAFS = 0x39_0000,
        WNNC_NET_AVID1 = 0x3A_0000, WNNC_NET_DFS = 0x3B_0000, WNNC_NET_KWNP = 0x3C_0000,
        WNNC_NET_ZENWORKS = 0x3D_0000, WNNC_NET_DRIVEONWEB = 0x3E_0000,
        WNNC_NET_VMWARE = 0x3F_0000, WNNC_NET_RSFX = 0x40_0000, WNNC_NET_MFILES = 0x41_0000,
        WNNC_NET_MS_NFS = 0x42_0000, WNNC_NET_GOOGLE = 0x43_0000, WNNC_NET_NDFS = 0x44_0000,
        WNNC_CRED_MANAGER = 0xFFFF_0000,
    }
    "Level of `NPGetConnection3`." { WNGETCON_CONNECTED = 0, WNGETCON_DISCONNECTED = 1 }
    "Kind of thing, for property functions." {
        WNTYPE_DRIVE = 1, WNTYPE_FILE = 2, WNTYPE_PRINTER = 3, WNTYPE_COMM = 4,
    }
    "What is selected, for property functions." { WNPS_FILE = 0, WNPS_DIR = 1, WNPS_MULT = 2 }
    "Result flag of `NPSearchDialog`." { WNSRCH_REFRESH_FIRST_LEVEL = 1 }
    "Directory type." { WNDT_NORMAL = 0, WNDT_NETWORK = 1 }
    "Directory operation." { WNDN_MKDIR = 1, WNDN_RMDIR = 2, WNDN_MVDIR = 3 }
    "Permission editor." {
        WNPERMC_PERM = 1, WNPERMC_AUDIT = 2, WNPERMC_OWNER = 4,
        WNPERM_DLG_PERM = 0, WNPERM_DLG_AUDIT = 1, WNPERM_DLG_OWNER = 2,
    }
    "Class of a provider in its settings." {
        WN_NETWORK_CLASS = 1, WN_CREDENTIAL_CLASS = 2, WN_PRIMARY_AUTHENT_CLASS = 4,
        WN_SERVICE_CLASS = 8,
    }
    "Reason of `NPPasswordChangeNotify`." { WN_VALID_LOGON_ACCOUNT = 1, WN_NT_PASSWORD_CHANGED = 2 }
}

functions! { FUNCTIONS: "Every function that `npapi.h` declares.";
    "Tells a notifyee of a connection."
    AddConnectNotify PF_AddConnectNotify(
        lpNotifyInfo: LPNOTIFYINFO, lpAddInfo: LPNOTIFYADD) -> DWORD;
    "Tells a notifyee of a disconnection."
    CancelConnectNotify PF_CancelConnectNotify(
        lpNotifyInfo: LPNOTIFYINFO, lpCancelInfo: LPNOTIFYCANCEL) -> DWORD;
    "Keeps a provider's error text for the thread."
    WNetSetLastErrorA PF_WNetSetLastErrorA(err: DWORD, lpError: LPSTR, lpProviders: LPSTR) -> VOID;
    "Keeps a provider's error text for the thread."
    WNetSetLastErrorW PF_WNetSetLastErrorW(
        err: DWORD, lpError: LPWSTR, lpProviders: LPWSTR) -> VOID;
    "Tells what a provider can do."
    NPGetCaps PF_NPGetCaps(nIndex: DWORD) -> DWORD;
    "Connects."
    NPAddConnection PF_NPAddConnection(
        lpNetResource: LPNETRESOURCEW, lpPassword: LPWSTR, lpUserName: LPWSTR) -> DWORD;
    "Connects, with a window and flags."
    NPAddConnection3 PF_NPAddConnection3(
        hwndOwner: HWND, lpNetResource: LPNETRESOURCEW, lpPassword: LPWSTR, lpUserName: LPWSTR,
        dwFlags: DWORD) -> DWORD;
    "Connects, with blocks that the provider understands (sizes in bytes)."
    NPAddConnection4 PF_NPAddConnection4(
        hwndOwner: HWND, lpNetResource: LPNETRESOURCEW, lpAuthBuffer: LPVOID,
        cbAuthBuffer: DWORD, dwFlags: DWORD, lpUseOptions: LPBYTE, cbUseOptions: DWORD) -> DWORD;
    "Disconnects."
    NPCancelConnection PF_NPCancelConnection(lpName: LPWSTR, fForce: BOOL) -> DWORD;
    "Disconnects, with flags."
    NPCancelConnection2 PF_NPCancelConnection2(
        lpName: LPWSTR, fForce: BOOL, dwFlags: DWORD) -> DWORD;
    "Returns the remote name of a device (length in characters)."
    NPGetConnection PF_NPGetConnection(
        lpLocalName: LPWSTR, lpRemoteName: LPWSTR, lpnBufferLen: LPDWORD) -> DWORD;
    "Returns the remote name of a device, also of a deferred one."
    NPGetConnection3 PF_NPGetConnection3(
        lpLocalName: LPCWSTR, dwLevel: DWORD, lpBuffer: LPVOID, lpBufferSize: LPDWORD) -> DWORD;
    "Names a path on a device (size in bytes)."
    NPGetUniversalName PF_NPGetUniversalName(
        lpLocalPath: LPWSTR, dwInfoLevel: DWORD, lpBuffer: LPVOID, lpBufferSize: LPDWORD) -> DWORD;
    "Estimates the performance of a connection."
    NPGetConnectionPerformance PF_NPGetConnectionPerformance(
        lpRemoteName: LPCWSTR, lpNetConnectInfo: LPNETCONNECTINFOSTRUCT) -> DWORD;
    "Returns the user of a connection (length in characters)."
    NPGetUser PF_NPGetUser(lpName: LPWSTR, lpUserName: LPWSTR, lpnBufferLen: LPDWORD) -> DWORD;
    "Turns options in force into options to remember (sizes in bytes)."
    NPGetPersistentUseOptionsForConnection PF_NPGetPersistentUseOptionsForConnection(
        lpRemotePath: LPWSTR, lpReadUseOptions: LPBYTE, cbReadUseOptions: DWORD,
        lpWriteUseOptions: LPBYTE, lpSizeWriteUseOptions: LPDWORD) -> DWORD;
    "Begins an enumeration."
    NPOpenEnum PF_NPOpenEnum(
        dwScope: DWORD, dwType: DWORD, dwUsage: DWORD, lpNetResource: LPNETRESOURCEW,
        lphEnum: LPHANDLE) -> DWORD;
    "Returns entries of an enumeration (size in bytes)."
    NPEnumResource PF_NPEnumResource(
        hEnum: HANDLE, lpcCount: LPDWORD, lpBuffer: LPVOID, lpBufferSize: LPDWORD) -> DWORD;
    "Ends an enumeration."
    NPCloseEnum PF_NPCloseEnum(hEnum: HANDLE) -> DWORD;
    "Returns the parent of a resource (size in bytes)."
    NPGetResourceParent PF_NPGetResourceParent(
        lpNetResource: LPNETRESOURCEW, lpBuffer: LPVOID, lpBufferSize: LPDWORD) -> DWORD;
    "Splits a name into resource and rest (size in bytes)."
    NPGetResourceInformation PF_NPGetResourceInformation(
        lpNetResource: LPNETRESOURCEW, lpBuffer: LPVOID, lpBufferSize: LPDWORD,
        lplpSystem: PLPWSTR) -> DWORD;
    "Writes a name as people read it (length in characters)."
    NPFormatNetworkName PF_NPFormatNetworkName(
        lpRemoteName: LPWSTR, lpFormattedName: LPWSTR, lpnLength: LPDWORD, dwFlags: DWORD,
        dwAveCharPerLine: DWORD) -> DWORD;
    "Shows a printer's settings."
    NPDeviceMode PF_NPDeviceMode(hParent: HWND) -> DWORD;
    "Shows a search dialog."
    NPSearchDialog PF_NPSearchDialog(
        hwndParent: HWND, lpNetResource: LPNETRESOURCEW, lpBuffer: LPVOID, cbBuffer: DWORD,
        lpnFlags: LPDWORD) -> DWORD;
    "Returns the text of a property button."
    NPGetPropertyText PF_NPGetPropertyText(
        iButton: DWORD, nPropSel: DWORD, lpName: LPWSTR, lpButtonName: LPWSTR,
        nButtonNameLen: DWORD, nType: DWORD) -> DWORD;
    "Shows a property dialog."
    NPPropertyDialog PF_NPPropertyDialog(
        hwndParent: HWND, iButtonDlg: DWORD, nPropSel: DWORD, lpFileName: LPWSTR,
        nType: DWORD) -> DWORD;
    "Tells whether a directory is the network's."
    NPGetDirectoryType PF_NPGetDirectoryType(
        lpName: LPWSTR, lpType: LPINT, bFlushCache: BOOL) -> DWORD;
    "Is told of an operation on a directory."
    NPDirectoryNotify PF_NPDirectoryNotify(hwnd: HWND, lpDir: LPWSTR, dwOper: DWORD) -> DWORD;
    "Tells which permission editors there are."
    NPFMXGetPermCaps PF_NPFMXGetPermCaps(lpDriveName: LPWSTR) -> DWORD;
    "Shows a permission editor."
    NPFMXEditPerm PF_NPFMXEditPerm(
        lpDriveName: LPWSTR, hwndFMX: HWND, nDialogType: DWORD) -> DWORD;
    "Names the help file of a permission editor."
    NPFMXGetPermHelp PF_NPFMXGetPermHelp(
        lpDriveName: LPWSTR, nDialogType: DWORD, fDirectory: BOOL, lpFileNameBuffer: LPVOID,
        lpBufferSize: LPDWORD, lpnHelpContext: LPDWORD) -> DWORD;
    "Is told of a logon; OpenMPR never calls it."
    NPLogonNotify PF_NPLogonNotify(
        lpLogonId: PLUID, lpAuthentInfoType: LPCWSTR, lpAuthentInfo: LPVOID,
        lpPreviousAuthentInfoType: LPCWSTR, lpPreviousAuthentInfo: LPVOID,
        lpStationName: LPWSTR, StationHandle: LPVOID, lpLogonScript: PLPWSTR) -> DWORD;
    "Is told of a changed password; OpenMPR never calls it."
    NPPasswordChangeNotify PF_NPPasswordChangeNotify(
        lpAuthentInfoType: LPCWSTR, lpAuthentInfo: LPVOID, lpPreviousAuthentInfoType: LPCWSTR,
        lpPreviousAuthentInfo: LPVOID, lpStationName: LPWSTR, StationHandle: LPVOID,
        dwChangeInfo: DWORD) -> DWORD;
}
