/*
 * provider_table.c - connects names of \\srv\, and keeps them in a table
 *
 * \\srv\denied is refused with 5. Every add and cancel is logged.
 */
#include "module.h"

enum { MOST = 26, NAME = 300 };

static struct {
    WCHAR local[NAME], remote[NAME];
    int used;
} table[MOST];

static WCHAR *const mine = L"\\\\srv\\";

EXPORT DWORD WINAPI NPGetCaps(DWORD index)
{
    switch (index) {
    case WNNC_SPEC_VERSION:
        return WNNC_SPEC_VERSION51;
    case WNNC_NET_TYPE:
        return 0x00990000;
    case WNNC_DRIVER_VERSION:
        return 3;
    case WNNC_CONNECTION:
        return WNNC_CON_ADDCONNECTION | WNNC_CON_ADDCONNECTION3 | WNNC_CON_CANCELCONNECTION |
               WNNC_CON_GETCONNECTIONS;
    case WNNC_START:
        return 1;
    default:
        return 0;
    }
}

EXPORT DWORD WINAPI NPAddConnection3(HWND owner, LPNETRESOURCEW resource, LPWSTR password,
                                     LPWSTR user, DWORD flags)
{
    int i;

    (void)owner;
    if (!resource->lpRemoteName || _wcsnicmp(resource->lpRemoteName, mine, wcslen(mine)))
        return WN_BAD_NETNAME;
    say("%s add %s %s user %s password %s flags %lx", me(), shown(resource->lpLocalName),
        shown(resource->lpRemoteName), shown(user), password ? "given" : "none", flags);
    if (!_wcsicmp(resource->lpRemoteName, L"\\\\srv\\denied"))
        return WN_ACCESS_DENIED;
    for (i = 0; i < MOST && table[i].used; i++)
        ;
    if (i == MOST)
        return WN_NO_MORE_ENTRIES;
    wcsncpy(table[i].remote, resource->lpRemoteName, NAME - 1);
    wcsncpy(table[i].local, resource->lpLocalName ? resource->lpLocalName : L"", NAME - 1);
    table[i].used = 1;
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPAddConnection(LPNETRESOURCEW resource, LPWSTR password, LPWSTR user)
{
    return NPAddConnection3(NULL, resource, password, user, 0);
}

EXPORT DWORD WINAPI NPCancelConnection(LPWSTR name, BOOL force)
{
    int i;

    say("%s cancel %s force %d", me(), shown(name), force);
    for (i = 0; i < MOST; i++) {
        if (table[i].used && (!_wcsicmp(table[i].local, name) || !_wcsicmp(table[i].remote, name))) {
            table[i].used = 0;
            return WN_SUCCESS;
        }
    }
    return WN_NOT_CONNECTED;
}

EXPORT DWORD WINAPI NPGetConnection(LPWSTR local, LPWSTR remote, LPDWORD length)
{
    int i;

    for (i = 0; i < MOST; i++) {
        if (table[i].used && table[i].local[0] && !_wcsicmp(table[i].local, local)) {
            DWORD needed = (DWORD)wcslen(table[i].remote) + 1;

            if (*length < needed) {
                *length = needed;
                return WN_MORE_DATA;
            }
            wcscpy(remote, table[i].remote);
            return WN_SUCCESS;
        }
    }
    return WN_NOT_CONNECTED;
}
