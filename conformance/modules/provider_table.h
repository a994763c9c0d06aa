/*
 * provider_table.h - a table of connections and the enumeration of it, for test providers
 */
#ifndef CONFORMANCE_PROVIDER_TABLE_H
#define CONFORMANCE_PROVIDER_TABLE_H

#include "common.h"

enum { MOST = 64 };

typedef struct {
    BOOL used;
    DWORD type;
    WCHAR local[MAX_PATH]; /* empty: deviceless */
    WCHAR remote[MAX_PATH];
    WCHAR user[MAX_PATH];
} CONNECTION;

/* What hEnum points to: a list of remote names, or a copy of the table. */
typedef struct {
    DWORD scope, type;
    unsigned next, count;
    CONNECTION entries[MOST];
} LIST;

static CONNECTION table[MOST];
static atomic_flag busy = ATOMIC_FLAG_INIT;

static void lock(void)
{
    while (atomic_flag_test_and_set(&busy))
        ;
}

static void unlock(void)
{
    atomic_flag_clear(&busy);
}

/* Whether a remote name belongs to this network, as its script says. */
static BOOL is_mine(const WCHAR *remote)
{
    char text[TEXT] = "\\\\srv\\";
    WCHAR start[TEXT];

    script("mine", text, sizeof text);
    widen(text, start, TEXT);
    return begins(remote, start) && length(remote) < MAX_PATH;
}

static DWORD table_add(const NETRESOURCEW *resource, const WCHAR *user)
{
    const WCHAR *local = resource->lpLocalName ? resource->lpLocalName : u"";
    DWORD code = WN_SUCCESS;
    CONNECTION *place = NULL;

    if (length(local) >= MAX_PATH || (user && length(user) >= MAX_PATH))
        return WN_BAD_VALUE;
    lock();
    for (CONNECTION *c = table; c < table + MOST; c++) {
        if (!c->used)
            place = c;
        else if (*local && same(c->local, local))
            code = WN_ALREADY_CONNECTED;
    }
    if (!code && !place)
        code = WN_OUT_OF_MEMORY;
    if (!code) {
        place->used = TRUE;
        place->type = resource->dwType ? resource->dwType : RESOURCETYPE_DISK;
        copy(place->local, local);
        copy(place->remote, resource->lpRemoteName);
        copy(place->user, user && *user ? user : u"nobody");
    }
    unlock();
    return code;
}

UNUSED static DWORD table_cancel(const WCHAR *name)
{
    DWORD code = WN_NOT_CONNECTED;

    lock();
    for (CONNECTION *c = table; c < table + MOST; c++)
        if (c->used && same(*c->local ? c->local : c->remote, name)) {
            c->used = FALSE;
            code = WN_SUCCESS;
        }
    unlock();
    return code;
}

static DWORD table_text(const WCHAR *name, BOOL user, LPWSTR buffer, LPDWORD room)
{
    DWORD code = WN_NOT_CONNECTED;

    lock();
    for (CONNECTION *c = table; c < table + MOST && code == WN_NOT_CONNECTED; c++)
        if (c->used && (same(c->local, name) || (user && same(c->remote, name))))
            code = give(user ? c->user : c->remote, buffer, room);
    unlock();
    return code;
}

UNUSED static DWORD table_remote(const WCHAR *local, LPWSTR buffer, LPDWORD room)
{
    return *local ? table_text(local, FALSE, buffer, room) : WN_NOT_CONNECTED;
}

UNUSED static DWORD table_user(const WCHAR *name, LPWSTR buffer, LPDWORD room)
{
    return name && *name ? table_text(name, TRUE, buffer, room) : give(u"nobody", buffer, room);
}

/* The name that its entries give the provider. */
static const WCHAR *own_name(void)
{
    static _Thread_local WCHAR wide[TEXT];
    char text[TEXT];

    if (!script("say-name", text, sizeof text))
        return NULL;
    widen(text, wide, TEXT);
    return wide;
}

/* \\srv is a container with two shares; the top of the network holds \\srv. */
static DWORD fill_net(LIST *list, const NETRESOURCEW *container)
{
    static const WCHAR *const SHARES[] = { u"\\\\srv\\share", u"\\\\srv\\\u00DCbung" };
    BOOL top = !container || !container->lpRemoteName || !*container->lpRemoteName ||
               (container->lpProvider && same(container->lpProvider, container->lpRemoteName));

    if (top) {
        copy(list->entries[list->count++].remote, u"\\\\srv");
        return WN_SUCCESS;
    }
    if (same(container->lpRemoteName, u"\\\\srv\\share"))
        return WN_NOT_CONTAINER;
    if (!same(container->lpRemoteName, u"\\\\srv"))
        return WN_BAD_NETNAME;
    while (list->count < 2) {
        copy(list->entries[list->count].remote, SHARES[list->count]);
        list->count++;
    }
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage,
                               LPNETRESOURCEW lpNetResource, LPHANDLE lphEnum)
{
    LIST *list = calloc(1, sizeof *list);
    DWORD code = WN_SUCCESS;

    (void)dwUsage;
    if (!list)
        return WN_OUT_OF_MEMORY;
    list->scope = dwScope;
    list->type = dwType;
    if (dwScope == RESOURCE_CONNECTED) {
        lock();
        for (CONNECTION *c = table; c < table + MOST; c++)
            if (c->used && (!dwType || c->type & dwType))
                list->entries[list->count++] = *c;
        unlock();
    } else if (dwScope == RESOURCE_GLOBALNET) {
        code = fill_net(list, lpNetResource);
    } else if (dwScope == RESOURCE_CONTEXT) {
        copy(list->entries[list->count++].remote, u"\\\\srv");
    } else {
        code = WN_NOT_SUPPORTED;
    }
    if (code)
        free(list);
    else
        *lphEnum = list;
    return code;
}

