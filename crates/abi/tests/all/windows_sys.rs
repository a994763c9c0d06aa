//! Our declarations and those of windows-sys say the same, as far as windows-sys has them on Linux.
//!
//! Known difference: its `NOTIFYADD` embeds `NETRESOURCEA` (the layout is that of `NETRESOURCEW`),
//! so that a wrong cast compiles and shows as one-letter names. It has no `WN_*` codes, and its
//! functions must not be called: they are imports of mpr.dll.

use std::mem::{align_of, offset_of, size_of};

use windows_sys::Win32::NetworkManagement::WNet as sys;

macro_rules! same_layout {
    ($($ours:path, $theirs:path { $($member:ident),* })*) => {
        $(
            assert_eq!(size_of::<$ours>(), size_of::<$theirs>());
            assert_eq!(align_of::<$ours>(), align_of::<$theirs>());
            $(assert_eq!(offset_of!($ours, $member), offset_of!($theirs, $member));)*
        )*
    };
}

#[test]
fn structures() {
    use mpr_abi::npapi::*;
    use mpr_abi::winnetwk::*;
    same_layout! {
        NETRESOURCEW, sys::NETRESOURCEW {
            dwScope, dwType, dwDisplayType, dwUsage, lpLocalName, lpRemoteName, lpComment,
            lpProvider
        }
        NETRESOURCEA, sys::NETRESOURCEA { lpLocalName, lpProvider }
        CONNECTDLGSTRUCTW, sys::CONNECTDLGSTRUCTW {
            cbStructure, hwndOwner, lpConnRes, dwFlags, dwDevNum
        }
        DISCDLGSTRUCTW, sys::DISCDLGSTRUCTW {
            cbStructure, hwndOwner, lpLocalName, lpRemoteName, dwFlags
        }
        UNIVERSAL_NAME_INFOW, sys::UNIVERSAL_NAME_INFOW { lpUniversalName }
        REMOTE_NAME_INFOW, sys::REMOTE_NAME_INFOW {
            lpUniversalName, lpConnectionName, lpRemainingPath
        }
        NETINFOSTRUCT, sys::NETINFOSTRUCT {
            cbStructure, dwProviderVersion, dwStatus, dwCharacteristics, dwHandle, wNetType,
            dwPrinters, dwDrives
        }
        NETCONNECTINFOSTRUCT, sys::NETCONNECTINFOSTRUCT {
            cbStructure, dwFlags, dwSpeed, dwDelay, dwOptDataSize
        }
        NOTIFYINFO, sys::NOTIFYINFO { dwNotifyStatus, dwOperationStatus, lpContext }
        NOTIFYADD, sys::NOTIFYADD { hwndOwner, NetResource, dwAddFlags }
        NOTIFYCANCEL, sys::NOTIFYCANCEL { lpName, lpProvider, dwFlags, fForce }
    }
}

macro_rules! same_value {
    ($($name:ident,)*) => {
        $(assert_eq!(u64::from(ours::$name), u64::from(sys::$name), stringify!($name));)*
    };
}

mod ours {
    pub(super) use mpr_abi::npapi::*;
    pub(super) use mpr_abi::winnetwk::*;
}

