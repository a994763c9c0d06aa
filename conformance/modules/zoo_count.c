/*
 * P5: entries with 234, with odd local names and none; 259 leaves the count at -1. An empty list
 * (script: "empty") says 259 at once, with -1.
 */
#include "common.h"

EXPORT DWORD WINAPI NPGetCaps(DWORD nIndex)
{
    return usual_caps(nIndex, 0, WNNC_ENUM_LOCAL);
}

EXPORT DWORD WINAPI NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage,
                               LPNETRESOURCEW lpNetResource, LPHANDLE lphEnum)
{
    char value[8];

    (void)dwType;
    (void)dwUsage;
    (void)lpNetResource;
    if (dwScope != RESOURCE_CONNECTED)
        return WN_NOT_SUPPORTED;
    *lphEnum = calloc(1, sizeof(int));
    *(int *)*lphEnum = script("empty", value, sizeof value) ? 2 : 0;
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
                                   LPDWORD lpBufferSize)
{
    int *step = hEnum;
    NETRESOURCEW *out = lpBuffer;
    size_t end = *lpBufferSize;

    say("asked %s count=%s", me(), *lpcCount ? "some" : "0");
    if (*step == 2) {
        *lpcCount = 0xFFFFFFFF;
        return WN_NO_MORE_ENTRIES;
    }
    out[0] = (NETRESOURCEW){ .dwScope = RESOURCE_CONNECTED, .dwType = RESOURCETYPE_DISK,
                             .lpRemoteName = pack(lpBuffer, &end, *step ? u"\\\\cnt\\odd"
                                                                        : u"\\\\cnt\\none") };
    if (*step)
        out[0].lpLocalName = pack(lpBuffer, &end, u"_:");
    *lpcCount = 1;
    return (*step)++ ? WN_SUCCESS : WN_MORE_DATA;
}

EXPORT DWORD WINAPI NPCloseEnum(HANDLE hEnum)
{
    free(hEnum);
    return WN_SUCCESS;
}