EXPORT DWORD WINAPI NPEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
                                   LPDWORD lpBufferSize)
{
    LIST *list = hEnum;
    NETRESOURCEW *out = lpBuffer;
    size_t end = *lpBufferSize & ~(size_t)1, count = 0;

    for (; list->next < list->count && count < *lpcCount; list->next++, count++) {
        const CONNECTION *c = &list->entries[list->next];
        const WCHAR *local = *c->local ? c->local : NULL, *provider = own_name();
        BOOL server = same(c->remote, u"\\\\srv");
        size_t texts = bytes(c->remote) + bytes(local) + bytes(provider) + bytes(u"remark");

        if ((count + 1) * sizeof *out + texts > end) {
            if (count)
                break;
            *lpBufferSize = (DWORD)(sizeof *out + texts);
            return WN_MORE_DATA;
        }
        out[count] = (NETRESOURCEW){
            .dwScope = list->scope,
            .dwType = server ? RESOURCETYPE_ANY : c->type ? c->type : RESOURCETYPE_DISK,
            .dwDisplayType = server ? RESOURCEDISPLAYTYPE_SERVER : RESOURCEDISPLAYTYPE_SHARE,
            .dwUsage = server ? RESOURCEUSAGE_CONTAINER : RESOURCEUSAGE_CONNECTABLE,
            .lpLocalName = pack(lpBuffer, &end, local),
            .lpRemoteName = pack(lpBuffer, &end, c->remote),
            .lpComment = pack(lpBuffer, &end, u"remark"),
            .lpProvider = pack(lpBuffer, &end, provider),
        };
    }
    if (!count)
        return WN_NO_MORE_ENTRIES;
    *lpcCount = (DWORD)count;
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPCloseEnum(HANDLE hEnum)
{
    free(hEnum);
    return WN_SUCCESS;
}

/* An entry alone in a buffer, and the rest of a path behind it. */
static DWORD give_entry(const WCHAR *remote, DWORD display, DWORD usage, const WCHAR *rest,
                        LPVOID buffer, LPDWORD size, LPWSTR *system)
{
    NETRESOURCEW *out = buffer;
    size_t needed = sizeof *out + bytes(remote) + bytes(rest), end = *size & ~(size_t)1;

    if (*size < needed) {
        *size = (DWORD)needed;
        return WN_MORE_DATA;
    }
    *out = (NETRESOURCEW){ .dwScope = RESOURCE_GLOBALNET, .dwType = RESOURCETYPE_DISK,
                           .dwDisplayType = display, .dwUsage = usage,
                           .lpRemoteName = pack(buffer, &end, remote) };
    if (system)
        *system = pack(buffer, &end, rest);
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPGetResourceInformation(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
                                             LPDWORD lpBufferSize, LPWSTR *lplpSystem)
{
    WCHAR *name = lpNetResource->lpRemoteName, share[MAX_PATH];
    size_t n = 0, slashes = 0;

    if (!is_mine(name))
        return WN_BAD_NETNAME;
    for (; name[n] && !(name[n] == u'\\' && slashes == 3); n++)
        slashes += name[n] == u'\\';
    memcpy(share, name, n * sizeof *name);
    share[n] = 0;
    return give_entry(share, RESOURCEDISPLAYTYPE_SHARE, RESOURCEUSAGE_CONNECTABLE,
                      name[n] ? name + n : NULL, lpBuffer, lpBufferSize, lplpSystem);
}

EXPORT DWORD WINAPI NPGetResourceParent(LPNETRESOURCEW lpNetResource, LPVOID lpBuffer,
                                        LPDWORD lpBufferSize)
{
    BOOL top = same(lpNetResource->lpRemoteName, u"\\\\srv");

    if (!top && !is_mine(lpNetResource->lpRemoteName))
        return WN_BAD_NETNAME;
    return give_entry(top ? NULL : u"\\\\srv", RESOURCEDISPLAYTYPE_SERVER,
                      RESOURCEUSAGE_CONTAINER, NULL, lpBuffer, lpBufferSize, NULL);
}

#endif
