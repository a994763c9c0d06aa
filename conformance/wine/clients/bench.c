/*
 * bench.c - times calls of whichever mpr.dll it gets
 *
 *   bench PROVIDER..   the DLLs that are registered, in their order; a line "row TAB nanoseconds"
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <winternl.h>
#include <winnetwk.h>
#include <npapi.h>

typedef DWORD(WINAPI *ADD)(LPNETRESOURCEW, LPCWSTR, LPCWSTR, DWORD);
typedef DWORD(WINAPI *CANCEL)(LPCWSTR, DWORD, BOOL);
typedef DWORD(WINAPI *GET)(LPCWSTR, LPWSTR, LPDWORD);
typedef DWORD(WINAPI *OPEN)(DWORD, DWORD, DWORD, LPNETRESOURCEW, LPHANDLE);
typedef DWORD(WINAPI *NEXT)(HANDLE, LPDWORD, LPVOID, LPDWORD);
typedef DWORD(WINAPI *CLOSE)(HANDLE);
typedef DWORD(WINAPI *NPADD)(HWND, LPNETRESOURCEW, LPWSTR, LPWSTR, DWORD);
typedef DWORD(WINAPI *NPCANCEL)(LPWSTR, BOOL);
typedef void (*OWN)(WCHAR);
typedef NTSTATUS(NTAPI *ATTRIBUTES)(POBJECT_ATTRIBUTES, PVOID);

enum { BLOCKS = 15 };

static ADD add;
static CANCEL cancel;
static GET get;
static OPEN open_enum;
static NEXT next;
static CLOSE close_enum;
static NPADD np_add;
static NPCANCEL np_cancel;
static ATTRIBUTES attributes;
static NETRESOURCEW resource;
static char buffer[16384];

static double now(void)
{
    LARGE_INTEGER at, per;

    QueryPerformanceCounter(&at);
    QueryPerformanceFrequency(&per);
    return (double)at.QuadPart * 1e9 / (double)per.QuadPart;
}

static LPWSTR name_of(void)
{
    return resource.lpLocalName ? resource.lpLocalName : resource.lpRemoteName;
}

static DWORD pair(void)
{
    DWORD code = add(&resource, NULL, NULL, 0);

    return code ? code : cancel(name_of(), 0, FALSE);
}

static DWORD direct_pair(void)
{
    DWORD code = np_add(NULL, &resource, NULL, NULL, 0);

    return code ? code : np_cancel(name_of(), FALSE);
}

/* What a router has to know of a letter before it lets anybody connect it. */
static DWORD letter(void)
{
    static WCHAR root[] = L"\\??\\Q:\\";
    UNICODE_STRING name = { sizeof root - sizeof *root, sizeof root, root };
    OBJECT_ATTRIBUTES object = { .Length = sizeof object, .ObjectName = &name,
                                 .Attributes = OBJ_CASE_INSENSITIVE };
    char found[64];

    return attributes(&object, found) == 0;
}

static DWORD hit(void)
{
    WCHAR name[300];
    DWORD room = 300;

    return get(L"Q:", name, &room);
}

static DWORD miss(void)
{
    WCHAR name[300];
    DWORD room = 300;

    get(L"R:", name, &room);
    return 0;
}

static DWORD whole(OPEN opening, NEXT asking, CLOSE closing)
{
    HANDLE handle;
    DWORD code = opening(RESOURCE_CONNECTED, 0, 0, NULL, &handle), count, size;

    if (code)
        return code;
    do {
        count = 0xFFFFFFFF;
        size = sizeof buffer;
    } while (!(code = asking(handle, &count, buffer, &size)));
    closing(handle);
    return code == 259 ? 0 : code;
}

static DWORD list(void)
{
    return whole(open_enum, next, close_enum);
}

static int by_value(const void *a, const void *b)
{
    return *(const double *)a < *(const double *)b ? -1 : 1;
}

