/* P14: a credential manager: no connections, no network; it must not be heard in routing. */
#include "common.h"

__attribute__((constructor)) static void loaded(void)
{
    say("loaded %s", me());
}

EXPORT DWORD WINAPI NPGetCaps(DWORD nIndex)
{
    return nIndex == WNNC_NET_TYPE ? WNNC_CRED_MANAGER
                                   : nIndex == WNNC_START ? number("start", 1) : 0;
}

EXPORT DWORD WINAPI NPAddConnection3(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                     LPWSTR lpPassword, LPWSTR lpUserName, DWORD dwFlags)
{
    (void)hwndOwner;
    (void)lpNetResource;
    (void)lpPassword;
    (void)lpUserName;
    (void)dwFlags;
    say("asked %s", me());
    return WN_ACCESS_DENIED;
}
