/* P4: says that it can list CONTEXT only, and can list CONNECTED only. */
#include "common.h"

static const char OPEN[] = "an enumeration";

EXPORT DWORD WINAPI NPGetCaps(DWORD nIndex)
{
    return usual_caps(nIndex, 0, WNNC_ENUM_CONTEXT);
}

EXPORT DWORD WINAPI NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage,
                               LPNETRESOURCEW lpNetResource, LPHANDLE lphEnum)
{
    (void)dwType;
    (void)dwUsage;
    (void)lpNetResource;
    say("open %s %u", me(), (unsigned)dwScope);
    if (dwScope != RESOURCE_CONNECTED)
        return WN_NOT_SUPPORTED;
    *lphEnum = calloc(1, sizeof OPEN);
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
                                   LPDWORD lpBufferSize)
{
    char *done = hEnum;
    NETRESOURCEW *out = lpBuffer;
    size_t end = *lpBufferSize;

    if (*done)
        return WN_NO_MORE_ENTRIES;
    *done = 1;
    *out = (NETRESOURCEW){ .dwScope = RESOURCE_CONNECTED, .dwType = RESOURCETYPE_DISK,
                           .lpLocalName = pack(lpBuffer, &end, u"S:"),
                           .lpRemoteName = pack(lpBuffer, &end, u"\\\\ctx\\share") };
    *lpcCount = 1;
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPCloseEnum(HANDLE hEnum)
{
    free(hEnum);
    return WN_SUCCESS;
}
