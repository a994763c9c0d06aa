/*
 * mprdef.h - the basic Windows types and error numbers that winnetwk.h and
 * npapi.h need, for where there is no <windows.h>
 *
 * WCHAR has 16 bits everywhere: write u"..." for texts, never L"...".
 */
#ifndef MPR_MPRDEF_H
#define MPR_MPRDEF_H

#if defined(_WIN32) && defined(__has_include)
#if __has_include(<windows.h>)
#define MPR_HAVE_WINDOWS_H
#endif
#elif defined(_WIN32)
#define MPR_HAVE_WINDOWS_H
#endif

#ifdef MPR_HAVE_WINDOWS_H

#include <windows.h>

#else

#include <stdint.h>

#ifdef _WIN32
#define WINAPI __stdcall
#else
#define WINAPI
#endif

#ifdef __cplusplus
typedef char16_t WCHAR;
#else
typedef uint16_t WCHAR;
#endif

#define VOID void
typedef char CHAR;
typedef uint8_t BYTE;
typedef uint16_t WORD;
typedef uint32_t DWORD;
typedef unsigned int UINT;
typedef int BOOL;
typedef uintptr_t ULONG_PTR;
typedef void *PVOID, *LPVOID, *HANDLE, *HWND;
typedef BYTE *PBYTE, *LPBYTE;
typedef int *LPINT;
typedef DWORD *LPDWORD;
typedef HANDLE *LPHANDLE;
typedef CHAR *LPSTR;
typedef const CHAR *LPCSTR;
typedef WCHAR *LPWSTR;
typedef const WCHAR *LPCWSTR;

typedef struct _LUID {
    uint32_t LowPart;
    int32_t HighPart;
} LUID, *PLUID;

#ifndef NULL
#ifdef __cplusplus
#define NULL 0
#else
#define NULL ((void *)0)
#endif
#endif

#ifndef FALSE
#define FALSE 0
#endif
#ifndef TRUE
#define TRUE 1
#endif

/* In characters, with the terminator. */
#ifndef MAX_PATH
#define MAX_PATH 260
#endif

/* System error code. */
#define NO_ERROR                               0
#define ERROR_SUCCESS                          0
#define ERROR_FILE_NOT_FOUND                   2
#define ERROR_PATH_NOT_FOUND                   3
#define ERROR_ACCESS_DENIED                    5
#define ERROR_INVALID_HANDLE                   6
#define ERROR_NOT_ENOUGH_MEMORY                8
#define ERROR_GEN_FAILURE                      31
#define ERROR_NOT_SUPPORTED                    50
#define ERROR_REM_NOT_LIST                     51
#define ERROR_BAD_NETPATH                      53
#define ERROR_DEV_NOT_EXIST                    55
#define ERROR_BAD_NET_RESP                     58
#define ERROR_UNEXP_NET_ERR                    59
#define ERROR_NETNAME_DELETED                  64
#define ERROR_NETWORK_ACCESS_DENIED            65
#define ERROR_BAD_DEV_TYPE                     66
#define ERROR_BAD_NET_NAME                     67
#define ERROR_ALREADY_ASSIGNED                 85
#define ERROR_INVALID_PASSWORD                 86
#define ERROR_INVALID_PARAMETER                87
#define ERROR_CALL_NOT_IMPLEMENTED             120
#define ERROR_INVALID_LEVEL                    124
#define ERROR_MOD_NOT_FOUND                    126
#define ERROR_PROC_NOT_FOUND                   127
#define ERROR_BUSY                             170
#define ERROR_ALREADY_EXISTS                   183
#define ERROR_FILENAME_EXCED_RANGE             206
#define ERROR_MORE_DATA                        234
#define ERROR_NO_MORE_ITEMS                    259
#define ERROR_INVALID_ADDRESS                  487
#define ERROR_INVALID_FLAGS                    1004
#define ERROR_NOT_FOUND                        1168
#define ERROR_BAD_DEVICE                       1200
#define ERROR_CONNECTION_UNAVAIL               1201
#define ERROR_DEVICE_ALREADY_REMEMBERED        1202
#define ERROR_NO_NET_OR_BAD_PATH               1203
#define ERROR_BAD_PROVIDER                     1204
#define ERROR_CANNOT_OPEN_PROFILE              1205
#define ERROR_BAD_PROFILE                      1206
#define ERROR_NOT_CONTAINER                    1207
#define ERROR_EXTENDED_ERROR                   1208
#define ERROR_INVALID_NETNAME                  1214
#define ERROR_SESSION_CREDENTIAL_CONFLICT      1219
#define ERROR_NO_NETWORK                       1222
#define ERROR_CANCELLED                        1223
#define ERROR_RETRY                            1237
#define ERROR_NOT_AUTHENTICATED                1244
#define ERROR_NOT_LOGGED_ON                    1245
#define ERROR_CONTINUE                         1246
#define ERROR_ALREADY_INITIALIZED              1247
#define ERROR_NO_MORE_DEVICES                  1248
#define ERROR_NO_LOGON_SERVERS                 1311
#define ERROR_LOGON_FAILURE                    1326
#define ERROR_ACCOUNT_RESTRICTION              1327
#define ERROR_PASSWORD_EXPIRED                 1330
#define ERROR_ACCOUNT_DISABLED                 1331
#define ERROR_TIMEOUT                          1460
#define ERROR_PASSWORD_MUST_CHANGE             1907
#define ERROR_ACCOUNT_LOCKED_OUT               1909
#define ERROR_CONNECTED_OTHER_PASSWORD         2108
#define ERROR_CONNECTED_OTHER_PASSWORD_DEFAULT 2109
#define ERROR_BAD_USERNAME                     2202
#define ERROR_NOT_CONNECTED                    2250
#define ERROR_OPEN_FILES                       2401
#define ERROR_ACTIVE_CONNECTIONS               2402
#define ERROR_DEVICE_IN_USE                    2404

#endif

#endif
