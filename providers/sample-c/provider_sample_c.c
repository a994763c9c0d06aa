/*
 * A network provider in C, to read and to test with: an in-memory network,
 * "Sample C Network", that owns the server \\samplec. See README.md.
 *
 * It shows the least that is useful: connect, disconnect, ask, and list what
 * is connected. Connections live as long as the process.
 *
 * The router guarantees valid, terminated, writable UTF-16 arguments; texts
 * are counted in characters with the terminator, structures in bytes.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include <winnetwk.h>
#include <npapi.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

#define MAX_CONNECTIONS 32

typedef struct {
    BOOL used;
    DWORD type;
    WCHAR local[MAX_PATH]; /* empty: deviceless */
    WCHAR remote[MAX_PATH];
    WCHAR user[MAX_PATH];
} CONNECTION;

/* What hEnum points to: a copy of the table, taken when it was opened. */
typedef struct {
    unsigned next;
    CONNECTION connections[MAX_CONNECTIONS];
} ENUMERATION;

static CONNECTION connections[MAX_CONNECTIONS];
static atomic_flag busy = ATOMIC_FLAG_INIT;

static const WCHAR SERVER[] = u"\\\\samplec\\";
static const WCHAR PROVIDER[] = u"Sample C Network";
static const WCHAR DEFAULT_USER[] = u"sample-user";

/* Never held while anything slow happens, so that spinning is enough. */
static void lock(void)
{
    while (atomic_flag_test_and_set(&busy))
        ;
}

static void unlock(void)
{
    atomic_flag_clear(&busy);
}

static size_t length(const WCHAR *text)
{
    size_t n = 0;

    while (text[n])
        n++;
    return n;
}

static WCHAR upper(WCHAR unit)
{
    return unit >= u'a' && unit <= u'z' ? (WCHAR)(unit - (u'a' - u'A')) : unit;
}

/* Tells whether the first n characters are the same but for case. */
static BOOL same_start(const WCHAR *a, const WCHAR *b, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (upper(a[i]) != upper(b[i]))
            return FALSE;
    return TRUE;
}

static BOOL same(const WCHAR *a, const WCHAR *b)
{
    return length(a) == length(b) && same_start(a, b, length(a));
}

static BOOL is_mine(const WCHAR *remote)
{
    size_t n = length(SERVER);

    return length(remote) > n && length(remote) < MAX_PATH && same_start(remote, SERVER, n);
}

static void copy(WCHAR *to, const WCHAR *from)
{
    size_t i, n = length(from);

    for (i = 0; i <= n; i++)
        to[i] = from[i];
}

