/* P1: turns the slashes of its arguments round in place, overwrites terminators, and refuses. */
#include "common.h"

static void trample(WCHAR *text)
{
    WCHAR *at = text;

    if (!text)
        return;
    for (; *at; at++)
        if (*at == u'\\')
            *at = u'/';
    /* The padding behind a copy is zeros, so that this stays a text for a while. */
    at[0] = u'X';
    say("slashes %s padded=%d", shown(text), at[1] == 0);
}

EXPORT DWORD WINAPI NPGetCaps(DWORD nIndex)
{
    return usual_caps(nIndex, CONNECTS, 0);
}

EXPORT DWORD WINAPI NPAddConnection3(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                     LPWSTR lpPassword, LPWSTR lpUserName, DWORD dwFlags)
{
    (void)hwndOwner;
    (void)lpPassword;
    (void)lpUserName;
    (void)dwFlags;
    trample(lpNetResource->lpLocalName);
    trample(lpNetResource->lpRemoteName);
    lpNetResource->lpRemoteName = NULL;
    lpNetResource->dwType = 99;
    return WN_BAD_NETNAME;
}

EXPORT DWORD WINAPI NPCancelConnection(LPWSTR lpName, BOOL fForce)
{
    (void)fForce;
    trample(lpName);
    return WN_NOT_CONNECTED;
}

EXPORT DWORD WINAPI NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen)
{
    (void)lpRemoteName;
    (void)lpnBufferLen;
    trample(lpLocalName);
    return WN_NOT_CONNECTED;
}
