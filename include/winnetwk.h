/*
 * winnetwk.h - the interface of client programs to OpenMPR
 *
 * For Linux, and for Windows without the SDK. Names, numbers and layouts are
 * those of the Windows header of this name; so is its include guard.
 *
 * Every function returns 0 or an error number. Functions ending in A take bytes
 * (UTF-8 on Linux), those in W UTF-16; unsuffixed names are W if UNICODE is
 * defined. The caller owns every buffer: nothing returned needs freeing, and
 * pointers in returned structures point into the caller's own buffer.
 */
#ifndef _WINNETWK_
#define _WINNETWK_

#include "mprdef.h"
#include "wnnc.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Scope of an enumeration. */
#define RESOURCE_CONNECTED  1
#define RESOURCE_GLOBALNET  2
#define RESOURCE_REMEMBERED 3
#define RESOURCE_RECENT     4
#define RESOURCE_CONTEXT    5

/* Type of a resource. */
#define RESOURCETYPE_ANY      0
#define RESOURCETYPE_DISK     1
#define RESOURCETYPE_PRINT    2
#define RESOURCETYPE_RESERVED 8
#define RESOURCETYPE_UNKNOWN  0xFFFFFFFF

/* Usage bit of a resource. */
#define RESOURCEUSAGE_CONNECTABLE   1
#define RESOURCEUSAGE_CONTAINER     2
#define RESOURCEUSAGE_NOLOCALDEVICE 4
#define RESOURCEUSAGE_SIBLING       8
#define RESOURCEUSAGE_ATTACHED      0x00000010
#define RESOURCEUSAGE_ALL           0x00000013
#define RESOURCEUSAGE_RESERVED      0x80000000

/* How to show a resource. */
#define RESOURCEDISPLAYTYPE_GENERIC      0
#define RESOURCEDISPLAYTYPE_DOMAIN       1
#define RESOURCEDISPLAYTYPE_SERVER       2
#define RESOURCEDISPLAYTYPE_SHARE        3
#define RESOURCEDISPLAYTYPE_FILE         4
#define RESOURCEDISPLAYTYPE_GROUP        5
#define RESOURCEDISPLAYTYPE_NETWORK      6
#define RESOURCEDISPLAYTYPE_ROOT         7
#define RESOURCEDISPLAYTYPE_SHAREADMIN   8
#define RESOURCEDISPLAYTYPE_DIRECTORY    9
#define RESOURCEDISPLAYTYPE_TREE         0x0000000A
#define RESOURCEDISPLAYTYPE_NDSCONTAINER 0x0000000B

/* Property of WNetSetConnection. */
#define NETPROPERTY_PERSISTENT 1

/* How to connect. */
#define CONNECT_UPDATE_PROFILE          0x00000001
#define CONNECT_UPDATE_RECENT           0x00000002
#define CONNECT_TEMPORARY               0x00000004
#define CONNECT_INTERACTIVE             0x00000008
#define CONNECT_PROMPT                  0x00000010
#define CONNECT_NEED_DRIVE              0x00000020
#define CONNECT_REFCOUNT                0x00000040
#define CONNECT_REDIRECT                0x00000080
#define CONNECT_LOCALDRIVE              0x00000100
#define CONNECT_CURRENT_MEDIA           0x00000200
#define CONNECT_DEFERRED                0x00000400
#define CONNECT_COMMANDLINE             0x00000800
#define CONNECT_CMD_SAVECRED            0x00001000
#define CONNECT_CRED_RESET              0x00002000
#define CONNECT_REQUIRE_INTEGRITY       0x00004000
#define CONNECT_REQUIRE_PRIVACY         0x00008000
#define CONNECT_WRITE_THROUGH_SEMANTICS 0x00010000
#define CONNECT_GLOBAL_MAPPING          0x00040000
#define CONNECT_RESERVED                0xFF000000

/* Flag of WNetConnectionDialog1. */
#define CONNDLG_RO_PATH     1
#define CONNDLG_CONN_POINT  2
#define CONNDLG_USE_MRU     4
#define CONNDLG_HIDE_BOX    8
#define CONNDLG_PERSIST     0x00000010
#define CONNDLG_NOT_PERSIST 0x00000020

