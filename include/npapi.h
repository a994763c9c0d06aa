/*
 * npapi.h - the interface of modules to OpenMPR: network providers and notifyees
 *
 * For Linux, and for Windows without the SDK. Names, numbers and layouts are
 * those of the Windows header of this name; so is its include guard. All texts
 * are UTF-16. A module exports the functions below under their plain names.
 *
 * Differences from the SDK that no module can notice: names in NOTIFYADD and
 * NOTIFYCANCEL are declared wide, which they always are, and WNetSetLastError
 * says WINAPI, which it is.
 */
#ifndef _NPAPI_INCLUDED
#define _NPAPI_INCLUDED

#include "mprdef.h"
#include "winnetwk.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Network type of a pure credential manager. */
#define WNNC_NET_NONE 0

/* When a notifyee is called. */
#define NOTIFY_PRE  1
#define NOTIFY_POST 2

/* Index of NPGetCaps. */
#define WNNC_SPEC_VERSION     1
#define WNNC_NET_TYPE         2
#define WNNC_DRIVER_VERSION   3
#define WNNC_USER             4
#define WNNC_CONNECTION       6
#define WNNC_DIALOG           8
#define WNNC_ADMIN            9
#define WNNC_ENUMERATION      0x0000000B
#define WNNC_START            0x0000000C
#define WNNC_CONNECTION_FLAGS 0x0000000D

/* Value or bit that NPGetCaps returns. */
#define WNNC_SPEC_VERSION51             0x00050001
#define WNNC_USR_GETUSER                1
#define WNNC_CON_ADDCONNECTION          1
#define WNNC_CON_CANCELCONNECTION       2
#define WNNC_CON_GETCONNECTIONS         4
#define WNNC_CON_ADDCONNECTION3         8
#define WNNC_CON_ADDCONNECTION4         0x00000010
#define WNNC_CON_CANCELCONNECTION2      0x00000020
#define WNNC_CON_GETPERFORMANCE         0x00000040
#define WNNC_CON_DEFER                  0x00000080
#define WNNC_DLG_DEVICEMODE             1
#define WNNC_DLG_PROPERTYDIALOG         0x00000020
#define WNNC_DLG_SEARCHDIALOG           0x00000040
#define WNNC_DLG_FORMATNETWORKNAME      0x00000080
#define WNNC_DLG_PERMISSIONEDITOR       0x00000100
#define WNNC_DLG_GETRESOURCEPARENT      0x00000200
#define WNNC_DLG_GETRESOURCEINFORMATION 0x00000800
#define WNNC_ADM_GETDIRECTORYTYPE       1
#define WNNC_ADM_DIRECTORYNOTIFY        2
#define WNNC_ENUM_GLOBAL                1
#define WNNC_ENUM_LOCAL                 2
#define WNNC_ENUM_CONTEXT               4
#define WNNC_ENUM_SHAREABLE             8
#define WNNC_WAIT_FOR_START             1
#define WNNC_CF_DEFAULT                 0x0000001C
#define WNNC_CF_MAXIMUM                 0x0005FC1D

/* Level of NPGetConnection3. */
#define WNGETCON_CONNECTED    0
#define WNGETCON_DISCONNECTED 1

/* Kind of thing, for property functions. */
#define WNTYPE_DRIVE   1
#define WNTYPE_FILE    2
#define WNTYPE_PRINTER 3
#define WNTYPE_COMM    4

/* What is selected, for property functions. */
#define WNPS_FILE 0
#define WNPS_DIR  1
#define WNPS_MULT 2

/* Result flag of NPSearchDialog. */
#define WNSRCH_REFRESH_FIRST_LEVEL 1

/* Directory type. */
#define WNDT_NORMAL  0
#define WNDT_NETWORK 1

/* Directory operation. */
#define WNDN_MKDIR 1
#define WNDN_RMDIR 2
#define WNDN_MVDIR 3

/* Permission editor. */
#define WNPERMC_PERM     1
#define WNPERMC_AUDIT    2
#define WNPERMC_OWNER    4
#define WNPERM_DLG_PERM  0
#define WNPERM_DLG_AUDIT 1
#define WNPERM_DLG_OWNER 2

/* Class of a provider in its settings. */
#define WN_NETWORK_CLASS         1
#define WN_CREDENTIAL_CLASS      2
#define WN_PRIMARY_AUTHENT_CLASS 4
#define WN_SERVICE_CLASS         8

/* Reason of NPPasswordChangeNotify. */
#define WN_VALID_LOGON_ACCOUNT 1
#define WN_NT_PASSWORD_CHANGED 2

