/* A provider that does next to nothing: what is left of a call is the router's own cost. */
#include <string.h>

#include "npapi.h"

#ifndef ENTRIES
#define ENTRIES 10000
#endif

static WCHAR own;             /* third character of its remote names; 0: takes every name */
static WCHAR table[26][64];   /* remote names by drive letter */
static DWORD at;              /* place in the enumeration */

void BenchOwn(WCHAR character) { own = character; }

DWORD WINAPI NPGetCaps(DWORD index)
{
    switch (index) {
    case WNNC_SPEC_VERSION: return WNNC_SPEC_VERSION51;
    case WNNC_NET_TYPE: return WNNC_NET_RDR2SAMPLE;
    case WNNC_CONNECTION:
        return WNNC_CON_ADDCONNECTION3 | WNNC_CON_CANCELCONNECTION | WNNC_CON_GETCONNECTIONS;
    case WNNC_ENUMERATION: return WNNC_ENUM_LOCAL;
    case WNNC_START: return WNNC_WAIT_FOR_START;
    default: return 0;
    }
}

static WCHAR *slot(LPWSTR local)
{
    return local && local[0] >= 'A' && local[0] <= 'Z' ? table[local[0] - 'A'] : NULL;
}

DWORD WINAPI NPAddConnection3(HWND owner, LPNETRESOURCEW resource, LPWSTR password, LPWSTR user,
                              DWORD flags)
{
    WCHAR *place = slot(resource->lpLocalName);
    size_t n = 0;

    (void)owner, (void)password, (void)user, (void)flags;
    if (own && resource->lpRemoteName[2] != own)
        return WN_BAD_NETNAME;
    if (!place) /* without a device there is nothing to note */
        return resource->lpLocalName ? WN_BAD_LOCALNAME : WN_SUCCESS;
    for (; resource->lpRemoteName[n] && n < 63; n++)
        place[n] = resource->lpRemoteName[n];
    place[n] = 0;
    return WN_SUCCESS;
}

DWORD WINAPI NPCancelConnection(LPWSTR name, BOOL force)
{
    WCHAR *place = slot(name);

    (void)force;
    if (name[0] == '\\')
        return own && name[2] != own ? WN_NOT_CONNECTED : WN_SUCCESS;
    if (!place || !place[0])
        return WN_NOT_CONNECTED;
    place[0] = 0;
    return WN_SUCCESS;
}

DWORD WINAPI NPGetConnection(LPWSTR local, LPWSTR remote, LPDWORD length)
{
    WCHAR *place = slot(local);
    DWORD n = 0;

    (void)length;
    if (!place || !place[0])
        return WN_NOT_CONNECTED;
    for (; place[n]; n++)
        remote[n] = place[n];
    remote[n] = 0;
    return WN_SUCCESS;
}

DWORD WINAPI NPOpenEnum(DWORD scope, DWORD type, DWORD usage, LPNETRESOURCEW resource, LPHANDLE handle)
{
    (void)type, (void)usage, (void)resource;
    if (scope != RESOURCE_CONNECTED)
        return WN_NOT_SUPPORTED;
    at = 0;
    *handle = (HANDLE)1;
    return WN_SUCCESS;
}

DWORD WINAPI NPEnumResource(HANDLE handle, LPDWORD count, LPVOID buffer, LPDWORD size)
{
    static const WCHAR local[] = u"Q:", remote[] = u"\\\\server\\share", provider[] = u"Null 0";
    NETRESOURCEW *entry = buffer;
    char *end = (char *)buffer + *size;
    DWORD stored = 0;

    (void)handle;
    for (; at < ENTRIES && stored < *count; at++, entry++, stored++) {
        if ((char *)(entry + 1) > end - sizeof local - sizeof remote - sizeof provider)
            break;
        memset(entry, 0, sizeof *entry);
        entry->dwScope = RESOURCE_CONNECTED;
        entry->dwType = RESOURCETYPE_DISK;
        end -= sizeof local;
        entry->lpLocalName = memcpy(end, local, sizeof local);
        end -= sizeof remote;
        entry->lpRemoteName = memcpy(end, remote, sizeof remote);
        end -= sizeof provider;
        entry->lpProvider = memcpy(end, provider, sizeof provider);
    }
    *count = stored;
    if (stored)
        return WN_SUCCESS;
    return at == ENTRIES ? WN_NO_MORE_ENTRIES : WN_MORE_DATA;
}

DWORD WINAPI NPCloseEnum(HANDLE handle)
{
    (void)handle;
    return WN_SUCCESS;
}