/* Flag of WNetDisconnectDialog1. */
#define DISC_UPDATE_PROFILE 1
#define DISC_NO_FORCE       0x00000040

/* Level of WNetGetUniversalName. */
#define UNIVERSAL_NAME_INFO_LEVEL 1
#define REMOTE_NAME_INFO_LEVEL    2

/* Flag of WNetFormatNetworkName. */
#define WNFMT_MULTILINE   1
#define WNFMT_ABBREVIATED 2
#define WNFMT_INENUM      0x00000010
#define WNFMT_CONNECTION  0x00000020

/* Characteristic in NETINFOSTRUCT (Windows 9x). */
#define NETINFO_DLL16      1
#define NETINFO_DISKRED    4
#define NETINFO_PRINTERRED 8

/* Flag in NETCONNECTINFOSTRUCT. */
#define WNCON_FORNETCARD 1
#define WNCON_NOTROUTED  2
#define WNCON_SLOWLINK   4
#define WNCON_DYNAMIC    8

/* Windows 9x policy constant, unused. */
#define RP_LOGON         1
#define RP_INIFILE       2
#define PP_DISPLAYERRORS 1

/* Result of a network function. */
#define WN_SUCCESS                          0
#define WN_NO_ERROR                         0
#define WN_ACCESS_DENIED                    5
#define WN_BAD_HANDLE                       6
#define WN_OUT_OF_MEMORY                    8
#define WN_DEVICE_ERROR                     31
#define WN_NOT_SUPPORTED                    50
#define WN_NET_ERROR                        59
#define WN_WINDOWS_ERROR                    59
#define WN_BAD_DEV_TYPE                     66
#define WN_BAD_NETNAME                      67
#define WN_ALREADY_CONNECTED                85
#define WN_BAD_PASSWORD                     86
#define WN_BAD_VALUE                        87
#define WN_BAD_LEVEL                        124
#define WN_FUNCTION_BUSY                    170
#define WN_MORE_DATA                        234
#define WN_NO_MORE_ENTRIES                  259
#define WN_BAD_POINTER                      487
#define WN_BAD_LOCALNAME                    1200
#define WN_CONNECTION_CLOSED                1201
#define WN_DEVICE_ALREADY_REMEMBERED        1202
#define WN_NO_NET_OR_BAD_PATH               1203
#define WN_BAD_PROVIDER                     1204
#define WN_CANNOT_OPEN_PROFILE              1205
#define WN_BAD_PROFILE                      1206
#define WN_NOT_CONTAINER                    1207
#define WN_EXTENDED_ERROR                   1208
#define WN_NO_NETWORK                       1222
#define WN_CANCEL                           1223
#define WN_RETRY                            1237
#define WN_NOT_AUTHENTICATED                1244
#define WN_NOT_LOGGED_ON                    1245
#define WN_NOT_INITIALIZING                 1247
#define WN_NO_MORE_DEVICES                  1248
#define WN_NOT_VALIDATED                    1311
#define WN_CONNECTED_OTHER_PASSWORD         2108
#define WN_CONNECTED_OTHER_PASSWORD_DEFAULT 2109
#define WN_BAD_USER                         2202
#define WN_NOT_CONNECTED                    2250
#define WN_OPEN_FILES                       2401
#define WN_DEVICE_IN_USE                    2404

/* A network resource: what to connect to, or what an enumeration found. */
typedef struct _NETRESOURCEA {
    DWORD dwScope;       /* RESOURCE_* */
    DWORD dwType;        /* RESOURCETYPE_* */
    DWORD dwDisplayType; /* RESOURCEDISPLAYTYPE_* */
    DWORD dwUsage;       /* RESOURCEUSAGE_* */
    LPSTR lpLocalName;   /* device, or NULL */
    LPSTR lpRemoteName;  /* name on the network */
    LPSTR lpComment;     /* provider's remark; when connecting passed on unread */
    LPSTR lpProvider;    /* provider's name, or NULL */
} NETRESOURCEA, *LPNETRESOURCEA;

/* WNetConnectionDialog1 */
typedef struct _CONNECTDLGSTRUCTA {
    DWORD cbStructure;        /* size in bytes */
    HWND hwndOwner;           /* owner of the dialog */
    LPNETRESOURCEA lpConnRes; /* in: what to offer; out: what was connected */
    DWORD dwFlags;            /* CONNDLG_* */
    DWORD dwDevNum;           /* out: 1 is A:, 2 is B: ...; 0xFFFFFFFF no device */
} CONNECTDLGSTRUCTA, *LPCONNECTDLGSTRUCTA;