/* When a notifyee is called, and its own word. */
typedef struct _NOTIFYINFO {
    DWORD dwNotifyStatus;    /* NOTIFY_PRE or NOTIFY_POST; for any other return WN_SUCCESS */
    DWORD dwOperationStatus; /* POST: result of the attempt, 0 worked */
    LPVOID lpContext;        /* PRE: NULL, set it to be told after; POST: what you set */
} NOTIFYINFO, *LPNOTIFYINFO;

/* What is to be connected. The names are UTF-16 whatever the client called. */
typedef struct _NOTIFYADD {
    HWND hwndOwner;           /* window for anything shown, or NULL */
    NETRESOURCEW NetResource; /* lpRemoteName, lpLocalName, dwType; lpProvider in POST */
    DWORD dwAddFlags;         /* CONNECT_*; ignore bits that you do not know */
} NOTIFYADD, *LPNOTIFYADD;

/* What is to be disconnected. */
typedef struct _NOTIFYCANCEL {
    LPWSTR lpName;     /* device or remote name */
    LPWSTR lpProvider; /* POST after success: the provider's name; else NULL */
    DWORD dwFlags;     /* 0 or CONNECT_UPDATE_PROFILE */
    BOOL fForce;       /* TRUE: open files do not matter */
} NOTIFYCANCEL, *LPNOTIFYCANCEL;

/*
 * Notifyees
 *
 * Called before (PRE) and after (POST) each attempt, on the caller's thread.
 * The structures are yours to read during the call; copy what you keep.
 *
 * PRE:  0 go on; WN_NOT_SUPPORTED not interested; anything else but WN_RETRY
 *       forbids the attempt, and the caller gets that code. POST follows only
 *       if lpContext was set and the attempt was not forbidden by you.
 * POST: if the attempt failed, WN_RETRY tries again (at most four times), and
 *       any other code but 0 and WN_NOT_SUPPORTED replaces the error.
 *
 * What lpContext points to is yours: free it in POST, or before you forbid.
 */
typedef DWORD (WINAPI *PF_AddConnectNotify)(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYADD lpAddInfo);
DWORD WINAPI AddConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYADD lpAddInfo);
typedef DWORD (WINAPI *PF_CancelConnectNotify)(LPNOTIFYINFO lpNotifyInfo,
    LPNOTIFYCANCEL lpCancelInfo);
DWORD WINAPI CancelConnectNotify(LPNOTIFYINFO lpNotifyInfo, LPNOTIFYCANCEL lpCancelInfo);

/*
 * Error text: call this just before returning WN_EXTENDED_ERROR. The texts are
 * copied; either may be NULL. Clients read them with WNetGetLastError.
 */
VOID WINAPI WNetSetLastErrorA(DWORD err, LPSTR lpError, LPSTR lpProviders);
VOID WINAPI WNetSetLastErrorW(DWORD err, LPWSTR lpError, LPWSTR lpProviders);

/*
 * Providers
 *
 * NPGetCaps is required, everything else optional; a missing function is one
 * that is not supported, and one whose capability bit is clear is not called.
 * Names that are handed in are the provider's own copies, terminated, writable
 * and valid during the call. Devices are upper-case. A name of another network
 * is answered at once, with WN_BAD_NETNAME.
 *
 * Lengths of texts count characters with the terminator, sizes of structures
 * with texts count bytes; both are changed only with WN_MORE_DATA, to what is
 * needed. Structures go to the front of a buffer and texts to its end.
 */
typedef DWORD (WINAPI *PF_NPGetCaps)(DWORD nIndex);
DWORD WINAPI NPGetCaps(DWORD nIndex);

/* Connecting. NULL password: the default one, "": none. NULL user: the current one. */
typedef DWORD (WINAPI *PF_NPAddConnection)(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword,
    LPWSTR lpUserName);
DWORD WINAPI NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword,
    LPWSTR lpUserName);
typedef DWORD (WINAPI *PF_NPAddConnection3)(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
    LPWSTR lpPassword, LPWSTR lpUserName, DWORD dwFlags);
DWORD WINAPI NPAddConnection3(HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPWSTR lpPassword,
    LPWSTR lpUserName, DWORD dwFlags);
typedef DWORD (WINAPI *PF_NPAddConnection4)(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
    LPVOID lpAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags, LPBYTE lpUseOptions,
    DWORD cbUseOptions);
DWORD WINAPI NPAddConnection4(HWND hwndOwner, LPNETRESOURCEW lpNetResource, LPVOID lpAuthBuffer,
    DWORD cbAuthBuffer, DWORD dwFlags, LPBYTE lpUseOptions, DWORD cbUseOptions);

