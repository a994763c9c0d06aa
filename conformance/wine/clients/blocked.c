/*
 * blocked.c - one thread connects, and its provider waits for a pipe; the other asks meanwhile
 */
#include "../../clients/form.h"

static DWORD CALLBACK add(void *code)
{
    NETRESOURCEW r = { .dwType = RESOURCETYPE_DISK };

    r.lpLocalName = given("S:");
    r.lpRemoteName = given("\\\\srv\\share");
    *(DWORD *)code = WNetAddConnection2W(&r, NULL, NULL, 0);
    return 0;
}

int main(int argc, char **argv)
{
    DWORD code = 77, room = 300;
    WCHAR name[300];
    char path[300];
    HANDLE thread, gate;

    (void)argv;
    arguments(&argc);
    snprintf(path, sizeof path, "%s/gate", getenv("MPR_ROOT"));
    thread = CreateThread(NULL, 0, add, &code, 0, NULL);
    /* Opens once the provider waits at the other end. */
    while ((gate = CreateFileA(path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                               OPEN_EXISTING, 0, NULL)) ==
           INVALID_HANDLE_VALUE)
        Sleep(1);
    printf("meanwhile %lu\n", WNetGetConnectionW(given("T:"), name, &room));
    WriteFile(gate, "!", 1, &room, NULL);
    WaitForSingleObject(thread, INFINITE);
    printf("add %lu\n", code);
    return 0;
}