/* WNetDisconnectDialog1 */
typedef struct _DISCDLGSTRUCTA {
    DWORD cbStructure;  /* size in bytes */
    HWND hwndOwner;     /* owner of the dialog */
    LPSTR lpLocalName;  /* device, or NULL */
    LPSTR lpRemoteName; /* remote name */
    DWORD dwFlags;      /* DISC_* */
} DISCDLGSTRUCTA, *LPDISCDLGSTRUCTA;

/* WNetGetUniversalName, level 1 */
typedef struct _UNIVERSAL_NAME_INFOA {
    LPSTR lpUniversalName; /* \\server\share\rest */
} UNIVERSAL_NAME_INFOA, *LPUNIVERSAL_NAME_INFOA;

/* WNetGetUniversalName, level 2 */
typedef struct _REMOTE_NAME_INFOA {
    LPSTR lpUniversalName;  /* \\server\share\rest, or NULL */
    LPSTR lpConnectionName; /* the connection's remote name */
    LPSTR lpRemainingPath;  /* the rest of the path */
} REMOTE_NAME_INFOA, *LPREMOTE_NAME_INFOA;

/* A network resource: what to connect to, or what an enumeration found. */
typedef struct _NETRESOURCEW {
    DWORD dwScope;       /* RESOURCE_* */
    DWORD dwType;        /* RESOURCETYPE_* */
    DWORD dwDisplayType; /* RESOURCEDISPLAYTYPE_* */
    DWORD dwUsage;       /* RESOURCEUSAGE_* */
    LPWSTR lpLocalName;  /* device, or NULL */
    LPWSTR lpRemoteName; /* name on the network */
    LPWSTR lpComment;    /* provider's remark; when connecting passed on unread */
    LPWSTR lpProvider;   /* provider's name, or NULL */
} NETRESOURCEW, *LPNETRESOURCEW;

/* WNetConnectionDialog1 */
typedef struct _CONNECTDLGSTRUCTW {
    DWORD cbStructure;        /* size in bytes */
    HWND hwndOwner;           /* owner of the dialog */
    LPNETRESOURCEW lpConnRes; /* in: what to offer; out: what was connected */
    DWORD dwFlags;            /* CONNDLG_* */
    DWORD dwDevNum;           /* out: 1 is A:, 2 is B: ...; 0xFFFFFFFF no device */
} CONNECTDLGSTRUCTW, *LPCONNECTDLGSTRUCTW;

/* WNetDisconnectDialog1 */
typedef struct _DISCDLGSTRUCTW {
    DWORD cbStructure;   /* size in bytes */
    HWND hwndOwner;      /* owner of the dialog */
    LPWSTR lpLocalName;  /* device, or NULL */
    LPWSTR lpRemoteName; /* remote name */
    DWORD dwFlags;       /* DISC_* */
} DISCDLGSTRUCTW, *LPDISCDLGSTRUCTW;

/* WNetGetUniversalName, level 1 */
typedef struct _UNIVERSAL_NAME_INFOW {
    LPWSTR lpUniversalName; /* \\server\share\rest */
} UNIVERSAL_NAME_INFOW, *LPUNIVERSAL_NAME_INFOW;

/* WNetGetUniversalName, level 2 */
typedef struct _REMOTE_NAME_INFOW {
    LPWSTR lpUniversalName;  /* \\server\share\rest, or NULL */
    LPWSTR lpConnectionName; /* the connection's remote name */
    LPWSTR lpRemainingPath;  /* the rest of the path */
} REMOTE_NAME_INFOW, *LPREMOTE_NAME_INFOW;

/* What WNetGetNetworkInformation tells of a provider. */
typedef struct _NETINFOSTRUCT {
    DWORD cbStructure;       /* in: size of this structure; out: bytes filled */
    DWORD dwProviderVersion; /* the provider's own */
    DWORD dwStatus;          /* 0 running, 1222 not running, 170 not yet */
    DWORD dwCharacteristics; /* 0 */
    ULONG_PTR dwHandle;      /* instance handle of the module */
    WORD wNetType;           /* high word of the network type */
    DWORD dwPrinters;        /* bit 0 is LPT1; all set: any */
    DWORD dwDrives;          /* bit 0 is A:; all set: any */
} NETINFOSTRUCT, *LPNETINFOSTRUCT;