#[test]
fn constants() {
    same_value! {
        CONNDLG_CONN_POINT, CONNDLG_HIDE_BOX, CONNDLG_NOT_PERSIST, CONNDLG_PERSIST, CONNDLG_RO_PATH,
        CONNDLG_USE_MRU, CONNECT_CMD_SAVECRED, CONNECT_COMMANDLINE, CONNECT_CRED_RESET,
        CONNECT_CURRENT_MEDIA, CONNECT_DEFERRED, CONNECT_GLOBAL_MAPPING, CONNECT_INTERACTIVE,
        CONNECT_LOCALDRIVE, CONNECT_NEED_DRIVE, CONNECT_PROMPT, CONNECT_REDIRECT, CONNECT_REFCOUNT,
        CONNECT_REQUIRE_INTEGRITY, CONNECT_REQUIRE_PRIVACY, CONNECT_RESERVED, CONNECT_TEMPORARY,
        CONNECT_UPDATE_PROFILE, CONNECT_UPDATE_RECENT, CONNECT_WRITE_THROUGH_SEMANTICS,
        DISC_NO_FORCE, DISC_UPDATE_PROFILE, NETINFO_DISKRED, NETINFO_DLL16, NETINFO_PRINTERRED,
        NETPROPERTY_PERSISTENT, NOTIFY_POST, NOTIFY_PRE, REMOTE_NAME_INFO_LEVEL,
        RESOURCEDISPLAYTYPE_DIRECTORY, RESOURCEDISPLAYTYPE_NDSCONTAINER,
        RESOURCEDISPLAYTYPE_NETWORK, RESOURCEDISPLAYTYPE_ROOT, RESOURCEDISPLAYTYPE_SHAREADMIN,
        RESOURCETYPE_ANY, RESOURCETYPE_DISK, RESOURCETYPE_PRINT, RESOURCETYPE_RESERVED,
        RESOURCETYPE_UNKNOWN, RESOURCEUSAGE_ALL, RESOURCEUSAGE_ATTACHED, RESOURCEUSAGE_CONNECTABLE,
        RESOURCEUSAGE_CONTAINER, RESOURCEUSAGE_NOLOCALDEVICE, RESOURCEUSAGE_RESERVED,
        RESOURCEUSAGE_SIBLING, RESOURCE_CONNECTED, RESOURCE_CONTEXT, RESOURCE_GLOBALNET,
        RESOURCE_RECENT, RESOURCE_REMEMBERED, UNIVERSAL_NAME_INFO_LEVEL, WNCON_DYNAMIC,
        WNCON_FORNETCARD, WNCON_NOTROUTED, WNCON_SLOWLINK, WNDN_MKDIR, WNDN_MVDIR, WNDN_RMDIR,
        WNDT_NETWORK, WNDT_NORMAL, WNFMT_ABBREVIATED, WNFMT_CONNECTION, WNFMT_INENUM,
        WNFMT_MULTILINE, WNGETCON_CONNECTED, WNGETCON_DISCONNECTED, WNNC_ADMIN,
        WNNC_ADM_DIRECTORYNOTIFY, WNNC_ADM_GETDIRECTORYTYPE, WNNC_CONNECTION, WNNC_CONNECTION_FLAGS,
        WNNC_CON_ADDCONNECTION, WNNC_CON_ADDCONNECTION3, WNNC_CON_ADDCONNECTION4,
        WNNC_CON_CANCELCONNECTION, WNNC_CON_CANCELCONNECTION2, WNNC_CON_DEFER,
        WNNC_CON_GETCONNECTIONS, WNNC_CON_GETPERFORMANCE, WNNC_DIALOG, WNNC_DLG_DEVICEMODE,
        WNNC_DLG_FORMATNETWORKNAME, WNNC_DLG_GETRESOURCEINFORMATION, WNNC_DLG_GETRESOURCEPARENT,
        WNNC_DLG_PERMISSIONEDITOR, WNNC_DLG_PROPERTYDIALOG, WNNC_DLG_SEARCHDIALOG,
        WNNC_DRIVER_VERSION, WNNC_ENUMERATION, WNNC_ENUM_CONTEXT, WNNC_ENUM_GLOBAL, WNNC_ENUM_LOCAL,
        WNNC_ENUM_SHAREABLE, WNNC_NET_NONE, WNNC_NET_TYPE, WNNC_SPEC_VERSION, WNNC_SPEC_VERSION51,
        WNNC_START, WNNC_USER, WNNC_USR_GETUSER, WNNC_WAIT_FOR_START, WNPERMC_AUDIT, WNPERMC_OWNER,
        WNPERMC_PERM, WNPERM_DLG_AUDIT, WNPERM_DLG_OWNER, WNPERM_DLG_PERM, WNPS_DIR, WNPS_FILE,
        WNPS_MULT, WNSRCH_REFRESH_FIRST_LEVEL, WNTYPE_COMM, WNTYPE_DRIVE, WNTYPE_FILE,
        WNTYPE_PRINTER, WN_CREDENTIAL_CLASS, WN_NETWORK_CLASS, WN_NT_PASSWORD_CHANGED,
        WN_PRIMARY_AUTHENT_CLASS, WN_SERVICE_CLASS, WN_VALID_LOGON_ACCOUNT,
    }
}
