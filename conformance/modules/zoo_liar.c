/*
 * P9: answers 0 to a cancel of any name. With "names" in its script it can be asked for its
 * connections, and has none.
 */
#include "common.h"

EXPORT DWORD WINAPI NPGetCaps(DWORD nIndex)
{
    char value[8];
    DWORD get = script("names", value, sizeof value) ? WNNC_CON_GETCONNECTIONS : 0;

    return usual_caps(nIndex, WNNC_CON_CANCELCONNECTION | get, 0);
}

EXPORT DWORD WINAPI NPCancelConnection(LPWSTR lpName, BOOL fForce)
{
    (void)fForce;
    say("liar %s", shown(lpName));
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen)
{
    (void)lpLocalName;
    (void)lpRemoteName;
    (void)lpnBufferLen;
    return WN_NOT_CONNECTED;
}