/* Estimates for a connection; 0 is unknown, 1 better than expressible. */
typedef struct _NETCONNECTINFOSTRUCT {
    DWORD cbStructure;   /* size of this structure, 20 */
    DWORD dwFlags;       /* WNCON_* */
    DWORD dwSpeed;       /* in units of 100 bits a second */
    DWORD dwDelay;       /* round trip in milliseconds */
    DWORD dwOptDataSize; /* best transfer size in bytes */
} NETCONNECTINFOSTRUCT, *LPNETCONNECTINFOSTRUCT;

/*
 * Connecting
 * The remote name is the provider's business and at most 259 characters long. A NULL
 * password is the default one, an empty one is no password; a NULL user is the
 * caller. lpNetResource: dwType, lpLocalName, lpRemoteName and lpProvider are read,
 * lpComment is passed on. Success may mean that a device now exists (lpLocalName).
 */

/* Connects, and remembers the connection of a device. */
DWORD WINAPI WNetAddConnectionA(LPCSTR lpRemoteName, LPCSTR lpPassword, LPCSTR lpLocalName);
DWORD WINAPI WNetAddConnectionW(LPCWSTR lpRemoteName, LPCWSTR lpPassword, LPCWSTR lpLocalName);

/* Connects. */
DWORD WINAPI WNetAddConnection2A(LPNETRESOURCEA lpNetResource, LPCSTR lpPassword,
    LPCSTR lpUserName, DWORD dwFlags);
DWORD WINAPI WNetAddConnection2W(LPNETRESOURCEW lpNetResource, LPCWSTR lpPassword,
    LPCWSTR lpUserName, DWORD dwFlags);

/* Connects; hwndOwner owns dialogs. */
DWORD WINAPI WNetAddConnection3A(HWND hwndOwner, LPNETRESOURCEA lpNetResource,
    LPCSTR lpPassword, LPCSTR lpUserName, DWORD dwFlags);
DWORD WINAPI WNetAddConnection3W(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
    LPCWSTR lpPassword, LPCWSTR lpUserName, DWORD dwFlags);

/* Connects with blocks that the provider understands (sizes in bytes). */
DWORD WINAPI WNetAddConnection4A(HWND hwndOwner, LPNETRESOURCEA lpNetResource,
    PVOID pAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags, PBYTE lpUseOptions,
    DWORD cbUseOptions);
DWORD WINAPI WNetAddConnection4W(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
    PVOID pAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags, PBYTE lpUseOptions,
    DWORD cbUseOptions);

/* Connects, chooses a device if asked, and tells the name to use (characters). */
DWORD WINAPI WNetUseConnectionA(HWND hwndOwner, LPNETRESOURCEA lpNetResource, LPCSTR lpPassword,
    LPCSTR lpUserId, DWORD dwFlags, LPSTR lpAccessName, LPDWORD lpBufferSize, LPDWORD lpResult);
DWORD WINAPI WNetUseConnectionW(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
    LPCWSTR lpPassword, LPCWSTR lpUserId, DWORD dwFlags, LPWSTR lpAccessName,
    LPDWORD lpBufferSize, LPDWORD lpResult);

/* The same with the blocks of WNetAddConnection4. */
DWORD WINAPI WNetUseConnection4A(HWND hwndOwner, LPNETRESOURCEA lpNetResource,
    PVOID pAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags, PBYTE lpUseOptions,
    DWORD cbUseOptions, LPSTR lpAccessName, LPDWORD lpBufferSize, LPDWORD lpResult);
DWORD WINAPI WNetUseConnection4W(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
    PVOID pAuthBuffer, DWORD cbAuthBuffer, DWORD dwFlags, PBYTE lpUseOptions,
    DWORD cbUseOptions, LPWSTR lpAccessName, LPDWORD lpBufferSize, LPDWORD lpResult);

/*
 * Disconnecting
 * lpName is a device, or a remote name: then all its deviceless connections. Without
 * fForce it fails while files are open (2401).
 */