/* Disconnecting: a device, or all deviceless connections to a remote name. */
typedef DWORD (WINAPI *PF_NPCancelConnection)(LPWSTR lpName, BOOL fForce);
DWORD WINAPI NPCancelConnection(LPWSTR lpName, BOOL fForce);
typedef DWORD (WINAPI *PF_NPCancelConnection2)(LPWSTR lpName, BOOL fForce, DWORD dwFlags);
DWORD WINAPI NPCancelConnection2(LPWSTR lpName, BOOL fForce, DWORD dwFlags);

/* Asking. lpRemoteName, lpUserName: characters. lpBuffer: bytes. */
typedef DWORD (WINAPI *PF_NPGetConnection)(LPWSTR lpLocalName, LPWSTR lpRemoteName,
    LPDWORD lpnBufferLen);
DWORD WINAPI NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen);
typedef DWORD (WINAPI *PF_NPGetConnection3)(LPCWSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer,
    LPDWORD lpBufferSize);
DWORD WINAPI NPGetConnection3(LPCWSTR lpLocalName, DWORD dwLevel, LPVOID lpBuffer,
    LPDWORD lpBufferSize);
typedef DWORD (WINAPI *PF_NPGetUniversalName)(LPWSTR lpLocalPath, DWORD dwInfoLevel,
    LPVOID lpBuffer, LPDWORD lpBufferSize);
DWORD WINAPI NPGetUniversalName(LPWSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
    LPDWORD lpBufferSize);
typedef DWORD (WINAPI *PF_NPGetConnectionPerformance)(LPCWSTR lpRemoteName,
    LPNETCONNECTINFOSTRUCT lpNetConnectInfo);
DWORD WINAPI NPGetConnectionPerformance(LPCWSTR lpRemoteName,
    LPNETCONNECTINFOSTRUCT lpNetConnectInfo);
typedef DWORD (WINAPI *PF_NPGetUser)(LPWSTR lpName, LPWSTR lpUserName, LPDWORD lpnBufferLen);
DWORD WINAPI NPGetUser(LPWSTR lpName, LPWSTR lpUserName, LPDWORD lpnBufferLen);
typedef DWORD (WINAPI *PF_NPGetPersistentUseOptionsForConnection)(LPWSTR lpRemotePath,
    LPBYTE lpReadUseOptions, DWORD cbReadUseOptions, LPBYTE lpWriteUseOptions,
    LPDWORD lpSizeWriteUseOptions);
DWORD WINAPI NPGetPersistentUseOptionsForConnection(LPWSTR lpRemotePath,
    LPBYTE lpReadUseOptions, DWORD cbReadUseOptions, LPBYTE lpWriteUseOptions,
    LPDWORD lpSizeWriteUseOptions);

/* Enumerating: all three or none. The handle is the provider's; NPCloseEnum frees it. */
typedef DWORD (WINAPI *PF_NPOpenEnum)(DWORD dwScope, DWORD dwType, DWORD dwUsage,
    LPNETRESOURCEW lpNetResource, LPHANDLE lphEnum);
DWORD WINAPI NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage,
    LPNETRESOURCEW lpNetResource, LPHANDLE lphEnum);
typedef DWORD (WINAPI *PF_NPEnumResource)(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
    LPDWORD lpBufferSize);
DWORD WINAPI NPEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
    LPDWORD lpBufferSize);
typedef DWORD (WINAPI *PF_NPCloseEnum)(HANDLE hEnum);
DWORD WINAPI NPCloseEnum(HANDLE hEnum);

/* Names. *lplpSystem points into lpBuffer, NULL if there is no rest. */
typedef DWORD (WINAPI *PF_NPGetResourceParent)(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
    LPDWORD lpBufferSize);
DWORD WINAPI NPGetResourceParent(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
    LPDWORD lpBufferSize);
typedef DWORD (WINAPI *PF_NPGetResourceInformation)(LPNETRESOURCEW lpNetResource,
    LPVOID lpBuffer, LPDWORD lpBufferSize, LPWSTR *lplpSystem);
DWORD WINAPI NPGetResourceInformation(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
    LPDWORD lpBufferSize, LPWSTR *lplpSystem);
typedef DWORD (WINAPI *PF_NPFormatNetworkName)(LPWSTR lpRemoteName, LPWSTR lpFormattedName,
    LPDWORD lpnLength, DWORD dwFlags, DWORD dwAveCharPerLine);
DWORD WINAPI NPFormatNetworkName(LPWSTR lpRemoteName, LPWSTR lpFormattedName, LPDWORD lpnLength,
    DWORD dwFlags, DWORD dwAveCharPerLine);

