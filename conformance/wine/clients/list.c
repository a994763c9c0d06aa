/*
 * list.c - enumerates and says what each call answers
 *
 *   list SCOPE COUNT SIZE ["LOCAL REMOTE"]..   connects, then asks for COUNT entries in SIZE bytes,
 *                                              until the end
 *
 * It ends after 40 calls, and says so if one call does not come back for five seconds.
 */
#include "../../clients/form.h"

static DWORD CALLBACK watch(void *unused)
{
    (void)unused;
    Sleep(5000);
    puts("endless");
    fflush(stdout);
    TerminateProcess(GetCurrentProcess(), 6);
    return 0;
}

static const char *text(const WCHAR *at, const void *buffer, size_t size)
{
    const char *place = (const char *)at, *start = buffer;

    if (!at)
        return "-";
    return place >= start && place < start + size ? shown(at) : "outside";
}

int main(int argc, char **argv)
{
    static char buffer[0x10000];
    HANDLE handle;
    DWORD code, calls = 0, size;

    argv = arguments(&argc);
    if (argc < 4)
        return 9;
    for (int i = 4; i < argc; i++) {
        NETRESOURCEW r = { .dwType = RESOURCETYPE_DISK };

        r.lpLocalName = given(strtok(argv[i], " "));
        r.lpRemoteName = given(strtok(NULL, " "));
        code = WNetAddConnection2W(&r, NULL, NULL, 0);
        if (code)
            printf("add %lu\n", code);
    }
    size = (DWORD)atol(argv[3]);
    CloseHandle(CreateThread(NULL, 0, watch, NULL, 0, NULL));
    code = WNetOpenEnumW((DWORD)atol(argv[1]), 0, 0, NULL, &handle);
    if (code)
        printf("open %lu\n", code);
    while (!code && calls++ < 40) {
        DWORD count = (DWORD)atol(argv[2]), room = size;

        memset(buffer, 0, sizeof buffer);
        code = WNetEnumResourceW(handle, &count, buffer, &room);
        printf("%lu, %ld:", code, (long)count);
        for (DWORD i = 0; (!code || code == 259) && i < count && count < 40; i++) {
            const NETRESOURCEW *r = (const NETRESOURCEW *)(void *)buffer + i;

            printf(" %s|%s|%s", text(r->lpLocalName, buffer, size),
                   text(r->lpRemoteName, buffer, size), text(r->lpComment, buffer, size));
        }
        puts("");
        fflush(stdout);
        if (code == 234 && room > size) { /* as one does */
            size = room;
            code = 0;
        }
    }
    if (calls > 40)
        puts("no end");
    return 0;
}