/* Disconnects and forgets. */
DWORD WINAPI WNetCancelConnectionA(LPCSTR lpName, BOOL fForce);
DWORD WINAPI WNetCancelConnectionW(LPCWSTR lpName, BOOL fForce);

/* Disconnects; forgets with CONNECT_UPDATE_PROFILE. */
DWORD WINAPI WNetCancelConnection2A(LPCSTR lpName, DWORD dwFlags, BOOL fForce);
DWORD WINAPI WNetCancelConnection2W(LPCWSTR lpName, DWORD dwFlags, BOOL fForce);

/*
 * Asking
 * Lengths of texts are in characters with the terminator, sizes of structures with
 * texts in bytes; both are changed only with ERROR_MORE_DATA (234), to what is needed.
 */

/* Returns the remote name of a device. */
DWORD WINAPI WNetGetConnectionA(LPCSTR lpLocalName, LPSTR lpRemoteName, LPDWORD lpnLength);
DWORD WINAPI WNetGetConnectionW(LPCWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnLength);

/* Names a path on a device: UNIVERSAL_NAME_INFO or REMOTE_NAME_INFO (bytes). */
DWORD WINAPI WNetGetUniversalNameA(LPCSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
    LPDWORD lpBufferSize);
DWORD WINAPI WNetGetUniversalNameW(LPCWSTR lpLocalPath, DWORD dwInfoLevel, LPVOID lpBuffer,
    LPDWORD lpBufferSize);

/* Returns the user of a device, a remote name, or (NULL) of the process. */
DWORD WINAPI WNetGetUserA(LPCSTR lpName, LPSTR lpUserName, LPDWORD lpnLength);
DWORD WINAPI WNetGetUserW(LPCWSTR lpName, LPWSTR lpUserName, LPDWORD lpnLength);

/* Returns the provider of a network type. */
DWORD WINAPI WNetGetProviderNameA(DWORD dwNetType, LPSTR lpProviderName, LPDWORD lpBufferSize);
DWORD WINAPI WNetGetProviderNameW(DWORD dwNetType, LPWSTR lpProviderName, LPDWORD lpBufferSize);

/* Describes a provider; set cbStructure before. */
DWORD WINAPI WNetGetNetworkInformationA(LPCSTR lpProvider, LPNETINFOSTRUCT lpNetInfoStruct);
DWORD WINAPI WNetGetNetworkInformationW(LPCWSTR lpProvider, LPNETINFOSTRUCT lpNetInfoStruct);

/* Splits a name into the resource and the rest, *lplpSystem in lpBuffer (bytes). */
DWORD WINAPI WNetGetResourceInformationA(LPNETRESOURCEA lpNetResource, LPVOID lpBuffer,
    LPDWORD lpcbBuffer, LPSTR *lplpSystem);
DWORD WINAPI WNetGetResourceInformationW(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
    LPDWORD lpcbBuffer, LPWSTR *lplpSystem);

/* Returns the parent of a resource (bytes); lpProvider is required. */
DWORD WINAPI WNetGetResourceParentA(LPNETRESOURCEA lpNetResource, LPVOID lpBuffer,
    LPDWORD lpcbBuffer);
DWORD WINAPI WNetGetResourceParentW(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
    LPDWORD lpcbBuffer);

/* Estimates a connection's performance; set cbStructure before. */
DWORD WINAPI MultinetGetConnectionPerformanceA(LPNETRESOURCEA lpNetResource,
    LPNETCONNECTINFOSTRUCT lpNetConnectInfoStruct);
DWORD WINAPI MultinetGetConnectionPerformanceW(LPNETRESOURCEW lpNetResource,
    LPNETCONNECTINFOSTRUCT lpNetConnectInfoStruct);

/* Writes a remote name as people read it (characters). */
DWORD WINAPI WNetFormatNetworkNameA(LPCSTR lpProvider, LPCSTR lpRemoteName,
    LPSTR lpFormattedName, LPDWORD lpnLength, DWORD dwFlags, DWORD dwAveCharPerLine);
DWORD WINAPI WNetFormatNetworkNameW(LPCWSTR lpProvider, LPCWSTR lpRemoteName,
    LPWSTR lpFormattedName, LPDWORD lpnLength, DWORD dwFlags, DWORD dwAveCharPerLine);

