/*
 * smoke.c - does what its first argument says with mpr.dll
 *
 *   nulls NAME..   calls each export with nothing but zeros
 *   flow           connects, asks, disconnects
 *   ansi           the same with a name outside ASCII, in the ANSI code page
 *   cache          the password cache
 *   keep PASSWORD  caches one
 *   heap           the exports without names
 *   add FLAGS REMOTE [LOCAL]   connects, and says the code
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <winnetwk.h>

static HMODULE mpr;

static FARPROC find(const char *name)
{
    FARPROC found = GetProcAddress(mpr, name);

    if (!found) {
        printf("no %s\n", (uintptr_t)name > 0xffff ? name : "such number");
        exit(1);
    }
    return found;
}

/* Prints a result, and whether GetLastError has it too. */
static DWORD said(const char *what, DWORD code)
{
    DWORD last = GetLastError();

    printf("%s %lu%s", what, code, last == code ? "" : " but GetLastError says otherwise");
    return code;
}

static DWORD line(const char *what, DWORD code)
{
    said(what, code);
    puts("");
    return code;
}

static void nulls(int count, char **names)
{
    typedef uintptr_t(WINAPI * Any)(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                                    uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                                    uintptr_t);

    while (count-- > 0) {
        const char *name = *names++;
        Any call = (Any)(void (*)(void))find(name);

        if (!strncmp(name, "WNetSetLastError", 16)) {
            call(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
            printf("%s\n", name);
            continue;
        }
        SetLastError(0xdead);
        line(name, (DWORD)call(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        fflush(stdout);
    }
}

static NETRESOURCEW wide(WCHAR *local, WCHAR *remote)
{
    NETRESOURCEW resource = { .dwType = local ? RESOURCETYPE_DISK : RESOURCETYPE_ANY,
                              .lpLocalName = local, .lpRemoteName = remote };

    return resource;
}

static void flow(void)
{
    NETRESOURCEW resource = wide(L"Q:", L"\\\\srv\\share");
    WCHAR name[300], text[300], who[300];
    DWORD room = 300, code;

    line("add", WNetAddConnection2W(&resource, L"secret", L"alice", CONNECT_UPDATE_PROFILE));
    line("again", WNetAddConnection2W(&resource, NULL, NULL, 0));
    said("get", WNetGetConnectionW(L"q:", name, &room));
    printf(" %ls\n", name);
    room = 3;
    said("small", WNetGetConnectionW(L"Q:", name, &room));
    printf(" %lu\n", room);
    line("other", WNetGetConnectionW(L"R:", name, &room));
    resource = wide(L"C:", L"\\\\srv\\share");
    line("local drive", WNetAddConnection2W(&resource, NULL, NULL, 0));
    resource = wide(NULL, L"\\\\srv\\denied");
    line("denied", WNetAddConnection2W(&resource, NULL, NULL, 0));
    WNetGetLastErrorW(&code, text, 300, who, 300);
    printf("told %lu by %ls\n", code, who);
    resource = wide(NULL, L"\\\\srv\\forbidden");
    line("forbidden", WNetAddConnection2W(&resource, NULL, NULL, 0));
    resource = wide(NULL, L"\\\\else\\where");
    line("nobody's", WNetAddConnection2W(&resource, NULL, NULL, 0));
    resource = wide(NULL, L"\\\\srv\\deviceless");
    line("deviceless", WNetAddConnection2W(&resource, NULL, NULL, CONNECT_UPDATE_PROFILE));
    line("cancel", WNetCancelConnection2W(L"Q:", 0, FALSE));
    room = 300;
    said("remembered", WNetGetConnectionW(L"Q:", name, &room));
    printf(" %ls\n", name);
    line("restore", WNetRestoreConnectionW(NULL, L"Q:"));
    line("forget", WNetCancelConnection2W(L"Q:", CONNECT_UPDATE_PROFILE, TRUE));
    line("cancel", WNetCancelConnection2W(L"Q:", 0, FALSE));
    room = 300;
    said("user", WNetGetUserW(NULL, name, &room));
    printf(" %s\n", name[0] ? "somebody" : "nobody");
}

static void ansi(void)
{
    char local[] = "Q:", remote[] = "\\\\srv\\\xfc", name[300];
    NETRESOURCEA resource = { .dwType = RESOURCETYPE_DISK, .lpLocalName = local,
                              .lpRemoteName = remote };
    DWORD room = sizeof name;

    printf("page %u\n", GetACP());
    line("add", WNetAddConnection2A(&resource, NULL, NULL, 0));
    said("get", WNetGetConnectionA("Q:", name, &room));
    printf(" %s\n", strcmp(name, remote) ? "another" : "the same");
    line("cancel", WNetCancelConnection2A("Q:", 0, FALSE));
}

/* The first members of a PASSWORD_CACHE_ENTRY. */
struct entry {
    WORD size, resource, password;
    BYTE number, kind;
    char data[];
};

static BOOL CALLBACK told(void *place, DWORD reference)
{
    const struct entry *entry = place;

    printf("entry %u %u %u %u %u %.*s %lu\n", entry->size, entry->resource, entry->password,
           entry->number, entry->kind, entry->resource + entry->password, entry->data, reference);
    return entry->kind != 6;
}

static void cache(void)
{
    typedef DWORD(WINAPI * Cache)(const char *, WORD, const char *, WORD, BYTE, WORD);
    typedef DWORD(WINAPI * Get)(const char *, WORD, char *, WORD *, BYTE);
    typedef DWORD(WINAPI * Remove)(const char *, WORD, BYTE);
    typedef DWORD(WINAPI * Each)(const char *, WORD, BYTE, BOOL(CALLBACK *)(void *, DWORD), DWORD);
    Cache keep = (Cache)(void (*)(void))find("WNetCachePassword");
    Get get = (Get)(void (*)(void))find("WNetGetCachedPassword");
    Remove forget = (Remove)(void (*)(void))find("WNetRemoveCachedPassword");
    Each each = (Each)(void (*)(void))find("WNetEnumCachedPasswords");
    char text[16] = "";
    WORD room = sizeof text;

    line("missing", get("srv/a", 5, text, &room, 4));
    line("keep", keep("srv/a", 5, "alice:pw", 8, 4, 0));
    said("get", get("srv/a", 5, text, &room, 4));
    printf(" %u %s\n", room, text);
    room = 3;
    said("small", get("srv/a", 5, text, &room, 4));
    printf(" %u\n", room);
    line("other type", get("srv/a", 5, text, &room, 5));
    line("keep", keep("srv/a", 5, "new", 3, 4, 0));
    line("keep", keep("srv/b", 5, "", 0, 4, 0));
    line("keep", keep("other", 5, "x", 1, 6, 0));
    line("each", each("srv", 3, 4, told, 7));
    line("all", each(NULL, 0, 255, told, 8));
    line("forget", forget("srv/a", 5, 4));
    line("forget", forget("srv/a", 5, 4));
    line("each", each("srv/a", 5, 255, told, 9));
}

static void keep(char *password)
{
    typedef DWORD(WINAPI * Keep)(LPCSTR, WORD, LPCSTR, WORD, BYTE, UINT);
    Keep cache = (Keep)(void (*)(void))find("WNetCachePassword");

    line("keep", cache("srv/a", 5, password, (WORD)strlen(password), 4, 0));
}

static void heap(void)
{
    typedef char *(WINAPI * Alloc)(DWORD);
    typedef char *(WINAPI * Again)(char *, DWORD);
    typedef BOOL(WINAPI * Free)(char *);
    char *memory = ((Alloc)(void (*)(void))find((const char *)22))(20);

    printf("%d %d\n", (int)HeapSize(GetProcessHeap(), 0, memory), memory[0] | memory[19]);
    memory[0] = 'x';
    memory = ((Again)(void (*)(void))find((const char *)23))(memory, 4000);
    printf("%d %c %d\n", (int)HeapSize(GetProcessHeap(), 0, memory), memory[0], memory[3999]);
    printf("%d", ((Free)(void (*)(void))find((const char *)24))(memory));
    printf(" %d\n", ((Free)(void (*)(void))find((const char *)24))(NULL));
}

static void add(char **rest)
{
    WCHAR remote[300], local[8];
    NETRESOURCEW resource = wide(rest[2] ? local : NULL, remote);

    swprintf(remote, 300, L"%hs", rest[1]);
    if (rest[2])
        swprintf(local, 8, L"%hs", rest[2]);
    if (line("add", WNetAddConnection2W(&resource, NULL, NULL, strtoul(rest[0], NULL, 0))) ==
        ERROR_EXTENDED_ERROR) {
        WCHAR text[300], who[300];
        DWORD code;

        line("last", WNetGetLastErrorW(&code, text, 300, who, 300));
        printf("%lu %ls: %ls\n", code, who, text);
    }
}

static LONG CALLBACK crashed(EXCEPTION_POINTERS *what)
{
    (void)what;
    puts("crash");
    fflush(stdout);
    ExitProcess(5);
}

int main(int count, char **arguments)
{
    const char *what = count > 1 ? arguments[1] : "";

    SetUnhandledExceptionFilter(crashed);
    mpr = LoadLibraryA("mpr.dll");
    if (!strcmp(what, "nulls"))
        nulls(count - 2, arguments + 2);
    else if (!strcmp(what, "flow"))
        flow();
    else if (!strcmp(what, "ansi"))
        ansi();
    else if (!strcmp(what, "cache"))
        cache();
    else if (!strcmp(what, "keep") && count > 2)
        keep(arguments[2]);
    else if (!strcmp(what, "heap"))
        heap();
    else if (!strcmp(what, "add") && count > 3)
        add(arguments + 2);
    else
        return 2;
    return 0;
}