/* The median of blocks of some milliseconds. */
static void row(const char *name, DWORD (*call)(void))
{
    double blocks[BLOCKS], start;
    unsigned n = 1;
    DWORD code = call();

    start = now();
    call();
    while (n < 20000 && (now() - start) * n < 3e6)
        n *= 2;
    for (int b = 0; b < BLOCKS; b++) {
        start = now();
        for (unsigned i = 0; i < n; i++)
            call();
        blocks[b] = (now() - start) / n;
    }
    qsort(blocks, BLOCKS, sizeof *blocks, by_value);
    if (code)
        printf("%s\t0\n", name); /* it does not work */
    else
        printf("%s\t%.0f\n", name, blocks[BLOCKS / 2]);
}

int main(int argc, char **argv)
{
    static WCHAR first[] = L"\\\\a\\share", last[] = L"\\\\x\\share", drive[] = L"Q:", name[40];
    HMODULE mpr, provider = NULL;
    double start;

    LoadLibraryA("user32.dll"); /* a program with windows has it already */
    start = now();
    mpr = LoadLibraryA("mpr.dll");
    printf("load\t%.0f\n", now() - start);
#define FIND(to, type, what) to = (type)(void (*)(void))GetProcAddress(mpr, what)
    FIND(add, ADD, "WNetAddConnection2W");
    FIND(cancel, CANCEL, "WNetCancelConnection2W");
    FIND(get, GET, "WNetGetConnectionW");
    FIND(open_enum, OPEN, "WNetOpenEnumW");
    FIND(next, NEXT, "WNetEnumResourceW");
    FIND(close_enum, CLOSE, "WNetCloseEnum");
    for (int i = 1; i < argc; i++) {
        OWN own;

        provider = LoadLibraryA(argv[i]);
        own = (OWN)(void (*)(void))GetProcAddress(provider, "BenchOwn");
        own((WCHAR)(L'a' + i - 1));
    }
    last[2] = (WCHAR)(L'a' + argc - 2);
    np_add = (NPADD)(void (*)(void))GetProcAddress(provider, "NPAddConnection3");
    np_cancel = (NPCANCEL)(void (*)(void))GetProcAddress(provider, "NPCancelConnection");
    resource = (NETRESOURCEW){ .dwType = RESOURCETYPE_DISK, .lpLocalName = drive,
                               .lpRemoteName = last };
    attributes = (ATTRIBUTES)(void (*)(void))GetProcAddress(GetModuleHandleA("ntdll.dll"),
                                                            "NtQueryAttributesFile");
    row("direct: is the letter free", letter);
    row("direct pair", direct_pair);
    row("pair, last owns", pair);
    resource.lpRemoteName = first;
    row("pair, first owns", pair);
    resource.lpLocalName = NULL;
    row("pair without a letter, first owns", pair);
    resource.lpRemoteName = last;
    row("pair without a letter, last owns", pair);
    row("direct pair without a letter", direct_pair);
    resource.lpLocalName = drive;
    swprintf(name, 40, L"np%d", argc - 2);
    resource.lpProvider = name;
    row("pair, last named", pair);
    resource.lpProvider = NULL;
    add(&resource, NULL, NULL, 0);
    row("GetConnection, hit", hit);
    row("GetConnection, miss", miss);
    cancel(drive, 0, FALSE);
    if (argc == 2) {
        OPEN np_open = (OPEN)(void (*)(void))GetProcAddress(provider, "NPOpenEnum");
        NEXT np_next = (NEXT)(void (*)(void))GetProcAddress(provider, "NPEnumResource");
        CLOSE np_close = (CLOSE)(void (*)(void))GetProcAddress(provider, "NPCloseEnum");
        double best = 1e18;

        for (int i = 0; i < 200; i++) {
            start = now();
            whole(np_open, np_next, np_close);
            if (now() - start < best)
                best = now() - start;
        }
        printf("direct list of 1,000\t%.0f\n", best);
        best = 1e18;
        for (int i = 0; i < 200; i++) {
            start = now();
            list();
            if (now() - start < best)
                best = now() - start;
        }
        printf("list of 1,000\t%.0f\n", best);
    }
    return 0;
}