/* Returns the text behind ERROR_EXTENDED_ERROR on this thread; cuts it to the room. */
DWORD WINAPI WNetGetLastErrorA(LPDWORD lpError, LPSTR lpErrorBuf, DWORD nErrorBufSize,
    LPSTR lpNameBuf, DWORD nNameBufSize);
DWORD WINAPI WNetGetLastErrorW(LPDWORD lpError, LPWSTR lpErrorBuf, DWORD nErrorBufSize,
    LPWSTR lpNameBuf, DWORD nNameBufSize);

/*
 * Enumerating
 * *lpcCount: entries wanted (0xFFFFFFFF: all that fit), then entries stored. lpBuffer is an
 * array of NETRESOURCE with the texts behind it, good until the next call on the handle.
 * ERROR_NO_MORE_ITEMS (259) is the end. A handle is closed once, by WNetCloseEnum.
 */

/* Begins an enumeration. */
DWORD WINAPI WNetOpenEnumA(DWORD dwScope, DWORD dwType, DWORD dwUsage,
    LPNETRESOURCEA lpNetResource, LPHANDLE lphEnum);
DWORD WINAPI WNetOpenEnumW(DWORD dwScope, DWORD dwType, DWORD dwUsage,
    LPNETRESOURCEW lpNetResource, LPHANDLE lphEnum);

/* Returns the next entries (bytes). */
DWORD WINAPI WNetEnumResourceA(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
    LPDWORD lpBufferSize);
DWORD WINAPI WNetEnumResourceW(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
    LPDWORD lpBufferSize);

/* Ends an enumeration. */
DWORD WINAPI WNetCloseEnum(HANDLE hEnum);

/*
 * Dialogs
 * A user who cancels gives 0xFFFFFFFF. Without a terminal on Linux: 50.
 */

/* Lets the user connect. */
DWORD WINAPI WNetConnectionDialog(HWND hwnd, DWORD dwType);

/* Lets the user connect, as lpConnDlgStruct says. */
DWORD WINAPI WNetConnectionDialog1A(LPCONNECTDLGSTRUCTA lpConnDlgStruct);
DWORD WINAPI WNetConnectionDialog1W(LPCONNECTDLGSTRUCTW lpConnDlgStruct);

/* Lets the user disconnect. */
DWORD WINAPI WNetDisconnectDialog(HWND hwnd, DWORD dwType);

/* Disconnects, asking the user if files are open. */
DWORD WINAPI WNetDisconnectDialog1A(LPDISCDLGSTRUCTA lpConnDlgStruct);
DWORD WINAPI WNetDisconnectDialog1W(LPDISCDLGSTRUCTW lpConnDlgStruct);

/*
 * Remembered connections
 * NULL for lpDevice means all of them. Notifyees are not told.
 */

/* Connects what is remembered. */
DWORD WINAPI WNetRestoreConnectionA(HWND hwndParent, LPCSTR lpDevice);
DWORD WINAPI WNetRestoreConnectionW(HWND hwndParent, LPCWSTR lpDevice);

/* Connects one remembered device; fUseUI: the user may be asked. */
DWORD WINAPI WNetRestoreSingleConnectionW(HWND hwndParent, LPCWSTR lpDevice, BOOL fUseUI);

/* Remembers or forgets a connection: NETPROPERTY_PERSISTENT, pvValue points to a DWORD. */
DWORD WINAPI WNetSetConnectionA(LPCSTR lpName, DWORD dwProperty, PVOID pvValue);
DWORD WINAPI WNetSetConnectionW(LPCWSTR lpName, DWORD dwProperty, PVOID pvValue);

/* Breaks all connections of the session. */
DWORD WINAPI WNetClearConnections(HWND hwndParent);

