/*
 * P3: counts bytes where characters are meant in NPGetConnection: what it is told is believed to
 * be bytes, what it asks for is bytes, and what it returns as length is bytes.
 */
#include "common.h"

EXPORT DWORD WINAPI NPGetCaps(DWORD nIndex)
{
    return usual_caps(nIndex, CONNECTS, 0);
}

/* S: has a short name, T: one that is longer than any first buffer. */
EXPORT DWORD WINAPI NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen)
{
    WCHAR name[1500] = u"\\\\srv\\short";
    DWORD needed;

    if (*lpLocalName != u'S' && *lpLocalName != u'T')
        return WN_NOT_CONNECTED;
    if (*lpLocalName == u'T') {
        for (size_t i = 6; i < 1200; i++)
            name[i] = (WCHAR)(u'a' + i % 26);
        name[1200] = 0;
    }
    needed = (DWORD)bytes(name);
    if (*lpnBufferLen < needed) {
        *lpnBufferLen = needed;
        return WN_MORE_DATA;
    }
    copy(lpRemoteName, name);
    *lpnBufferLen = needed;
    return WN_SUCCESS;
}