/* User interface and administration. */
typedef DWORD (WINAPI *PF_NPDeviceMode)(HWND hParent);
DWORD WINAPI NPDeviceMode(HWND hParent);
typedef DWORD (WINAPI *PF_NPSearchDialog)(HWND hwndParent, LPNETRESOURCEW lpNetResource,
    LPVOID lpBuffer, DWORD cbBuffer, LPDWORD lpnFlags);
DWORD WINAPI NPSearchDialog(HWND hwndParent, LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
    DWORD cbBuffer, LPDWORD lpnFlags);
typedef DWORD (WINAPI *PF_NPGetPropertyText)(DWORD iButton, DWORD nPropSel, LPWSTR lpName,
    LPWSTR lpButtonName, DWORD nButtonNameLen, DWORD nType);
DWORD WINAPI NPGetPropertyText(DWORD iButton, DWORD nPropSel, LPWSTR lpName,
    LPWSTR lpButtonName, DWORD nButtonNameLen, DWORD nType);
typedef DWORD (WINAPI *PF_NPPropertyDialog)(HWND hwndParent, DWORD iButtonDlg, DWORD nPropSel,
    LPWSTR lpFileName, DWORD nType);
DWORD WINAPI NPPropertyDialog(HWND hwndParent, DWORD iButtonDlg, DWORD nPropSel,
    LPWSTR lpFileName, DWORD nType);
typedef DWORD (WINAPI *PF_NPGetDirectoryType)(LPWSTR lpName, LPINT lpType, BOOL bFlushCache);
DWORD WINAPI NPGetDirectoryType(LPWSTR lpName, LPINT lpType, BOOL bFlushCache);
typedef DWORD (WINAPI *PF_NPDirectoryNotify)(HWND hwnd, LPWSTR lpDir, DWORD dwOper);
DWORD WINAPI NPDirectoryNotify(HWND hwnd, LPWSTR lpDir, DWORD dwOper);
typedef DWORD (WINAPI *PF_NPFMXGetPermCaps)(LPWSTR lpDriveName);
DWORD WINAPI NPFMXGetPermCaps(LPWSTR lpDriveName);
typedef DWORD (WINAPI *PF_NPFMXEditPerm)(LPWSTR lpDriveName, HWND hwndFMX, DWORD nDialogType);
DWORD WINAPI NPFMXEditPerm(LPWSTR lpDriveName, HWND hwndFMX, DWORD nDialogType);
typedef DWORD (WINAPI *PF_NPFMXGetPermHelp)(LPWSTR lpDriveName, DWORD nDialogType,
    BOOL fDirectory, LPVOID lpFileNameBuffer, LPDWORD lpBufferSize, LPDWORD lpnHelpContext);
DWORD WINAPI NPFMXGetPermHelp(LPWSTR lpDriveName, DWORD nDialogType, BOOL fDirectory,
    LPVOID lpFileNameBuffer, LPDWORD lpBufferSize, LPDWORD lpnHelpContext);

/* Credential managers. OpenMPR never calls these: they hand out passwords. */
typedef DWORD (WINAPI *PF_NPLogonNotify)(PLUID lpLogonId, LPCWSTR lpAuthentInfoType,
    LPVOID lpAuthentInfo, LPCWSTR lpPreviousAuthentInfoType, LPVOID lpPreviousAuthentInfo,
    LPWSTR lpStationName, LPVOID StationHandle, LPWSTR *lpLogonScript);
DWORD WINAPI NPLogonNotify(PLUID lpLogonId, LPCWSTR lpAuthentInfoType, LPVOID lpAuthentInfo,
    LPCWSTR lpPreviousAuthentInfoType, LPVOID lpPreviousAuthentInfo, LPWSTR lpStationName,
    LPVOID StationHandle, LPWSTR *lpLogonScript);
typedef DWORD (WINAPI *PF_NPPasswordChangeNotify)(LPCWSTR lpAuthentInfoType,
    LPVOID lpAuthentInfo, LPCWSTR lpPreviousAuthentInfoType, LPVOID lpPreviousAuthentInfo,
    LPWSTR lpStationName, LPVOID StationHandle, DWORD dwChangeInfo);
DWORD WINAPI NPPasswordChangeNotify(LPCWSTR lpAuthentInfoType, LPVOID lpAuthentInfo,
    LPCWSTR lpPreviousAuthentInfoType, LPVOID lpPreviousAuthentInfo, LPWSTR lpStationName,
    LPVOID StationHandle, DWORD dwChangeInfo);

#ifdef UNICODE
#define WNetSetLastError WNetSetLastErrorW
#else
#define WNetSetLastError WNetSetLastErrorA
#endif

#ifdef __cplusplus
}
#endif

#endif