/* Unsuffixed names. */
#ifdef UNICODE
typedef NETRESOURCEW NETRESOURCE;
typedef LPNETRESOURCEW LPNETRESOURCE;
typedef CONNECTDLGSTRUCTW CONNECTDLGSTRUCT;
typedef LPCONNECTDLGSTRUCTW LPCONNECTDLGSTRUCT;
typedef DISCDLGSTRUCTW DISCDLGSTRUCT;
typedef LPDISCDLGSTRUCTW LPDISCDLGSTRUCT;
typedef UNIVERSAL_NAME_INFOW UNIVERSAL_NAME_INFO;
typedef LPUNIVERSAL_NAME_INFOW LPUNIVERSAL_NAME_INFO;
typedef REMOTE_NAME_INFOW REMOTE_NAME_INFO;
typedef LPREMOTE_NAME_INFOW LPREMOTE_NAME_INFO;
#define WNetAddConnection                WNetAddConnectionW
#define WNetAddConnection2               WNetAddConnection2W
#define WNetAddConnection3               WNetAddConnection3W
#define WNetAddConnection4               WNetAddConnection4W
#define WNetUseConnection                WNetUseConnectionW
#define WNetUseConnection4               WNetUseConnection4W
#define WNetCancelConnection             WNetCancelConnectionW
#define WNetCancelConnection2            WNetCancelConnection2W
#define WNetGetConnection                WNetGetConnectionW
#define WNetGetUniversalName             WNetGetUniversalNameW
#define WNetGetUser                      WNetGetUserW
#define WNetGetProviderName              WNetGetProviderNameW
#define WNetGetNetworkInformation        WNetGetNetworkInformationW
#define WNetGetResourceInformation       WNetGetResourceInformationW
#define WNetGetResourceParent            WNetGetResourceParentW
#define MultinetGetConnectionPerformance MultinetGetConnectionPerformanceW
#define WNetFormatNetworkName            WNetFormatNetworkNameW
#define WNetGetLastError                 WNetGetLastErrorW
#define WNetOpenEnum                     WNetOpenEnumW
#define WNetEnumResource                 WNetEnumResourceW
#define WNetConnectionDialog1            WNetConnectionDialog1W
#define WNetDisconnectDialog1            WNetDisconnectDialog1W
#define WNetRestoreConnection            WNetRestoreConnectionW
#define WNetSetConnection                WNetSetConnectionW
#else
typedef NETRESOURCEA NETRESOURCE;
typedef LPNETRESOURCEA LPNETRESOURCE;
typedef CONNECTDLGSTRUCTA CONNECTDLGSTRUCT;
typedef LPCONNECTDLGSTRUCTA LPCONNECTDLGSTRUCT;
typedef DISCDLGSTRUCTA DISCDLGSTRUCT;
typedef LPDISCDLGSTRUCTA LPDISCDLGSTRUCT;
typedef UNIVERSAL_NAME_INFOA UNIVERSAL_NAME_INFO;
typedef LPUNIVERSAL_NAME_INFOA LPUNIVERSAL_NAME_INFO;
typedef REMOTE_NAME_INFOA REMOTE_NAME_INFO;
typedef LPREMOTE_NAME_INFOA LPREMOTE_NAME_INFO;
#define WNetAddConnection                WNetAddConnectionA
#define WNetAddConnection2               WNetAddConnection2A
#define WNetAddConnection3               WNetAddConnection3A
#define WNetAddConnection4               WNetAddConnection4A
#define WNetUseConnection                WNetUseConnectionA
#define WNetUseConnection4               WNetUseConnection4A
#define WNetCancelConnection             WNetCancelConnectionA
#define WNetCancelConnection2            WNetCancelConnection2A
#define WNetGetConnection                WNetGetConnectionA
#define WNetGetUniversalName             WNetGetUniversalNameA
#define WNetGetUser                      WNetGetUserA
#define WNetGetProviderName              WNetGetProviderNameA
#define WNetGetNetworkInformation        WNetGetNetworkInformationA
#define WNetGetResourceInformation       WNetGetResourceInformationA
#define WNetGetResourceParent            WNetGetResourceParentA
#define MultinetGetConnectionPerformance MultinetGetConnectionPerformanceA
#define WNetFormatNetworkName            WNetFormatNetworkNameA
#define WNetGetLastError                 WNetGetLastErrorA
#define WNetOpenEnum                     WNetOpenEnumA
#define WNetEnumResource                 WNetEnumResourceA
#define WNetConnectionDialog1            WNetConnectionDialog1A
#define WNetDisconnectDialog1            WNetDisconnectDialog1A
#define WNetRestoreConnection            WNetRestoreConnectionA
#define WNetSetConnection                WNetSetConnectionA
#endif

#ifdef __cplusplus
}
#endif

#endif
