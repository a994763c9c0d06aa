/* P10, P17: answers whatever number stands behind \\raw\ to everything that has a remote name. */
#include "common.h"

EXPORT DWORD WINAPI NPGetCaps(DWORD nIndex)
{
    return usual_caps(nIndex, CONNECTS, WNNC_ENUM_GLOBAL);
}

EXPORT DWORD WINAPI NPAddConnection3(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                     LPWSTR lpPassword, LPWSTR lpUserName, DWORD dwFlags)
{
    const char *name = shown(lpNetResource->lpRemoteName);

    (void)hwndOwner;
    (void)lpPassword;
    (void)lpUserName;
    (void)dwFlags;
    say("raw %s", name);
    return strncmp(name, "\\\\raw\\", 6) ? number("foreign", 67) : (DWORD)atoi(name + 6);
}

EXPORT DWORD WINAPI NPCancelConnection(LPWSTR lpName, BOOL fForce)
{
    (void)lpName;
    (void)fForce;
    return number("foreign", WN_NOT_CONNECTED);
}

EXPORT DWORD WINAPI NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen)
{
    (void)lpLocalName;
    (void)lpRemoteName;
    (void)lpnBufferLen;
    return number("foreign", WN_NOT_CONNECTED);
}

EXPORT DWORD WINAPI NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage,
                               LPNETRESOURCEW lpNetResource, LPHANDLE lphEnum)
{
    (void)dwScope;
    (void)dwType;
    (void)dwUsage;
    (void)lpNetResource;
    (void)lphEnum;
    return number("foreign", WN_NOT_SUPPORTED);
}

EXPORT DWORD WINAPI NPEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
                                   LPDWORD lpBufferSize)
{
    (void)hEnum;
    (void)lpcCount;
    (void)lpBuffer;
    (void)lpBufferSize;
    return WN_NO_MORE_ENTRIES;
}
