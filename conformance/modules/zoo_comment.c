/* P2: takes a binary block through lpComment; its address is all that the router may know. */
#include "common.h"

EXPORT DWORD WINAPI NPGetCaps(DWORD nIndex)
{
    return usual_caps(nIndex, CONNECTS, 0);
}

EXPORT DWORD WINAPI NPAddConnection3(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                     LPWSTR lpPassword, LPWSTR lpUserName, DWORD dwFlags)
{
    char value[8];
    const BYTE *block = (const BYTE *)lpNetResource->lpComment;

    (void)hwndOwner;
    (void)lpPassword;
    (void)lpUserName;
    (void)dwFlags;
    if (script("read", value, sizeof value))
        say("block %p %d %d %d %d", (const void *)block, block[0], block[1], block[2], block[7]);
    else
        say("comment %p", (const void *)block);
    return WN_SUCCESS;
}
