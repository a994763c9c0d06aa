/* P11: starts a service when it is asked for its capabilities; says so in the log. */
#include "provider_table.h"

__attribute__((constructor)) static void loaded(void)
{
    say("loaded");
}

EXPORT DWORD WINAPI NPGetCaps(DWORD nIndex)
{
    say("caps %u", (unsigned)nIndex);
    return usual_caps(nIndex, CONNECTS, WNNC_ENUM_LOCAL);
}

EXPORT DWORD WINAPI NPAddConnection3(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                     LPWSTR lpPassword, LPWSTR lpUserName, DWORD dwFlags)
{
    (void)hwndOwner;
    (void)lpPassword;
    (void)dwFlags;
    return is_mine(lpNetResource->lpRemoteName) ? table_add(lpNetResource, lpUserName)
                                                : WN_BAD_NETNAME;
}

EXPORT DWORD WINAPI NPCancelConnection(LPWSTR lpName, BOOL fForce)
{
    (void)fForce;
    return table_cancel(lpName);
}

EXPORT DWORD WINAPI NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen)
{
    return table_remote(lpLocalName, lpRemoteName, lpnBufferLen);
}
