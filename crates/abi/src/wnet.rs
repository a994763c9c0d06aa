//! The functions that client programs call, as types.
//!
//! Whoever exports them asserts its signatures against these (`const _: PF_WNetGetUserW = ...`),
//! and the header tests compare them with C compilers. Lengths and codes: `include/winnetwk.h`.

#![allow(non_snake_case, non_camel_case_types, reason = "the names of the C headers")]

use crate::tables::functions;
use crate::types::*;
use crate::winnetwk::*;

functions! { FUNCTIONS: "Every function that `winnetwk.h` declares.";
    "Connects, and remembers the connection of a device."
    WNetAddConnectionA PF_WNetAddConnectionA(lpRemoteName: LPCSTR, lpPassword: LPCSTR,
        lpLocalName: LPCSTR) -> DWORD;
    "Connects, and remembers the connection of a device."
    WNetAddConnectionW PF_WNetAddConnectionW(lpRemoteName: LPCWSTR, lpPassword: LPCWSTR,
        lpLocalName: LPCWSTR) -> DWORD;
    "Connects."
    WNetAddConnection2A PF_WNetAddConnection2A(lpNetResource: LPNETRESOURCEA,
        lpPassword: LPCSTR, lpUserName: LPCSTR, dwFlags: DWORD) -> DWORD;
    "Connects."
    WNetAddConnection2W PF_WNetAddConnection2W(lpNetResource: LPNETRESOURCEW,
        lpPassword: LPCWSTR, lpUserName: LPCWSTR, dwFlags: DWORD) -> DWORD;
    "Connects; hwndOwner owns dialogs."
    WNetAddConnection3A PF_WNetAddConnection3A(hwndOwner: HWND, lpNetResource: LPNETRESOURCEA,
        lpPassword: LPCSTR, lpUserName: LPCSTR, dwFlags: DWORD) -> DWORD;
    "Connects; hwndOwner owns dialogs."
    WNetAddConnection3W PF_WNetAddConnection3W(hwndOwner: HWND, lpNetResource: LPNETRESOURCEW,
        lpPassword: LPCWSTR, lpUserName: LPCWSTR, dwFlags: DWORD) -> DWORD;
    "Connects with blocks that the provider understands (sizes in bytes)."
    WNetAddConnection4A PF_WNetAddConnection4A(hwndOwner: HWND, lpNetResource: LPNETRESOURCEA,
        pAuthBuffer: PVOID, cbAuthBuffer: DWORD, dwFlags: DWORD, lpUseOptions: PBYTE,
        cbUseOptions: DWORD) -> DWORD;
    "Connects with blocks that the provider understands (sizes in bytes)."
    WNetAddConnection4W PF_WNetAddConnection4W(hwndOwner: HWND, lpNetResource: LPNETRESOURCEW,
        pAuthBuffer: PVOID, cbAuthBuffer: DWORD, dwFlags: DWORD, lpUseOptions: PBYTE,
        cbUseOptions: DWORD) -> DWORD;
    "Connects, chooses a device if asked, and tells the name to use (characters)."
    WNetUseConnectionA PF_WNetUseConnectionA(hwndOwner: HWND, lpNetResource: LPNETRESOURCEA,
        lpPassword: LPCSTR, lpUserId: LPCSTR, dwFlags: DWORD, lpAccessName: LPSTR,
        lpBufferSize: LPDWORD, lpResult: LPDWORD) -> DWORD;
    "Connects, chooses a device if asked, and tells the name to use (characters)."
    WNetUseConnectionW PF_WNetUseConnectionW(hwndOwner: HWND, lpNetResource: LPNETRESOURCEW,
        lpPassword: LPCWSTR, lpUserId: LPCWSTR, dwFlags: DWORD, lpAccessName: LPWSTR,
        lpBufferSize: LPDWORD, lpResult: LPDWORD) -> DWORD;
    "The same with the blocks of WNetAddConnection4."
    WNetUseConnection4A PF_WNetUseConnection4A(hwndOwner: HWND, lpNetResource: LPNETRESOURCEA,
        pAuthBuffer: PVOID, cbAuthBuffer: DWORD, dwFlags: DWORD, lpUseOptions: PBYTE,
        cbUseOptions: DWORD, lpAccessName: LPSTR, lpBufferSize: LPDWORD,
        lpResult: LPDWORD) -> DWORD;
    "The same with the blocks of WNetAddConnection4."
    WNetUseConnection4W PF_WNetUseConnection4W(hwndOwner: HWND, lpNetResource: LPNETRESOURCEW,
        pAuthBuffer: PVOID, cbAuthBuffer: DWORD, dwFlags: DWORD, lpUseOptions: PBYTE,
        cbUseOptions: DWORD, lpAccessName: LPWSTR, lpBufferSize: LPDWORD,
        lpResult: LPDWORD) -> DWORD;
    "Disconnects and forgets."
    WNetCancelConnectionA PF_WNetCancelConnectionA(lpName: LPCSTR, fForce: BOOL) -> DWORD;
    "Disconnects and forgets."
    WNetCancelConnectionW PF_WNetCancelConnectionW(lpName: LPCWSTR, fForce: BOOL) -> DWORD;
    "Disconnects; forgets with CONNECT_UPDATE_PROFILE."
    WNetCancelConnection2A PF_WNetCancelConnection2A(lpName: LPCSTR, dwFlags: DWORD,
        fForce: BOOL) -> DWORD;
    "Disconnects; forgets with CONNECT_UPDATE_PROFILE."
    WNetCancelConnection2W PF_WNetCancelConnection2W(lpName: LPCWSTR, dwFlags: DWORD,
        fForce: BOOL) -> DWORD;
    "Returns the remote name of a device."
    WNetGetConnectionA PF_WNetGetConnectionA(lpLocalName: LPCSTR, lpRemoteName: LPSTR,
        lpnLength: LPDWORD) -> DWORD;
    "Returns the remote name of a device."
    WNetGetConnectionW PF_WNetGetConnectionW(lpLocalName: LPCWSTR, lpRemoteName: LPWSTR,
        lpnLength: LPDWORD) -> DWORD;
    "Names a path on a device: UNIVERSAL_NAME_INFO or REMOTE_NAME_INFO (bytes)."
    WNetGetUniversalNameA PF_WNetGetUniversalNameA(lpLocalPath: LPCSTR, dwInfoLevel: DWORD,
        lpBuffer: LPVOID, lpBufferSize: LPDWORD) -> DWORD;
    "Names a path on a device: UNIVERSAL_NAME_INFO or REMOTE_NAME_INFO (bytes)."
    WNetGetUniversalNameW PF_WNetGetUniversalNameW(lpLocalPath: LPCWSTR, dwInfoLevel: DWORD,
        lpBuffer: LPVOID, lpBufferSize: LPDWORD) -> DWORD;
    "Returns the user of a device, a remote name, or (NULL) of the process."
    WNetGetUserA PF_WNetGetUserA(lpName: LPCSTR, lpUserName: LPSTR,
        lpnLength: LPDWORD) -> DWORD;
    "Returns the user of a device, a remote name, or (NULL) of the process."
    WNetGetUserW PF_WNetGetUserW(lpName: LPCWSTR, lpUserName: LPWSTR,
        lpnLength: LPDWORD) -> DWORD;
    "Returns the provider of a network type."
    WNetGetProviderNameA PF_WNetGetProviderNameA(dwNetType: DWORD, lpProviderName: LPSTR,
        lpBufferSize: LPDWORD) -> DWORD;
    "Returns the provider of a network type."
    WNetGetProviderNameW PF_WNetGetProviderNameW(dwNetType: DWORD, lpProviderName: LPWSTR,
        lpBufferSize: LPDWORD) -> DWORD;
    "Describes a provider; set cbStructure before."
    WNetGetNetworkInformationA PF_WNetGetNetworkInformationA(lpProvider: LPCSTR,
        lpNetInfoStruct: LPNETINFOSTRUCT) -> DWORD;
    "Describes a provider; set cbStructure before."
    WNetGetNetworkInformationW PF_WNetGetNetworkInformationW(lpProvider: LPCWSTR,
        lpNetInfoStruct: LPNETINFOSTRUCT) -> DWORD;
    "Splits a name into the resource and the rest, *lplpSystem in lpBuffer (bytes)."
    WNetGetResourceInformationA PF_WNetGetResourceInformationA(lpNetResource: LPNETRESOURCEA,
        lpBuffer: LPVOID, lpcbBuffer: LPDWORD, lplpSystem: PLPSTR) -> DWORD;
    "Splits a name into the resource and the rest, *lplpSystem in lpBuffer (bytes)."
    WNetGetResourceInformationW PF_WNetGetResourceInformationW(lpNetResource: LPNETRESOURCEW,
        lpBuffer: LPVOID, lpcbBuffer: LPDWORD, lplpSystem: PLPWSTR) -> DWORD;
    "Returns the parent of a resource (bytes); lpProvider is required."
    WNetGetResourceParentA PF_WNetGetResourceParentA(lpNetResource: LPNETRESOURCEA,
        lpBuffer: LPVOID, lpcbBuffer: LPDWORD) -> DWORD;
    "Returns the parent of a resource (bytes); lpProvider is required."
    WNetGetResourceParentW PF_WNetGetResourceParentW(lpNetResource: LPNETRESOURCEW,
        lpBuffer: LPVOID, lpcbBuffer: LPDWORD) -> DWORD;
    "Estimates a connection's performance; set cbStructure before."
    MultinetGetConnectionPerformanceA
        PF_MultinetGetConnectionPerformanceA(lpNetResource: LPNETRESOURCEA,
        lpNetConnectInfoStruct: LPNETCONNECTINFOSTRUCT) -> DWORD;
    "Estimates a connection's performance; set cbStructure before."
    MultinetGetConnectionPerformanceW
        PF_MultinetGetConnectionPerformanceW(lpNetResource: LPNETRESOURCEW,
        lpNetConnectInfoStruct: LPNETCONNECTINFOSTRUCT) -> DWORD;
    "Writes a remote name as people read it (characters)."
    WNetFormatNetworkNameA PF_WNetFormatNetworkNameA(lpProvider: LPCSTR, lpRemoteName: LPCSTR,
        lpFormattedName: LPSTR, lpnLength: LPDWORD, dwFlags: DWORD,
        dwAveCharPerLine: DWORD) -> DWORD;
    "Writes a remote name as people read it (characters)."
    WNetFormatNetworkNameW PF_WNetFormatNetworkNameW(lpProvider: LPCWSTR, lpRemoteName: LPCWSTR,
        lpFormattedName: LPWSTR, lpnLength: LPDWORD, dwFlags: DWORD,
        dwAveCharPerLine: DWORD) -> DWORD;
    "Returns the text behind ERROR_EXTENDED_ERROR on this thread; cuts it to the room."
    WNetGetLastErrorA PF_WNetGetLastErrorA(lpError: LPDWORD, lpErrorBuf: LPSTR,
        nErrorBufSize: DWORD, lpNameBuf: LPSTR, nNameBufSize: DWORD) -> DWORD;
    "Returns the text behind ERROR_EXTENDED_ERROR on this thread; cuts it to the room."
    WNetGetLastErrorW PF_WNetGetLastErrorW(lpError: LPDWORD, lpErrorBuf: LPWSTR,
        nErrorBufSize: DWORD, lpNameBuf: LPWSTR, nNameBufSize: DWORD) -> DWORD;
    "Begins an enumeration."
    WNetOpenEnumA PF_WNetOpenEnumA(dwScope: DWORD, dwType: DWORD, dwUsage: DWORD,
        lpNetResource: LPNETRESOURCEA, lphEnum: LPHANDLE) -> DWORD;
    "Begins an enumeration."
    WNetOpenEnumW PF_WNetOpenEnumW(dwScope: DWORD, dwType: DWORD, dwUsage: DWORD,
        lpNetResource: LPNETRESOURCEW, lphEnum: LPHANDLE) -> DWORD;
    "Returns the next entries (bytes)."
    WNetEnumResourceA PF_WNetEnumResourceA(hEnum: HANDLE, lpcCount: LPDWORD, lpBuffer: LPVOID,
        lpBufferSize: LPDWORD) -> DWORD;
    "Returns the next entries (bytes)."
    WNetEnumResourceW PF_WNetEnumResourceW(hEnum: HANDLE, lpcCount: LPDWORD, lpBuffer: LPVOID,
        lpBufferSize: LPDWORD) -> DWORD;
    "Ends an enumeration."
    WNetCloseEnum PF_WNetCloseEnum(hEnum: HANDLE) -> DWORD;
    "Lets the user connect."
    WNetConnectionDialog PF_WNetConnectionDialog(hwnd: HWND, dwType: DWORD) -> DWORD;
    "Lets the user connect, as lpConnDlgStruct says."
    WNetConnectionDialog1A
        PF_WNetConnectionDialog1A(lpConnDlgStruct: LPCONNECTDLGSTRUCTA) -> DWORD;
    "Lets the user connect, as lpConnDlgStruct says."
    WNetConnectionDialog1W
        PF_WNetConnectionDialog1W(lpConnDlgStruct: LPCONNECTDLGSTRUCTW) -> DWORD;
    "Lets the user disconnect."
    WNetDisconnectDialog PF_WNetDisconnectDialog(hwnd: HWND, dwType: DWORD) -> DWORD;
    "Disconnects, asking the user if files are open."
    WNetDisconnectDialog1A
        PF_WNetDisconnectDialog1A(lpConnDlgStruct: LPDISCDLGSTRUCTA) -> DWORD;
    "Disconnects, asking the user if files are open."
    WNetDisconnectDialog1W
        PF_WNetDisconnectDialog1W(lpConnDlgStruct: LPDISCDLGSTRUCTW) -> DWORD;
    "Connects what is remembered."
    WNetRestoreConnectionA PF_WNetRestoreConnectionA(hwndParent: HWND,
        lpDevice: LPCSTR) -> DWORD;
    "Connects what is remembered."
    WNetRestoreConnectionW PF_WNetRestoreConnectionW(hwndParent: HWND,
        lpDevice: LPCWSTR) -> DWORD;
    "Connects one remembered device; fUseUI: the user may be asked."
    WNetRestoreSingleConnectionW PF_WNetRestoreSingleConnectionW(hwndParent: HWND,
        lpDevice: LPCWSTR, fUseUI: BOOL) -> DWORD;
    "Remembers or forgets a connection: NETPROPERTY_PERSISTENT, pvValue points to a DWORD."
    WNetSetConnectionA PF_WNetSetConnectionA(lpName: LPCSTR, dwProperty: DWORD,
        pvValue: PVOID) -> DWORD;
    "Remembers or forgets a connection: NETPROPERTY_PERSISTENT, pvValue points to a DWORD."
    WNetSetConnectionW PF_WNetSetConnectionW(lpName: LPCWSTR, dwProperty: DWORD,
        pvValue: PVOID) -> DWORD;
    "Breaks all connections of the session."
    WNetClearConnections PF_WNetClearConnections(hwndParent: HWND) -> DWORD;
}