/* Copies a text out; *room counts characters and is set only if too small. */
static DWORD give_text(const WCHAR *text, LPWSTR buffer, LPDWORD room)
{
    DWORD needed = (DWORD)length(text) + 1;

    if (!room)
        return WN_BAD_POINTER;
    if (*room < needed) {
        *room = needed;
        return WN_MORE_DATA;
    }
    if (!buffer)
        return WN_BAD_POINTER;
    copy(buffer, text);
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPGetCaps(DWORD nIndex)
{
    switch (nIndex) {
    case WNNC_SPEC_VERSION:
        return WNNC_SPEC_VERSION51;
    case WNNC_NET_TYPE:
        return WNNC_NET_RDR2SAMPLE | 1;
    case WNNC_DRIVER_VERSION:
        return 0x00010000;
    case WNNC_USER:
        return WNNC_USR_GETUSER;
    case WNNC_CONNECTION:
        return WNNC_CON_ADDCONNECTION | WNNC_CON_ADDCONNECTION3 | WNNC_CON_CANCELCONNECTION |
               WNNC_CON_GETCONNECTIONS;
    case WNNC_ENUMERATION:
        return WNNC_ENUM_LOCAL;
    case WNNC_START:
        return WNNC_WAIT_FOR_START; /* that is: already started */
    default:
        return 0;
    }
}

/* Fills a free place of the table; the lock is held. */
static DWORD add(const NETRESOURCEW *resource, const WCHAR *user)
{
    const WCHAR *local = resource->lpLocalName ? resource->lpLocalName : u"";
    CONNECTION *place = NULL;
    unsigned i;

    for (i = 0; i < MAX_CONNECTIONS; i++) {
        if (!connections[i].used)
            place = &connections[i];
        else if (*local && same(connections[i].local, local))
            return WN_ALREADY_CONNECTED;
    }
    if (!place)
        return WN_OUT_OF_MEMORY;
    place->used = TRUE;
    place->type = resource->dwType == RESOURCETYPE_PRINT ? RESOURCETYPE_PRINT : RESOURCETYPE_DISK;
    copy(place->local, local);
    copy(place->remote, resource->lpRemoteName);
    copy(place->user, user && *user ? user : DEFAULT_USER);
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPAddConnection3(HWND hwndOwner, LPNETRESOURCEW lpNetResource,
                                     LPWSTR lpPassword, LPWSTR lpUserName, DWORD dwFlags)
{
    DWORD result;

    (void)hwndOwner;
    (void)dwFlags;
    if (!lpNetResource)
        return WN_BAD_POINTER;
    if (!lpNetResource->lpRemoteName || !is_mine(lpNetResource->lpRemoteName))
        return WN_BAD_NETNAME;
    if (lpNetResource->lpLocalName && length(lpNetResource->lpLocalName) >= MAX_PATH)
        return WN_BAD_LOCALNAME;
    if (lpUserName && length(lpUserName) >= MAX_PATH)
        return WN_BAD_USER;
    if (lpPassword && same(lpPassword, u"wrong"))
        return WN_BAD_PASSWORD;
    lock();
    result = add(lpNetResource, lpUserName);
    unlock();
    return result;
}

EXPORT DWORD WINAPI NPAddConnection(LPNETRESOURCEW lpNetResource, LPWSTR lpPassword,
                                    LPWSTR lpUserName)
{
    return NPAddConnection3(NULL, lpNetResource, lpPassword, lpUserName, 0);
}

/* A device breaks its connection, a remote name all deviceless ones to it. */
EXPORT DWORD WINAPI NPCancelConnection(LPWSTR lpName, BOOL fForce)
{
    DWORD result = WN_NOT_CONNECTED;
    unsigned i;

    (void)fForce; /* nothing is ever open here */
    if (!lpName)
        return WN_BAD_POINTER;
    lock();
    for (i = 0; i < MAX_CONNECTIONS; i++) {
        CONNECTION *c = &connections[i];

        if (c->used && same(*c->local ? c->local : c->remote, lpName)) {
            c->used = FALSE;
            result = WN_SUCCESS;
        }
    }
    unlock();
    return result;
}

EXPORT DWORD WINAPI NPGetConnection(LPWSTR lpLocalName, LPWSTR lpRemoteName, LPDWORD lpnBufferLen)
{
    DWORD result = WN_NOT_CONNECTED;
    unsigned i;

    if (!lpLocalName)
        return WN_BAD_POINTER;
    lock();
    for (i = 0; i < MAX_CONNECTIONS && result == WN_NOT_CONNECTED; i++)
        if (connections[i].used && *connections[i].local && same(connections[i].local, lpLocalName))
            result = give_text(connections[i].remote, lpRemoteName, lpnBufferLen);
    unlock();
    return result;
}

EXPORT DWORD WINAPI NPGetUser(LPWSTR lpName, LPWSTR lpUserName, LPDWORD lpnBufferLen)
{
    DWORD result = WN_NOT_CONNECTED;
    unsigned i;

    if (!lpName || !*lpName)
        return give_text(DEFAULT_USER, lpUserName, lpnBufferLen);
    lock();
    for (i = 0; i < MAX_CONNECTIONS && result == WN_NOT_CONNECTED; i++)
        if (connections[i].used &&
            (same(connections[i].local, lpName) || same(connections[i].remote, lpName)))
            result = give_text(connections[i].user, lpUserName, lpnBufferLen);
    unlock();
    return result;
}

EXPORT DWORD WINAPI NPOpenEnum(DWORD dwScope, DWORD dwType, DWORD dwUsage,
                               LPNETRESOURCEW lpNetResource, LPHANDLE lphEnum)
{
    ENUMERATION *enumeration;
    unsigned i;

    (void)dwUsage;
    (void)lpNetResource;
    if (!lphEnum)
        return WN_BAD_POINTER;
    if (dwScope != RESOURCE_CONNECTED)
        return WN_NOT_SUPPORTED;
    enumeration = calloc(1, sizeof *enumeration);
    if (!enumeration)
        return WN_OUT_OF_MEMORY;
    lock();
    for (i = 0; i < MAX_CONNECTIONS; i++)
        if (dwType == RESOURCETYPE_ANY || (connections[i].type & dwType))
            enumeration->connections[i] = connections[i];
    unlock();
    *lphEnum = enumeration;
    return WN_SUCCESS;
}

/* Puts a text at the end of the free room; *end counts bytes from the buffer's start. */
static LPWSTR pack(char *buffer, size_t *end, const WCHAR *text)
{
    LPWSTR place;

    if (!*text)
        return NULL;
    *end -= (length(text) + 1) * sizeof(WCHAR);
    place = (LPWSTR)(void *)(buffer + *end);
    copy(place, text);
    return place;
}

/* As many entries as asked for and as fit: structures from the front, texts from the end. */
EXPORT DWORD WINAPI NPEnumResource(HANDLE hEnum, LPDWORD lpcCount, LPVOID lpBuffer,
                                   LPDWORD lpBufferSize)
{
    ENUMERATION *enumeration = hEnum;
    NETRESOURCEW *entries = lpBuffer;
    DWORD count = 0;
    size_t end;

    if (!enumeration)
        return WN_BAD_HANDLE;
    if (!lpcCount || !lpBuffer || !lpBufferSize)
        return WN_BAD_POINTER;
    end = *lpBufferSize & ~(size_t)1;
    for (; enumeration->next < MAX_CONNECTIONS && count < *lpcCount; enumeration->next++) {
        const CONNECTION *c = &enumeration->connections[enumeration->next];
        size_t texts;

        if (!c->used)
            continue;
        texts = (length(c->remote) + 1 + length(PROVIDER) + 1) * sizeof(WCHAR);
        if (*c->local)
            texts += (length(c->local) + 1) * sizeof(WCHAR);
        if ((count + 1) * sizeof *entries + texts > end) {
            if (count)
                break;
            *lpBufferSize = (DWORD)(sizeof *entries + texts);
            return WN_MORE_DATA;
        }
        entries[count].dwScope = RESOURCE_CONNECTED;
        entries[count].dwType = c->type;
        entries[count].dwDisplayType = RESOURCEDISPLAYTYPE_SHARE;
        entries[count].dwUsage = RESOURCEUSAGE_CONNECTABLE;
        entries[count].lpLocalName = pack(lpBuffer, &end, c->local);
        entries[count].lpRemoteName = pack(lpBuffer, &end, c->remote);
        entries[count].lpComment = NULL;
        entries[count].lpProvider = pack(lpBuffer, &end, PROVIDER);
        count++;
    }
    if (!count && *lpcCount)
        return WN_NO_MORE_ENTRIES;
    *lpcCount = count;
    return WN_SUCCESS;
}

EXPORT DWORD WINAPI NPCloseEnum(HANDLE hEnum)
{
    if (!hEnum)
        return WN_BAD_HANDLE;
    free(hEnum);
    return WN_SUCCESS;
}
